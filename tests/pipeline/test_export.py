"""Exports beside erasures and outages: nothing of an erased person, and nothing that the log does not tell of."""

import asyncio
import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from corong.auditing.standalone import corong_verify as verifier
from tests.pipeline.leftovers import leftovers
from tests.pipeline.test_erasure import BASIS, JRA, MAIN, PERSONAL, Story
from tests.services.desk.office import open_office

pytestmark = pytest.mark.asyncio(loop_scope="function")

PATH = "/api/v1/audit/exports"


async def take(story: Story, folder: Path, **asked: Any) -> Path:
    """An export, unpacked."""
    body = {"reason": "Pemeriksaan", **asked}
    answer = await story.office.client(MAIN).post(PATH, json=body, timeout=60)
    assert answer.status_code == 200, answer.text
    unpack(answer.content, folder)
    return folder


def unpack(data: bytes, folder: Path) -> None:
    """Its workbook too, and the text of its cover sheet beside."""
    folder.mkdir()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder / "files")
    with zipfile.ZipFile(folder / "files" / "events.xlsx") as book:
        book.extractall(folder / "book")
    sheet = PdfReader(folder / "files" / "cover.pdf")
    (folder / "cover.txt").write_text("\n".join(page.extract_text() for page in sheet.pages))


def states(folder: Path) -> set[str]:
    with (folder / "files" / "events.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row[10] for row in list(csv.reader(file))[1:]}


def sound(story: Story, folder: Path) -> bool:
    keys = [verifier.Key.parse(str(story.office.hub.service("auditing").tree.key.verifier))]
    return verifier.verify_export(str(folder / "files"), keys).code == 0


async def test_nothing_of_an_erased_person_and_nothing_while_the_broker_is_away(tmp_path: Path) -> None:
    async with open_office(tmp_path / "office") as office:
        story = Story(office)
        await story.tell()
        closed = await take(story, tmp_path / "closed")
        before = await take(story, tmp_path / "before", open=True)
        assert leftovers(closed, PERSONAL) == []
        found = {line.split(":")[0].split("/")[-1] for line in leftovers(before, PERSONAL)}
        assert found == {"events.csv", "sheet1.xml"}, "the search finds what is there"
        assert states(closed) == {"", "tersegel / sealed"}
        assert states(before) == {"", "terbuka / opened"}

        await story.erase()
        at = (before / "files" / "checkpoint").read_text()
        for name, asked in (("after", {"open": True}), ("old", {"open": True, "checkpoint": at}), ("shut", {})):
            after = await take(story, tmp_path / name, **asked)
            assert leftovers(after, PERSONAL) == []
            assert sound(story, after)
            told = [state for state in states(after) if state.startswith("dihapus / erased: ")]
            assert len(told) == 1
            assert BASIS in told[0]
            assert JRA in told[0]
        # Of those who were not erased the words are still there, and what was proven before still is.
        assert "Lampu mati." in (tmp_path / "after" / "files" / "events.csv").read_text()
        assert sound(story, before)
        assert (tmp_path / "old" / "files" / "events.ndjson").read_bytes() == (
            before / "files" / "events.ndjson"
        ).read_bytes()

        await office.hub.settled()
        server = office.hub.hub.server
        assert server is not None
        server.kill()
        for accept in ("application/zip", "multipart/mixed"):
            answer = await office.client(MAIN).post(
                PATH, json={"reason": "Pemeriksaan"}, headers={"Accept": accept}, timeout=60
            )
            assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        await asyncio.to_thread(server.start)
        assert await office.hub.hub.ready(30) == {}
        await office.hub.settled()
        logged = await office.get(MAIN, "audit/log", type="audit.exported", limit=500)
        assert len(logged["events"]) == 5, "what was handed out, and no more"
