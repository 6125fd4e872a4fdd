"""A unit opens when it likes; the law counts as it does: what is told beside a deadline moves none of its days."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from corong.routing.calendar_versions import Calendars
from corong.routing.clock_rules import ClockRules
from corong.routing.clock_words import written_count
from corong.routing.deadlines import ClockInputs, deadline
from corong.routing.explaining import told_day
from corong.runtime.opening import OFFICE_DAYS, WEEKDAYS, Weekday
from corong_contracts.case import CaseKind
from corong_contracts.life_command import ExplainCase
from tests.services.routing.town import UNIT, Day

RULES, CALENDARS = ClockRules.load(), Calendars.load()
CLINIC = "puskesmas-aek-loba"
OPENING = st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(lambda days: tuple(sorted(days, key=WEEKDAYS.index)))
STARTED = st.datetimes(datetime(2024, 2, 1), datetime(2026, 9, 1)).map(lambda at: at.replace(tzinfo=UTC))


@given(opening=OPENING, started=STARTED, name=st.sampled_from(sorted(RULES)))
def test_whatever_days_a_unit_opens_every_date_counts_as_before(
    opening: tuple[Weekday, ...], started: datetime, name: str
) -> None:
    found = deadline(RULES[name], ClockInputs(started, "WIB"), CALENDARS.at(started.date()))
    for day in found.explanation:
        for language in ("id", "en"):
            plain = written_count(day, found.unit, language, RULES.pauses)
            told = told_day(day, found.unit, opening, language, RULES.pauses)
            assert told == plain or told.startswith(f"{plain}; ")
            surprising = (WEEKDAYS[day.date.weekday()] in opening) != (day.date.weekday() < 5)
            asked = found.unit == "working_days" and day.was in ("counted", "saturday", "sunday")
            assert (told != plain) == (surprising and asked)
            assert told_day(day, found.unit, OFFICE_DAYS, language, RULES.pauses) == plain


def test_a_clinic_that_works_on_saturdays_has_the_laws_deadline_and_is_told_why(day: Day) -> None:
    clinic, office = (day.arrives(CaseKind.INFORMATION_REQUEST, unit=unit) for unit in (CLINIC, UNIT))
    day.passes(timedelta(0))
    told = {case: explained(day, case) for case in (clinic, office)}
    assert (told[clinic]["opening"]["id"], told[office]["opening"]["en"]) == ("Senin sampai Sabtu", "Monday to Friday")
    counted = [[(one["date"], one["was"], one["number"]) for one in notice(told[case])["days"]] for case in told]
    assert counted[0] == counted[1]
    assert notice(told[clinic])["last_day"] == notice(told[office])["last_day"] == "2026-04-08"
    saturday = next(one for one in notice(told[clinic])["days"] if one["date"] == "2026-03-28")
    assert (saturday["open"], saturday["number"]) == (True, 3)
    assert saturday["words"] == {
        "id": "Sabtu; unit buka, tetapi menurut hukum bukan hari kerja",
        "en": "Saturday; the unit is open, by law no working day",
    }
    assert date.fromisoformat(saturday["date"]).weekday() == 5


def explained(day: Day, case: Any) -> dict[str, Any]:
    day.unit.rows.flush()
    explain = day.town.handlers.commands[ExplainCase]
    told: dict[str, Any] = explain(day.unit.connection, day.town.actor("main"), ExplainCase(case_id=case))
    return told


def notice(told: dict[str, Any]) -> dict[str, Any]:
    return next(clock for clock in told["clocks"] if clock["rule"] == "request_notice")
