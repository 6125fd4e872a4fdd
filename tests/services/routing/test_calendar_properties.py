"""Whatever decrees follow each other: a version is what they make of the one before, and none reaches back."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from corong.routing.calendar_versions import Calendars
from corong.routing.decrees import AddedDay, Decree, TakenDay, national_decrees
from corong.working_days.calendars import Calendar, changed_days

NATIONAL = Calendars.load()
FROM = date(2026, 10, 1)
days = st.dates(date(2026, 11, 1), date(2028, 3, 31))


@st.composite
def decrees(draw: st.DrawFn) -> list[Decree]:
    """Local decrees, each from a day of its own, that add days of work and take away days off."""
    off = set(NATIONAL.latest.days)
    found = []
    for number in range(draw(st.integers(1, 5))):
        touched = draw(st.sets(days, min_size=1, max_size=6))
        added, taken = touched - off, touched & off
        off = (off | added) - taken
        found.append(
            Decree(
                number=f"SK {number}",
                title="Uji",
                in_force=FROM + timedelta(days=number),
                source="uji",
                added=tuple(AddedDay(date=day, kind="local_holiday", name="x", reason="x") for day in sorted(added)),
                taken_away=tuple(TakenDay(date=day, reason="x") for day in sorted(taken)),
            )
        )
    return found


@given(decrees())
def test_each_version_is_what_its_decree_makes_of_the_one_before(local: list[Decree]) -> None:
    calendars = Calendars([*national_decrees(), *reversed(local)])
    before = NATIONAL.latest
    for decree, version in zip(local, calendars.versions[-len(local) :], strict=True):
        added = {entry.date for entry in decree.added}
        taken = {entry.date for entry in decree.taken_away}
        assert version.decree == decree.number
        assert set(version.days) == (set(before.days) | added) - taken
        assert {change.date for change in changed_days(before, version)} == added | taken
        assert {day for day, off in version.days.items() if off.decree == decree.number} == added
        assert calendars.at(decree.in_force) is version
        assert Calendar.from_content(version.content()).digest == version.digest
        before = version


@given(decrees())
def test_a_later_decree_changes_no_version_before_it(local: list[Decree]) -> None:
    whole = Calendars([*national_decrees(), *local])
    shorter = Calendars([*national_decrees(), *local[:-1]])
    assert [one.digest for one in whole.versions[:-1]] == [one.digest for one in shorter.versions]
    assert whole.latest.digest not in {one.digest for one in shorter.versions}
