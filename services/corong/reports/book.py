"""The book: every case of the log, folded event by event. What it doesn't read it passes over."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from corong.reports.record import (
    MAIN_CLOCKS,
    NOTICE,
    ClockRun,
    Decision,
    Dispute,
    Erasure,
    Record,
    Registration,
    Turned,
)
from corong.working_days.calendars import Calendar, OutsideCalendar
from corong.working_days.zones import Zone, day_in
from corong_contracts.base import AnyEvent, Payload
from corong_contracts.calendar import CalendarAdopted
from corong_contracts.case import CaseAssigned, CaseClosed, CaseKind, CaseRegistered, CaseReturned, CaseRouted
from corong_contracts.case_life import (
    CaseCompletionAsked,
    CaseDetailed,
    CaseExtended,
    CaseLinked,
    CaseMerged,
    CaseObjected,
    CaseReclassified,
    CaseReopened,
)
from corong_contracts.clock import ClockMet, ClockMoved, ClockOpened, ClockRanOut, Count
from corong_contracts.decision import DecisionGiven, Finding
from corong_contracts.dispute import DisputeRecorded, DisputeSettled
from corong_contracts.erasure import CaseErased
from corong_contracts.message import MessageMoved


@dataclass(frozen=True, slots=True)
class Kept:
    """A book's content, to be kept somewhere."""

    calendars: list[str]
    places: dict[UUID, set[UUID]]
    records: list[Record]


class Book:
    """Folds events in the log's order; each writer's own order is all that matters.

    An event that came before is not told from a new one: a log holds each once.
    """

    def __init__(self, zone: Zone) -> None:
        """`zone` decides on which day something happened."""
        self.zone = zone
        self.records: dict[UUID, Record] = {}
        self._calendars: dict[str, Calendar] = {}
        self._newest: Calendar | None = None
        self._places: dict[UUID, set[UUID]] = {}

    def add(self, event: AnyEvent) -> None:
        """Fold one event."""
        fold = _FOLDS.get(type(event.data))
        if fold is not None:
            fold(self, event, event.data)

    def of_year(self, kind: CaseKind, year: int, unit: str | None = None, *, demo: bool = False) -> Iterator[Record]:
        """The registered cases of this kind that were received in the year, the earliest first; of one unit, or all.

        `demo`: those of synthetic citizens, and of nobody else; without it none of them.
        """
        found = [
            (record.received, record.registration.number, record)
            for record in self.records.values()
            if record.registration is not None
            and record.received is not None
            and record.kind is kind
            and record.demo is demo
            and self.day(record.received).year == year
            and (unit is None or record.unit == unit)
        ]
        return (record for _, _, record in sorted(found, key=lambda one: one[:2]))

    def day(self, moment: datetime) -> date:
        """The date of a moment, there."""
        return day_in(self.zone, moment)

    def number(self, case_id: UUID | None) -> str | None:
        """The registration number of a case; None of none, or of one that the log does not have yet."""
        record = self.records.get(case_id) if case_id is not None else None
        return record.registration.number if record is not None and record.registration is not None else None

    def places(self, record: Record) -> tuple[UUID, ...]:
        """The cases in which the log may have the message that a case is: its own, and those that it was moved from."""
        message_id = record.message_id
        moved = self._places.get(message_id, set()) if message_id is not None else set()
        return (record.case_id, *sorted(moved - {record.case_id}))

    def working_days(self, record: Record) -> int | None:
        """Working days from the receipt, day zero, to the decision; days of waiting for the applicant don't count.

        By the calendar of the case's own clock. None without a decision, or where no calendar of the log has the days.
        """
        if record.decision is None or record.received is None:
            return None
        clock = record.clock
        calendar = self._calendars.get(clock.count.calendar, self._newest) if clock else self._newest
        if calendar is None:
            return None
        pauses = clock.count.pauses if clock else ()
        first, last = self.day(record.received).toordinal(), self.day(record.decision.at).toordinal()
        days = map(date.fromordinal, range(first + 1, last + 1))
        try:
            return sum(
                calendar.is_working(day) and not any(pause.asked < day <= pause.answered for pause in pauses)
                for day in days
            )
        except OutsideCalendar:
            return None

    def of(self, case_id: UUID) -> Record:
        """The record of a case, made where there is none yet."""
        record = self.records.get(case_id)
        if record is None:
            record = self.records[case_id] = Record(case_id)
        return record

    def moved(self, message_id: UUID, *cases: UUID) -> None:
        """A message was in these cases."""
        self._places.setdefault(message_id, set()).update(cases)

    def kept(self) -> "Kept":
        """All that it has: `of_kept` goes on from there."""
        calendars = [json.dumps(calendar.content()) for calendar in self._calendars.values()]
        return Kept(calendars, self._places, list(self.records.values()))

    @classmethod
    def of_kept(cls, zone: Zone, kept: "Kept") -> "Book":
        """The book of which `kept` came."""
        book = cls(zone)
        for content in kept.calendars:
            book.adopt(Calendar.from_content(json.loads(content)))
        book._places = kept.places
        book.records = {record.case_id: record for record in kept.records}
        return book

    def adopt(self, calendar: Calendar) -> None:
        """A version of the calendar, as the log has it."""
        self._calendars[calendar.digest] = calendar
        self._newest = max(self._calendars.values(), key=lambda one: (one.last_year, one.in_force, one.digest))


_RULES = frozenset(MAIN_CLOCKS.values())
"""Of the law's many clocks, the two that reports tell of."""
_IN_BYTES = tuple(f'"rule":"{rule}"'.encode() for rule in _RULES)
_OF_CLOCKS = frozenset(payload.type for payload in (ClockOpened, ClockMoved, ClockMet, ClockRanOut))


def may_read(kind: str, body: bytes) -> bool:
    """Whether a book may have something of an event of `TYPES`, seen unopened: of most clocks it has nothing."""
    return kind not in _OF_CLOCKS or any(rule in body for rule in _IN_BYTES)


Fold = Callable[[Book, AnyEvent, Any], None]
_FOLDS: dict[type[Payload], Fold] = {}


def _reads(payload: type[Payload]) -> Callable[[Fold], Fold]:
    def register(fold: Fold) -> Fold:
        _FOLDS[payload] = fold
        return fold

    return register


def _clock(book: Book, case_id: UUID, rule: str) -> ClockRun | None:
    return book.of(case_id).clocks.get(rule) if rule in _RULES else None


@_reads(CaseRegistered)
def _registered(book: Book, event: AnyEvent, data: CaseRegistered) -> None:
    book.of(data.case_id).registration = Registration(
        data.registration, data.message_id, event.time, data.received or event.time, data.channel, data.declared_kind,
        data.demo,
    )  # fmt: skip


@_reads(CaseRouted)
def _routed(book: Book, event: AnyEvent, data: CaseRouted) -> None:
    record = book.of(data.case_id)
    record.unit, record.routed_kind = data.unit, data.kind


@_reads(CaseAssigned)
@_reads(CaseReturned)
def _handed_on(book: Book, event: AnyEvent, data: CaseAssigned | CaseReturned) -> None:
    book.of(data.case_id).unit = data.unit


@_reads(CaseReclassified)
def _reclassified(book: Book, event: AnyEvent, data: CaseReclassified) -> None:
    record = book.of(data.case_id)
    record.routed_kind, record.turned = data.kind, Turned(data.before, data.message_id, data.received)


@_reads(CaseDetailed)
def _detailed(book: Book, event: AnyEvent, data: CaseDetailed) -> None:
    book.of(data.case_id).detailed = True


@_reads(CaseCompletionAsked)
def _asked(book: Book, event: AnyEvent, data: CaseCompletionAsked) -> None:
    book.of(data.case_id).asked_to_complete += 1


@_reads(CaseExtended)
def _extended(book: Book, event: AnyEvent, data: CaseExtended) -> None:
    book.of(data.case_id).extended_to = data.last_day


@_reads(ClockOpened)
def _opened(book: Book, event: AnyEvent, data: ClockOpened) -> None:
    if data.count.rule in _RULES:
        record = book.of(data.case_id)
        record.clocks[data.count.rule] = ClockRun(data.count)
        _extended_by(record, data.count)


@_reads(ClockMoved)
def _moved(book: Book, event: AnyEvent, data: ClockMoved) -> None:
    clock = _clock(book, data.case_id, data.count.rule)
    if clock is not None:
        clock.count = data.count
    _extended_by(book.of(data.case_id), data.count)


def _extended_by(record: Record, count: Count) -> None:
    """The extended time ends where its clock ends: a decree, or days of waiting, may move that again."""
    if count.rule == NOTICE:
        record.extended_to = count.last_day if count.extended else None


@_reads(ClockMet)
def _met(book: Book, event: AnyEvent, data: ClockMet) -> None:
    clock = _clock(book, data.case_id, data.rule)
    if clock is not None:
        clock.met, clock.in_time = data.at, data.in_time


@_reads(ClockRanOut)
def _ran_out(book: Book, event: AnyEvent, data: ClockRanOut) -> None:
    clock = _clock(book, data.case_id, data.rule)
    if clock is not None:
        clock.ran_out = True


@_reads(DecisionGiven)
def _decided(book: Book, event: AnyEvent, data: DecisionGiven) -> None:
    book.of(data.case_id).decision = Decision(
        event.time, data.outcome, data.finding or Finding(), data.unit, data.officer, data.approved_by
    )


@_reads(CaseClosed)
def _closed(book: Book, event: AnyEvent, data: CaseClosed) -> None:
    record = book.of(data.case_id)
    record.closed, record.end = event.time, data.outcome


@_reads(CaseMerged)
def _merged(book: Book, event: AnyEvent, data: CaseMerged) -> None:
    book.of(data.case_id).merged_into = data.into


@_reads(CaseReopened)
def _reopened(book: Book, event: AnyEvent, data: CaseReopened) -> None:
    record = book.of(data.case_id)
    record.closed = record.end = record.merged_into = None


@_reads(CaseObjected)
def _objected(book: Book, event: AnyEvent, data: CaseObjected) -> None:
    book.of(data.case_id).objection_id = data.objection_id


@_reads(CaseLinked)
def _linked(book: Book, event: AnyEvent, data: CaseLinked) -> None:
    record = book.of(data.case_id)
    record.request_id, record.ground = data.request_id, data.ground


@_reads(DisputeRecorded)
def _disputed(book: Book, event: AnyEvent, data: DisputeRecorded) -> None:
    book.of(data.case_id).dispute = Dispute(data.reference, data.filed_on)


@_reads(DisputeSettled)
def _settled(book: Book, event: AnyEvent, data: DisputeSettled) -> None:
    record = book.of(data.case_id)
    if record.dispute is not None:
        record.dispute = Dispute(record.dispute.reference, record.dispute.filed_on, data.result, data.settled_on)


@_reads(CaseErased)
def _erased(book: Book, event: AnyEvent, data: CaseErased) -> None:
    book.of(data.case_id).erasure = Erasure(event.time, data.legal_basis, data.schedule)


@_reads(MessageMoved)
def _message_moved(book: Book, event: AnyEvent, data: MessageMoved) -> None:
    book.moved(data.message_id, data.from_case, data.case_id)


@_reads(CalendarAdopted)
def _adopted(book: Book, event: AnyEvent, data: CalendarAdopted) -> None:
    book.adopt(Calendar.from_content(json.loads(data.content)))


TYPES: tuple[str, ...] = tuple(sorted(payload.type for payload in _FOLDS))
"""The event types that a book reads: of a log, nothing else is needed."""
