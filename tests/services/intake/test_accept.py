"""What becomes of a message: taken once for ever, in its conversation, under a number without a hole."""

import asyncio
import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from corong.intake.content import CUT, TEXT_BYTES, WHOLE
from corong.intake.rules import Conflict
from corong_contracts.case import CaseKind, CaseRegistered
from corong_contracts.channel import DeliveryReport, InboundAttachment, Receipt
from corong_contracts.message import MessageReceived, MessageSetAside, ReportReceived
from tests.peers.postgres import PostgresServer
from tests.services.intake.doors import Door, message, open_door


def first(door: Door, kind: Any, index: int = 0) -> Any:
    return door.events(kind)[index]


async def test_a_new_message_is_a_registered_case(door: Door) -> None:
    receipt = await door.intake.accept(message("k-1", declared_kind=CaseKind.INFORMATION_REQUEST))
    assert (receipt.status, receipt.registration) == ("registered", "PI/2026/000001")
    registered, received = door.events()
    assert isinstance(registered.data, CaseRegistered)
    assert isinstance(received.data, MessageReceived)
    assert receipt.secret == door.installation.sealer.receipt_secret(received.data.content.key, str(receipt.case_id))
    assert registered.writer == received.writer
    assert received.number == registered.number + 1
    assert registered.data.case_id == received.data.case_id == receipt.case_id
    assert (registered.actor, registered.correlationid) == ("citizen", receipt.case_id)
    assert door.opened(received, "content")["text"] == "Jalan rusak."
    assert door.opened(received, "sender") == {
        "address": "warga-1",
        "name": "Warga",
        "native_id": "k-1",
        "reply_to": {},
        "thread": [],
    }
    for body in door.bodies():
        assert b"warga-1" not in body
        assert b"rusak" not in body
        assert b"k-1" not in body


async def test_a_repeat_gives_the_first_answer(door: Door) -> None:
    receipt = await door.intake.accept(message("k-1"))
    await door.closed(receipt.case_id or UUID(int=0))
    door.clock.forward(days=4000)
    again = await door.intake.accept(message("k-1", text="lain", address="orang-lain"))
    assert again == receipt.model_copy(update={"status": "duplicate"})
    assert len(door.events()) == 2


async def test_the_same_id_elsewhere_is_another_message(door: Door) -> None:
    for other in ({}, {"account": "feed"}, {"channel": "web"}):
        assert (await door.intake.accept(message("k-1", **other))).status == "registered"


async def test_strict_tells_a_conflict(door: Door) -> None:
    first_one = await door.intake.accept(message("k-1"), strict=True)
    again = await door.intake.accept(message("k-1"), strict=True)
    assert (again.status, again.case_id) == ("duplicate", first_one.case_id)
    file = InboundAttachment(name="a.txt", media_type="text/plain", content=b"eA==")
    for other in (
        {"text": "lain"},
        {"subject": "lain"},
        {"address": "lain"},
        {"attachments": [file]},
        {"reply_to": {"a": "b"}},
    ):
        changed = message("k-1", **other)
        if "reply_to" in other:  # how to answer is no content
            assert (await door.intake.accept(changed, strict=True)).status == "duplicate"
            continue
        with pytest.raises(Conflict):
            await door.intake.accept(changed, strict=True)
    assert len(door.events()) == 2


async def test_strict_sees_past_where_a_text_is_cut(door: Door) -> None:
    await door.intake.accept(message("k-1", text="x" * 50_000), strict=True)
    with pytest.raises(Conflict):
        await door.intake.accept(message("k-1", text="x" * 49_999 + "y"), strict=True)


async def test_a_follow_up_finds_its_open_case(door: Door) -> None:
    one = await door.intake.accept(message("k-1"))
    two = await door.intake.accept(message("k-2", thread=["k-1"]))
    three = await door.intake.accept(message("k-3", thread=["unknown", "k-2"], address=" WARGA-1 "))
    for later in (two, three):
        assert (later.status, later.case_id, later.registration) == ("follow_up", one.case_id, one.registration)
    assert [event.data.follow_up for event in door.events(MessageReceived)] == [False, True, True]  # type: ignore[attr-defined]


async def test_an_answer_to_our_message_finds_its_case(door: Door) -> None:
    one = await door.intake.accept(message("k-1"))
    await door.sent("ours-1", door.conversation(one.case_id))
    two = await door.intake.accept(message("k-2", thread=["ours-1"]))
    assert (two.status, two.case_id) == ("follow_up", one.case_id)


async def test_after_the_case_is_closed_a_new_one_follows_in_the_conversation(door: Door) -> None:
    one = await door.intake.accept(message("k-1"))
    await door.closed(one.case_id or UUID(int=0))
    door.clock.forward(minutes=1)
    two = await door.intake.accept(message("k-2", thread=["k-1"]))
    assert two.status == "registered"
    assert two.registration != one.registration
    assert door.conversation(one.case_id) == door.conversation(two.case_id)
    three = await door.intake.accept(message("k-3", thread=["k-1"]))
    assert (three.status, three.case_id) == ("follow_up", two.case_id), "the latest case of the conversation"


async def test_another_person_in_a_thread_gets_a_case_of_his_own(door: Door) -> None:
    one = await door.intake.accept(message("k-1"))
    await door.sent("ours-1", door.conversation(one.case_id))
    for number, thread in enumerate((["k-1"], ["ours-1"])):
        other = await door.intake.accept(message(f"o-{number}", address=f"orang-{number}", thread=thread))
        assert other.status == "registered"
        registered = next(event for event in door.events(CaseRegistered) if event.correlationid == other.case_id)
        assert registered.data.related_case == one.case_id  # type: ignore[attr-defined]
        assert door.conversation(other.case_id) != door.conversation(one.case_id)
    again = await door.intake.accept(message("o-9", address="orang-0", thread=["o-0"]))
    assert again.status == "follow_up"
    mine = await door.intake.accept(message("k-9", thread=["o-0", "k-1"]))
    assert (mine.status, mine.case_id) == ("follow_up", one.case_id), "the own conversation before a stranger's"


@pytest.mark.parametrize("nature", ["auto_reply", "bounce", "list", "own"])
async def test_a_robot_opens_no_case(door: Door, nature: str) -> None:
    alone = await door.intake.accept(message("r-1", nature=nature))
    assert (alone.status, alone.case_id, alone.registration, alone.secret) == ("set_aside", None, None, None)
    assert first(door, MessageSetAside).data.reason == nature
    one = await door.intake.accept(message("k-1"))
    mine = await door.intake.accept(message("r-2", nature=nature, thread=["k-1"]))
    assert (mine.status, mine.case_id) == ("follow_up", one.case_id)
    await door.closed(one.case_id or UUID(int=0))
    late = await door.intake.accept(message("r-3", nature=nature, thread=["k-1"]))
    assert (late.status, late.case_id) == ("follow_up", one.case_id), "kept with the closed case, and opens none"
    stranger = await door.intake.accept(message("r-4", nature=nature, thread=["k-1"], address="robot"))
    assert stranger.status == "set_aside"
    assert (await door.intake.accept(message("r-1", nature=nature))).status == "duplicate"
    assert len(door.events(CaseRegistered)) == 1
    assert [event.data.automatic for event in door.events(MessageReceived)] == [False, True, True]  # type: ignore[attr-defined]


@pytest.mark.parametrize("nature", ["person", "bounce"])
async def test_what_a_network_reports_is_taken_once(door: Door, nature: str) -> None:
    reports = [
        DeliveryReport(native_id="<a@hub>", outcome="failed", code="5.1.1"),
        DeliveryReport(native_id="b\0c", outcome="delayed", code="\0" * 3),
    ]
    for _ in range(2):
        await door.intake.accept(message("b-1", nature=nature, reports=reports))
    found = [event.data for event in door.events(ReportReceived)]
    assert [(data.native_id, data.outcome, data.code) for data in found] == [  # type: ignore[attr-defined]
        ("<a@hub>", "failed", "5.1.1"),
        ("bc", "delayed", ""),
    ]


async def test_numbers_start_anew_with_the_year_of_the_hubs_own_zone(door: Door) -> None:
    """31 December ends in Asahan (UTC+7) at 17.00 UTC."""
    turn = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    given: list[str | None] = []
    for number, moment in enumerate(
        [turn - timedelta(days=30), turn - timedelta(seconds=1), turn - timedelta(microseconds=1), turn,
         turn + timedelta(seconds=1), turn + timedelta(hours=7), turn + timedelta(days=364, hours=23),
         turn + timedelta(days=365)]
    ):  # fmt: skip
        door.clock.now = moment
        receipt = await door.intake.accept(message(f"k-{number}", address=f"w-{number}", declared_kind="complaint"))
        given.append(receipt.registration)
    book = door.installation.directory.hub.register_code(CaseKind.COMPLAINT)
    assert given == [
        *(f"{book}/2026/{number:06d}" for number in (1, 2, 3)),
        *(f"{book}/2027/{number:06d}" for number in (1, 2, 3, 4)),
        f"{book}/2028/000001",
    ]
    door.no_holes()


async def test_each_register_counts_by_itself(door: Door) -> None:
    kinds = [*CaseKind, None]
    for number, kind in enumerate(kinds * 2):
        await door.intake.accept(message(f"k-{number}", address=f"w-{number}", declared_kind=kind))
    found = door.registered()
    assert len(found) > 2
    assert sum(len(numbers) for numbers in found.values()) == 2 * len(kinds)
    door.no_holes()


async def test_a_long_text_is_kept_whole_beside_its_beginning(door: Door) -> None:
    text = "Jalan rusak 🚧 " * 6_000
    await door.intake.accept(message("k-1", text=text, subject="s"))
    event = first(door, MessageReceived)
    content = door.opened(event, "content")
    assert content["text"].endswith(CUT)
    assert len(content["text"].encode()) <= TEXT_BYTES
    assert content["attachment_names"] == [WHOLE]
    (ref,) = event.data.attachments
    assert ref.media_type == "text/plain"
    whole = await door.installation.objects.get(event.data.content.key, ref)
    assert whole.decode() == text


async def test_files_are_sealed_under_the_senders_key(door: Door) -> None:
    files = [
        InboundAttachment(name="a.pdf", media_type='application/pdf; name="Sri.pdf"', content=b"aXNpLTE="),
        InboundAttachment(name="b.txt", media_type="text/plain", content=b""),
    ]
    await door.intake.accept(message("k-1", attachments=files))
    event = first(door, MessageReceived)
    assert [(ref.size, ref.media_type) for ref in event.data.attachments] == [(5, "application/pdf"), (0, "text/plain")]
    assert await door.installation.objects.get(event.data.content.key, event.data.attachments[0]) == b"isi-1"


@pytest.mark.parametrize("text", ["", "\0", "\x01" * 100_000, '"' * 100_000, "😀" * 50_000, "\u202e\u0300"])
async def test_odd_texts_are_taken(door: Door, text: str) -> None:
    receipt = await door.intake.accept(
        message("k-1", text=text, quoted=text, thread=["\0", "a\0b"], subject=text[:998])
    )
    assert receipt.status == "registered"


async def test_many_at_once_are_each_taken_once(door: Door) -> None:
    ids = [f"k-{number % 20}" for number in range(60)]
    receipts = await asyncio.gather(*(door.intake.accept(message(native, address=native)) for native in ids))
    assert [receipt.status for receipt in receipts].count("registered") == 20
    assert len({receipt.registration for receipt in receipts}) == 20
    more = await door.intake.accept_many([message(native, address=native) for native in (*ids[:5], "z", "z")])
    assert [receipt.status for receipt in more] == ["duplicate"] * 5 + ["registered", "duplicate"]
    door.no_holes()


async def test_a_batch_that_fails_leaves_nothing(door: Door) -> None:
    file = InboundAttachment.model_construct(name="x", media_type="a/b", content=None, staged="0" * 32)
    with pytest.raises(LookupError):
        await door.intake.accept_many([message("k-1"), message("k-2", attachments=[file])])
    assert door.bodies() == []


async def test_what_comes_again_after_its_events_were_folded_anew_is_a_repeat(door: Door, tmp_path: Path) -> None:
    """Everything that intake knows comes from its events: rebuilt from them it knows the same."""
    one = await door.intake.accept(message("k-1"))
    await door.intake.accept(message("r-1", nature="bounce"))
    async with open_door(tmp_path / "other") as other:

        def fold(unit: Any) -> None:
            for event in door.events():
                unit.numbering.apply(event, unit.rows)

        await other.service.committer.run(fold)
        for table in ("seen", '"case"', "conversation", "thread_ref", "register", "set_aside"):
            key = f"SELECT * FROM {table} ORDER BY 1, 2"
            assert other.rows(key) == door.rows(key)
    assert one.status == "registered"


@pytest.mark.postgres
async def test_two_processes_take_each_message_once(tmp_path: Path, postgres: PostgresServer) -> None:
    """Both doors of one installation on PostgreSQL, the same messages at both at the same time."""
    url = postgres.make_database("intake")
    ids = [f"k-{number}" for number in range(40)]
    halves = {"owned": range(8)}, {"owned": range(8, 16)}
    async with open_door(tmp_path, url, **halves[0]) as one, open_door(tmp_path, url, **halves[1]) as two:
        order = [(door, native) for native in ids for door in (one, two)]
        receipts = await asyncio.gather(
            *(door.intake.accept(message(native, address=native)) for door, native in order)
        )
        grouped: dict[str, list[Receipt]] = {}
        for (_, native), receipt in zip(order, receipts, strict=True):
            grouped.setdefault(native, []).append(receipt)
        for both in grouped.values():
            assert sorted(receipt.status for receipt in both) == ["duplicate", "registered"]
            assert len({(receipt.case_id, receipt.registration) for receipt in both}) == 1
        one.no_holes()
        assert sum(len(numbers) for numbers in one.registered().values()) == 40
        odd = message("nul", thread=["a\0b"], text="\0", subject="\0x", reply_to={"\0": "\0"}, quoted="\0")
        assert (await two.intake.accept(odd)).status == "registered"


async def test_quarantine_keeps_the_same_bytes_once(door: Door) -> None:
    receipts = [await door.intake.quarantine("api", "api-contoh", b"ZqRusak", "not_json", []) for _ in range(2)]
    assert receipts[0] == receipts[1]
    assert receipts[0].status == "quarantined"
    other = await door.intake.quarantine("web", "web", b"ZqRusak", "not_json", [])
    assert other.message_id != receipts[0].message_id
    rows = door.rows("SELECT * FROM quarantine ORDER BY channel")
    assert [(row["channel"], row["size"], row["reason"]) for row in rows] == [
        ("api", 7, "not_json"),
        ("web", 7, "not_json"),
    ]
    assert door.installation.sealer.open_text(rows[0]["body"]) == json.dumps("WnFSdXNhaw==")


@pytest.mark.parametrize("size", [0, 1, 20_000, 20_001, 900_000])
async def test_quarantine_takes_any_size(door: Door, size: int) -> None:
    body = bytes(itertools.islice(itertools.cycle(range(256)), size))
    at_once = await asyncio.gather(
        *(door.intake.quarantine("api", "api-contoh", body, "schema", ["text"]) for _ in "ab")
    )
    assert len({receipt.message_id for receipt in at_once}) == 1
    (row,) = door.rows("SELECT * FROM quarantine")
    assert row["size"] == size
    assert (row["digest"] is not None) == (size > 20_000)
    (event,) = door.events()
    assert (event.data.stored is not None) == (size > 20_000)  # type: ignore[attr-defined]
