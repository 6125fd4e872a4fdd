"""What may stand in the log: canonical events of the writer and number that the broker names, known type or not."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from corong.auditing.rules import Entry, NotAnEntry, read
from corong_contracts.canonical import canonical
from corong_contracts.catalogue import CATALOGUE, encode
from tests.contracts.strategies import events
from tests.services.auditing.facts import CASE, body, fact

MARK = "ZqIsiPesan"


def test_an_event_is_known_by_its_envelope() -> None:
    assert read(body(3, "intake.07"), "intake.07", 3) == Entry(
        id=fact(3, "intake.07")["id"],
        type="id.corong.case.prioritised.v1",
        writer="intake.07",
        number=3,
        case_id=str(CASE),
        actor="officer:petugas",
        time="2026-07-01T03:04:05.000000Z",
    )


@pytest.mark.parametrize("kind", sorted(CATALOGUE))
def test_every_event_of_the_catalogue_is_taken(kind: str) -> None:
    @settings(max_examples=15, deadline=None)
    @given(event=events(CATALOGUE[kind]))
    def check(event: Any) -> None:
        content = encode(event)
        if len(event.actor) > 80 or "\0" in event.actor:
            with pytest.raises(NotAnEntry):
                read(content, event.writer, event.number)
        else:
            assert read(content, event.writer, event.number).id == str(event.id)

    check()


@pytest.mark.parametrize(
    "other",
    [
        {"type": "id.corong.poll.opened.v7", "data": {"words": "é 字 😀", "list": [1, None, True, {"a": "b"}]}},
        {"type": "org.example.other", "extension": "1"},
        {"data": None},
        {"data": {"text": "1,2.5,[3.5e7 ,12345678901234567890"}},
        {"data": {"tinggi": 2**53 - 1, "rendah": -(2**53) + 1}},
    ],
    ids=["newer type", "a stranger's", "no data", "text that looks like numbers", "the greatest numbers"],
)
def test_unknown_types_and_data_are_taken(other: dict[str, Any]) -> None:
    content = body(1, **other)
    assert rfc8785.dumps(json.loads(content)) == content
    assert read(content, "routing.00", 1).type == other.get("type", "id.corong.case.prioritised.v1")


def refused(content: bytes, writer: str = "routing.00", number: int = 1) -> str:
    with pytest.raises(NotAnEntry) as error:
        read(content, writer, number)
    assert MARK not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    "content",
    [b"", MARK.encode(), b"\xff\xfe", b"{", b"[]", b"null", b"7", f'"{MARK}"'.encode(), b"[" * 100_000, b'{"id":NaN}',
     b'{"id":"\\ud800"}', b"9" * 10_000],
    ids=lambda content: repr(content[:12]),
)  # fmt: skip
def test_what_is_no_event_is_refused(content: bytes) -> None:
    refused(content)


@pytest.mark.parametrize("name", ["id", "type", "writer", "number", "correlationid", "actor", "time"])
def test_every_attribute_is_needed_and_of_its_kind(name: str) -> None:
    without = {key: value for key, value in fact(1).items() if key != name}
    assert "missing" in refused(canonical(without))
    wrong: list[Any] = [None, [MARK], {MARK: 1}, True, ""] if name == "number" else [None, [MARK], {MARK: 1}, True, 7]
    for value in wrong:
        assert "kind" in refused(canonical({**without, name: value}))
    if name != "number":
        assert "long" in refused(canonical({**without, name: MARK * 20}))
        assert "NUL" in refused(canonical({**without, name: "a\0b"}))


@pytest.mark.parametrize(("writer", "number"), [("routing.00", 2), ("routing.01", 1), ("intake.00", 1)])
def test_headers_and_body_agree(writer: str, number: int) -> None:
    assert "differ" in refused(body(1), writer, number)


def test_a_truth_is_no_number() -> None:
    assert "kind" in refused(canonical({**fact(1), "number": True}))


SPOILERS: dict[str, Any] = {
    "spaces": lambda: json.dumps(fact(1), sort_keys=True).encode(),
    "order": lambda: json.dumps(dict(sorted(fact(1).items(), reverse=True)), separators=(",", ":")).encode(),
    "escapes": lambda: body(1, data={"a": "é"}).replace("é".encode(), b"\\u00e9"),
    "slash": lambda: body(1).replace(b"/corong", b"\\/corong"),
    "line end": lambda: body(1) + b"\n",
    "byte order mark": lambda: b"\xef\xbb\xbf" + body(1),
    "a name twice": lambda: body(1).replace(b'"actor":', b'"actor":"x","actor":', 1),
    "fraction": lambda: body(1, data={"a": 1.5}),
    "whole fraction": lambda: body(1, data={"a": 1.0}),
    "exponent": lambda: body(1, data={"a": 0}).replace(b'"a":0', b'"a":1e5'),
    "minus zero": lambda: body(1, data={"a": 0}).replace(b'"a":0', b'"a":-0'),
    "too great": lambda: body(1, data={"a": 2**53}),
    "far too great": lambda: body(1, data={"a": 10**4000}),
    "in a list": lambda: body(1, data={"a": [0, 1.25]}),
    "name beyond ASCII": lambda: body(1, data={"\U0001f600": 1, "\ufb33": 2}),
}


@pytest.mark.parametrize("how", sorted(SPOILERS))
def test_bytes_that_are_not_canonical_are_refused(how: str) -> None:
    content = SPOILERS[how]()
    assert content != body(1)
    refused(content)


@settings(deadline=None)
@given(where=st.integers(0, 10**6), value=st.integers(0, 255))
def test_a_changed_byte_is_refused_or_another_event(where: int, value: int) -> None:
    """Nothing is taken whose bytes would not come out the same again."""
    content = bytearray(body(1))
    content[where % len(content)] = value
    try:
        read(bytes(content), "routing.00", 1)
    except NotAnEntry:
        return
    assert rfc8785.dumps(json.loads(bytes(content))) == bytes(content)
