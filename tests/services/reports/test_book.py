"""The register and the year's figures, case by case, folded from what routing decides."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from corong.reports import TYPES, Book, End, rows, yearly
from corong.reports.figures import BANDS, band
from corong.reports.register import Row
from corong.routing.calendar_versions import Calendars
from corong.routing.decrees import AddedDay, Decree, national_decrees
from corong_contracts.base import AnyEvent
from corong_contracts.case import CaseKind, CaseRegistered
from corong_contracts.case_life import ObjectionGround
from corong_contracts.catalogue import CATALOGUE, decode, encode
from corong_contracts.decision import ExemptGround, Outcome
from corong_contracts.erasure import CaseErased
from corong_contracts.message import MessageMoved
from tests.services.reports.yearbook import PARTLY, REFUSAL, folded, history, ring
from tests.services.routing.town import NOW, OTHER, UNIT, Day

REQUEST, OBJECTION, COMPLAINT = CaseKind.INFORMATION_REQUEST, CaseKind.OBJECTION, CaseKind.COMPLAINT


def book_of(day: Day) -> Book:
    return folded(history(day))


def row_of(day: Day, case: UUID) -> Row:
    (row,) = [row for row in rows(book_of(day), 2026) if row.case_id == case]
    return row


def claimed(day: Day, person: str = "warga") -> UUID:
    case = day.arrives(REQUEST, unit=UNIT, person=person)
    day.does("unit", "case.claim", case)
    return case


def test_a_granted_request_tells_how_long_it_took(day: Day) -> None:
    """Received on 17 March 2026; a week of Eid: the 30th is the fourth working day after it."""
    case = claimed(day)
    day.passes(timedelta(days=13))
    day.does("unit", "case.claim", case)
    finding = {"form": "soft_copy", "cost": 5_000}
    day.does("unit", "case.grant", case, text="Terlampir.", finding=finding)
    row = row_of(day, case)
    assert (row.standing, row.received, row.decided) == (Outcome.GRANTED, date(2026, 3, 17), date(2026, 3, 30))
    assert (row.working_days, row.in_time, row.last_day) == (4, True, date(2026, 4, 8))
    assert row.finding is not None
    assert (row.finding.held, row.finding.form, row.finding.cost) == ("held", "soft_copy", 5_000)
    assert (row.unit, row.channel, row.closed) == (UNIT, "web", None)
    figures = yearly(book_of(day), 2026).whole
    assert (figures.received, figures.decided, figures.in_time, figures.late, figures.cost) == (1, 1, 1, 0, 5_000)
    assert (figures.days_total, figures.days_least, figures.days_median, figures.days_most) == (4, 4, 4, 4)
    assert figures.bands == {BANDS[0]: 1, BANDS[1]: 0, BANDS[2]: 0, BANDS[3]: 0}


def test_days_of_waiting_for_the_applicant_are_not_counted(day: Day) -> None:
    case = claimed(day)
    day.does("unit", "case.ask_completion", case, text="Tahun berapa?")
    day.passes(timedelta(days=13))
    day.does("unit", "case.complete", case)
    day.passes(timedelta(days=1))
    day.does("unit", "case.claim", case)
    day.does("unit", "case.grant", case, text="Tidak ada.", outcome="not_held",
             finding={"held_by": "BPKAD Provinsi"})  # fmt: skip
    row = row_of(day, case)
    assert (row.working_days, row.standing) == (1, Outcome.NOT_HELD)
    assert row.finding is not None
    assert (row.finding.held, row.finding.held_by) == ("not_held", "BPKAD Provinsi")
    assert yearly(book_of(day), 2026).whole.completed == 1


def test_a_refusal_names_its_grounds_and_counts_once(day: Day) -> None:
    whole, part = claimed(day), claimed(day)
    for case, body in ((whole, REFUSAL), (part, PARTLY)):
        day.does("unit", "case.refuse", case, **body)
        assert row_of(day, case).standing is End.OPEN, "a proposal is no decision"
        day.does("superior", "case.approve", case, text_hash=day.case(case).text_hash)
    assert row_of(day, whole).grounds == (ExemptGround.PERSONAL_SECRETS, ExemptGround.BUSINESS_SECRETS)
    figures = yearly(book_of(day), 2026).whole
    assert (figures.standings[Outcome.REFUSED], figures.standings[Outcome.PARTLY_GRANTED]) == (1, 1)
    assert {ground: count for ground, count in figures.grounds.items() if count} == {
        ExemptGround.PERSONAL_SECRETS: 2,
        ExemptGround.BUSINESS_SECRETS: 1,
    }
    assert set(figures.grounds) == set(ExemptGround)
    assert figures.cost == 12_500


def test_silence_extension_objection_and_dispute(day: Day) -> None:
    case = claimed(day)
    day.does("unit", "case.extend", case, reasons="Arsip di kecamatan.")
    assert row_of(day, case).extended_to == date(2026, 4, 17)
    ring(day, timedelta(days=40))
    late = row_of(day, case)
    assert (late.silent, late.standing, late.in_time) == (True, End.OPEN, None)
    assert yearly(book_of(day), 2026).whole.silent_open == 1
    objection = day.arrives(OBJECTION, unit=UNIT)
    assert yearly(book_of(day), 2026).objections.grounds[None] == 1
    day.does("unit", "case.object", objection, request_id=case, ground="c")
    day.does("superior", "case.decide", objection, outcome="upheld", text="Berikan.")
    day.does("main", "case.dispute", objection, reference="012/KI/2026", filed_on="2026-04-26")
    open_dispute = yearly(book_of(day), 2026).disputes
    assert (open_dispute.filed, open_dispute.results[None]) == (1, 1)
    day.does("main", "case.settle", objection, result="mediated", settled_on="2026-04-26")
    day.does("unit", "case.claim", case)
    day.does("unit", "case.grant", case, text="Terlambat, terlampir.")
    row, year = row_of(day, case), yearly(book_of(day), 2026)
    assert (row.in_time, row.silent, row.standing) == (False, True, Outcome.GRANTED)
    assert row.objection is not None
    assert (row.objection.ground, row.objection.standing) == (ObjectionGround.NO_RESPONSE, Outcome.UPHELD)
    assert row.objection.number == book_of(day).number(objection)
    assert row.objection.dispute is not None
    assert (row.objection.dispute.reference, row.objection.dispute.result) == ("012/KI/2026", "mediated")
    assert (year.whole.late, year.whole.extended, year.whole.silent, year.whole.silent_open) == (1, 1, 1, 0)
    assert year.whole.objected == 1
    assert year.objections.standings[Outcome.UPHELD] == year.objections.received == year.objections.in_time == 1
    assert (year.disputes.results["mediated"], year.disputes.results[None]) == (1, 0)
    assert yearly(book_of(day), 2025).disputes.filed == 0


def test_an_extended_time_is_told_as_a_decree_moved_it(day: Day) -> None:
    case = claimed(day)
    day.does("unit", "case.extend", case, reasons="Arsip di kecamatan.")
    assert row_of(day, case).extended_to == date(2026, 4, 17)
    book = day.town.routing._book
    before = book.calendars
    decree = Decree(
        number="SKB 9/2026", title="Perubahan", in_force=date(2026, 3, 17), source="contoh",
        added=(AddedDay(date=date(2026, 4, 15), kind="joint_leave", name="Cuti Bersama", reason="contoh"),),
    )  # fmt: skip
    try:
        book.calendars, book._current = Calendars([*national_decrees(), decree]), None
        while day.town.routing.clockwork.follow_calendar(day.unit):
            pass
    finally:
        book.calendars, book._current = before, None
    row = row_of(day, case)
    assert row.extended_to == row.last_day == date(2026, 4, 20)


def test_a_link_that_is_undone_leaves_both_sides(day: Day) -> None:
    case, objection = claimed(day), day.arrives(OBJECTION, unit=UNIT)
    day.does("unit", "case.object", objection, request_id=case, ground="c")
    assert row_of(day, case).objection is not None
    day.does("unit", "case.object", objection)
    assert row_of(day, case).objection is None
    assert yearly(book_of(day), 2026).objections.grounds[None] == 1


def test_what_was_withdrawn_merged_or_reopened(day: Day) -> None:
    first = claimed(day)
    day.passes(timedelta(seconds=1))
    second, third = claimed(day), claimed(day)
    day.does("unit", "case.merge", second, into=first, reason="sama")
    day.does("unit", "case.withdraw", third, reason="dicabut")
    assert row_of(day, second).merged_into == row_of(day, first).number
    assert row_of(day, second).closed == date(2026, 3, 17)
    counts = yearly(book_of(day), 2026).whole.standings
    assert (counts[End.MERGED], counts[End.WITHDRAWN], counts[End.OPEN]) == (1, 1, 1)
    for case in (second, third):
        day.does("unit", "case.reopen", case, reason="keliru")
        again = row_of(day, case)
        assert (again.standing, again.closed, again.merged_into) == (End.OPEN, None, None)


def test_a_comment_that_became_a_request_counts_from_its_receipt(day: Day) -> None:
    case = day.arrives(COMPLAINT, unit=UNIT)
    assert list(rows(book_of(day), 2026)) == []
    received = day.now
    day.passes(timedelta(days=20))
    day.does("unit", "case.reclassify", case, kind="information_request", reason="meminta salinan")
    row = row_of(day, case)
    assert (row.turned_from, row.received) == (COMPLAINT, book_of(day).day(received))
    day.does("main", "case.reclassify", case, kind="complaint", reason="ternyata bukan")
    assert list(rows(book_of(day), 2026)) == []


def test_the_parts_by_unit_and_month_follow_where_and_when(day: Day) -> None:
    ours = day.arrives(REQUEST, unit=UNIT)
    day.passes(timedelta(days=20))
    theirs = day.arrives(REQUEST, unit=UNIT)
    day.does("main", "case.assign", theirs, unit=OTHER, instruction="ke sana")
    year = yearly(book_of(day), 2026)
    assert {unit: figures.received for unit, figures in year.units.items()} == {UNIT: 1, OTHER: 1}
    assert [figures.received for figures in year.months] == [0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    assert [row.case_id for row in year.requests] == [ours, theirs]
    assert [row.case_id for row in rows(book_of(day), 2026, OTHER)] == [theirs]
    assert yearly(book_of(day), 2026, UNIT).whole.received == 1


def test_the_year_is_that_of_the_receipt_there(day: Day) -> None:
    day.at(NOW.replace(month=12, day=31, hour=16, minute=59))
    before = day.arrives(REQUEST, unit=UNIT)
    day.passes(timedelta(minutes=1))
    after = day.arrives(REQUEST, unit=UNIT)
    book = book_of(day)
    assert [row.case_id for row in rows(book, 2026)] == [before]
    assert [row.case_id for row in rows(book, 2027)] == [after]


def test_synthetic_citizens_are_apart_and_the_unregistered_nowhere(day: Day) -> None:
    real, synthetic, unregistered = (day.arrives(REQUEST, unit=UNIT) for _ in range(3))
    events = []
    for event in history(day):
        if isinstance(event.data, CaseRegistered) and event.correlationid == unregistered:
            continue
        if isinstance(event.data, CaseRegistered) and event.correlationid == synthetic:
            event = event.model_copy(update={"data": event.data.model_copy(update={"demo": True})})
        events.append(event)
    book = folded(events)
    assert [row.case_id for row in rows(book, 2026)] == [real]
    assert [row.case_id for row in rows(book, 2026, demo=True)] == [synthetic]
    assert yearly(book, 2026, demo=True).whole.received == 1


def test_an_erased_applicants_row_stays_and_says_so(day: Day) -> None:
    case = claimed(day)
    (event, *_) = [event for event in history(day) if event.correlationid == case]
    data = CaseErased(case_id=case, erasure_id=UUID(int=9), legal_basis="UU 27/2022 Pasal 43", schedule="JRA-1",
                      officer="ppid-utama")  # fmt: skip
    erased = event.model_copy(update={"data": data})
    book = folded([*history(day), erased])
    (row,) = rows(book, 2026)
    assert row.erasure is not None
    assert (row.erasure.basis, row.erasure.schedule) == ("UU 27/2022 Pasal 43", "JRA-1")


def test_a_message_is_looked_for_where_it_was_written(day: Day) -> None:
    first, second = claimed(day), claimed(day)
    events = history(day)
    book = folded(events)
    assert book.places(book.of(second)) == (second,)
    message = book.of(second).message_id
    assert message is not None
    data = MessageMoved(message_id=message, conversation_id=first, from_case=first, case_id=second)
    for woven in ([*events, moved_by(events[0], data)], [moved_by(events[0], data), *events]):
        book = folded(woven)
        assert book.places(book.of(second)) == (second, first)
        assert book.places(book.of(first)) == (first,)


def moved_by(event: AnyEvent, data: MessageMoved) -> AnyEvent:
    return event.model_copy(update={"type": MessageMoved.type, "data": data})


def test_without_the_calendar_of_the_log_days_are_not_guessed(day: Day) -> None:
    case = claimed(day)
    day.does("unit", "case.grant", case, text="Terlampir.")
    events = [event for event in history(day) if event.type != "id.corong.calendar.adopted.v1"]
    year = yearly(folded(events), 2026)
    assert year.requests[0].working_days is None
    assert (year.whole.decided, year.whole.uncounted, year.whole.days_median) == (1, 1, None)


def test_it_reads_only_what_it_names(day: Day) -> None:
    case = claimed(day)
    day.does("unit", "case.answer", case, text="Sebentar.")
    day.does("unit", "case.grant", case, text="Terlampir.")
    events = history(day)
    assert set(TYPES) <= set(CATALOGUE)
    assert {event.type for event in events} - set(TYPES), "there is something that it passes over"
    assert list(rows(folded([event for event in events if event.type in TYPES]), 2026)) == list(
        rows(folded([decode(encode(event)) for event in events]), 2026)
    )


@pytest.mark.parametrize(("days", "found"), [(0, 0), (5, 0), (6, 1), (10, 1), (11, 2), (17, 2), (18, 3), (400, 3)])
def test_bands(days: int, found: int) -> None:
    assert band(days) == BANDS[found]
