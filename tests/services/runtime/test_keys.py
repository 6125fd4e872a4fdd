"""The key store: a key for each person and purpose, the same one for every process, and gone when it is destroyed."""

import concurrent.futures
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from corong.runtime.keys import REMEMBER_SECONDS, Keys, PersonErased, WrongDeploymentKey, key_id, key_table, metadata
from tests.services.stores import BACKENDS, NOW, Store

both = pytest.mark.parametrize("backend", BACKENDS)
OURS, OTHERS = b"o" * 32, b"x" * 32


class Ring:
    """Key stores on one database, each as another process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.database = store.make(metadata)

    def process(self, secret: bytes = OURS) -> Keys:
        return Keys(self._store.open(), secret, lambda: NOW)

    def destroy(self, key: str) -> None:
        with self.database.write() as connection:
            connection.execute(update(key_table).where(key_table.c.id == key).values(wrapped=None))

    def rows(self) -> int:
        with self.database.read() as connection:
            return len(connection.execute(select(key_table.c.id)).all())


@pytest.fixture
def ring(store: Store) -> Ring:
    return Ring(store)


@both
def test_a_person_keeps_the_key(ring: Ring) -> None:
    first = ring.process()
    made = first.ensure(["a", "b", "a"])
    assert made == {"a": key_id("a", "correspondence", 1), "b": key_id("b", "correspondence", 1)}
    secrets = first.get_many(made.values())
    assert len(set(secrets.values())) == 2
    assert all(secret is not None and len(secret) == 32 for secret in secrets.values())
    second = ring.process()
    assert second.ensure(["b", "a", "c"]) | made == second.ensure(["a", "b", "c"])
    assert second.get_many(made.values()) == secrets
    assert ring.rows() == 3


@both
def test_each_purpose_has_a_key_of_its_own(ring: Ring) -> None:
    keys = ring.process()
    letters, checks = keys.ensure(["a"])["a"], keys.ensure(["a"], "identity")["a"]
    assert letters != checks
    assert keys.get(letters) != keys.get(checks)


@both
def test_a_stranger_has_no_key(ring: Ring) -> None:
    assert ring.process().get("0" * 32) is None
    assert ring.process().ensure([]) == {}


@both
def test_nothing_is_sealed_any_more_for_whom_the_key_is_gone(ring: Ring) -> None:
    first = ring.process().ensure(["a"])["a"]
    ring.destroy(first)
    keys = ring.process()
    assert keys.get(first) is None
    for _ in range(2):
        with pytest.raises(PersonErased):
            keys.ensure(["b", "a"])
    assert keys.ensure(["b"])["b"] == key_id("b", "correspondence", 1)


@both
def test_an_erasure_is_felt_in_a_process_that_knew_the_key(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = ring.process()
    key = keys.ensure(["a"])["a"]
    assert keys.get(key) is not None
    ring.destroy(key)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + REMEMBER_SECONDS + 0.1)
    assert keys.get(key) is None


@both
def test_many_at_once(ring: Ring) -> None:
    persons = [f"p{number}" for number in range(1203)]
    keys = ring.process()
    made = keys.ensure(persons)
    assert list(made) == persons or set(made) == set(persons)
    assert len(set(made.values())) == len(persons) == ring.rows()
    found = ring.process().get_many([*made.values(), "0" * 32])
    assert found.pop("0" * 32) is None
    assert len(set(found.values())) == len(persons)
    assert ring.process().ensure(persons) == made


@both
def test_two_processes_make_one_key(ring: Ring) -> None:
    processes = [ring.process() for _ in range(3)]
    groups = [[f"p{number}" for number in range(start, start + 12)] for start in range(0, 60, 4)]
    with concurrent.futures.ThreadPoolExecutor(3) as threads:
        made = list(threads.map(lambda keys: [keys.ensure(group) for group in groups], processes))
    assert made[0] == made[1] == made[2]
    ids = sorted({key for group in made[0] for key in group.values()})
    secrets = [keys.get_many(ids) for keys in processes]
    assert secrets[0] == secrets[1] == secrets[2] == ring.process().get_many(ids)
    assert ring.rows() == len(ids)


@both
def test_another_deployment_key_is_told(ring: Ring) -> None:
    key = ring.process().ensure(["a"])["a"]
    stranger = ring.process(OTHERS)
    with pytest.raises(WrongDeploymentKey) as wrong:
        stranger.get(key)
    assert "deployment key" in str(wrong.value)
    with pytest.raises(WrongDeploymentKey):
        stranger.get_many([key])


@both
def test_a_start_under_another_deployment_key_is_refused(ring: Ring) -> None:
    """Before anything is sealed: or the store would hold keys of both, and neither key opened all of them."""
    ring.process().check()
    gone = ring.process().ensure(["a", "b"])["a"]
    ring.destroy(gone)
    with pytest.raises(WrongDeploymentKey):
        ring.process(OTHERS).check()
    ring.process().check()


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_wrapped_key_is_bound_to_its_row(ring: Ring) -> None:
    one, other = ring.process().ensure(["a", "b"]).values()
    with ring.database.write() as connection:
        stolen = connection.execute(select(key_table.c.wrapped).where(key_table.c.id == one)).scalar_one()
        connection.execute(update(key_table).where(key_table.c.id == other).values(wrapped=stolen))
    with pytest.raises(WrongDeploymentKey):
        ring.process().get(other)


@pytest.mark.parametrize("backend", ["sqlite"])
def test_nothing_is_stored_in_the_clear(ring: Ring) -> None:
    keys = ring.process()
    key = keys.ensure(["pseudonym-1"])["pseudonym-1"]
    secret = keys.get(key)
    assert secret is not None
    files = [path for path in Path(str(ring.database.url.database)).parent.iterdir() if path.is_file()]
    assert files
    assert not any(secret in path.read_bytes() for path in files)
    with ring.database.read() as connection:
        row = connection.execute(select(key_table)).mappings().one()
    assert datetime.fromisoformat(row["created_at"]) == NOW.astimezone(UTC)


@pytest.mark.parametrize("backend", ["sqlite"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(["ensure", "destroy", "get"]), st.sampled_from("abc")), max_size=15))
def test_a_person_has_one_living_key_at_most(ring: Ring, steps: list[tuple[str, str]]) -> None:
    with ring.database.write() as connection:
        connection.execute(key_table.delete())
    made: set[str] = set()
    gone: set[str] = set()
    for what, person in steps:
        keys, key = ring.process(), key_id(person, "correspondence", 1)
        if what == "ensure" and person in gone:
            with pytest.raises(PersonErased):
                keys.ensure([person])
        elif what == "ensure":
            made.add(person)
            assert keys.ensure([person]) == {person: key}
        elif what == "destroy" and person in made:
            gone.add(person)
            ring.destroy(key)
        else:
            assert (keys.get(key) is not None) == (person in made - gone)


def test_an_id_tells_only_alike_or_not() -> None:
    ids = {key_id(person, purpose, generation) for person in "ab" for purpose in "xy" for generation in (1, 2)}
    assert len(ids) == 8
    assert all(len(identity) == 32 and int(identity, 16) >= 0 for identity in ids)
