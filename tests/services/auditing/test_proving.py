"""Proofs from the stored tiles, and the published folder: the verifier takes them, on both databases."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from corong.auditing import proving
from corong.auditing.publisher import Publisher
from corong.auditing.standalone import corong_verify as verifier
from corong.runtime.refusal import Refused
from corong_contracts.case import CaseRegistered
from corong_contracts.command import ProveEntry
from tests.services.auditing.facts import CASE, arrival, body
from tests.services.auditing.logs import KEY, Log
from tests.services.stores import BACKENDS, Store

KEYS = [verifier.Key.parse(str(KEY.verifier))]
pytestmark = pytest.mark.parametrize("backend", BACKENDS)


@pytest.fixture
def log(store: Store, tmp_path: Path) -> Log:
    return Log(store, tmp_path)


def fill(log: Log, first: int, last: int) -> None:
    registered = body(300, type=CaseRegistered.type)
    log.append(*(arrival(registered if n == 300 else body(n), n) for n in range(first, last + 1)))


def prove(log: Log, **named: Any) -> dict[str, Any]:
    with log.works.database.read() as connection:
        return proving.prove(connection, ProveEntry(**named))


def test_every_entry_is_proven_at_every_stage(log: Log) -> None:
    last = 0
    for size in (1, 2, 255, 256, 257, 700):
        fill(log, last + 1, size)
        last = size
        for position in {0, 1, 254, 255, 256, 511, 512, size // 2, size - 1}:
            if position < size:
                found = prove(log, position=position)
                index, head = verifier.verify_proof(found["proof"].encode(), found["event"].encode(), KEYS)
                assert (index, head.size, found["event"].encode()) == (position, size, body_at(position))
                assert len(found["proof"]) < 1500


def body_at(position: int) -> bytes:
    return body(position + 1, type=CaseRegistered.type) if position == 299 else body(position + 1)


def test_an_entry_has_one_name(log: Log) -> None:
    fill(log, 1, 301)
    assert prove(log, case=CASE)["position"] == 299
    assert prove(log, event=UUID(int=17))["position"] == 16
    for named in (
        {"position": 301},
        {"position": -1},
        {"position": 2**80},
        {"event": UUID(int=9999)},
        {"case": UUID(int=9)},
    ):
        with pytest.raises(Refused) as told:
            prove(log, **named)
        assert (told.value.status, told.value.code) == (404, "not_in_the_log")
    doubtful: list[dict[str, Any]] = [{}, {"position": 1, "case": CASE}]
    for named in doubtful:
        with pytest.raises(Refused) as told:
            prove(log, **named)
        assert told.value.status == 422


def test_the_published_folder_is_sound_and_continues(log: Log) -> None:
    folder = log.folder / "log"
    publisher = Publisher(log.works.database, folder, KEY.verifier, KEY.name)
    last, kept = 0, None
    for size in (3, 256, 300, 700):
        fill(log, last + 1, size)
        last = size
        publisher.publish()
        report = verifier.verify(verifier.Folder(str(folder)), KEYS, since=kept, complete=True, processes=1)
        assert (report.code, report.seen, report.troubles, report.notes) == (verifier.SOUND, size, [], [])
        kept = (folder / "checkpoint").read_bytes()
    (folder / "checkpoint").write_bytes(kept or b"")
    bundle = folder / verifier.tile_name("entries", 1)
    bundle.write_bytes(bundle.read_bytes().replace(b'"priority":"high"', b'"priority":"none"', 1))
    report = verifier.verify(verifier.Folder(str(folder)), KEYS, processes=1)
    assert (report.code, report.troubles[0].entry) == (verifier.TAMPERED, 256)
