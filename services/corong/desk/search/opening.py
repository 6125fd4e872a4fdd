"""The words of a case, opened for the index and for who may read them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog

from corong.desk import state
from corong.desk.context import Desk
from corong.runtime.sealing import BadSeal, Erased, SealedAt
from corong_contracts.base import Payload
from corong_contracts.case_life import CaseDetailed

log = structlog.get_logger()

Row = dict[str, Any]
T = TypeVar("T")

SEARCHED: frozenset[type[Payload]] = frozenset(state.SEALED) - {CaseDetailed}
"""Events with words that are found; the register's particulars are not."""
_KINDS = frozenset(f"{payload.noun}.{payload.verb}" for payload in SEARCHED)


@dataclass(frozen=True)
class Written:
    """One message, answer or note: its words, and who wrote it where that is a citizen."""

    text: str = field(repr=False)
    name: str = field(default="", repr=False)


def searched(rows: Sequence[Row]) -> list[Row]:
    """Of a case's entries those with words, of the person whose case it is: that key clears them all."""
    found = [row for row in rows if row["sealed"] and row["kind"] in _KINDS]
    return [row for row in found if key_of(row) == key_of(found[0])]


def key_of(row: Row) -> str:
    """Under which key an entry is sealed."""
    return SealedAt.of(row["sealed"]).key


def written(desk: Desk, rows: Sequence[Row]) -> list[Written]:
    """Their words; what was erased or does not open has none."""
    return list(_opened(desk, rows, _written))


def texts(desk: Desk, rows: Sequence[Row]) -> Iterator[str]:
    """As `written`, without names, one after the other: who has found enough opens no more."""
    return _opened(desk, rows, _text)


def _opened(desk: Desk, rows: Sequence[Row], opening: Callable[[Desk, Row], T]) -> Iterator[T]:
    for row in rows:
        try:
            yield opening(desk, row)
        except Erased:
            continue
        except BadSeal as error:
            log.error("a sealed field does not open", event_id=row["event_id"], error=str(error))


def _written(desk: Desk, row: Row) -> Written:
    name = ""
    if row["kind"] == "message.received" and row["sender"]:
        name = desk.installation.sealer.open_json(row["sender"])["name"] or ""
    return Written(_text(desk, row), name)


def _text(desk: Desk, row: Row) -> str:
    sealer = desk.installation.sealer
    if row["kind"] != "message.received":
        return sealer.open_text(row["sealed"])
    words = sealer.open_json(row["sealed"])
    return "\n".join(part for part in (words.get("subject"), words["text"]) if part)
