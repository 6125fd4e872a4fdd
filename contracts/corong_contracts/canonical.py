"""Canonical JSON (RFC 8785) for the values that events are made of.

Events hold strings, integers below 2**53, booleans, lists and objects with ASCII names: no fractions. For those the
standard library's encoder with sorted names writes the bytes that RFC 8785 asks for, thirty times as fast as a general
encoder; `tests/contracts/test_canonical.py` holds it against the `rfc8785` library on random values.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic_core import to_json

_encode = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode

MAX_INTEGER = 2**53 - 1


def canonical(value: Mapping[str, object]) -> bytes:
    """The canonical bytes of `value`.

    Raises `UnicodeEncodeError` on a lone surrogate and `ValueError` on NaN. Fractions and names outside ASCII are the
    caller's to avoid: `check_canonical` says whether a value is in the set.
    """
    return _encode(value).encode()


def check_canonical(value: object) -> None:
    """Raise `ValueError` where `canonical` would not write what RFC 8785 asks for."""
    if isinstance(value, bool | str) or value is None:
        return
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise ValueError("an integer beyond 2**53 - 1 has no canonical form")
    elif isinstance(value, list | tuple):
        for item in value:
            check_canonical(item)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if not isinstance(name, str) or not name.isascii():
                raise ValueError("object names must be ASCII text")
            check_canonical(item)
    else:
        raise ValueError(f"{type(value).__name__} has no canonical form in an event")


def is_canonical(value: Mapping[str, Any], body: bytes) -> bool:
    """Whether `body`, of which `from_json` made `value`, is its canonical form; as `canonical` would write it.

    The bytes are written again in the order in which they came, which is several times as fast as sorting them, and
    the order is looked at: blanks, other escapes and names that come twice change the bytes.
    """
    return to_json(value) == body and _is_plain(value)


def _is_plain(value: Any) -> bool:
    """Whether names are sorted and ASCII, and nothing but texts, integers, truths and nothing stands there."""
    if type(value) is dict:
        names = list(value)
        if names != sorted(names) or not "".join(names).isascii():
            return False
        value = value.values()
    for item in value:
        kind = type(item)
        if kind is str or kind is bool or item is None:
            continue
        if kind is int:
            if not -MAX_INTEGER <= item <= MAX_INTEGER:
                return False
        elif kind is float or not _is_plain(item):
            return False
    return True
