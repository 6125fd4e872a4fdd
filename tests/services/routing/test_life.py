"""Cases from their receipt to their end, step by step, as the law has it."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from corong.routing.life_page import page
from corong.routing.life_table import life
from corong.runtime.policy import Forbidden
from corong.runtime.refusal import Refused
from corong.runtime.sealing import sealed_field
from corong.working_days.zones import ZONES
from corong_contracts.case import CaseKind, CaseState
from corong_contracts.clock import ClockEscalated
from tests.services.routing.town import OTHER, UNIT, Day

PAGE = Path(__file__).parents[3] / "docs" / "case-life.md"
LIMIT = "complaint_ceiling"
REQUEST, OBJECTION = CaseKind.INFORMATION_REQUEST, CaseKind.OBJECTION
TEST = {"number": "UK/1/2026", "held_on": "2026-03-20", "exempt_until": "2031-03-20"}
REFUSAL = {"finding": {"grounds": ["h"], "test": TEST}, "weighing": "rahasia pribadi", "text": "Kami tolak."}
PARTLY = {**REFUSAL, "outcome": "partly_granted", "redactions": ["kolom NIK"], "text": "Salinan, kecuali kolom NIK."}


def refused(day: Day, who: str, command: str, case: object = None, **asked: object) -> Refused:
    """The refusal; nothing was written."""
    before = len(day.unit.recorded)
    with pytest.raises(Refused) as caught:
        day.does(who, command, case, **asked)  # type: ignore[arg-type]
    assert len(day.unit.recorded) == before
    assert caught.value.indonesian
    assert caught.value.english
    return caught.value


def test_the_page_is_drawn_from_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(life()), "python -m corong.routing.life_page > docs/case-life.md"


def test_a_request_is_granted_in_time(day: Day) -> None:
    case = day.arrives(REQUEST, unit=UNIT)
    clocks = day.case(case).clocks
    assert {rule: clock.last_day for rule, clock in clocks.items()} == {
        "request_notice": date(2026, 4, 8),
        "request_completion": date(2026, 3, 27),
    }
    day.does("unit", "case.claim", case)
    day.does("unit", "case.grant", case, text="Terlampir.")
    found = day.case(case)
    assert (found.state, found.decision) == (CaseState.DECIDED, "granted")
    assert {rule: clock.state for rule, clock in found.clocks.items()} == {
        "request_notice": "met",
        "request_completion": "ended",
        "objection_filing": "running",
    }
    assert refused(day, "unit", "case.grant", case, text="Lagi.").code == "not_in_this_state"
    day.does("unit", "case.close", case, outcome="answered")
    assert refused(day, "unit", "case.grant", case, text="Lagi.").code == "closed"


def test_a_refusal_needs_ground_test_and_the_superiors_word_on_exactly_that_text(day: Day) -> None:
    case = day.arrives(REQUEST, unit=UNIT)
    day.does("unit", "case.claim", case)
    bare = {**REFUSAL, "finding": {"test": TEST}}
    assert refused(day, "unit", "case.refuse", case, **bare).code == "no_ground"
    untested = {**REFUSAL, "finding": {"grounds": ["a"]}}
    assert refused(day, "unit", "case.refuse", case, **untested).code == "no_consequence_test"
    over = {**REFUSAL, "finding": {"grounds": ["a"], "test": {**TEST, "exempt_until": "2026-03-01"}}}
    assert refused(day, "unit", "case.refuse", case, **over).code == "no_consequence_test"
    not_yet = {**REFUSAL, "finding": {"grounds": ["a"], "test": TEST}}
    assert refused(day, "unit", "case.refuse", case, **not_yet).code == "no_consequence_test", "held in three days"
    day.passes(timedelta(days=4))
    day.does("unit", "case.claim", case)
    assert refused(day, "unit", "case.refuse", case, **{**PARTLY, "redactions": []}).code == "no_redactions"
    whole = {**REFUSAL, "redactions": ["kolom NIK"]}
    assert refused(day, "unit", "case.refuse", case, **whole).code == "names_parts"

    day.does("unit", "case.refuse", case, **REFUSAL)
    first = day.case(case)
    assert (first.state, first.clocks["request_notice"].state) == (CaseState.APPROVAL_PENDING, "running")
    assert "case.answered" not in day.verbs(case), "nothing goes out before the superior's word"
    with pytest.raises(Forbidden):
        day.does("unit", "case.approve", case, text_hash=first.text_hash)
    day.does("superior", "case.disapprove", case, reason="Timbang lagi.")
    day.does("unit", "case.refuse", case, **PARTLY)
    assert refused(day, "superior", "case.approve", case, text_hash=first.text_hash).code == "other_text"
    day.does("superior", "case.approve", case, text_hash=day.case(case).text_hash)
    found = day.case(case)
    assert (found.state, found.decision) == (CaseState.DECIDED, "partly_granted")
    assert day.verbs(case)[-6:-2] == ["decision.approved", "decision.given", "document.issued", "case.answered"]
    given = next(event.data for event in day.events if event.data.verb == "given")
    assert (given.officer, given.approved_by) == (f"petugas-{UNIT}", "atasan-ppid")  # type: ignore[attr-defined]
    words = next(event for event in day.events if event.data.verb == "answered")
    box = day.town.works.sealer
    assert box.open_text(sealed_field(words, "text")) == PARTLY["text"]


def test_extended_once_while_it_runs(day: Day) -> None:
    case = day.arrives(REQUEST, unit=UNIT)
    day.does("unit", "case.extend", case, reasons="Arsip di kecamatan.")
    assert day.case(case).clocks["request_notice"].last_day == date(2026, 4, 17)
    assert day.verbs(case)[-4:] == ["case.extended", "clock.moved", "document.issued", "case.notified"]
    assert refused(day, "unit", "case.extend", case, reasons="Lagi.").code == "extended_already"
    late = day.arrives(REQUEST, unit=UNIT)
    day.at(datetime(2026, 4, 9, 0, 0, tzinfo=ZONES["WIB"]))
    assert refused(day, "unit", "case.extend", late, reasons="Terlambat.").code == "too_late"


def test_the_days_of_waiting_for_the_applicant_do_not_count(day: Day) -> None:
    case = day.arrives(REQUEST, unit=UNIT)
    day.at(datetime(2026, 3, 25, 10, 0, tzinfo=ZONES["WIB"]))
    day.does("unit", "case.claim", case)
    day.does("unit", "case.ask_completion", case, text="Tahun berapa?")
    assert day.case(case).clocks["request_notice"].state == "paused"
    assert day.case(case).clocks["request_completion"].state == "met"
    day.at(datetime(2026, 3, 27, 9, 0, tzinfo=ZONES["WIB"]))
    message = day.follows_up(case, "2025")
    day.at(datetime(2026, 4, 1, 9, 0, tzinfo=ZONES["WIB"]))
    (completed, moved) = day.does("unit", "case.complete", case)
    assert completed.data.message_id == message  # type: ignore[attr-defined]
    clock = day.case(case).clocks["request_notice"]
    # 26 and 27 March are not counted: from the applicant's answer on, not from when an officer saw it.
    assert (clock.state, clock.last_day) == ("running", date(2026, 4, 10))
    assert moved.data.because == "pause"  # type: ignore[attr-defined]


def test_a_comment_becomes_a_request_with_the_clock_of_its_receipt(day: Day) -> None:
    case = day.arrives(CaseKind.QUESTION, unit=UNIT)
    day.passes(timedelta(hours=2))
    message = day.follows_up(case, "minta salinan DPA")
    day.at(datetime(2026, 3, 26, 9, 0, tzinfo=ZONES["WIB"]))
    day.does("unit", "case.reclassify", case, kind=REQUEST, message_id=message, reason="Meminta dokumen.")
    found = day.case(case)
    assert (found.kind, found.message_id, found.state) == (REQUEST, message, CaseState.REGISTERED)
    notice = found.clocks["request_notice"]
    # It was written on 18 March at 01:59; the question's own clock ends.
    assert (notice.inputs.started, notice.last_day) == (found.received, date(2026, 4, 8))
    assert found.clocks["question_answer"].state == "ended"
    assert refused(day, "main", "case.reclassify", case, kind=REQUEST, reason="x").code == "same_kind"
    with pytest.raises(Forbidden):  # out of the law's clock: the main officer alone
        day.does("unit", "case.reclassify", case, kind="question", reason="x")
    day.does("main", "case.reclassify", case, kind="question", reason="Ternyata bertanya.")
    assert day.case(case).clocks["request_notice"].state == "ended"
    assert day.case(case).clocks["question_answer"].state == "running"


def test_an_objection_is_linked_decided_by_the_superior_and_disputed(day: Day) -> None:
    request = day.arrives(REQUEST, unit=UNIT)
    day.does("unit", "case.claim", request)
    day.does("unit", "case.grant", request, outcome="not_held", finding={"held_by": "BPKAD"}, text="Ada di BPKAD.")
    objection = day.arrives(OBJECTION, unit="diskominfo")
    assert refused(day, "superior", "case.decide", objection, outcome="upheld", text="Ya.").code == "not_linked"
    question = day.arrives(CaseKind.QUESTION)
    assert refused(day, "main", "case.object", objection, request_id=question, ground="c").code == "not_a_request"
    day.does("main", "case.object", objection, request_id=request, ground="d")
    assert day.case(request).objection_id == objection
    assert day.case(request).clocks["objection_filing"].state == "met"
    assert refused(day, "main", "case.dispute", objection, reference="1", filed_on="2026-03-18").code == "no_right_yet"
    with pytest.raises(Forbidden):
        day.does("main", "case.decide", objection, outcome="upheld", text="Ya.")
    day.does("superior", "case.decide", objection, outcome="rejected", text="Tidak.")
    found = day.case(objection)
    assert (found.state, found.decision) == (CaseState.DECIDED, "rejected")
    assert found.clocks["objection_decision"].state == "met"
    assert found.clocks["dispute_filing"].state == "running"
    day.at(datetime(2026, 5, 4, 9, 0, tzinfo=ZONES["WIB"]))
    day.does("main", "case.dispute", objection, reference="12/PSI", filed_on="2026-03-30")
    clocks = day.case(objection).clocks
    assert {rule: clocks[rule].state for rule in ("dispute_filing", "commission_start", "commission_finish")} == {
        "dispute_filing": "met",
        "commission_start": "running",
        "commission_finish": "running",
    }
    day.does("superior", "case.settle", objection, result="mediated", settled_on="2026-05-04")
    assert day.case(objection).clocks["commission_finish"].state == "met"
    assert refused(day, "main", "case.settle", objection, result="mediated", settled_on="2026-05-04").code == (
        "not_disputed"
    )


def test_a_link_can_be_undone(day: Day) -> None:
    request, objection = day.arrives(REQUEST, unit=UNIT), day.arrives(OBJECTION)
    day.does("main", "case.object", objection, request_id=request, ground="c")
    day.does("main", "case.object", objection)
    assert (day.case(request).objection_id, day.case(objection).request_id) == (None, None)


def test_unlinked_the_right_to_object_runs_on(day: Day) -> None:
    request, objection = day.arrives(REQUEST, unit=UNIT), day.arrives(OBJECTION)
    day.does("unit", "case.claim", request)
    day.does("unit", "case.grant", request, text="Terlampir.")
    before = day.case(request).clocks["objection_filing"]
    day.does("main", "case.object", objection, request_id=request, ground="d")
    day.does("main", "case.object", objection)
    assert day.case(request).clocks["objection_filing"] == before, "a link in error takes no right"


def test_a_withdrawn_objection_makes_room_for_another_and_a_decided_one_stays_linked(day: Day) -> None:
    request, first, second = day.arrives(REQUEST, unit=UNIT), day.arrives(OBJECTION), day.arrives(OBJECTION)
    day.does("main", "case.object", first, request_id=request, ground="c")
    day.does("main", "case.withdraw", first, reason="Dicabut pemohon.")
    assert refused(day, "main", "case.object", second, request_id=request, ground="c").code == "not_a_request"
    day.does("main", "case.object", first)
    day.does("main", "case.object", second, request_id=request, ground="c")
    day.does("superior", "case.decide", second, outcome="rejected", text="Tidak.")
    day.does("main", "case.close", second, outcome="answered")
    assert refused(day, "main", "case.object", second).code == "decided_already"


def test_a_late_decision_opens_the_right_against_it_though_the_one_of_its_silence_is_over(day: Day) -> None:
    """Art. 36 (1) and 37 (2): 30 days after the refusal, 14 after the superior's answer, however late these came."""
    request, objection = day.arrives(REQUEST, unit=UNIT), day.arrives(OBJECTION, unit="diskominfo")
    other = day.arrives(REQUEST, unit=UNIT)
    day.does("main", "case.object", objection, request_id=other, ground="c")
    for moment in (datetime(2026, 5, 20, tzinfo=ZONES["WIB"]), datetime(2026, 6, 20, tzinfo=ZONES["WIB"])):
        day.at(moment)
        while day.town.routing.clockwork.ring_due(day.unit):
            pass
    assert day.case(request).clocks["objection_filing"].state == "ran_out"
    assert day.case(objection).clocks["dispute_filing"].state == "ran_out"
    day.does("unit", "case.claim", request)
    day.does("unit", "case.refuse", request, **REFUSAL)
    day.does("superior", "case.approve", request, text_hash=day.case(request).text_hash)
    day.does("superior", "case.decide", objection, outcome="rejected", text="Tidak.")
    # Received on Saturday 20 June; none of the weekdays to the end of July is off.
    rights = day.case(request).clocks["objection_filing"], day.case(objection).clocks["dispute_filing"]
    assert [(one.state, one.last_day) for one in rights] == [
        ("running", date(2026, 7, 31)), ("running", date(2026, 7, 9)),
    ]  # fmt: skip


def test_the_days_of_a_dispute_are_neither_in_the_future_nor_before_what_they_follow(day: Day) -> None:
    request, objection = day.arrives(REQUEST, unit=UNIT), day.arrives(OBJECTION, unit="diskominfo")
    day.does("main", "case.object", objection, request_id=request, ground="c")
    day.does("superior", "case.decide", objection, outcome="rejected", text="Tidak.")
    for filed_on in ("2026-03-16", "2026-03-18", "2035-01-01"):
        told = refused(day, "main", "case.dispute", objection, reference="1", filed_on=filed_on)
        assert (told.code, told.fields) == ("not_that_day", ["filed_on"])
    day.passes(timedelta(days=10))
    day.does("main", "case.dispute", objection, reference="1", filed_on="2026-03-25")
    for settled_on in ("2026-03-24", "2026-03-28"):
        told = refused(day, "main", "case.settle", objection, result="mediated", settled_on=settled_on)
        assert (told.code, told.fields) == ("not_that_day", ["settled_on"])
    day.does("main", "case.settle", objection, result="mediated", settled_on="2026-03-27")


def test_a_group_is_answered_once_and_each_citizen_told_in_the_own_conversation(day: Day) -> None:
    cases = [day.arrives(CaseKind.COMPLAINT, person=f"warga-{number}", unit=UNIT) for number in range(3)]
    day.does("unit", "case.group", case_ids=cases)
    day.does("unit", "case.claim", cases[1])
    events = day.does("unit", "case.answer_group", cases[0], text="Lampu sudah menyala.", close=True)
    told = [event for event in events if event.data.verb == "answered"]
    assert {event.correlationid for event in told} == set(cases)
    for event in told:
        known = day.town.load.registered(day.unit, event.correlationid)
        assert str(event.data.conversation_id) == known["conversation_id"]  # type: ignore[attr-defined]
    assert {day.case(case).state for case in cases} == {CaseState.CLOSED}
    assert {day.case(case).clocks["complaint_without_oversight"].state for case in cases} == {"met"}
    assert refused(day, "unit", "case.answer_group", cases[0], text="Lagi.").code == "closed"


def test_of_a_group_that_another_holds_a_case_of_none_is_answered(day: Day) -> None:
    cases = [day.arrives(CaseKind.COMPLAINT, unit=UNIT) for _ in range(2)]
    day.does("unit", "case.group", case_ids=cases)
    day.does("operator", "case.claim", cases[1])
    assert refused(day, "unit", "case.answer_group", cases[0], text="Sudah.").code == "held_by_another"
    day.does("unit", "case.ungroup", cases[1])
    day.does("unit", "case.answer_group", cases[0], text="Sudah.")
    assert [day.case(case).state for case in cases] == [CaseState.ANSWERED, CaseState.IN_PROGRESS]


def test_merging_keeps_the_earlier_clock_and_is_undone(day: Day) -> None:
    first = day.arrives(REQUEST, unit=UNIT)
    day.passes(timedelta(days=1))
    second, stranger = day.arrives(REQUEST, unit=UNIT), day.arrives(REQUEST, person="lain", unit=UNIT)
    assert refused(day, "unit", "case.merge", first, into=second, reason="x").code == "not_into_that"
    assert refused(day, "unit", "case.merge", stranger, into=first, reason="x").code == "not_into_that"
    before = day.case(second).clocks["request_notice"]
    day.does("unit", "case.merge", second, into=first, reason="Pesan yang sama.")
    merged = day.case(second)
    assert (merged.state, merged.merged_into, merged.clocks["request_notice"].state) == ("closed", first, "ended")
    assert day.case(first).clocks["request_notice"].state == "running"
    assert refused(day, "unit", "case.withdraw", first, reason="x").code == "others_merged_into_it"
    day.does("unit", "case.reopen", second, reason="Bukan yang sama.")
    again = day.case(second)
    assert (again.state, again.merged_into) == (CaseState.REGISTERED, None)
    assert again.clocks["request_notice"].last_day == before.last_day
    assert again.clocks["request_notice"].state == "running"


@pytest.mark.parametrize("how", ["case.withdraw", "case.merge"])
def test_reopened_while_the_applicant_is_waited_for_the_clock_stands_still_again(day: Day, how: str) -> None:
    first = day.arrives(REQUEST, unit=UNIT)
    day.passes(timedelta(minutes=1))
    case = day.arrives(REQUEST, unit=UNIT)
    day.at(datetime(2026, 3, 25, 10, 0, tzinfo=ZONES["WIB"]))
    day.does("unit", "case.claim", case)
    day.does("unit", "case.ask_completion", case, text="Tahun berapa?")
    before = day.case(case).clocks["request_notice"]
    day.does("unit", how, case, reason="r", **({"into": first} if how == "case.merge" else {}))
    day.does("unit", "case.reopen", case, reason="Keliru.")
    assert day.case(case).clocks["request_notice"] == before
    day.at(datetime(2026, 5, 5, 9, 0, tzinfo=ZONES["WIB"]))
    while day.town.routing.clockwork.ring_due(day.unit):
        pass
    assert day.case(case).clocks["request_notice"].state == "paused", "nothing is late, and no silence is told"
    day.does("unit", "case.complete", case)
    assert day.case(case).clocks["request_notice"].last_day == date(2026, 5, 20)


def test_a_request_that_was_something_else_for_a_while_keeps_its_extension(day: Day) -> None:
    case = day.arrives(REQUEST, unit=UNIT)
    day.does("unit", "case.extend", case, reasons="Arsip di kecamatan.")
    before = day.case(case).clocks["request_notice"]
    day.does("main", "case.reclassify", case, kind="question", reason="Bertanya.")
    day.does("main", "case.reclassify", case, kind=REQUEST, reason="Ternyata meminta.")
    assert day.case(case).clocks["request_notice"] == before
    assert refused(day, "unit", "case.extend", case, reasons="Lagi.").code == "extended_already"


@pytest.mark.parametrize("kind", [CaseKind.PRAISE, CaseKind.SPAM])
def test_praise_and_spam_are_closed_unanswered_with_what_was_merged_into_them(day: Day, kind: CaseKind) -> None:
    first = day.arrives(kind, unit=UNIT)
    day.passes(timedelta(minutes=1))
    second = day.arrives(kind, unit=UNIT)
    day.does("unit", "case.merge", second, into=first, reason="Sama.")
    day.does("unit", "case.close", first, outcome="no_answer_needed")
    assert day.case(first).state is CaseState.CLOSED


@pytest.mark.parametrize("kind", [CaseKind.COMPLAINT, CaseKind.PRAISE])
def test_what_was_answered_is_not_closed_as_unanswered(day: Day, kind: CaseKind) -> None:
    case = day.arrives(kind, unit=UNIT)
    day.does("unit", "case.claim", case)
    day.does("unit", "case.answer", case, text="Sudah.")
    told = refused(day, "unit", "case.close", case, outcome="duplicate")
    assert told.code == "answered_already"
    assert "close_unanswered" not in told.allowed
    assert "close" in told.allowed
    day.does("unit", "case.close", case, outcome="answered")


def test_what_another_case_waits_in_does_not_become_one_that_needs_no_answer(day: Day) -> None:
    first = day.arrives(CaseKind.COMPLAINT, unit=UNIT)
    day.passes(timedelta(minutes=1))
    second = day.arrives(CaseKind.COMPLAINT, unit=UNIT)
    day.does("unit", "case.merge", second, into=first, reason="Sama.")
    assert refused(day, "unit", "case.close", first, outcome="duplicate").code == "others_merged_into_it"
    told = refused(day, "unit", "case.reclassify", first, kind="spam", reason="Spam.")
    assert told.code == "others_merged_into_it"
    day.does("unit", "case.reclassify", first, kind="complaint", tier="normative", reason="Normatif.")
    day.does("unit", "case.reopen", second, reason="Bukan yang sama.")
    day.does("unit", "case.reclassify", first, kind="spam", reason="Spam.")
    day.does("unit", "case.close", first, outcome="spam")


def test_a_later_message_is_split_off_once(day: Day) -> None:
    case = day.arrives(CaseKind.COMPLAINT, unit=UNIT)
    message = day.follows_up(case, "dan saya keberatan")
    day.does("unit", "case.claim", case)
    first = day.case(case).message_id
    assert refused(day, "unit", "case.split", case, message_id=first, kind=OBJECTION, reason="x").code == (
        "first_message"
    )
    elsewhere = day.follows_up(day.arrives(CaseKind.COMPLAINT, unit=UNIT))
    assert refused(day, "unit", "case.split", case, message_id=elsewhere, kind=OBJECTION, reason="x").code == (
        "not_its_message"
    )
    (split,) = day.does("unit", "case.split", case, message_id=message, kind=OBJECTION, reason="Perkara lain.")
    known = day.town.load.registered(day.unit, case)
    assert str(split.data.conversation_id) == known["conversation_id"]  # type: ignore[attr-defined]
    assert refused(day, "unit", "case.split", case, message_id=message, kind=OBJECTION, reason="x").code == (
        "not_its_message"
    )


def test_a_split_is_undone_by_merging_whatever_kind_was_made_of_it(day: Day) -> None:
    case, another = day.arrives(CaseKind.COMPLAINT, unit=UNIT), day.arrives(CaseKind.COMPLAINT, unit=UNIT)
    question, request = (day.follows_up(case) for _ in range(2))
    day.passes(timedelta(minutes=1))
    question, request = (
        day.splits("unit", case, question, CaseKind.QUESTION),
        day.splits("unit", case, request, REQUEST),
    )
    assert refused(day, "unit", "case.merge", question, into=another, reason="x").code == "not_into_that"
    day.does("unit", "case.claim", case)
    day.does("unit", "case.answer", case, text="Sudah.")
    day.does("unit", "case.merge", question, into=case, reason="Bukan perkara lain.")
    assert (day.case(question).state, day.case(question).merged_into) == (CaseState.CLOSED, case)
    told = refused(day, "unit", "case.merge", request, into=case, reason="x")
    assert told.code == "not_into_that", "out of the law's clock: the main officer alone"
    day.does("main", "case.merge", request, into=case, reason="Bukan permohonan.")
    assert day.case(request).clocks["request_notice"].state == "ended"
    day.does("unit", "case.reopen", request, reason="Ternyata permohonan.")
    assert day.case(request).clocks["request_notice"].state == "running"


def test_a_request_does_not_end_unanswered_in_the_decided_one_that_it_was_split_from(day: Day) -> None:
    case = day.arrives(REQUEST, unit=UNIT)
    split = day.splits("unit", case, day.follows_up(case, "dan salinan DPA"), REQUEST)
    day.does("unit", "case.claim", case)
    day.does("unit", "case.grant", case, text="Terlampir.")
    assert refused(day, "unit", "case.merge", split, into=case, reason="x").code == "not_into_that"
    day.does("main", "case.merge", split, into=case, reason="Sudah termasuk dalam jawaban.")


def test_a_complaint_has_a_clock_of_its_tier_and_starts_anew_when_its_file_is_complete(day: Day) -> None:
    case = day.arrives(CaseKind.COMPLAINT, unit=UNIT)
    day.does("unit", "case.reclassify", case, kind="complaint", tier="normative", reason="Normatif.")
    assert {rule: clock.state for rule, clock in day.case(case).clocks.items()} == {
        "complaint_without_oversight": "ended",
        "complaint_normative": "running",
        "complaint_ceiling": "running",
        "lapor_plan": "running",
    }
    day.does("unit", "case.claim", case)
    day.does("unit", "case.ask_completion", case, text="Di mana?")
    assert day.case(case).clocks["complaint_normative"].state == "ended"
    day.at(datetime(2026, 4, 6, 9, 0, tzinfo=ZONES["WIB"]))
    day.does("unit", "case.complete", case)
    clocks = day.case(case).clocks
    assert {rule: (clocks[rule].state, clocks[rule].last_day) for rule in ("complaint_normative", LIMIT)} == {
        "complaint_normative": ("running", date(2026, 4, 13)), LIMIT: ("running", date(2026, 6, 5)),
    }  # fmt: skip


@pytest.mark.parametrize("tier", ["normative", "without_oversight"])
def test_a_complaint_has_sixty_days_at_most_and_the_main_officer_is_told_then_as_well(day: Day, tier: str) -> None:
    """From a complete file (Perpres 76/2013), whatever its tier's own clock says; 17 March + 60 days = 16 May."""
    case = day.arrives(CaseKind.COMPLAINT, unit=UNIT)
    if tier == "normative":
        day.does("unit", "case.reclassify", case, kind="complaint", tier=tier, reason="Normatif.")
    assert day.case(case).clocks[LIMIT].last_day == date(2026, 5, 16)
    day.at(datetime(2026, 5, 17, 0, 0, tzinfo=ZONES["WIB"]))
    while day.town.routing.clockwork.ring_due(day.unit):
        pass
    told = [event.data for event in day.unit.recorded if isinstance(event.data, ClockEscalated)]
    assert {one.rule for one in told if one.case_id == case} == {f"complaint_{tier}", "lapor_plan", LIMIT}
    assert {rule for rule, clock in day.case(case).clocks.items() if clock.state == "ran_out"} == {
        f"complaint_{tier}", "lapor_plan", LIMIT,
    }  # fmt: skip


def test_with_oversight_the_limit_is_the_tiers_own_clock(day: Day) -> None:
    case = day.arrives(CaseKind.COMPLAINT, unit=UNIT)
    day.does("unit", "case.reclassify", case, kind="complaint", tier="with_oversight", reason="Pengawasan.")
    clocks = day.case(case).clocks
    assert (clocks[LIMIT].state, clocks["complaint_with_oversight"].last_day) == ("ended", date(2026, 5, 16))


def test_a_refusal_says_what_may_be_done_instead(day: Day) -> None:
    case = day.arrives(REQUEST, unit=UNIT)
    told = refused(day, "unit", "case.grant", case, text="Ya.")
    assert told.code == "not_held"
    assert "claim" in told.allowed
    assert "mengambil perkara" in told.indonesian
    assert "claim the case" in told.english
    with pytest.raises(Forbidden) as strange:
        day.does("stranger", "case.claim", case)
    assert strange.value.allowed == ()
    with pytest.raises(Forbidden) as lesser:
        day.does("operator", "case.grant", case, text="Ya.")
    assert "claim" in lesser.value.allowed
    assert "grant" not in lesser.value.allowed
    assert "mengambil perkara" in lesser.value.pesan
    assert "claim the case" in lesser.value.detail
    assert day.town.directory.has_unit(OTHER)
