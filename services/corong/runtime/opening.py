"""On which days of the week a unit has its doors open. Pure; the law's clocks are not counted by it."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from babel.dates import get_day_names

__all__ = ["OFFICE_DAYS", "WEEKDAYS", "Weekday", "is_open", "written_days"]

Language = Literal["id", "en"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE_DAYS = WEEKDAYS[:5]
"""Those of the law, and of a unit that says nothing else."""


def is_open(days: Sequence[Weekday], on: date) -> bool:
    """Whether a unit that opens on these days of the week opens on that date; holidays are no affair of this."""
    return WEEKDAYS[on.weekday()] in days


def written_days(days: Sequence[Weekday], language: Language) -> str:
    """`Senin sampai Sabtu`; `Tuesday, Thursday`."""
    names = get_day_names("wide", locale="id_ID" if language == "id" else "en_GB")
    places = sorted(WEEKDAYS.index(day) for day in days)
    if len(places) > 2 and places == list(range(places[0], places[-1] + 1)):
        until = "sampai" if language == "id" else "to"
        return f"{names[places[0]]} {until} {names[places[-1]]}"
    return ", ".join(names[place] for place in places)
