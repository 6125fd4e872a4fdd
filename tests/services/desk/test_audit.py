"""The log as auditors read it: filters, pages, lines."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.services.desk.office import PUPR, Office

pytestmark = pytest.mark.asyncio(loop_scope="package")

UNIT, AUDITOR = f"petugas-{PUPR}", "auditor-inspektorat"


async def history(office: Office) -> dict[str, Any]:
    """A case with some steps; its receipt."""
    receipt = await office.write(sender="warga-log")
    await office.post(UNIT, f"cases/{receipt['case_id']}/claim")
    await office.post(UNIT, f"cases/{receipt['case_id']}/answer", {"text": "RAHASIA-8", "close": True})
    await office.hub.settled()
    return receipt


def kinds(page: dict[str, Any]) -> list[str]:
    return [item["event"]["type"].removeprefix("id.corong.").removesuffix(".v1") for item in page["events"]]


async def test_filters(office: Office) -> None:
    receipt = await history(office)
    case = receipt["case_id"]
    whole = await office.get(AUDITOR, "audit/log", case=case)
    assert kinds(whole)[:5] == ["case.registered", "message.received", "case.routed", "case.claimed", "case.answered"]
    assert "RAHASIA-8" not in json.dumps(whole)
    number = receipt["registration"].replace("/", "-")
    assert await office.get(AUDITOR, "audit/log", case=number) == whole
    mine = await office.get(AUDITOR, "audit/log", case=case, actor=f"officer:{UNIT}", type="case.")
    assert kinds(mine) == ["case.claimed", "case.answered", "case.closed"]
    moment = whole["events"][3]["event"]["time"]
    before = await office.get(AUDITOR, "audit/log", case=case, until=moment)
    since = await office.get(AUDITOR, "audit/log", case=case, since=moment)
    assert kinds(before) == kinds(whole)[:3]
    assert kinds(since) == kinds(whole)[3:]
    zone = datetime.fromisoformat(moment).astimezone(UTC).isoformat()
    assert await office.get(AUDITOR, "audit/log", case=case, since=zone) == since
    for query in ({"since": "kemarin"}, {"limit": "501"}, {"cursor": "x"}):
        refused = await office.get(AUDITOR, "audit/log", status=422, **query)
        assert refused["fields"] == list(query)
    assert (await office.get(AUDITOR, "audit/log", case="UM-2020-1", status=404))["code"] == "no_such_case"


async def test_pages_and_lines_tell_the_same(office: Office) -> None:
    case = (await history(office))["case_id"]
    whole = await office.get(AUDITOR, "audit/log", case=case, limit=500)
    assert whole["next"] is None
    paged: list[Any] = []
    query: dict[str, Any] = {}
    while True:
        page = await office.get(AUDITOR, "audit/log", case=case, limit=3, **query)
        assert len(page["events"]) <= 3
        paged += page["events"]
        if page["next"] is None:
            break
        query = {"cursor": page["next"]}
    assert paged == whole["events"]
    accept = {"Accept": "application/x-ndjson"}
    lines = await office.client(AUDITOR).get("/api/v1/audit/log", params={"case": case}, headers=accept)
    assert lines.headers["content-type"].startswith("application/x-ndjson")
    assert [json.loads(line) for line in lines.text.splitlines()] == whole["events"]
    refused = await office.client(UNIT).get("/api/v1/audit/log", headers=accept)
    assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")


async def test_lines_go_on_over_all_pages(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corong.desk.audit.LINES_AT_ONCE", 4)
    await history(office)
    total = len(office.hub.rows("auditing", "SELECT 1 FROM entry"))
    accept = {"Accept": "application/x-ndjson"}
    async with office.client(AUDITOR).stream("GET", "/api/v1/audit/log", headers=accept) as answer:
        lines = [json.loads(line) async for line in answer.aiter_lines()]
    positions = [line["position"] for line in lines]
    assert len(positions) >= total > 4
    assert positions == list(range(len(positions)))
