"""Clocks, days and calendars in the words of people: Indonesian first, English second."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from babel.dates import format_date

from corong.routing.clock_rules import Bound
from corong.runtime.opening import Weekday, is_open
from corong.working_days.calendars import SATURDAY, DayChange, DayOff
from corong.working_days.counting import DayCount, Unit
from corong.working_days.zones import ZONES, Zone

__all__ = [
    "Language",
    "written_amount",
    "written_beside",
    "written_bound",
    "written_change",
    "written_count",
    "written_day",
    "written_moment",
    "written_off",
]

Language = Literal["id", "en"]

_LOCALES = {"id": "id_ID", "en": "en_GB"}
_UNITS: dict[Unit, tuple[str, str, str]] = {
    "working_days": ("hari kerja", "working day", "working days"),
    "days": ("hari", "day", "days"),
    "hours": ("jam", "hour", "hours"),
    "months": ("bulan", "month", "months"),
}
_BOUND: dict[Bound, tuple[str, str]] = {
    "unit_officer": ("PPID Pembantu atau Pelaksana", "unit information officer"),
    "main_officer": ("PPID Utama", "main information officer"),
    "superior": ("atasan PPID", "officer's superior"),
    "applicant": ("pemohon", "applicant"),
    "commission": ("Komisi Informasi", "Information Commission"),
    "system": ("sistem", "system"),
}
_KINDS = {
    "national_holiday": ("libur nasional", "national holiday"),
    "joint_leave": ("cuti bersama", "joint leave"),
    "local_holiday": ("libur daerah", "local holiday"),
    "estimated_holiday": ("perkiraan libur nasional", "estimated national holiday"),
}

_CLOSED = ("unit tutup, tetapi menurut hukum hari kerja", "the unit is closed, by law a working day")
_OPEN = ("unit buka, tetapi menurut hukum bukan hari kerja", "the unit is open, by law no working day")


def _pick(both: tuple[str, str], language: Language) -> str:
    return both[1] if language == "en" else both[0]


@lru_cache(maxsize=1024)  # what is told on one day names the same days
def written_day(day: date, language: Language) -> str:
    """`Rabu, 8 April 2026`; `Wednesday, 8 April 2026`."""
    return format_date(day, "EEEE, d MMMM y", locale=_LOCALES[language])


def written_moment(moment: datetime, zone: Zone, language: Language) -> str:
    """`Rabu, 8 April 2026, 23.59 WIB`."""
    there = moment.astimezone(ZONES[zone])
    return f"{written_day(there.date(), language)}, {there.strftime('%H:%M' if language == 'en' else '%H.%M')} {zone}"


def written_amount(amount: int, unit: Unit, language: Language) -> str:
    """`10 hari kerja`; `10 working days`, `1 day`."""
    indonesian, one, more = _UNITS[unit]
    return f"{amount} {_pick((indonesian, one if amount == 1 else more), language)}"


def written_bound(bound: Bound, language: Language) -> str:
    """Whom a clock binds."""
    return _pick(_BOUND[bound], language)


def written_off(off: DayOff, language: Language) -> str:
    """Kind, name, and the decree that says so: `cuti bersama: Cuti Bersama Hari Suci Nyepi (SKB …)`."""
    return _off(off.kind, off.name, off.decree, language)


def written_change(change: DayChange, language: Language) -> str:
    """What a change does to the count of working days."""
    if not change.moves_work:
        return _pick(("hitungan hari kerja tidak berubah", "working days are counted as before"), language)
    if change.new is None:
        return _pick(("menjadi hari kerja", "becomes a working day"), language)
    return _pick(("menjadi hari libur", "becomes a day off"), language)


def written_count(
    count: DayCount, unit: Unit, language: Language, pauses: Mapping[str, tuple[str, str]] | None = None
) -> str:
    """What a date counted as. `pauses` are the reasons' words, as the clock rules have them."""
    if count.spent is not None:
        return _spent(count, language)
    if count.was == "day_zero":
        return _pick(("hari nol: belum dihitung", "day zero: not counted"), language)
    if count.was == "counted":
        indonesian, one, _ = _UNITS[unit]
        return _pick((f"{indonesian} ke-{count.number}", f"{one} {count.number}"), language)
    if count.was in ("saturday", "sunday"):
        return format_date(count.date, "EEEE", locale=_LOCALES[language])
    if count.was == "paused":
        reason = _pick((pauses or {}).get(count.because, (count.because, count.because)), language)
        return f"{_pick(('tidak dihitung', 'not counted'), language)}: {reason}"
    return _off(count.was, count.because, count.decree, language)


def written_beside(day: date, opening: Sequence[Weekday], language: Language) -> str:
    """What a reader may ask who knows when the unit's doors are open; empty where that is as the law counts."""
    at_work = day.weekday() < SATURDAY
    if is_open(opening, day) == at_work:
        return ""
    return _pick(_CLOSED if at_work else _OPEN, language)


def _off(kind: str, name: str, decree: str, language: Language) -> str:
    source = decree or _pick(("belum ada keputusan", "no decree yet"), language)
    return f"{_pick(_KINDS[kind], language)}: {name} ({source})"


def _spent(count: DayCount, language: Language) -> str:
    assert count.spent is not None
    hours, rest = divmod(count.spent, timedelta(hours=1))
    minutes = rest // timedelta(minutes=1)
    passed = _pick((f"{hours} jam {minutes} menit", f"{hours} h {minutes} min"), language)
    return passed + _pick((f", genap {count.number} jam", f", {count.number} whole hours in all"), language)
