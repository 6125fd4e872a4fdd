"""Versions of the calendar: what each decree makes of the one before it, and what an installation may enter."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from corong.routing.calendar_versions import Calendars, NoSuchVersion
from corong.routing.decrees import Decree, DecreeError, national_decrees
from corong.working_days.calendars import Calendar, OutsideCalendar, changed_days
from tests.services.routing.decree_dates import JOINT_DECREES, SINGLE_DAYS

NATIONAL = Calendars.load()
LOCAL = """
[[decree]]
number = "SE Bupati 7/2026"
title = "Hari jadi kabupaten"
in_force = 2026-08-03
source = "arsip"

[[decree.added]]
date = 2026-08-20
kind = "local_holiday"
name = "Hari Jadi"
reason = "peringatan"

[[decree.taken_away]]
date = 2026-12-24
reason = "dibatalkan"
"""

Enter = Callable[[str], Path]


@pytest.fixture
def enter(tmp_path: Path) -> Enter:
    """Writes the decrees of an installation; gives its folder."""

    def write(text: str) -> Path:
        (tmp_path / "decrees.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def _version_of(decree: str, calendars: Calendars = NATIONAL) -> Calendar:
    (found,) = [version for version in calendars.versions if version.decree == decree]
    return found


@pytest.mark.parametrize("decree", JOINT_DECREES)
def test_days_are_those_of_the_joint_decree(decree: str) -> None:
    holidays, leave = JOINT_DECREES[decree]
    for calendar in (_version_of(decree), NATIONAL.latest):
        by_it = {day: off.kind for day, off in calendar.days.items() if off.decree == decree}
        assert {day for day, kind in by_it.items() if kind == "national_holiday"} == holidays
        assert {day for day, kind in by_it.items() if kind == "joint_leave"} == leave
        assert len(by_it) == len(holidays) + len(leave)


def test_nothing_else_is_off_in_the_decreed_years() -> None:
    listed = {day for holidays, leave in JOINT_DECREES.values() for day in holidays | leave}
    listed |= {day for day, _, _ in SINGLE_DAYS.values()}
    assert {day for day in NATIONAL.latest.days if day.year <= 2027} == listed
    assert NATIONAL.latest.decreed == {2024, 2025, 2026, 2027}


@pytest.mark.parametrize("decree", SINGLE_DAYS)
def test_a_decree_of_mid_year_counts_from_its_date_of_force(decree: str) -> None:
    day, kind, in_force = SINGLE_DAYS[decree]
    assert NATIONAL.at(in_force - timedelta(days=1)).is_working(day)
    off = NATIONAL.at(in_force).off(day)
    assert off is not None
    assert (off.kind, off.decree) == (kind, decree)
    version = _version_of(decree)
    before = NATIONAL.versions[NATIONAL.versions.index(version) - 1]
    assert [change.date for change in changed_days(before, version)] == [day]


def test_a_year_without_a_decree_is_estimated_without_joint_leave() -> None:
    before = NATIONAL.at(date(2025, 9, 18))
    assert 2026 not in before.decreed
    kinds = {off.kind for day, off in before.days.items() if day.year == 2026}
    assert kinds == {"estimated_holiday"}
    assert before.is_working(date(2026, 3, 18))
    assert not NATIONAL.at(date(2025, 9, 19)).is_working(date(2026, 3, 18))


def test_weekends_are_no_working_days_and_other_years_are_refused() -> None:
    calendar = NATIONAL.latest
    assert [calendar.is_working(date(2026, 11, day)) for day in range(20, 25)] == [True, False, False, True, True]
    for day in (date(2023, 12, 31), date(calendar.last_year + 1, 1, 1)):
        with pytest.raises(OutsideCalendar):
            calendar.is_working(day)


def test_a_version_is_its_content() -> None:
    for version in NATIONAL.versions:
        again = Calendar.from_content(version.content())
        assert (again, again.digest) == (version, version.digest)
        assert NATIONAL.named(version.digest[:12]) is version
        assert NATIONAL.named(str(NATIONAL.number(version))) is version
    assert len({version.digest for version in NATIONAL.versions}) == len(NATIONAL.versions)
    assert [version.digest for version in Calendars.load().versions] == [one.digest for one in NATIONAL.versions]
    with pytest.raises(ValueError, match="format"):
        Calendar.from_content(NATIONAL.latest.content() | {"format": "corong-calendar-0"})


def test_a_decree_to_come_changes_no_version_before_it(enter: Enter) -> None:
    with_local = Calendars.load(enter(LOCAL))
    before = [version.digest for version in NATIONAL.versions if version.in_force < date(2026, 8, 3)]
    assert [version.digest for version in with_local.versions][: len(before)] == before
    assert with_local.latest.decree == NATIONAL.latest.decree
    assert with_local.latest.digest != NATIONAL.latest.digest


@pytest.mark.parametrize("reference", ["0", "99", "abcdef123456", "", "2023-01-01", "x", "12345"])
def test_an_unknown_version_is_told(reference: str) -> None:
    with pytest.raises(NoSuchVersion):
        NATIONAL.named(reference)


def test_local_decrees_add_and_take_away_from_their_date(enter: Enter) -> None:
    calendars = Calendars.load(enter(LOCAL))
    old, new = calendars.at(date(2026, 8, 2)), calendars.at(date(2026, 8, 3))
    changes = changed_days(old, new)
    assert [(change.date, change.moves_work) for change in changes] == [
        (date(2026, 8, 20), True),
        (date(2026, 12, 24), True),
    ]
    assert not calendars.latest.is_working(date(2026, 8, 20))
    assert calendars.latest.is_working(date(2026, 12, 24))


def test_no_file_and_a_file_of_comments_are_no_decrees(enter: Enter, tmp_path: Path) -> None:
    assert Calendars.load(tmp_path).latest == NATIONAL.latest
    assert Calendars.load(enter("# none yet\n")).latest == NATIONAL.latest


def test_a_local_decree_can_settle_a_year_that_was_estimated(enter: Enter) -> None:
    text = LOCAL.replace("in_force = 2026-08-03", "in_force = 2027-09-01\nsettles = 2028")
    text = text[: text.index("[[decree.taken_away]]")].replace("2026-08-20", "2028-03-01")
    calendars = Calendars.load(enter(text))
    assert [day for day in calendars.latest.days if day.year == 2028] == [date(2028, 3, 1)]
    assert calendars.latest.last_year == NATIONAL.latest.last_year + 1


def test_a_local_decree_stands_in_the_place_of_the_same_number(enter: Enter) -> None:
    text = LOCAL.replace("SE Bupati 7/2026", "Keppres 33/2024").replace("2026-08-03", "2024-11-21")
    text = text[: text.index("[[decree.taken_away]]")].replace("2026-08-20", "2024-11-28")
    latest = Calendars.load(enter(text)).latest
    assert [day for day, off in latest.days.items() if off.decree == "Keppres 33/2024"] == [date(2024, 11, 28)]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("date = 2026-08-20", "date = 2026-08-17"), "off already: Hari Kemerdekaan"),
        (("date = 2026-12-24", "date = 2026-12-23"), "no day off"),
        (("date = 2026-12-24", "date = 2030-12-24"), "no day off"),
        (("date = 2026-08-20", "date = 2023-08-21"), "before 2024"),
        (("date = 2026-12-24", "date = 2026-08-20"), "more than once: 2026-08-20"),
        (('kind = "local_holiday"', 'kind = "holiday"'), "kind"),
        (("in_force = 2026-08-03", "in_force = 2026-08-03\nsettles = 2026"), "not in the year|settled already"),
        (("in_force = 2026-08-03", "in_force = 2026-08-03\nsettles = 2028"), "not in the year 2028"),
        (('reason = "peringatan"', ""), "reason"),
        (('source = "arsip"', 'sources = "arsip"'), "source"),
        ((LOCAL, LOCAL + LOCAL), "the number stands more than once"),
        ((LOCAL, "[[decree"), "isn't TOML"),
        ((LOCAL, "[[other]]\na = 1"), "no such table"),
        (
            (
                "in_force = 2026-08-03",
                "in_force = 2026-08-03\nsettles = 2026\nfrom_library = true\nnational_holidays = 17\njoint_leave = 8",
            ),
            "list its days",
        ),
    ],
)  # fmt: skip
def test_a_decree_that_does_not_fit_is_refused_with_what_to_do(
    enter: Enter, change: tuple[str, str], told: str
) -> None:
    assert change[0] in LOCAL
    with pytest.raises(DecreeError, match=told) as refused:
        Calendars.load(enter(LOCAL.replace(*change)))
    assert all(problem.remedy and problem.file.name == "decrees.toml" for problem in refused.value.problems)


def test_a_library_that_lacks_a_day_or_has_one_more_is_refused() -> None:
    first, *rest = national_decrees()
    for wrong in ({"joint_leave": 11}, {"national_holidays": 16}):
        with pytest.raises(DecreeError, match="the library holidays has"):
            Calendars([Decree.model_validate(first.model_dump() | wrong), *rest])


def test_a_correction_of_the_library_stands_in_the_decree_that_it_corrects() -> None:
    first, *rest = national_decrees()
    entries = {
        "added": [{"date": date(2024, 12, 27), "kind": "joint_leave", "name": "x", "reason": "the library lacks it"}],
        "taken_away": [{"date": date(2024, 12, 26), "reason": "the library is wrong"}],
    }
    corrected = Calendars([Decree.model_validate(first.model_dump() | entries), *rest])
    assert corrected.versions[0].is_working(date(2024, 12, 26))
    assert not corrected.versions[0].is_working(date(2024, 12, 27))


def test_changes_on_weekends_or_of_the_reason_alone_move_no_work(enter: Enter) -> None:
    text = LOCAL[: LOCAL.index("[[decree.taken_away]]")].replace("2026-08-20", "2026-08-22")
    calendars = Calendars.load(enter(text))
    (change,) = changed_days(calendars.at(date(2026, 8, 2)), calendars.at(date(2026, 8, 3)))
    assert change.date.weekday() == 5
    assert not change.moves_work
    for change in changed_days(NATIONAL.at(date(2025, 9, 18)), NATIONAL.at(date(2025, 9, 19))):
        assert change.moves_work == (change.new is not None and change.new.kind == "joint_leave"), change
