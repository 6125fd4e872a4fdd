"""Messages of the NATS door: read, or kept in quarantine under a code that names no word of theirs."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corong.intake.app import Unreadable, from_broker, read_input
from corong_contracts.channel import InboundMessage
from tests.services.intake.doors import Door, message

SUBJECT = "corong.inbound.api.api-contoh"
MARK = "ZqRusak"


def body(native_id: str, **other: Any) -> bytes:
    return message(native_id, **other).model_dump_json().encode()


def spoilt(**other: Any) -> bytes:
    return json.dumps({**json.loads(body("k-1")), **other}).encode()


@pytest.mark.parametrize(
    ("subject", "content", "reason", "fields"),
    [
        (SUBJECT, MARK.encode(), "not_json", []),
        (SUBJECT, b"", "not_json", []),
        (SUBJECT, b"\xff", "not_json", []),
        (SUBJECT, b'{"text": "\\ud800"}', "not_json", []),
        (SUBJECT, b'{"text": NaN}', "not_json", []),
        (SUBJECT, b"[" * 10_000, "not_json", []),
        (SUBJECT, b"[]", "schema", ["(all)"]),
        (SUBJECT, b"7", "schema", ["(all)"]),
        (SUBJECT, spoilt(sender=MARK), "schema", ["sender"]),
        (SUBJECT, spoilt(native_id=""), "schema", ["native_id"]),
        (SUBJECT, spoilt(reply_to={MARK: 7}), "schema", ["reply_to.?"]),
        (SUBJECT, spoilt(channel=MARK), "schema", ["channel"]),
        (SUBJECT, spoilt(channel="web"), "other_subject", ["channel", "account"]),
        ("corong.inbound.api.other", spoilt(), "other_subject", ["channel", "account"]),
        ("corong.inbound.api", spoilt(), "other_subject", ["channel", "account"]),
        (f"corong.inbound.{MARK}.x", b"7", "schema", ["(all)"]),
    ],
)
def test_what_cannot_be_read(subject: str, content: bytes, reason: str, fields: list[str]) -> None:
    found = read_input(subject, content)
    assert isinstance(found, Unreadable)
    assert (found.reason, found.fields, found.body) == (reason, fields, content)
    assert MARK not in f"{found.channel} {found.account} {found.reason} {found.fields}"


@settings(deadline=None)
@given(content=st.binary(max_size=60) | st.text(max_size=40).map(lambda text: json.dumps({"text": text}).encode()))
def test_any_bytes_are_a_message_or_unreadable(content: bytes) -> None:
    assert isinstance(read_input(SUBJECT, content), Unreadable | InboundMessage)


def test_what_a_newer_source_says_more_is_passed_over() -> None:
    found = read_input(SUBJECT, spoilt(mood="kesal"))
    assert isinstance(found, InboundMessage)


async def test_a_batch_is_taken_in_one_commit_and_in_order(door: Door) -> None:
    inputs = [(SUBJECT, body(f"k-{number}", address=f"w-{number}")) for number in range(5)]
    inputs[2:2] = [(SUBJECT, MARK.encode()), inputs[0]]
    receipts = await from_broker(door.intake, inputs)
    assert [receipt.status for receipt in receipts] == [
        "registered", "registered", "quarantined", "duplicate", "registered", "registered", "registered",
    ]  # fmt: skip
    assert [receipt.registration for receipt in receipts if receipt.status == "registered"] == sorted(
        receipt.registration or "" for receipt in receipts if receipt.status == "registered"
    )
    again = await from_broker(door.intake, inputs)
    assert {receipt.status for receipt in again} == {"duplicate", "quarantined"}
    assert len(door.rows("SELECT * FROM quarantine")) == 1


async def test_a_subject_that_names_no_account_is_kept_all_the_same(door: Door) -> None:
    (receipt,) = await from_broker(door.intake, [(f"corong.inbound.{MARK}.x", MARK.encode())])
    assert receipt.status == "quarantined"
    (row,) = door.rows("SELECT channel, account FROM quarantine")
    assert row == {"channel": "unknown", "account": "unknown"}


async def staged(door: Door, native_id: str, content: bytes = b"isi") -> tuple[bytes, str]:
    name = await door.installation.objects.stage(content)
    file = {"name": "a.txt", "media_type": "text/plain", "staged": name}
    return spoilt(native_id=native_id, attachments=[file]), name


async def test_a_staged_file_comes_along_and_its_copy_goes(door: Door) -> None:
    content, name = await staged(door, "k-1")
    (receipt,) = await from_broker(door.intake, [(SUBJECT, content)])
    assert receipt.status == "registered"
    (event,) = [event for event in door.events() if event.type.endswith("received.v1")]
    data: Any = event.data
    assert await door.installation.objects.get(data.content.key, data.attachments[0]) == b"isi"
    with pytest.raises(LookupError):
        await door.installation.objects.staged(name)


async def test_a_message_that_comes_again_after_its_files_went_is_a_repeat(door: Door) -> None:
    """The process died between its commit and its word to the broker."""
    content, _ = await staged(door, "k-1")
    (first,) = await from_broker(door.intake, [(SUBJECT, content)])
    (again,) = await from_broker(door.intake, [(SUBJECT, content)])
    assert again == first.model_copy(update={"status": "duplicate"})
    assert door.rows("SELECT * FROM quarantine") == []


async def test_a_message_whose_file_never_came_is_kept(door: Door) -> None:
    content = spoilt(native_id="k-2", attachments=[{"name": "a", "staged": "0" * 32}])
    (receipt,) = await from_broker(door.intake, [(SUBJECT, content)])
    assert receipt.status == "quarantined"
    (row,) = door.rows("SELECT * FROM quarantine")
    assert (row["reason"], row["fields"]) == ("attachment_missing", "attachments")
    with pytest.raises(LookupError):  # the door takes them one by one then
        await from_broker(door.intake, [(SUBJECT, body("k-3")), (SUBJECT, content)])
    assert door.events() == [event for event in door.events() if "quarantined" in event.type]


@pytest.mark.parametrize("name", ["../sealed/x", "..", "", "a/b", "%2e%2e", "\0"])
async def test_a_staged_name_leads_nowhere(door: Door, name: str) -> None:
    content = spoilt(native_id="k-2", attachments=[{"name": "a", "staged": name or ".."}])
    (receipt,) = await from_broker(door.intake, [(SUBJECT, content)])
    assert receipt.status == "quarantined"
    again = message("k-9")
    await door.intake.accept(again)
    known = spoilt(native_id="k-9", attachments=[{"name": "a", "staged": name or ".."}])
    (repeat,) = await from_broker(door.intake, [(SUBJECT, known)])
    assert repeat.status == "duplicate"
