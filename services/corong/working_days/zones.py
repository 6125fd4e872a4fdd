"""The three time zones of Indonesia (Keppres 41/1987). None of them knows summer time, so each is a fixed offset."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Literal

__all__ = ["FIRST_DAY", "LAST_DAY", "ZONES", "Zone", "day_in", "start_of", "zone_named"]

FIRST_DAY, LAST_DAY = date(1000, 1, 1), date(2999, 12, 31)
"""Of what people can mean: at the calendar's own ends a zone's day begins or ends where UTC has no date."""

Zone = Literal["WIB", "WITA", "WIT"]
ZONES: dict[Zone, timezone] = {
    "WIB": timezone(timedelta(hours=7), "WIB"),
    "WITA": timezone(timedelta(hours=8), "WITA"),
    "WIT": timezone(timedelta(hours=9), "WIT"),
}
_OF_IANA: dict[str, Zone] = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Ujung_Pandang": "WITA",
    "Asia/Jayapura": "WIT",
}


def zone_named(name: str) -> Zone:
    """The zone of `WIB`, `WITA`, `WIT` or of an IANA name such as `Asia/Jakarta`. Raises ValueError."""
    for zone in ZONES:
        if name.upper() == zone:
            return zone
    try:
        return _OF_IANA[name]
    except KeyError:
        raise ValueError(f"{name!r} is no time zone of Indonesia: WIB, WITA or WIT") from None


def day_in(zone: Zone, moment: datetime) -> date:
    """The date that a clock on the wall shows there. Raises ValueError for a moment without an offset."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its offset: 23:59 in Asahan is another moment than 23:59 in Jayapura")
    return moment.astimezone(ZONES[zone]).date()


def start_of(day: date, zone: Zone) -> datetime:
    """The moment, in UTC, at which that day begins there."""
    return datetime.combine(day, time.min, ZONES[zone]).astimezone(UTC)
