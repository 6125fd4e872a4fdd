"""Pages: a list goes on after the last row of the page before, so that rows which come meanwhile shift nothing."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Query
from pydantic import ValidationError

from corong.runtime.refusal import Refused
from corong_contracts.command import After

T = TypeVar("T")
Key = tuple[str | int, ...]

Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[
    str | None, Query(max_length=400, description="`next` of the page before; without it the first page.")
]


def write_cursor(key: Sequence[Any]) -> str:
    """The place after the row with this sort key."""
    text = json.dumps(list(key), separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, shape: tuple[type, ...]) -> Key | None:
    """The sort key after which the page begins, its parts of these types. Raises `Refused` (422)."""
    if cursor is None:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise _strange() from None
    if not isinstance(found, list) or tuple(map(type, found)) != shape or not all(map(_sane, found)):
        raise _strange()
    return tuple(found)


def read_after(cursor: str | None) -> After | None:
    """As `read_cursor`, for a list of another service in the order of moment and id. Raises `Refused` (422)."""
    key = read_cursor(cursor, (str, str))
    return after_of(str(key[0]), str(key[1])) if key else None


def after_of(at: str, identity: str) -> After:
    """The place after a row. Raises `Refused` (422)."""
    try:
        return After.model_validate({"at": at, "id": identity})
    except ValidationError:
        raise _strange() from None


def _sane(part: Any) -> bool:
    return part.isascii() and part.isprintable() if isinstance(part, str) else 0 <= part < 2**53


def cut(rows: Sequence[T], limit: int, key: Callable[[T], Sequence[Any]]) -> tuple[list[T], str | None]:
    """Of at most `limit` + 1 rows the page, and the cursor of the next one where there are more."""
    page = list(rows[:limit])
    return page, write_cursor(key(page[-1])) if len(rows) > limit else None


def cut_after(rows: Sequence[T], cursor: Key | None, limit: int, key: Callable[[T], Key]) -> tuple[list[T], str | None]:
    """A page of a list that is whole in memory, sorted by `key`."""
    ordered = sorted((row for row in rows if cursor is None or key(row) > cursor), key=key)
    return cut(ordered, limit, key)


def _strange() -> Refused:
    return Refused(
        422, "bad_cursor", "Penanda halaman tidak sah. Mulai lagi dari halaman pertama.",
        "The cursor is not valid. Start again with the first page.", ["cursor"],
    )  # fmt: skip
