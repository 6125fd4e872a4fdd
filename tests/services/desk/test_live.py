"""Open pages hear of what their officer may read, of who else is there, and end with their session."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from corong.desk.live import streams as streams_module
from corong.desk.live.presence import PAGE_SECONDS, WRITING_SECONDS, Presence
from tests.services.desk.office import HEALTH, PUPR, Office
from tests.services.desk.test_drafts import keep
from tests.services.desk.visitor import Visitor, signed_in, token_of

pytestmark = pytest.mark.asyncio(loop_scope="package")

OFFICER, OTHER, MAIN = f"petugas-{PUPR}", "operator-dinas-pupr", "ppid-utama"
KIND = {"Accept": "text/event-stream"}


class Ear:
    """One open stream."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()
        self.last = ""

    async def next(self, wait: float = 10.0) -> tuple[str, dict[str, Any]]:
        """The next event; its name and what it says."""
        name, said = "", ""
        async with asyncio.timeout(wait):
            async for line in self._lines:
                field, _, value = line.partition(": ")
                if field == "id":
                    self.last = value
                elif field == "event":
                    name = value
                elif field == "data":
                    said = value
                elif not line and name:
                    return name, json.loads(said)
        return "", {}

    async def until(self, wanted: Any, wait: float = 10.0) -> dict[str, Any]:
        """The first one that is as wanted."""
        async with asyncio.timeout(wait):
            while True:
                name, said = await self.next(wait)
                assert name, "the stream ended"
                if wanted(name, said):
                    return said


@contextlib.asynccontextmanager
async def listening(visitor: Visitor, path: str, **more: str) -> AsyncIterator[Ear]:
    async with visitor.client.stream("GET", path, headers={**KIND, **more}) as answer:
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        yield Ear(answer)


async def test_a_queue_hears_of_its_own_unit_alone(office: Office) -> None:
    async with (
        await signed_in(office.hub, OFFICER) as own,
        await signed_in(office.hub, f"petugas-{HEALTH}") as foreign,
        listening(own, "/desk/alir?pemegang=kosong") as ear,
        listening(foreign, "/desk/alir") as deaf,
    ):
        name, before = await ear.next()
        assert name == "antrean"
        _, theirs = await deaf.next()
        case = await office.case(sender="warga-alir")
        if len(before["rows"]) < 30:  # other tests leave cases in it
            said = await ear.until(lambda _, data: any(row[0] == case for row in data["rows"]))
            assert len(said["rows"]) == len(before["rows"]) + 1
        other = (await office.write("Vaksin habis.", "warga-alir-2"))["case_id"]
        await office.post(MAIN, f"cases/{other}/claim")
        await office.post(MAIN, f"cases/{other}/assign", {"unit": HEALTH, "instruction": "Wewenang Anda."})
        said = await deaf.until(lambda _, data: any(row[0] == other for row in data["rows"]))
        assert not any(row[0] == case for row in said["rows"])
        assert len(said["rows"]) == len(theirs["rows"]) + 1


async def test_who_knows_how_it_stands_hears_nothing_until_it_changes(office: Office) -> None:
    case = await office.case(sender="warga-tanda")
    async with await signed_in(office.hub, OFFICER) as visitor:
        path = f"/desk/perkara/{case}/alir"
        async with listening(visitor, path) as ear:
            _, first = await ear.next()
        async with listening(visitor, path, **{"Last-Event-ID": ear.last}) as again:
            await office.post(OFFICER, f"cases/{case}/note", {"note": "Sudah dicek."})
            _, second = await again.next()
            assert second["facts"] != first["facts"]
        async with listening(visitor, f"{path}?tanda={ear.last}") as late:
            assert (await late.next())[1]["facts"] == second["facts"], "what came meanwhile is told at once"


async def test_each_sees_who_else_has_it_open_and_who_writes(office: Office) -> None:
    case = await office.case(sender="warga-berdua")
    await office.post(OFFICER, f"cases/{case}/priority", {"priority": "urgent"})  # on the queue's first page
    path = f"/desk/perkara/{case}/alir"
    names = {one.id: one.name for one in office.hub.hub.installation.directory.officers}
    async with await signed_in(office.hub, OFFICER) as first, await signed_in(office.hub, OTHER) as second:
        async with listening(first, path) as ear:
            assert (await ear.next())[1]["open"] == ""
            async with listening(second, path):
                said = await ear.until(lambda _, data: data["open"])
                assert said["open"] == f"Sedang dibuka juga oleh {names[OTHER]}."
                assert names[OTHER] in await first.get("/desk")
                assert names[OFFICER] not in (await first.get(f"/desk/perkara/{case}")).split("data-words", 1)[1][:300]
                await keep(second, case, "catatan", note="Saya tulis dulu.")
                said = await ear.until(lambda _, data: data["writing"])
                assert f"{names[OTHER]} sedang menulis di sini (Catatan internal)." in said["writing"]
                assert said["writing"] in await first.get(f"/desk/perkara/{case}/tindakan/catatan")
        page = await second.get(f"/desk/perkara/{case}")
        assert "Sedang dibuka juga oleh" in page


async def test_a_case_that_was_given_away_is_told_and_its_stream_ends(office: Office) -> None:
    case = await office.case(sender="warga-dialihkan")
    async with await signed_in(office.hub, OFFICER) as visitor:
        async with listening(visitor, f"/desk/perkara/{case}/alir") as ear:
            await ear.next()
            await office.post(OFFICER, f"cases/{case}/claim")
            await office.post(OFFICER, f"cases/{case}/assign", {"unit": HEALTH, "instruction": "Wewenang Anda."})
            assert await ear.until(lambda name, _: name == "pergi") == {}
            assert await ear.next() == ("", {})
        answer = await visitor.client.get(f"/desk/perkara/{case}/alir", headers=KIND)
        assert answer.status_code == 403


async def test_it_ends_with_its_session(office: Office) -> None:
    visitor = await signed_in(office.hub, OFFICER)
    async with visitor, listening(visitor, "/desk/alir") as ear:
        await ear.next()
        page = await visitor.get("/desk/akun")
        await visitor.post("/desk/keluar", token_of(page))
        assert await ear.until(lambda name, _: name == "keluar") == {}


async def test_it_ends_by_itself_when_its_session_lapses(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams_module, "HEARTBEAT_SECONDS", 0.2)
    async with await signed_in(office.hub, OFFICER) as visitor, listening(visitor, "/desk/alir") as ear:
        await ear.next()
        office.clock.forward(hours=9)
        try:
            assert await ear.until(lambda name, _: name == "keluar") == {}
        finally:
            office.clock.forward(hours=-9)


async def test_a_browser_has_so_many_and_a_process_too(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams_module, "OF_A_SESSION", 2)
    live = office.hub.service("desk").streams
    async with await signed_in(office.hub, OFFICER) as visitor, contextlib.AsyncExitStack() as stack:
        first, second, third = [await stack.enter_async_context(listening(visitor, "/desk/alir")) for _ in range(3)]
        for ear in (second, third):
            await ear.next()
        assert (await first.next())[0] in ("", "antrean")
        assert await first.next() == ("", {}), "the oldest one falls silent"
        await office.hub.until(lambda: len(live) == 2)
        monkeypatch.setattr(streams_module, "MOST", 2)
        answer = await visitor.client.get("/desk/alir", headers=KIND)
        assert answer.status_code == 503
    await office.hub.until(lambda: len(live) == 0)


async def test_without_a_script_there_is_no_stream(office: Office) -> None:
    async with await signed_in(office.hub, OFFICER) as visitor:
        answer = await visitor.client.get("/desk/alir")
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk")


async def test_presence_goes_by_itself() -> None:
    told: list[str] = []
    now = 0.0
    presence = Presence(told.extend, clock=lambda: now)
    presence.page("k", "siti")
    presence.writing("k", "budi", "jawab")
    assert [(one.officer, one.writes) for one in presence.of("k")] == [("budi", ("jawab",)), ("siti", ())]
    assert [one.officer for one in presence.of("k", "siti")] == ["budi"]
    assert len(told) == 2
    now = WRITING_SECONDS + 1
    presence.sweep()
    assert [one.officer for one in presence.of("k")] == ["siti"]
    assert len(told) == 3
    presence.stream("k", "siti", 1)
    now = PAGE_SECONDS + 100
    presence.sweep()
    assert [one.officer for one in presence.of("k")] == ["siti"]
    presence.stream("k", "siti", -1)
    now += 100
    presence.sweep()
    assert presence.of("k") == []
    assert len(told) == 4
