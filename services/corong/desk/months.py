"""Months of the government's time zone, counted by a fold that knows no zone.

Indonesia's zones are seven, eight and nine hours before UTC, so a month there begins on the last day before, at 17, 16
or 15 o'clock UTC. What comes in these hours stands in buckets of its own: each zone's months are sums of buckets.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from corong.working_days.zones import ZONES, Zone

__all__ = ["bucket_of", "buckets_of", "first_day", "month_of_bucket", "months_between"]

_EDGES = ("15", "16", "17")
_FIRST_EDGE = int(_EDGES[0])
_LAST_DAYS = 28
"""No month ends before."""


def bucket_of(at: datetime) -> str:
    """The bucket of a moment in UTC: `2026-11`, or `2026-11/17` in the last hours of the month there."""
    month = f"{at.year:04d}-{at.month:02d}"  # as `%Y-%m`, in a tenth of its time
    if at.hour < _FIRST_EDGE or at.day < _LAST_DAYS or (at + timedelta(days=1)).month == at.month:
        return month
    return f"{month}/{min(str(at.hour), _EDGES[-1])}"


def month_of_bucket(bucket: str, zone: Zone) -> str:
    """The month of that zone to which a bucket belongs."""
    month, _, edge = bucket.partition("/")
    hours = ZONES[zone].utcoffset(None).total_seconds() // 3600
    if edge and int(edge) >= 24 - hours:
        return f"{_following(first_day(month)):%Y-%m}"
    return month


def buckets_of(months: Iterable[str], zone: Zone) -> list[str]:
    """The buckets of these months of that zone."""
    wanted = list(dict.fromkeys(months))
    near = dict.fromkeys(name for month in wanted for name in (_before(month), month))
    buckets = [bucket for month in near for bucket in (month, *(f"{month}/{edge}" for edge in _EDGES))]
    return [bucket for bucket in buckets if month_of_bucket(bucket, zone) in wanted]


def months_between(first: str, last: str) -> list[str]:
    """All months from the first to the last, as `2026-11`."""
    found, day, end = [], first_day(first), first_day(last)
    while day <= end:
        found.append(f"{day:%Y-%m}")
        day = _following(day)
    return found


def first_day(month: str) -> date:
    """Of `2026-11`. Raises `ValueError`."""
    return date.fromisoformat(f"{month}-01")


def _following(day: date) -> date:
    return (day + timedelta(days=31)).replace(day=1)


def _before(month: str) -> str:
    return f"{first_day(month) - timedelta(days=1):%Y-%m}"
