"""docs/clocks.md is what rules and calendar say, and says it in words a lawyer reads."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from corong.routing.calendar_versions import Calendars
from corong.routing.clock_page import page
from corong.routing.clock_rules import ClockRules
from corong.routing.clock_words import (
    Language,
    written_amount,
    written_change,
    written_count,
    written_day,
    written_moment,
    written_off,
)
from corong.working_days.calendars import DayChange, DayOff
from corong.working_days.counting import DayCount

PAGE = Path(__file__).parents[3] / "docs" / "clocks.md"
RULES = ClockRules.load()


def test_the_page_is_made_from_rules_and_calendar() -> None:
    made = page(RULES, Calendars.load())
    assert PAGE.read_text(encoding="utf-8") == made, "python -m corong.routing.clock_page > docs/clocks.md"


def test_the_page_names_every_clock_and_decree_in_both_languages() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for rule in RULES.values():
        assert text.count(f"| `{rule.name}` |") == 2
        assert f"| {rule.indonesian} |" in text
        assert f"| {rule.english} |" in text
    for version in Calendars.load().versions:
        assert text.count(f"| {version.decree} |") == 2
    assert text.index("# Tenggat menurut hukum") < text.index("# The law's clocks")
    assert "+3 = **Jumat, 27 Maret 2026**, +10 = **Rabu, 8 April 2026**, +17 = **Jumat, 17 April 2026**" in text


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [
        ("id", "Rabu, 8 April 2026", "Kamis, 9 April 2026, 01.05 WIT"),
        ("en", "Wednesday, 8 April 2026", "Thursday, 9 April 2026, 01:05 WIT"),
    ],
)
def test_days_and_moments_are_written_as_people_write_them(language: Language, day: str, moment: str) -> None:
    assert written_day(date(2026, 4, 8), language) == day
    assert written_moment(datetime(2026, 4, 8, 16, 5, tzinfo=UTC), "WIT", language) == moment


def test_amounts_and_counts_in_both_languages() -> None:
    assert [written_amount(1, "days", lang) for lang in ("id", "en")] == ["1 hari", "1 day"]
    assert [written_amount(10, "working_days", lang) for lang in ("id", "en")] == ["10 hari kerja", "10 working days"]
    day = date(2026, 4, 4)
    told = {
        count.was: [written_count(count, "working_days", lang, RULES.pauses) for lang in ("id", "en")]
        for count in (
            DayCount(day, "day_zero", 0),
            DayCount(day, "counted", 3),
            DayCount(day, "saturday", 3),
            DayCount(day, "paused", 3, "waiting_for_applicant"),
            DayCount(day, "joint_leave", 3, "Nyepi", "SKB 1"),
            DayCount(day, "estimated_holiday", 3, "Nyepi"),
        )
    }
    assert told == {
        "day_zero": ["hari nol: belum dihitung", "day zero: not counted"],
        "counted": ["hari kerja ke-3", "working day 3"],
        "saturday": ["Sabtu", "Saturday"],
        "paused": [
            "tidak dihitung: menunggu pemohon melengkapi permohonan",
            "not counted: waiting for the applicant to complete the request",
        ],
        "joint_leave": ["cuti bersama: Nyepi (SKB 1)", "joint leave: Nyepi (SKB 1)"],
        "estimated_holiday": [
            "perkiraan libur nasional: Nyepi (belum ada keputusan)",
            "estimated national holiday: Nyepi (no decree yet)",
        ],
    }
    spent = DayCount(day, "counted", 9, spent=timedelta(hours=9, minutes=55))
    assert written_count(spent, "hours", "id") == "9 jam 55 menit, genap 9 jam"


def test_a_change_says_what_it_does() -> None:
    off = DayOff("joint_leave", "Nyepi", "SKB 1")
    monday, sunday = date(2026, 4, 6), date(2026, 4, 5)
    assert written_off(off, "en") == "joint leave: Nyepi (SKB 1)"
    assert written_change(DayChange(monday, None, off), "id") == "menjadi hari libur"
    assert written_change(DayChange(monday, off, None), "id") == "menjadi hari kerja"
    assert written_change(DayChange(sunday, None, off), "id") == "hitungan hari kerja tidak berubah"
