"""Erasing in the key store, on both databases: overwritten, cut off, felt everywhere, and never undone by a copy."""

import os
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from corong.runtime.database import Database
from corong.runtime.key_erasure import Doomed, KeyEraser
from corong.runtime.key_tables import era_table, key_table, metadata, person_table
from corong.runtime.keys import Keys, PersonErased, StaleKeyStore
from corong.runtime.sealing import Erased, SealedAt, Sealer
from tests.peers.postgres import PostgresServer
from tests.services.stores import BACKENDS, NOW, Store

both = pytest.mark.parametrize("backend", BACKENDS)
AT = "2026-07-01T03:04:05.678901Z"


class Ring:
    """Key stores on one database, each as another process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.database = store.make(metadata)
        self.eraser = KeyEraser(self.database, lambda: NOW)

    def process(self) -> Keys:
        return Keys(self._store.open(), b"o" * 32, lambda: NOW)

    def doomed(self, person: str, erasure: str = "e1") -> Doomed:
        keys = tuple(self.eraser.keys_of(person))
        return Doomed(erasure, person, keys, AT, "UU 27/2022 Pasal 43", "000.5.2")


@pytest.fixture
def ring(store: Store) -> Ring:
    return Ring(store)


@both
def test_a_person_is_a_random_id_that_the_store_alone_knows(ring: Ring) -> None:
    first = ring.process().identify(["alias-a", "alias-b", "alias-a"])
    assert ring.process().identify(["alias-b", "alias-a"]) == first
    assert len({identity.person for identity in first.values()}) == 2
    for identity in first.values():
        assert len(identity.person) == 32
        assert int(identity.person, 16) >= 0
        assert ring.process().get(identity.key) is not None
    assert ring.process().ensure([first["alias-a"].person]) == {first["alias-a"].person: first["alias-a"].key}


@both
def test_another_process_that_knew_the_person_takes_a_new_one_at_once(ring: Ring) -> None:
    """Not after the half minute for which keys are remembered: what a citizen writes must stay readable."""
    door, reader = ring.process(), ring.process()
    before = door.identify(["alias"])["alias"]
    assert reader.get(before.key) is not None
    ring.eraser.destroy([ring.doomed(before.person)], 1)
    after = door.identify(["alias"])["alias"]
    assert after.person != before.person
    assert door.get(after.key) is not None
    assert door.get(before.key) is None
    reader.look()
    assert reader.get(before.key) is None
    with pytest.raises(PersonErased):
        reader.ensure([before.person])


@both
def test_what_was_sealed_says_when_and_why_it_does_not_open(ring: Ring) -> None:
    keys = ring.process()
    identity = keys.identify(["alias"])["alias"]
    ring.eraser.destroy([ring.doomed(identity.person)], 1)
    keys.look()
    with pytest.raises(Erased) as gone:
        Sealer(keys).open(SealedAt("e", "t", "f", identity.key, "AAAA"))
    assert gone.value.notice is not None
    assert (gone.value.notice.at, gone.value.notice.basis) == (AT, "UU 27/2022 Pasal 43")
    with pytest.raises(Erased) as unknown:
        Sealer(keys).open(SealedAt("e", "t", "f", "0" * 32, "AAAA"))
    assert unknown.value.notice is None, "nobody decided that"


@both
def test_done_again_it_changes_nothing(ring: Ring) -> None:
    identity = ring.process().identify(["alias", "other"])
    doomed = ring.doomed(identity["alias"].person)
    assert ring.eraser.living([doomed]) == [doomed]
    ring.eraser.destroy([doomed], 1)
    with ring.database.read() as connection:
        before = connection.execute(select(key_table).order_by(key_table.c.id)).all()
    assert ring.eraser.living([doomed]) == []
    ring.eraser.destroy([doomed], 1)
    assert ring.eraser.scrub()
    with ring.database.read() as connection:
        assert connection.execute(select(key_table).order_by(key_table.c.id)).all() == before
    assert ring.eraser.erasures() == 1
    assert ring.process().get(identity["other"].key) is not None


@both
def test_a_store_that_is_older_than_the_last_erasure_opens_nothing(ring: Ring) -> None:
    identity = ring.process().identify(["alias"])["alias"]
    late = ring.process()
    late.least = lambda: 1
    with pytest.raises(StaleKeyStore):
        late.get(identity.key)
    with pytest.raises(StaleKeyStore):
        late.identify(["alias"])
    ring.eraser.destroy([ring.doomed(identity.person)], 1)
    assert late.get(identity.key) is None
    assert late.identify(["alias"])["alias"].person != identity.person


@both
def test_a_key_that_a_backup_lacks_is_told_as_erased_too(ring: Ring) -> None:
    key = "ab" * 16
    ring.eraser.destroy([Doomed("e2", "cd" * 16, (key,), AT, "UU 27/2022", "1")], 1)
    notice = ring.process().notice(key)
    assert notice is not None
    assert notice.erasure == "e2"


@both
def test_a_copy_of_the_old_rows_is_found_and_erased_again(ring: Ring) -> None:
    identity = ring.process().identify(["alias"])["alias"]
    with ring.database.read() as connection:
        rows = [
            (table, [dict(row) for row in connection.execute(select(table)).mappings()])
            for table in (key_table, person_table)
        ]
    doomed = ring.doomed(identity.person)
    ring.eraser.destroy([doomed], 1)
    with ring.database.write() as connection:
        for table, old in rows:
            connection.execute(table.delete())
            connection.execute(insert(table), old)
        connection.execute(era_table.delete())
    assert ring.process().get(identity.key) is not None, "the backup would bring the person back"
    assert ring.eraser.living([doomed]) == [doomed]
    ring.eraser.destroy([doomed], 1)
    assert ring.process().get(identity.key) is None


def _contents(folder: Path) -> dict[str, bytes]:
    found = {}
    for base, _, names in os.walk(folder):
        for name in names:
            found[os.path.join(base, name)] = Path(base, name).read_bytes()
    return found


@pytest.mark.postgres
def test_postgresqls_tables_are_written_anew_and_its_own_log_is_what_is_left(postgres: PostgresServer) -> None:
    """The limit that docs/erasure.md tells: the write-ahead log keeps the wrapped key until it is recycled."""
    url = postgres.make_database("erasure")
    database = Database(url, "keys")
    try:
        database.create_schema()
        with database.write() as connection:
            metadata.create_all(connection)
        keys = Keys(database, b"o" * 32, lambda: NOW)
        persons = keys.identify([f"alias-{number}-{'x' * 20}" for number in range(50)])
        identity = persons[f"alias-7-{'x' * 20}"]
        with database.read() as connection:
            wrapped = connection.execute(select(key_table.c.wrapped).where(key_table.c.id == identity.key)).scalar_one()
        eraser = KeyEraser(database, lambda: NOW)
        doomed = Doomed("e1", identity.person, (identity.key,), AT, "UU 27/2022", "1")

        def left() -> dict[str, bool]:
            with postgres.connect() as admin:
                admin.execute("CHECKPOINT")
            found = {"tables": False, "log": False}
            for path, content in _contents(postgres.folder / "data").items():
                if bytes(wrapped) in content or f"alias-7-{'x' * 20}".encode() in content:
                    found["log" if "pg_wal" in path else "tables"] = True
            return found

        assert left()["tables"], "or the search finds nothing ever"
        eraser.destroy([doomed], 1)
        assert left()["tables"], "a deleted row stays in its page until the table is written anew"
        assert eraser.scrub()
        assert not left()["tables"]
        others = [one.key for one in persons.values() if one != identity]
        assert all(keys.get_many(others).values())
        with database.read() as connection:
            assert connection.execute(text("SELECT count(*) FROM key")).scalar() == 50
    finally:
        database.close()
