"""Registers and yearly reports: what they are folded from, up to a position of the log, and that they were made."""

from typing import Any
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import Connection, select

from corong.auditing import entry_keys, state
from corong.auditing import report_rules as rules
from corong.auditing.exporting import MOST_BYTES, nodes_of, other_checkpoint, recorded
from corong.auditing.tlog import root_from
from corong.auditing.tree import read_head
from corong.reports import TYPES, may_read
from corong.runtime.policy import Actor
from corong.runtime.refusal import Refused
from corong.runtime.service import Service
from corong.runtime.unit import Unit
from corong_contracts.case_life import CaseDetailed
from corong_contracts.command import ReadReport, ReadReportWords, RecordReport, WordsOf
from corong_contracts.message import MessageReceived

LOOKED_AT = 20_000
"""Entries for one page, whatever they are: a question is answered soon."""
MANY = 4
"""So many entries are looked at for each that a page may hold: of most clocks no report tells."""
_WORDS = (CaseDetailed.type, MessageReceived.type)


class Reporting:
    """Answers for one installation's log."""

    def __init__(self, service: Service) -> None:
        service.query(ReadReport, self.read)
        service.query(ReadReportWords, self.words)
        service.command(RecordReport, self.record)

    def read(self, connection: Connection, officer: Actor, asked: ReadReport) -> dict[str, Any]:
        """Query `report.read`. Raises `Forbidden`, `Refused` (404 for an empty log, 422 beyond its end)."""
        rules.may_report(officer, asked.asked)
        size = _size(connection, asked.at)
        end = min(asked.first + LOOKED_AT, size)
        table = state.entry.c
        rows = connection.execute(
            select(table.position, table.type, table.body)
            .where(table.position >= asked.first, table.position < end, table.type.in_(TYPES))
            .order_by(table.position)
            .limit(most := MANY * asked.limit)
        ).all()
        entries: list[dict[str, Any]] = []
        used, following = 0, end if len(rows) < most else rows[-1].position + 1
        for position, kind, body in rows:
            if not may_read(kind, bytes(body)):
                continue
            if len(entries) == asked.limit:
                following = position
                break
            text = bytes(body).decode()
            used += _weight(text)
            if entries and used > MOST_BYTES:
                following = position
                break
            entries.append({"position": position, "event": text})
        return {
            "size": size,
            "root": root_from(size, nodes_of(connection, size)).hex(),
            "at": recorded(connection, size - 1),
            "entries": entries,
            "next": following if following < size else None,
        }

    def words(self, connection: Connection, officer: Actor, asked: ReadReportWords) -> dict[str, Any]:
        """Query `report.words`: as many of the wanted as a page takes. Raises `Forbidden`, `Refused`."""
        rules.may_report(officer, asked.asked.model_copy(update={"opened": True}))
        size = _size(connection, asked.at)
        found: list[dict[str, Any]] = []
        used = 0
        for wanted in asked.wanted:
            one = _words(connection, wanted, size)
            used += sum(_weight(text) for text in one.values())
            if found and used > MOST_BYTES:
                break
            found.append({"case_id": str(wanted.case_id), **one})
        return {"found": found}

    def record(self, unit: Unit, officer: Actor, asked: RecordReport, cause: UUID) -> None:
        """Command `report.record`. Raises `Forbidden`, `Refused` (422 where the tree never had that root)."""
        drafts = rules.record(officer, asked, cause)
        if not 0 < asked.size <= read_head(unit.connection).size or (
            root_from(asked.size, nodes_of(unit.connection, asked.size)).hex() != asked.root
        ):
            raise other_checkpoint()
        unit.record(cause, drafts)


def _size(connection: Connection, at: int | None) -> int:
    """How many entries count. Raises `Refused`."""
    signed = read_head(connection).size
    if not signed:
        raise Refused(404, "empty_log", "Log masih kosong.", "The log is still empty.")
    size = signed if at is None else at
    if not 0 < size <= signed:
        raise Refused(
            422, "beyond_the_log", f"Log hanya sampai {signed} entri.", f"The log has {signed} entries and no more.",
            ["at"],
        )  # fmt: skip
    return size


def _words(connection: Connection, wanted: WordsOf, size: int) -> dict[str, str]:
    """`message` and `particulars`, as far as the log has them: the events' bytes as text."""
    cases = [str(case) for case in (wanted.case_id, *wanted.cases)]
    table = state.entry.c
    rows = connection.execute(
        select(table.type, table.case_id, table.body)
        .where(
            table.position.in_(entry_keys.positions(cases)), table.position < size, table.case_id.in_(cases),
            table.type.in_(_WORDS),
        )
        .order_by(table.position)
    )  # fmt: skip
    found: dict[str, str] = {}
    mark = str(wanted.message_id)
    for kind, case_id, body in rows:
        text = bytes(body).decode()
        if kind == CaseDetailed.type:
            if case_id == cases[0]:
                found["particulars"] = text
        elif mark in text and from_json(text)["data"]["message_id"] == mark:
            found["message"] = text
    return found


def _weight(text: str) -> int:
    """Bytes on the wire, where JSON escapes the quotes of a text."""
    return len(text.encode()) + text.count('"') + text.count("\\") + 60
