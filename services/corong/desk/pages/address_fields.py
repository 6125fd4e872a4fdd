"""Fields as they stand in addresses and in forms; what can't be is as not asked."""

import re
from collections.abc import Container, Mapping
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from corong.working_days.zones import FIRST_DAY, LAST_DAY, Zone, start_of

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def among(value: str, choices: Container[str]) -> str:
    """The value where it is one of the choices, else nothing."""
    return value if value in choices else ""


def day(text: str) -> str:
    """A day as a field of a form has it (2026-07-01), else nothing."""
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return ""
    return text if found is not None and FIRST_DAY <= found <= LAST_DAY else ""


def span(first: str, last: str, zone: Zone) -> tuple[datetime | None, datetime | None]:
    """From the moment at which `first` begins to that at which `last` ends; an empty one is no bound.

    Raises `ValueError` where one is no `day`.
    """
    begins, ends = (_date(text) for text in (first, last))
    return (
        start_of(begins, zone) if begins is not None else None,
        start_of(ends + timedelta(days=1), zone) if ends is not None else None,
    )


def _date(text: str) -> date | None:
    if text and not day(text):
        raise ValueError("no day")
    return date.fromisoformat(text) if text else None


def address(path: str, fields: Mapping[str, str]) -> str:
    """`path` with those of the fields that say something."""
    asked = {name: value for name, value in fields.items() if value}
    return f"{path}?{urlencode(asked)}" if asked else path
