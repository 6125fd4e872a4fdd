"""Dead letters of all services in one list: what poisons them is parked, shown, tried again or dropped by a person."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from corong.desk.dead import ServiceName
from corong.routing.app import Routing
from corong.runtime.broker import Broker
from corong.runtime.clock import utc_now
from corong_contracts.base import SERVICES, Payload, Sealed, partition_of, schema_uri, subject_of, writer_name
from corong_contracts.case import CaseRegistered
from corong_contracts.catalogue import encode, event_class
from corong_contracts.message import MessageReceived
from tests.services.desk.office import PUPR, Office, open_office

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADMIN, MAIN, UNIT = "admin-hub", "ppid-utama", f"petugas-{PUPR}"
SEALED = Sealed(key="nobody", box="A" * 64)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with open_office(tmp_path_factory.mktemp("dead")) as opened:
        yield opened


class Intruder:
    """Writes to the stream as intake may, past intake's own rules: a fault, or another version of it."""

    def __init__(self, office: Office, user: str) -> None:
        server = office.hub.hub.server
        assert server is not None
        self.broker = Broker(server.url, user, server.known[user])
        self._numbers: dict[str, int] = {}

    async def __aenter__(self) -> "Intruder":
        await self.broker.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.broker.stop()

    async def write(self, writer: str, payload: type[Payload], body: bytes | dict[str, Any], entity: UUID) -> None:
        """The writer's next event, or bytes that are none."""
        number = self._numbers.get(writer, 0) + 1
        self._numbers[writer] = number
        if isinstance(body, dict):
            body = event_bytes(writer, number, payload, body, entity)
        headers = {"Corong-Writer": writer, "Corong-Number": str(number), "Nats-Msg-Id": str(uuid4())}
        await self.broker.jetstream.publish(subject_of(writer, payload), body, stream="EVENTS", headers=headers)


def event_bytes(
    writer: str, number: int, payload: type[Payload], data: dict[str, Any], entity: UUID, identity: UUID | None = None
) -> bytes:
    now = utc_now()
    return encode(
        event_class(payload.type)(
            id=identity or uuid4(), source="/corong/intake", type=payload.type, subject=f"{payload.noun}/{entity}",
            time=now, recordedtime=now, dataschema=schema_uri(payload), correlationid=entity, causationid=uuid4(),
            actor="citizen", writer=writer, number=number, data=payload(**data),
        )
    )  # fmt: skip


async def letters(office: Office) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await office.get(ADMIN, "dead", limit=200))["letters"]
    return found


async def test_bytes_that_are_no_event_are_parked_everywhere_and_hinder_nobody(office: Office) -> None:
    # Numbers of a partition that intake itself does not come to in this test.
    entity = UUID(int=5)
    writer = writer_name("intake", partition_of(entity, 16))
    async with Intruder(office, "intake") as intruder:
        await intruder.write(writer, CaseRegistered, b"\xff not an event", entity)
    readers = {"routing", "publishing", "auditing", "desk", "portal"}

    async def parked() -> bool:
        return {letter["service"] for letter in await letters(office)} == readers

    await office.hub.until(parked)
    case = await next_case(office, writer)
    await office.post(UNIT, f"cases/{case}/claim")
    page = await office.get(ADMIN, "dead")
    assert page["silent"] == []
    by_service = {letter["service"]: letter for letter in page["letters"]}
    letter = by_service["routing"]
    assert (letter["writer"], letter["number"], letter["state"]) == (writer, 1, "parked")
    assert letter["reason"].startswith("not_the_writers")
    path = f"dead/routing/{letter['id']}"
    shown = await office.get(ADMIN, path)
    assert (shown["size"], shown["subject"]) == (len(b"\xff not an event"), letter["subject"])
    refused = await office.post(ADMIN, f"{path}/retry", status=409)
    assert refused["code"] == "still_unreadable"
    for officer in (MAIN, UNIT):
        for verb in ("retry", "drop"):
            assert (await office.post(officer, f"{path}/{verb}", status=403))["code"] == "role_has_no_such_right"
        assert (await office.get(officer, path, status=403))["code"] == "role_has_no_such_right"
    assert (await office.post(ADMIN, f"{path}/drop"))["state"] == "dropped"
    assert {item["service"] for item in await letters(office)} == readers - {"routing"}
    assert (await office.get(ADMIN, path))["state"] == "dropped"
    assert (await office.post(ADMIN, f"{path}/drop", status=409))["code"] == "not_parked"
    assert (await office.get(ADMIN, f"dead/dapur/{letter['id']}", status=422))["fields"] == ["service"]
    pages: list[str] = []
    query: dict[str, Any] = {}
    while True:
        part = await office.get(ADMIN, "dead", limit=1, **query)
        pages += [item["service"] for item in part["letters"]]
        if part["next"] is None:
            break
        query = {"cursor": part["next"]}
    assert sorted(pages) == sorted(readers - {"routing"})


def in_fresh_partition(office: Office) -> UUID:
    """An id in a partition in which intake has written nothing, and nothing was read from."""
    read = {
        int(row["writer"][-2:])
        for row in office.hub.rows("desk", "SELECT writer FROM inbox WHERE writer LIKE 'intake%'")
    }
    fresh = office.hub.rows("intake", "SELECT partition FROM writer WHERE last = 0 ORDER BY partition DESC")
    partition = next(row["partition"] for row in fresh if row["partition"] not in read)
    return UUID(int=(7 << 64) + int(partition))


async def next_case(office: Office, but: str) -> str:
    """A case in another partition than `but`."""
    for number in range(20):
        case = await office.case(sender=f"warga-{number}")
        if writer_name("intake", partition_of(UUID(case), 16)) != but:
            return case
    raise AssertionError("every case fell into one partition")


async def test_what_failed_for_want_of_something_succeeds_later(office: Office) -> None:
    case, message = in_fresh_partition(office), uuid4()
    writer = writer_name("intake", partition_of(case, 16))
    common = {"case_id": case, "conversation_id": uuid4(), "message_id": message, "channel": "papan",
              "account": "papan", "visibility": "private", "person": "p" * 16}  # fmt: skip
    registered = {
        **common, "receipt_check": "0" * 64, "registration": "UM/2026/900001", "book": "UM", "year": 2026,
        "sequence": 900001,
    }  # fmt: skip
    received = {
        **common, "native_key": "n", "body_key": "b", "follow_up": False, "content": SEALED, "sender": SEALED,
    }  # fmt: skip
    on_message = Routing.on_message

    def lacking(self: Routing, unit: Any, event: Any) -> None:
        if event.data.case_id == case:
            raise LookupError
        on_message(self, unit, event)

    async def parked() -> dict[str, Any] | None:
        found = [item for item in await letters(office) if (item["service"], item["writer"]) == ("routing", writer)]
        return found[0] if found else None

    routing = office.hub.service("routing")
    (reacts,) = routing._reactions[MessageReceived.type]
    routing._reactions[MessageReceived.type] = [partial(lacking, reacts.__self__)]
    async with Intruder(office, "intake") as intruder:
        await intruder.write(writer, CaseRegistered, registered, case)
        await intruder.write(writer, MessageReceived, received, case)
        letter: dict[str, Any] = await office.hub.until(parked)
    assert letter["reason"] == "handler: LookupError"
    path = f"dead/routing/{letter['id']}/retry"
    await office.post(ADMIN, path, status=500)
    assert (await parked() or {})["state"] == "parked"
    routing._reactions[MessageReceived.type] = [reacts]
    assert (await office.post(ADMIN, path))["state"] == "done"
    await office.hub.until(
        lambda: office.hub.rows("desk", 'SELECT 1 FROM "case" WHERE case_id = :case', case=str(case))
    )
    shown = await office.get(MAIN, f"cases/{case}")
    assert (shown["registration"], shown["thread"][0]["unreadable"]) == ("UM/2026/900001", True)
    assert (await office.post(ADMIN, path, status=409))["code"] == "not_parked"


async def test_an_id_that_comes_with_other_bytes_is_kept_apart(office: Office) -> None:
    case, identity = in_fresh_partition(office), uuid4()
    writer = writer_name("intake", partition_of(case, 16))
    data = {"case_id": case, "conversation_id": case, "message_id": case, "registration": "UM/2026/900002",
            "receipt_check": "0" * 64,
            "book": "UM", "year": 2026, "sequence": 900002, "channel": "papan", "account": "papan",
            "visibility": "private", "person": "q" * 16}  # fmt: skip
    async with Intruder(office, "intake") as intruder:
        for number in (1, 2):
            body = event_bytes(writer, number, CaseRegistered, data, case, identity)
            await intruder.write(writer, CaseRegistered, body, case)
    found = await office.hub.until(lambda: office.hub.rows("auditing", "SELECT * FROM conflict"))
    assert [row["id"] for row in found] == [str(identity)]
    kept = office.hub.rows("auditing", "SELECT number FROM entry WHERE id = :id", id=str(identity))
    assert kept == [{"number": 1}]
    assert not [item for item in await letters(office) if item["service"] == "auditing" and item["writer"] == writer]


async def test_unreadable_input_is_listed_to_the_main_officer(office: Office) -> None:
    async with Intruder(office, "channels") as intruder:
        for body in (b"bukan json", b'{"channel": "papan"}'):
            await intruder.broker.jetstream.publish("corong.inbound.papan.papan", body, stream="INBOUND")

    async def both() -> bool:
        return len((await office.get(MAIN, "quarantine"))["quarantine"]) == 2

    await office.hub.until(both)
    page = await office.get(MAIN, "quarantine")
    assert {item["reason"] for item in page["quarantine"]} == {"not_json", "schema"}
    by_reason = {item["reason"]: item for item in page["quarantine"]}
    assert (by_reason["not_json"]["channel"], by_reason["not_json"]["size"]) == ("papan", len(b"bukan json"))
    assert "native_id" in by_reason["schema"]["fields"]
    first = await office.get(MAIN, "quarantine", limit=1)
    second = await office.get(MAIN, "quarantine", limit=1, cursor=first["next"])
    assert first["quarantine"] + second["quarantine"] == page["quarantine"]
    assert second["next"] is None


async def test_a_service_that_does_not_answer_is_named(office: Office) -> None:
    before = await letters(office)
    await office.hub.service("portal").stop()
    page = await office.get(ADMIN, "dead", limit=200)
    assert page["silent"] == ["portal"]
    assert page["letters"] == [letter for letter in before if letter["service"] != "portal"]
    some = next(letter for letter in before if letter["service"] == "portal")
    refused = await office.client(ADMIN).post(f"/api/v1/dead/portal/{some['id']}/drop")
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (503, "busy", "5")


async def test_every_service_can_be_named() -> None:
    assert get_args(ServiceName) == SERVICES
