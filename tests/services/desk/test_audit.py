"""The log as auditors read it: filters, pages, lines."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from corong.auditing.standalone import corong_verify as verifier
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
    first = ["case.registered", "message.received", "case.routed", *("clock.opened",) * 3, "case.claimed"]
    assert kinds(whole)[:8] == [*first, "case.answered"]
    assert "RAHASIA-8" not in json.dumps(whole)
    number = receipt["registration"].replace("/", "-")
    assert await office.get(AUDITOR, "audit/log", case=number) == whole
    mine = await office.get(AUDITOR, "audit/log", case=case, actor=f"officer:{UNIT}", type="case.")
    assert kinds(mine) == ["case.claimed", "case.answered", "case.closed"]
    moment = whole["events"][6]["event"]["time"]
    before = await office.get(AUDITOR, "audit/log", case=case, until=moment)
    since = await office.get(AUDITOR, "audit/log", case=case, since=moment)
    assert kinds(before) == kinds(whole)[:6]
    assert kinds(since) == kinds(whole)[6:]
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


async def test_parts_by_position(office: Office) -> None:
    await history(office)
    some = await office.get(AUDITOR, "audit/log", start=1, before=4, limit=2)
    rest = await office.get(AUDITOR, "audit/log", start=1, before=4, limit=2, cursor=some["next"])
    assert [item["position"] for item in some["events"] + rest["events"]] == [1, 2, 3]
    assert (await office.get(AUDITOR, "audit/log", start=2**62))["events"] == []
    assert (await office.get(AUDITOR, "audit/log", status=422, start=-1))["fields"] == ["start"]


async def test_an_entry_is_proven_however_it_is_named(office: Office) -> None:
    receipt = await history(office)
    by_case = await office.get(AUDITOR, "audit/proof", case=receipt["registration"].replace("/", "-"))
    event = json.loads(by_case["event"])
    assert event["type"] == "id.corong.case.registered.v1"
    by_event = await office.get(AUDITOR, "audit/proof", event=event["id"])
    by_position = await office.get(AUDITOR, "audit/proof", position=by_case["position"])
    key = verifier.Key.parse(str(office.hub.service("auditing").tree.key.verifier))
    for found in (by_case, by_event, by_position):
        assert found["event"] == by_case["event"]
        index, head = verifier.verify_proof(found["proof"].encode(), found["event"].encode(), [key])
        assert (index, head.size) == (found["position"], found["size"])
        assert "RAHASIA-8" not in found["event"]
    nowhere = "00000000-0000-4000-8000-000000000000"
    for named, status, code in (
        ({"event": nowhere}, 404, "not_in_the_log"), ({"position": str(2**40)}, 404, "not_in_the_log"),
        ({"case": nowhere}, 404, "not_in_the_log"), ({"case": "UM-2020-1"}, 404, "no_such_case"),
        ({}, 422, "name_one_entry"), ({"event": nowhere, "position": "0"}, 422, "name_one_entry"),
        ({"position": "-1"}, 422, "invalid"), ({"event": "x"}, 422, "invalid"),
    ):  # fmt: skip
        assert (await office.get(AUDITOR, "audit/proof", status=status, **named))["code"] == code
