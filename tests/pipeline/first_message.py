"""A message's whole way, by HTTP alone: the same for the hub in one process and for a process of each service."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import httpx

from corong.runtime.tokens import TokenKind
from corong_contracts.base import SERVICES

BODY = {"text": "Jalan di depan pasar Kisaran rusak parah, mohon diperbaiki.", "sender": {"address": "warga-1"}}
UNIT = "dinas-pupr"
OFFICER = f"petugas-{UNIT}"
TYPES = [
    "case.registered",
    "message.received",
    "case.routed",
    *("clock.opened",) * 3,
    "case.claimed",
    "case.answered",
    "case.closed",
    *("clock.met",) * 3,
    "publication.drafted",
    "publication.released",
    "delivery.started",
    "delivery.sent",
]
"""What becomes of one message that is answered, in the log's order: a complaint has its tier's clock, that of the plan
and its last limit."""


class AnyHub(Protocol):
    """A hub, in however many processes."""

    def client(self, kind: TokenKind | None = None, holder: str = "") -> httpx.AsyncClient:
        """A client of the door for accounts or of the officers' API."""

    def rows(self, service: str, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of a service's database."""

    def until(self, condition: Callable[[], Any], wait: float = 15.0) -> Awaitable[Any]:
        """Wait until it is true."""

    def settled(self, wait: float = 30.0) -> Awaitable[None]:
        """Wait until everybody has read everything."""


async def from_the_door_to_the_answer(hub: AnyHub) -> None:
    """One message in, repeated and contradicted; into its queue; claimed, answered, closed; sent; in the log."""
    receipt = await _hand_in(hub)
    await hub.settled()
    (case,) = hub.rows("desk", 'SELECT * FROM "case"')
    assert (case["case_id"], case["unit"], case["state"]) == (receipt["case_id"], UNIT, "open")
    async with hub.client("officer", OFFICER) as officer:
        queue = (await officer.get("/api/v1/queue")).json()
        assert [shown["case_id"] for shown in queue["cases"]] == [receipt["case_id"]]
        path = f"/api/v1/cases/{receipt['case_id']}"
        shown = (await officer.get(path)).json()
        assert str(BODY["text"]) in str(shown), "the officer reads what the citizen wrote"
        claimed = await officer.post(f"{path}/claim")
        assert claimed.status_code == 200, claimed.text
        words = {"text": "Terima kasih, akan kami perbaiki pekan ini.", "close": True}
        answered = await officer.post(f"{path}/answer", json=words)
        assert answered.status_code == 200, answered.text
    await hub.until(lambda: hub.rows("desk", "SELECT 1 FROM delivery WHERE state = 'sent' AND kind = 'reply'"))
    await hub.settled()
    assert log_types(hub) == TYPES
    for service in SERVICES:
        assert hub.rows(service, "SELECT * FROM parked") == []


async def _hand_in(hub: AnyHub) -> dict[str, Any]:
    async with hub.client("account", "api-contoh") as citizen:
        answer = await citizen.post("/api/v1/messages", json=BODY, headers={"Idempotency-Key": "k-1"})
        assert answer.status_code == 202, answer.text
        receipt: dict[str, Any] = answer.json()["receipt"]
        again = await citizen.post("/api/v1/messages", json=BODY, headers={"Idempotency-Key": "k-1"})
        assert again.status_code == 202
        assert again.json()["receipt"] == {**receipt, "status": "duplicate"}
        other = {**BODY, "text": "lain"}
        reused = await citizen.post("/api/v1/messages", json=other, headers={"Idempotency-Key": "k-1"})
        assert reused.status_code == 422
    return receipt


def log_types(hub: AnyHub) -> list[str]:
    """The log's types in its order, as `case.closed`."""
    types = [row["type"] for row in hub.rows("auditing", "SELECT type FROM entry ORDER BY position")]
    names = [name.removeprefix("id.corong.").removesuffix(".v1") for name in types]
    return [name for name in names if name != "calendar.adopted"]  # once for all, in a partition of its own
