"""The register of requests (buku register): one row for each, with what stands in the log in the clear."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from corong.reports.book import Book
from corong.reports.record import Dispute, Erasure, Record
from corong.reports.standing import Standing
from corong_contracts.case import CaseKind
from corong_contracts.case_life import ObjectionGround
from corong_contracts.decision import ExemptGround, Finding

__all__ = ["Objection", "Row", "rows"]


@dataclass(frozen=True, slots=True)
class Objection:
    """The objection to how the request was handled, and the dispute that followed."""

    number: str | None
    received: date | None
    ground: ObjectionGround | None
    standing: Standing
    decided: date | None
    dispute: Dispute | None


@dataclass(frozen=True, slots=True)
class Row:
    """One request. The columns about the applicant are no part of it: they are sealed in the log."""

    case_id: UUID
    number: str
    received: date
    unit: str | None
    channel: str
    standing: Standing
    finding: Finding | None
    """Held or not and by whom, grounds, form and cost; None until the notice was given."""
    last_day: date | None
    """Of the notice: as the clock has it now, extended or moved."""
    extended_to: date | None
    decided: date | None
    closed: date | None
    working_days: int | None
    """To the decision, as `Book.working_days` counts them."""
    in_time: bool | None
    """None until the notice was given."""
    silent: bool
    """The last day went by without a notice."""
    merged_into: str | None
    turned_from: CaseKind | None
    """What it was before an officer saw that it is a request."""
    objection: Objection | None
    erasure: Erasure | None

    @property
    def grounds(self) -> tuple[ExemptGround, ...]:
        """Why it was refused, whole or in part (UU 14/2008 art. 17)."""
        return self.finding.grounds if self.finding is not None else ()


def rows(book: Book, year: int, unit: str | None = None, *, demo: bool = False) -> Iterator[Row]:
    """The requests that were received in the year, the earliest first; each once."""
    return (row_of(book, record) for record in book.of_year(CaseKind.INFORMATION_REQUEST, year, unit, demo=demo))


def row_of(book: Book, record: Record) -> Row:
    """The row of a registered request."""
    assert record.registration is not None  # without its number nothing stands in a register
    assert record.received is not None
    clock, decision = record.clock, record.decision
    return Row(
        case_id=record.case_id,
        number=record.registration.number,
        received=book.day(record.received),
        unit=record.unit,
        channel=record.registration.channel,
        standing=record.standing,
        finding=decision.finding if decision else None,
        last_day=clock.count.last_day if clock else None,
        extended_to=record.extended_to,
        decided=book.day(decision.at) if decision else None,
        closed=book.day(record.closed) if record.closed else None,
        working_days=book.working_days(record),
        in_time=clock.in_time if clock else None,
        silent=record.silent,
        merged_into=book.number(record.merged_into),
        turned_from=record.turned.before if record.turned else None,
        objection=_objection(book, record.objection_id),
        erasure=record.erasure,
    )


def _objection(book: Book, case_id: UUID | None) -> Objection | None:
    record = book.records.get(case_id) if case_id is not None else None
    if record is None:
        return None
    return Objection(
        number=book.number(case_id),
        received=book.day(record.received) if record.received else None,
        ground=record.ground,
        standing=record.standing,
        decided=book.day(record.decision.at) if record.decision else None,
        dispute=record.dispute,
    )
