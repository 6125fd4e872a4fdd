"""An event of any message stays below its limit, and what had to be cut is kept whole beside it."""

import json
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corong.intake import content
from corong.intake.content import CUT, split
from corong.intake.rules import Arrived, Number, accept
from corong.runtime.rows import Rows
from corong.runtime.sealing import Sealer
from corong.runtime.unit import Numbering, Unit
from corong_contracts.base import MAX_EVENT_BYTES, AnyEvent
from corong_contracts.catalogue import encode
from corong_contracts.channel import InboundAttachment, InboundMessage, Party
from corong_contracts.message import AttachmentRef, MessageReceived
from tests.services.stores import NOW, make_keys

# What takes most: four bytes a character, six in JSON, two in JSON; and what must not come through.
SIGNS = ["a", "é", "字", "😀", "👩‍👩‍👧", '"', "\\", "\x01", "\x7f", "\n", "\0", "\ud800", "\u2028"]
FEW = st.sampled_from(SIGNS)
LARGEST = {"text": 100_000, "subject": 998, "quoted": 100_000, "address": 320, "name": 200, "native": 1000, "file": 255}


def texts(most: int) -> st.SearchStrategy[str]:
    """Up to the longest, of one sign or of many."""
    repeated = st.builds(lambda sign, count: (sign * count)[:most], FEW, st.sampled_from([0, 1, most // 2, most]))
    return st.one_of(repeated, st.text(max_size=min(most, 60)), st.lists(FEW, max_size=40).map("".join))


MESSAGES = st.fixed_dictionaries(
    {
        "text": texts(LARGEST["text"]),
        "subject": texts(LARGEST["subject"]),
        "quoted": texts(LARGEST["quoted"]),
        "address": texts(LARGEST["address"]).map(lambda text: text or "x"),
        "name": texts(LARGEST["name"]),
        "native": texts(LARGEST["native"]).map(lambda text: text or "x"),
        "files": st.lists(texts(LARGEST["file"]), max_size=20),
        "reply_to": st.dictionaries(texts(50), texts(3000), max_size=20),
        "threads": st.sampled_from([0, 64]),
    }
)


def worst(sign: str) -> dict[str, Any]:
    """Everything as long as it may be."""
    lengths = {name: (sign * LARGEST[name])[: LARGEST[name]] for name in LARGEST if name != "file"}
    return {
        **lengths,
        "files": [sign * 255] * 20,
        "reply_to": {str(number): sign * 30 for number in range(20)},
        "threads": 64,
    }


def built(given_: dict[str, Any]) -> InboundMessage:
    """The message, halves of characters and all, as a source in this process could make it."""
    party = Party.model_construct(address=given_["address"], name=given_["name"])
    files = [
        InboundAttachment.model_construct(name=name, media_type="a" * 61 + "/" + "b" * 61, content=b"x", staged=None)
        for name in given_["files"]
    ]
    return InboundMessage.model_construct(
        channel="c" * 63,
        account="a" * 63,
        native_id=given_["native"],
        sender=party,
        text=given_["text"],
        subject=given_["subject"],
        quoted=given_["quoted"],
        thread=["t"] * given_["threads"],
        reply_to=given_["reply_to"],
        attachments=files,
    )


@cache
def sealer() -> tuple[Sealer, str]:
    keys = make_keys(Path(mkdtemp(prefix="corong-content-")))
    return Sealer(keys), keys.ensure(["warga"])["warga"]


def largest_event(message: InboundMessage) -> AnyEvent:
    """The event that intake would write of it."""
    seals, key = sealer()
    parts = split(message)
    count = len(message.attachments) + (parts.whole_text is not None)
    file = AttachmentRef(digest="sha256-" + "f" * 64, size=2**53 - 1, media_type="a" * 61 + "/" + "b" * 61)
    arrived = Arrived(
        channel=message.channel, account=message.account, person="p" * 32, native_key="n" * 32, body_key="b" * 32,
        key=key, receipt=lambda case: "ABCD-EFGH-IJKL-MNOP", content=parts.content, sender=parts.sender,
        thread_keys=("k" * 32,) * len(message.thread),
        attachments=(file,) * count, sent_at=NOW, visibility="private", demo=True,
    )  # fmt: skip
    drafts = accept(arrived, None, None, Number("PPID", 2026, 2**31 - 1)).drafts
    received = next(draft for draft in drafts if draft.payload is MessageReceived)

    def nothing(event: AnyEvent, rows: Rows) -> None:
        pass

    unit = Unit.__new__(Unit)  # only sealing and the envelope: no database
    unit.numbering, unit.sealer, unit.now = Numbering("intake", 100, nothing), seals, NOW
    unit.traceparent = "00-" + "a" * 52
    unit._last = dict.fromkeys(range(100), 2**31 - 2)
    unit._locked = set(range(100))
    return unit._event(UUID(int=2**128 - 1), 99, received, NOW)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(given_=MESSAGES)
@example(given_=worst("a"))
@example(given_=worst("😀"))
@example(given_=worst('"'))
@example(given_=worst("\x01"))
@example(given_=worst("\0"))
@example(given_=worst("\ud800"))
def test_an_event_stays_below_its_limit_and_nothing_is_lost(given_: dict[str, Any]) -> None:
    message = built(given_)
    parts = split(message)
    assert len(encode(largest_event(message))) <= MAX_EVENT_BYTES
    kept, sender = json.loads(parts.content), json.loads(parts.sender)
    every = json.dumps([kept, sender])
    assert "\\u0000" not in every
    assert not any(0xD800 <= ord(sign) < 0xE000 for sign in parts.content + parts.sender)
    originals = {name: content.plain(given_[name]) for name in ("text", "subject", "quoted")}
    names = [content.plain(name) for name in given_["files"]]
    whole = parts.whole_text
    for name, original in originals.items():
        if kept[name] != original:
            assert kept[name].endswith(CUT)
            assert original.startswith(kept[name].removesuffix(CUT))
            assert whole is not None
            assert original in whole
    if whole is None:
        assert kept["attachment_names"] == names
    else:
        assert kept["attachment_names"].pop() == content.WHOLE
        assert len(kept["attachment_names"]) == len(names)
        if kept["attachment_names"] != names:
            assert all(name in whole for name in names)
    assert sender["address"] == content.plain(given_["address"])
    assert sender["native_id"] == content.plain(given_["native"])
    for name, value in sender["reply_to"].items():
        assert name in [content.plain(key) for key in given_["reply_to"]]
        assert value in [content.plain(item) for item in given_["reply_to"].values()]


@settings(deadline=None)
@given(text=texts(3000), most=st.integers(20, 2000))
def test_a_cut_text_is_as_long_as_fits(text: str, most: int) -> None:
    found, cut = content.shorten(text, most)
    size = len(json.dumps(found, ensure_ascii=False).encode()) - 2
    assert size <= most
    original = content.plain(text)
    if not cut:
        assert found == original
    else:
        more = original[: len(found.removesuffix(CUT)) + 1] + CUT
        assert len(json.dumps(more, ensure_ascii=False).encode()) - 2 > most


def test_an_ordinary_message_is_kept_as_it_is() -> None:
    message = InboundMessage(
        channel="api", account="api-contoh", native_id="1", sender=Party(address="a@contoh.id", name="Sri"),
        text="Jalan rusak.\n\nMohon diperbaiki.", subject="Jalan", quoted="> dulu", reply_to={"id": "7"},
        attachments=[InboundAttachment(name="foto.jpg", media_type="image/jpeg", content=b"eA==")],
    )  # fmt: skip
    parts = split(message)
    assert parts.whole_text is None
    assert json.loads(parts.content) == {
        "text": "Jalan rusak.\n\nMohon diperbaiki.",
        "subject": "Jalan",
        "quoted": "> dulu",
        "attachment_names": ["foto.jpg"],
    }
    assert json.loads(parts.sender) == {
        "address": "a@contoh.id",
        "name": "Sri",
        "native_id": "1",
        "reply_to": {"id": "7"},
        "thread": [],
    }


@pytest.mark.parametrize("part", ["content", "sender", "whole_text"])
def test_words_are_not_shown(part: str) -> None:
    parts = split(built({**worst("a"), "text": "ZqIsi" * 9000, "name": "ZqNama", "address": "zqalamat"}))
    assert "zq" in getattr(parts, part).casefold()
    assert "zq" not in repr(parts).casefold()
