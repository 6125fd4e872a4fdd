"""Another deployment key: every key wrapped anew while others work, taken up again, and the old one thrown away."""

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from corong.runtime.database import Database
from corong.runtime.deployment_key import DeploymentKey, Secrets, write_key
from corong.runtime.key_erasure import KeyEraser
from corong.runtime.key_rotation import BATCH, Rotation, StillOld
from corong.runtime.key_tables import key_table, metadata
from corong.runtime.keys import Keys, WrongDeploymentKey
from corong.runtime.objects import Missing, Objects
from corong.runtime.sealing import Sealer
from corong.runtime.wrapping import Wrapping, mark_of
from tests.services.stores import BACKENDS, NOW, Store

both = pytest.mark.parametrize("backend", BACKENDS)
NEW = b"n" * 32


class Place:
    """An installation's key file and key store."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self.path = folder / "secrets" / "deployment.key"
        self.key = DeploymentKey.load(self.path, create=True)
        self.database = store.make(metadata)

    def load(self) -> DeploymentKey:
        return DeploymentKey.load(self.path)

    def process(self, key: DeploymentKey | None = None) -> Keys:
        return Keys(self._store.open(), key or self.load(), lambda: NOW)

    def announce(self) -> None:
        write_key(self.path, self.key.successor(NEW))

    def rotation(self, database: Database | None = None) -> Rotation:
        old = mark_of(self.key.wrapping)
        return Rotation(database or self.database, Wrapping.of(self.load()), old, lambda: NOW)

    def throw_away(self) -> None:
        known = self.load().secrets
        write_key(self.path, Secrets(known.current, (), known.pseudonyms))

    def marks(self) -> set[str]:
        with self.database.read() as connection:
            return set(connection.execute(select(key_table.c.wrapper)).scalars())


@pytest.fixture
def place(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.delenv("CORONG_KEY", raising=False)
    return Place(store, tmp_path)


@both
def test_every_key_is_wrapped_anew_and_the_old_deployment_key_can_go(place: Place) -> None:
    persons = place.process().identify([f"alias-{number}" for number in range(BATCH + 20)])
    keys = [one.key for one in persons.values()]
    before = place.process().get_many(keys)
    place.announce()
    assert place.rotation().run(settle=0) == len(keys)
    place.throw_away()
    fresh = place.process()
    assert fresh.get_many(keys) == before
    assert place.marks() == {mark_of(place.load().wrapping)}
    assert place.load().secrets.older == ()
    assert place.load().pseudonym("a") == place.key.pseudonym("a"), "who wrote before is recognised"
    with pytest.raises(WrongDeploymentKey):
        place.process(DeploymentKey(place.key.secrets)).get(keys[0])
    (told,) = KeyEraser(place.database, lambda: NOW).rotations()
    assert (told.old, told.new, told.keys) == (mark_of(place.key.wrapping), mark_of(place.load().wrapping), len(keys))


@both
def test_one_that_is_interrupted_is_taken_up_again(place: Place) -> None:
    persons = place.process().identify([f"alias-{number}" for number in range(BATCH + 20)])
    place.announce()
    broken = place.rotation()

    def dies(done: int) -> None:
        raise RuntimeError("killed")

    broken.step = dies
    with pytest.raises(RuntimeError):
        broken.run(settle=0)
    assert len(place.marks()) == 2
    assert all(place.process().get_many([one.key for one in persons.values()]).values())
    assert place.rotation().run(settle=0) == 20
    assert len(KeyEraser(place.database, lambda: NOW).rotations()) == 1
    assert place.rotation().run(settle=0) == 0, "and once more it changes nothing"
    assert len(KeyEraser(place.database, lambda: NOW).rotations()) == 1


@both
def test_processes_that_go_on_meanwhile_never_fail(place: Place) -> None:
    running = place.process(place.key), place.process(DeploymentKey.load(place.path))
    known = running[0].identify([f"alias-{number}" for number in range(700)])
    ended, failed = threading.Event(), []

    def work(keys: Keys, name: str) -> None:
        number = 0
        while not ended.is_set():
            number += 1
            try:
                made = keys.identify([f"{name}-{number}"])[f"{name}-{number}"]
                keys.forget()
                assert keys.get(made.key) is not None
                assert keys.get(known[f"alias-{number % 700}"].key) is not None
            except Exception as error:  # told at the end
                failed.append(error)
                return

    threads = [threading.Thread(target=work, args=(keys, str(place))) for place, keys in enumerate(running)]
    for thread in threads:
        thread.start()
    try:
        place.announce()
        place.rotation(place._store.open()).run(settle=1.5)  # a waiting thread may still use the old key
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert failed == []
    place.throw_away()
    assert place.rotation().left() == 0
    assert place.marks() == {mark_of(place.load().wrapping)}


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_process_that_was_not_given_the_new_key_is_noticed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = place.process(DeploymentKey(place.key.secrets))  # its key is from the environment: nothing to read again
    deaf.identify(["first"])
    place.announce()
    late = iter(range(100))
    monkeypatch.setattr(time, "sleep", lambda seconds: deaf.ensure([f"late-{next(late)}"]))
    with pytest.raises(StillOld):
        place.rotation().run()
    assert KeyEraser(place.database, lambda: NOW).rotations() == [], "nobody may throw the old key away"
    assert place.rotation().left() == 1


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_files_on_their_way_open_on_both_sides_of_a_change(place: Place, tmp_path: Path) -> None:
    old, sealer = place.key, Sealer(place.process())
    before = Objects(str(tmp_path / "objects"), sealer, old)
    name = await before.stage(b"isi")
    place.announce()
    after = Objects(str(tmp_path / "objects"), sealer, place.load())
    assert await after.staged(name) == b"isi"
    assert await before.staged(await after.stage(b"baru")) == b"baru", "it reads the key's file again"
    stranger = Objects(str(tmp_path / "objects"), sealer, DeploymentKey(b"x" * 32))
    with pytest.raises(Missing):
        await stranger.staged(name)


@pytest.mark.parametrize("backend", ["sqlite"])
def test_the_key_can_come_from_the_environment(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    made = place.process().identify(["alias"])["alias"]
    secrets = place.key.successor(NEW)
    monkeypatch.setenv("CORONG_KEY", secrets.text().strip().replace("\n", ","))
    place.rotation().run(settle=0)
    assert place.load().path is None
    assert place.process().get(made.key) is not None
