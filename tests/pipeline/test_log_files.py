"""The log's folder beside a running hub: whole after a clean stop; what was changed in it stops it and is told."""

from pathlib import Path

import pytest

from corong.auditing.app import Auditing
from corong.auditing.standalone import corong_verify as verifier
from corong.replay.logs import DatabaseLog
from corong_contracts.audit import AuditRecordChanged
from tests.hubs import running_hub
from tests.pipeline.first_message import from_the_door_to_the_answer
from tests.replay.runs import events, url_of, work


def size_of(data: Path) -> int:
    """Of the published checkpoint."""
    return int((data / "log" / "checkpoint").read_text().split("\n")[1])


@pytest.mark.parametrize("sabotage", [False, True])
async def test_after_a_clean_stop_all_that_was_signed_is_in_the_files(tmp_path: Path, sabotage: bool) -> None:
    data = tmp_path / "data"
    async with running_hub(data) as hub:
        auditing = hub.service("auditing")
        assert isinstance(auditing, Auditing)
        await from_the_door_to_the_answer(hub)
        await hub.until(lambda: size_of(data) == DatabaseLog(url_of(data, None)).size())
        auditing.tree.listeners = []  # whatever was signed last: nobody has come to write it yet
        await work(hub, 2, 3)
        before = size_of(data)
        key = verifier.Key.parse(str(auditing.tree.key.verifier))
        if sabotage:
            auditing._last.clear()
    size = DatabaseLog(url_of(data, None)).size()
    assert before < size
    if sabotage:
        assert size_of(data) == before, "the twin: without the last publishing the files end before the log"
        return
    report = verifier.verify(verifier.Folder(str(data / "log")), [key], complete=True, processes=1)
    assert (report.code, report.seen) == (verifier.SOUND, size)


async def test_a_changed_file_stops_publishing_and_stands_in_the_log(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with running_hub(data) as hub:
        auditing = hub.service("auditing")
        assert isinstance(auditing, Auditing)
        await from_the_door_to_the_answer(hub)
        await hub.settled()
        await hub.until(lambda: size_of(data) == DatabaseLog(url_of(data, None)).size())
        before = size_of(data)
        assert before < 256, "one bundle, not full yet"
        following = data / "log" / "tile" / "entries" / "000.p" / str(before + 1)
        following.write_bytes(b"another history")
        for width in range(before + 1, 257):  # however many events come at once
            following.with_name(str(width)).write_bytes(b"another history")
        await work(hub, 2, 3)
        await hub.until(lambda: hub.rows("auditing", "SELECT * FROM finding WHERE kind = 'changed_folder'"))
        await hub.settled()
    assert size_of(data) == before
    told = [event.data for event in events(url_of(data, None)) if isinstance(event.data, AuditRecordChanged)]
    assert [item.file.startswith("tile/entries/000.p/") for item in told] == [True]
    assert (told[0].kept_in, told[0].done) == ("folder", "publishing_stopped")
