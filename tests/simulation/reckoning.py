"""The town's own reckoning of days: it shares no code and no table with the services.

The days off are those that were typed from the decrees (`tests/services/routing/decree_dates.py`), and the clocks are
typed here from the law and the example's `clocks.toml`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

from tests.services.routing.decree_dates import JOINT_DECREES
from tests.simulation.regency import ADDED, IN_FORCE, TAKEN_AWAY

WIB = timezone(timedelta(hours=7))
DAY = timedelta(days=1)
YEAR = 2026
_OF_2026 = JOINT_DECREES["SKB Menag 1497/2025, Menaker 2/2025, MenPANRB 5/2025"]
_OF_2027 = JOINT_DECREES["SKB 3 Menteri tentang Hari Libur Nasional dan Cuti Bersama Tahun 2027"]


@dataclass(frozen=True)
class Days:
    """One version of the days off, from the day on which it holds."""

    since: date
    off: frozenset[date]

    def working(self, day: date) -> bool:
        """Whether the law counts that day."""
        return day.weekday() < 5 and day not in self.off


# What 2027 has off is an estimate until its decree: the feasts are known then, the joint leave is not.
_FIRST = _OF_2026[0] | _OF_2026[1] | _OF_2027[0]
_AUGUST = (_FIRST | {ADDED}) - {TAKEN_AWAY}
VERSIONS = (
    Days(date(2025, 9, 19), _FIRST),
    Days(IN_FORCE, _AUGUST),
    Days(date(2026, 9, 17), _AUGUST | _OF_2027[1]),
)
OFFICE = VERSIONS[-1]
"""The days on which offices turned out to be open."""


def version_on(day: date) -> Days:
    """The one that holds on that day."""
    return next(one for one in reversed(VERSIONS) if one.since <= day)


@dataclass(frozen=True)
class Rule:
    """A clock: so many working days, for some no later than so many days of the calendar."""

    amount: int
    extension: int = 0
    ceiling: int | None = None
    reminds: bool = False
    """Who is bound by it is reminded before, and the main office is told when it has run out."""
    opens: str | None = None
    """The right that opens in silence."""


RULES = {
    "request_notice": Rule(10, extension=7, reminds=True, opens="objection_filing"),
    "request_completion": Rule(3),
    "objection_filing": Rule(30),
    "objection_decision": Rule(30, reminds=True, opens="dispute_filing"),
    "dispute_filing": Rule(14),
    "commission_start": Rule(14),
    "commission_finish": Rule(100),
    "complaint_normative": Rule(5, ceiling=60, reminds=True),
    "complaint_without_oversight": Rule(14, ceiling=60, reminds=True),
    "complaint_with_oversight": Rule(60, ceiling=60, reminds=True),
    "complaint_ceiling": Rule(60, ceiling=60, reminds=True),
    "lapor_forward": Rule(3, reminds=True),
    "lapor_plan": Rule(5, reminds=True),
    "lapor_close": Rule(10),
    "suggestion_answer": Rule(10, reminds=True),
    "question_answer": Rule(2, reminds=True),
}

Pauses = Sequence[tuple[date, date]]
"""Days of asking and of the answer: what lies after the one, up to the other, is not counted."""


def last_and_reminder(rule: Rule, zero: date, days: Days, pauses: Pauses, extended: bool) -> tuple[date, date]:
    """The last day, and the day on which the reminder is due: a fifth of the days is left then, at least one."""
    amount = rule.amount + (rule.extension if extended else 0)
    counted: list[date] = []
    day = zero
    while len(counted) < amount:
        day += DAY
        if days.working(day) and not any(asked < day <= told for asked, told in pauses):
            counted.append(day)
    if rule.ceiling is not None and zero + rule.ceiling * DAY < counted[-1]:
        amount = rule.ceiling
        counted = [zero + number * DAY for number in range(1, amount + 1)]
    return counted[-1], counted[amount - max(1, round(amount / 5))]


def begins(day: date) -> datetime:
    """The moment, in UTC, at which a day begins in Asahan."""
    return datetime.combine(day, time.min, WIB).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """The day there."""
    return moment.astimezone(WIB).date()


def working_day(after: date, number: int) -> date:
    """The day of an office so many days after another; the next one on which it is open, for 0."""
    day = after
    while number > 0 or not OFFICE.working(day):
        day += DAY
        number -= OFFICE.working(day)
    return day
