"""The reader on a real broker: each event once and in order, whatever the broker, the database and handlers do."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import Connection
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.exc import OperationalError

from corong.routing.app import Routing
from corong.runtime.dead_letters import DeadLetterOffice
from corong.runtime.reader import TRIES
from corong.runtime.refusal import Refused
from corong.runtime.relay import Row
from corong_contracts.case import CaseRegistered
from corong_contracts.catalogue import decode
from corong_contracts.command import AnswerCase, ClaimCase
from tests.hubs import until
from tests.services.runtime.spine import Spine, lose_store, running_spine


@pytest_asyncio.fixture
async def spine(tmp_path: Path) -> AsyncIterator[Spine]:
    async with running_spine(tmp_path) as found:
        yield found


def longest(rows: list[Row]) -> list[Row]:
    """The rows of the partition with the most."""
    by_partition: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_partition[row.partition].append(row)
    return max(by_partition.values(), key=len)


async def test_what_comes_twice_is_taken_once(spine: Spine) -> None:
    spine.mute_writer()
    await spine.accept(20)
    await spine.start("desk")
    rows = spine.outbox()
    await spine.publish(rows)
    await spine.publish(reversed(rows), again=True)
    await spine.until_taken("desk", rows)
    await spine.publish(rows, again=True)
    await spine.drained("desk")
    assert spine.rows("desk", "SELECT count(*) AS n, max(messages) AS most FROM written") == [{"n": 20, "most": 1}]
    assert spine.letters("desk") == []


async def test_a_repeat_in_the_same_batch_is_no_conflict(spine: Spine) -> None:
    spine.mute_writer()
    await spine.accept(20)
    rows = spine.outbox()
    await spine.publish(rows)
    await spine.publish(rows, again=True)
    await spine.start("auditing")
    await spine.until_taken("auditing", rows)
    await spine.drained("auditing")
    assert spine.rows("auditing", "SELECT id FROM conflict") == []
    assert spine.count("auditing", "entry") == len(rows)


async def test_what_comes_early_waits_for_what_is_missing(spine: Spine) -> None:
    spine.mute_writer()
    await spine.accept(12)
    rows = longest(spine.outbox())
    await spine.start("desk")
    await spine.publish([*rows[1:], *rows[1:]], again=True)
    await spine.drained("desk")
    assert spine.taken("desk") == {}
    await spine.publish(rows[:1])
    await spine.until_taken("desk", rows)
    assert sum(spine.taken("desk").values()) == len(rows)


async def test_a_lost_message_is_sent_again(spine: Spine, monkeypatch: pytest.MonkeyPatch) -> None:
    await spine.answering_writer(monkeypatch)
    await spine.accept(12)
    rows = longest(spine.outbox())
    await spine.start("desk", "auditing")
    await spine.publish([*rows[:1], *rows[2:]])
    for service in ("desk", "auditing"):
        await spine.until_taken(service, rows)
    logged = spine.rows("auditing", "SELECT number FROM entry ORDER BY position")
    assert [row["number"] for row in logged] == [row.number for row in rows]


async def test_early_ones_beyond_the_limit_come_again(spine: Spine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corong.runtime.order.EARLY_LIMIT", 2)
    await spine.answering_writer(monkeypatch)
    await spine.accept(60)
    rows = longest(spine.outbox())
    assert len(rows) > 4

    def believe() -> None:
        with spine.services["intake"].database.write() as connection:
            connection.exec_driver_sql("UPDATE writer SET relayed = last")  # it believes that the broker has all

    await asyncio.to_thread(believe)
    await spine.start("desk")
    await spine.publish(rows[1:])
    await spine.until_taken("desk", rows)


async def test_a_batch_whose_acknowledgement_is_lost_changes_nothing_more(
    spine: Spine, monkeypatch: pytest.MonkeyPatch
) -> None:
    spine.mute_writer()
    await spine.accept(10)
    rows = spine.outbox()
    lost: list[Any] = []
    with monkeypatch.context() as patch:
        patch.setattr("nats.aio.msg.Msg.ack", _losing(lost))
        await spine.start("desk")
        await spine.publish(rows)
        await spine.until_taken("desk", rows)
        await until(lambda: lost)
        info = await (await spine.user("deploy")).jetstream.consumer_info("EVENTS", "desk")
        assert info.num_ack_pending == len(rows)
        before = spine.rows("desk", "SELECT * FROM written ORDER BY case_id")
        await spine.stop("desk")
    # It comes again when the broker's time is over: here at once.
    await spine.start("desk")
    await spine.publish(rows, again=True)
    await spine.drained("desk")
    assert spine.rows("desk", "SELECT * FROM written ORDER BY case_id") == before


def _losing(lost: list[Any]) -> Any:
    async def ack(message: Any) -> None:
        lost.append(message)

    return ack


async def test_one_culprit_is_found_and_parked_its_neighbours_go_through(
    spine: Spine, monkeypatch: pytest.MonkeyPatch
) -> None:
    spine.mute_writer()
    receipts = await spine.accept(40)
    culprit = receipts[17].case_id
    calls: list[int] = []
    mended: list[bool] = []
    original = Routing.on_message

    def on_message(self: Routing, unit: Any, event: Any) -> None:
        if event.data.case_id == culprit and not mended:
            calls.append(event.number)
            raise ZeroDivisionError("private words")
        original(self, unit, event)

    rows = spine.outbox()
    await spine.publish(rows)
    monkeypatch.setattr(Routing, "on_message", on_message)
    await spine.start("routing")
    await spine.until_taken("routing", rows)
    (letter,) = spine.letters("routing")
    (expected,) = (row for row in rows if row.type.startswith("id.corong.message") and _about(row) == culprit)
    assert (letter["number"], letter["reason"]) == (expected.number, "handler: ZeroDivisionError")
    assert letter["attempts"] == TRIES
    assert letter["body"] == expected.body
    assert len(calls) >= TRIES
    assert spine.count("routing", "case") == 39
    # What was mended is brought in by a person's word.
    mended.append(True)
    await DeadLetterOffice(spine.services["routing"]).do("retry", UUID(letter["id"]))
    assert spine.count("routing", "case") == 40
    assert [letter["state"] for letter in spine.letters("routing")] == ["done"]


async def test_the_keys_of_strangers_are_asked_for_together(spine: Spine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that did not write the messages, as the second one of a hub, knows none of their keys."""
    spine.mute_writer()
    await spine.accept(40)
    rows = spine.outbox()
    await spine.publish(rows)
    keys = spine.installation.keys
    asked: list[int] = []
    original = keys.get_many

    def get_many(wanted: Iterable[str]) -> Any:
        asked.append(len(wanted := list(wanted)))
        return original(wanted)

    keys.forget()
    monkeypatch.setattr(keys, "get_many", get_many)
    await spine.start("routing")
    await spine.until_taken("routing", rows)
    assert spine.count("routing", "case") == sum(asked) == 40
    assert len(asked) < 20, "a handler asks for what nobody asked before"


async def test_what_follows_a_dead_letter_in_its_case_waits_behind_it_and_comes_in_after_it(spine: Spine) -> None:
    """Each table is folded in each writer's order: later words must not be written over by earlier ones."""
    spine.mute_writer()
    culprit = (await spine.accept(20))[11].case_id
    rows = spine.outbox()
    await spine.publish(rows)
    mended: list[bool] = []
    (desk,) = spine.prepare("desk")
    original = desk.numbering.apply

    def apply(event: Any, rows: Any) -> None:
        if event.correlationid == culprit and isinstance(event.data, CaseRegistered) and not mended:
            raise ZeroDivisionError
        original(event, rows)

    object.__setattr__(desk.numbering, "apply", apply)  # frozen
    await desk.start()
    await spine.until_taken("desk", rows)
    first, second = sorted(spine.letters("desk"), key=lambda letter: int(letter["number"]))
    assert [letter["reason"] for letter in (first, second)] == [
        "handler: ZeroDivisionError",
        f"behind: {first['number']}",
    ]
    assert _about_body(second["body"]) == _about_body(first["body"]) == culprit
    office = DeadLetterOffice(spine.services["desk"])
    with pytest.raises(Refused) as refused:
        await office.do("retry", UUID(second["id"]))
    assert refused.value.code == "an_earlier_one_first"
    mended.append(True)
    assert (await office.do("retry", UUID(first["id"])))["followed"] == 1
    assert [letter["state"] for letter in spine.letters("desk")] == ["done", "done"]
    assert spine.count("desk", "registered") == 20


async def test_what_waits_behind_a_letter_comes_in_when_that_is_dropped(spine: Spine) -> None:
    spine.mute_writer()
    culprit = (await spine.accept(6))[3].case_id
    rows = spine.outbox()
    await spine.publish(rows)
    (desk,) = spine.prepare("desk")
    original = desk.numbering.apply

    def apply(event: Any, rows: Any) -> None:
        if event.correlationid == culprit and isinstance(event.data, CaseRegistered):
            raise ZeroDivisionError
        original(event, rows)

    object.__setattr__(desk.numbering, "apply", apply)  # frozen
    await desk.start()
    await spine.until_taken("desk", rows)
    first, _ = sorted(spine.letters("desk"), key=lambda letter: int(letter["number"]))
    assert (await DeadLetterOffice(spine.services["desk"]).do("drop", UUID(first["id"])))["followed"] == 1
    assert sorted(letter["state"] for letter in spine.letters("desk")) == ["done", "dropped"]


def _about_body(body: bytes) -> Any:
    return decode(body).correlationid


def _about(row: Row) -> Any:
    return decode(row.body).correlationid


async def test_a_database_that_is_away_is_waited_for_however_long(
    spine: Spine, monkeypatch: pytest.MonkeyPatch
) -> None:
    spine.mute_writer()
    await spine.accept(5)
    rows = spine.outbox()
    await spine.start("desk")
    away = [1500]

    def commit(connection: Connection) -> None:
        if away[0]:
            away[0] -= 1
            raise OperationalError("COMMIT", {}, Exception("server closed the connection"))

    sqlalchemy_event.listen(spine.services["desk"].database.writing, "commit", commit)
    monkeypatch.setattr("corong.runtime.reader.FIRST_PAUSE", 0.0)
    await spine.publish(rows)
    await spine.until_taken("desk", rows, wait=60)
    assert (away, spine.letters("desk")) == ([0], [])


async def test_health_asks_the_consumer_and_the_reader_binds_again(spine: Spine) -> None:
    await spine.start("intake", "desk")
    deploy = await spine.user("deploy")
    await deploy.jetstream.delete_consumer("EVENTS", "desk")
    desk = spine.services["desk"]

    async def unready() -> dict[str, str]:
        return await desk.ready()

    missing = await until(unready)
    assert missing.keys() <= {"reader", "consumer"}
    receipts = await spine.accept(3)
    await spine.apply_topology()
    await until(lambda: spine.count("desk", "written") == len(receipts), 30)
    assert await desk.ready() == {}


async def test_an_answer_waits_for_the_message_that_it_answers(spine: Spine) -> None:
    """After a lost store routing's word may come to publishing long before intake's."""
    await spine.start("intake", "routing")
    (receipt,) = await spine.accept(1)
    assert receipt.case_id is not None
    await until(lambda: spine.count("routing", "case") == 1)
    await spine.command(ClaimCase(case_id=receipt.case_id))
    await spine.command(AnswerCase(case_id=receipt.case_id, text="Terima kasih."))
    written = {name: spine.outbox(name) for name in ("intake", "routing")}
    await spine.stop("intake", "routing")
    lose_store(spine.server)
    await spine.apply_topology()
    await spine.start("publishing")
    await spine.publish(written["routing"], "routing", again=True)
    await spine.drained("publishing")
    assert spine.letters("publishing") == []
    assert spine.count("publishing", "publication") == 0
    await spine.publish(written["intake"], "intake", again=True)
    await spine.until_taken("publishing", written["routing"], "routing")
    await until(lambda: spine.rows("publishing", "SELECT 1 FROM delivery WHERE state = 'sent'"))
    assert spine.letters("publishing") == []


async def test_what_never_comes_is_not_waited_for_for_ever(spine: Spine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corong.runtime.order.PATIENCE_SECONDS", 0.5)
    await spine.start("intake", "routing")
    (receipt,) = await spine.accept(1)
    assert receipt.case_id is not None
    await until(lambda: spine.count("routing", "case") == 1)
    await spine.command(ClaimCase(case_id=receipt.case_id))
    await spine.command(AnswerCase(case_id=receipt.case_id, text="Terima kasih."))
    rows = spine.outbox("routing")
    await spine.stop("intake", "routing")
    lose_store(spine.server)
    await spine.apply_topology()
    await spine.start("publishing")
    await spine.publish(rows, "routing", again=True)
    await spine.until_taken("publishing", rows, "routing")
    assert [letter["reason"] for letter in spine.letters("publishing")] == ["handler: LookupError"]
