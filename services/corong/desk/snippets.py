"""The first words of each case of a list: opened here, for the reader of this page, and kept nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import Connection, func, select

from corong.desk import thread
from corong.desk.context import Desk
from corong.desk.tables import entry
from corong.runtime.sealing import BadSeal, Erased, SealedAt

log = structlog.get_logger()

MOST = 160
"""Characters."""


@dataclass(frozen=True)
class Snippet:
    """What a case is about; its words may be erased, or not open."""

    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    erased: bool = False
    unreadable: bool = False


def of_cases(desk: Desk, connection: Connection, case_ids: Sequence[str]) -> dict[str, Snippet]:
    """Case → its citizen's first words. Reads the key store once."""
    first = (
        select(entry.c.case_id, func.min(entry.c.number).label("number"))
        .where(entry.c.case_id.in_(case_ids), entry.c.service == "intake", entry.c.kind == "message.received")
        .group_by(entry.c.case_id)
        .subquery()
    )
    chosen = select(entry.c.case_id, entry.c.event_id, entry.c.sealed).join(
        first, (entry.c.case_id == first.c.case_id) & (entry.c.number == first.c.number)
    ).where(entry.c.service == "intake")  # fmt: skip
    rows: dict[str, Any] = {row["case_id"]: row for row in connection.execute(chosen).mappings()}
    split = [case_id for case_id in case_ids if case_id not in rows]  # their first message is another case's entry
    for case_id, steps in (thread.rows_of_many(connection, split) if split else {}).items():
        if row := next((row for row in steps if row["kind"] == "message.received"), None):
            rows[case_id] = row
    keys = {SealedAt.of(row["sealed"]).key for row in rows.values() if row["sealed"]}
    desk.installation.keys.get_many(keys)  # in one question; each is remembered for a while
    return {case_id: _snippet(desk, row) for case_id, row in rows.items() if row["sealed"]}


def _snippet(desk: Desk, row: Any) -> Snippet:
    try:
        words = desk.installation.sealer.open_json(row["sealed"])
    except Erased as gone:
        return Snippet(erased=gone.notice is not None, unreadable=gone.notice is None)
    except BadSeal as error:
        log.error("a sealed field does not open", event_id=row["event_id"], error=str(error))
        return Snippet(unreadable=True)
    return Snippet(_short(words.get("subject") or ""), _short(words["text"]))


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= MOST else f"{words[:MOST].rpartition(' ')[0] or words[:MOST]}…"
