"""The fast encoder writes what RFC 8785 asks for, for every value that events are made of."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

from corong_contracts.canonical import MAX_INTEGER, canonical, check_canonical, is_canonical

NAMES = st.text(st.characters(codec="ascii"), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=30,
)


@given(st.dictionaries(NAMES, VALUES, max_size=8))
def test_writes_the_bytes_of_rfc8785(value: dict[str, Any]) -> None:
    check_canonical(value)
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("code", [*range(0x80), 0x80, 0xE9, 0x2028, 0x2029, 0xFEFF, 0xFFFF, 0x1F4A9])
def test_escapes_each_character_as_rfc8785_does(code: int) -> None:
    value = {"a": chr(code)}
    assert canonical(value) == rfc8785.dumps(value)


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_canonical_bytes_read_and_written_again_are_the_same(value: dict[str, Any]) -> None:
    assert canonical(json.loads(canonical(value))) == canonical(value)


@pytest.mark.parametrize(
    "value",
    [
        {"a": 0.5},
        {"a": [1.0]},
        {"a": 2**53},
        {"a": -(2**53)},
        {"é": 1},
        {1: 1},
        {"a": {"b": object()}},
        {"a": b"bytes"},
    ],
)
def test_names_what_is_outside_of_the_set(value: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"canonical form|ASCII"):
        check_canonical(value)


def test_a_lone_surrogate_has_no_bytes() -> None:
    with pytest.raises(UnicodeEncodeError):
        canonical({"a": "\ud800"})


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.dictionaries(st.text(max_size=3), ANY, max_size=4), st.booleans(), st.booleans(),
    st.sampled_from([(",", ":"), (", ", ":"), (",", ": ")]),
)  # fmt: skip
def test_bytes_are_canonical_where_writing_them_again_gives_the_same(
    value: dict[str, Any], sort: bool, escape: bool, separators: tuple[str, str]
) -> None:
    body = json.dumps(value, sort_keys=sort, ensure_ascii=escape, separators=separators).encode()
    read = from_json(body)
    try:
        check_canonical(read)
        expected = canonical(read) == body
    except ValueError:
        expected = False
    assert is_canonical(read, body) == expected


@given(st.dictionaries(NAMES, VALUES, max_size=8))
def test_what_is_written_is_canonical(value: dict[str, Any]) -> None:
    body = canonical(value)
    assert is_canonical(from_json(body), body)
    assert not is_canonical(from_json(body), body + b"\n")
