"""The words of a case, opened for the index and for who may read them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from corong.desk import state
from corong.desk.context import Desk
from corong.runtime.sealing import BadSeal, Erased, SealedAt
from corong_contracts.base import Payload
from corong_contracts.case_life import CaseDetailed

log = structlog.get_logger()

Row = dict[str, Any]

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
    found = []
    for row in rows:
        try:
            found.append(_written(desk, row))
        except Erased:
            continue
        except BadSeal as error:
            log.error("a sealed field does not open", event_id=row["event_id"], error=str(error))
    return found


def _written(desk: Desk, row: Row) -> Written:
    sealer = desk.installation.sealer
    if row["kind"] != "message.received":
        return Written(sealer.open_text(row["sealed"]))
    words = sealer.open_json(row["sealed"])
    name = sealer.open_json(row["sender"])["name"] if row["sender"] else ""
    return Written("\n".join(part for part in (words.get("subject"), words["text"]) if part), name or "")
