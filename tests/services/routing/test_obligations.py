"""What the government itself owes: it begins, is reminded of, runs out, and is met, each as an event."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from corong.routing import state
from corong.routing.obligations import ANNUAL, BREACH, report_of, years_ended
from corong.runtime.policy import Forbidden
from corong.runtime.refusal import Refused
from corong_contracts.case import CaseKind
from corong_contracts.obligation import ListObligations, ObligationMet
from tests.services.routing.town import NOW, Day

HOUR = timedelta(hours=1)


def looks(day: Day) -> list[Any]:
    """The waker's look at this moment: what it wrote."""
    before = len(day.unit.recorded)
    day.unit.rows.flush()
    day.town.routing.obligations.look(day.unit)
    day.unit.rows.flush()
    found = [event for event in day.unit.recorded[before:] if event.data.noun == "obligation"]
    return found


def asks(day: Day, who: str, identity: UUID | None = None) -> list[dict[str, Any]]:
    day.unit.rows.flush()
    asked = ListObligations(obligation_id=identity)
    told = day.town.handlers.commands[ListObligations](day.unit.connection, day.town.actor(who), asked)
    return list(told["obligations"])


def meets(day: Day, who: str, identity: UUID, **given: Any) -> ObligationMet:
    (fact,) = day.does(who, "obligation.meet", obligation_id=identity, at=day.now, how="Surat.", **given)
    assert isinstance(fact.data, ObligationMet)
    return fact.data


def breach(day: Day, who: str = "main", known_at: datetime | None = None) -> list[Any]:
    facts = day.does(who, "obligation.record", known_at=known_at or day.now, subject=" Laptop layanan hilang. ")
    return [event for event in facts if event.data.noun == "obligation"]


def test_a_breach_owes_two_notices_reminds_once_and_tells_the_superior_when_its_hours_are_over(day: Day) -> None:
    persons, agency = breach(day, known_at=NOW - HOUR)
    assert [persons.data.owed_to, agency.data.owed_to] == ["persons", "agency"]
    assert (persons.data.subject, persons.data.officer) == ("Laptop layanan hilang.", "ppid-utama")
    due = NOW - HOUR + timedelta(hours=72)
    assert (persons.data.count.rule, persons.data.count.due) == (BREACH, due)
    assert not looks(day)
    day.at(due - timedelta(hours=72) / 5)
    assert [event.type for event in looks(day)] == ["id.corong.obligation.reminded.v1"] * 2
    assert not looks(day), "once"
    met = meets(day, "superior", persons.data.obligation_id)
    assert (met.in_time, met.due) == (True, due)
    day.at(due)
    (late,) = looks(day)
    assert (late.type, late.data.obligation_id) == ("id.corong.obligation.ran_out.v1", agency.data.obligation_id)
    assert late.data.told == "superior"
    assert not looks(day)
    owed, over = asks(day, "auditor")
    assert (owed["state"], owed["late"], over["state"], over["in_time"]) == ("ran_out", True, "met", True)
    day.passes(HOUR)
    assert not meets(day, "main", agency.data.obligation_id).in_time
    with pytest.raises(Refused) as refused:
        meets(day, "main", agency.data.obligation_id)
    assert refused.value.code == "nothing_owed"


def test_it_explains_itself_and_sums_to_the_laws_hours(day: Day) -> None:
    persons, _ = breach(day)
    (one,) = asks(day, "main", persons.data.obligation_id)
    assert one["counts_the_same"]
    assert [day["date"] for day in one["days"]] == ["2026-03-17", "2026-03-18", "2026-03-19", "2026-03-20"]
    assert "72" in one["days"][-1]["words"]["id"]
    assert one["law"]["en"] == "72 hours"
    with pytest.raises(Refused):
        asks(day, "main", uuid4())


def test_the_yearly_report_is_owed_from_the_years_end_once_and_met_with_what_was_handed_in(day: Day) -> None:
    day.arrives(CaseKind.QUESTION)  # with it the hub's first calendar
    assert not looks(day)
    day.at(datetime(2026, 12, 31, 17, tzinfo=UTC))
    (began,) = looks(day)
    assert began.data.obligation_id == report_of(2026)
    assert (began.data.year, began.data.count.rule, began.data.count.last_day) == (2026, ANNUAL, date(2027, 3, 31))
    assert began.data.count.started.date() == date(2026, 12, 31)
    assert began.actor == "system"
    assert not looks(day), "once"
    day.at(datetime(2027, 3, 2, 3, tzinfo=UTC))
    with pytest.raises(Refused) as refused:
        day.does("main", "obligation.end", obligation_id=report_of(2026), reason="Tidak perlu.")
    assert refused.value.code == "owed_every_year"
    report: dict[str, Any] = {"digest": "5f" * 32, "position": 418_735}
    meets(day, "main", report_of(2026), **report)
    (row,) = day.rows(state.obligation)
    assert (row["state"], row["digest"], row["position"]) == ("met", report["digest"], report["position"])
    day.at(datetime(2028, 12, 31, 16, 59, tzinfo=UTC))
    began, late = looks(day)
    assert (began.data.year, late.type) == (2027, "id.corong.obligation.ran_out.v1"), "the hub was off for long"


def test_years_are_those_that_are_over_since_the_hub_is_at_work() -> None:
    first = date(2026, 12, 1)
    assert list(years_ended(first, datetime(2026, 12, 31, 16, 59, tzinfo=UTC), "WIB")) == []
    assert list(years_ended(first, datetime(2026, 12, 31, 17, tzinfo=UTC), "WIB")) == [2026]
    assert list(years_ended(first, datetime(2026, 12, 31, 15, tzinfo=UTC), "WIT")) == [2026]
    assert list(years_ended(first, datetime(2029, 6, 1, tzinfo=UTC), "WIB")) == [2026, 2027, 2028]


def test_what_may_not_be_is_refused(day: Day) -> None:
    persons, agency = breach(day, "admin-hub")
    identity = persons.data.obligation_id
    for code, name, given in (
        ("not_yet", "record", {"known_at": day.now + HOUR, "subject": "x"}),
        ("not_yet", "meet", {"obligation_id": identity, "at": day.now + HOUR, "how": "x"}),
        ("before_it_began", "meet", {"obligation_id": identity, "at": day.now - HOUR, "how": "x"}),
        ("no_report", "meet", {"obligation_id": identity, "at": day.now, "how": "x", "position": 3}),
        ("no_such_obligation", "meet", {"obligation_id": uuid4(), "at": day.now, "how": "x"}),
    ):
        with pytest.raises(Refused) as refused:
            day.does("main", f"obligation.{name}", **given)
        assert refused.value.code == code
    for who in ("unit", "operator", "auditor"):
        with pytest.raises(Forbidden):
            breach(day, who)
    with pytest.raises(Forbidden):
        day.does("admin-hub", "obligation.meet", obligation_id=identity, at=day.now, how="x")
    for who in ("unit", "operator"):
        with pytest.raises(Forbidden):
            asks(day, who)
    day.does("admin-hub", "obligation.end", obligation_id=agency.data.obligation_id, reason="Dicatat dua kali.")
    assert {row["state"] for row in day.rows(state.obligation)} == {"running", "ended"}
