"""Dates, sizes and texts as the reader's language writes them."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from corong.runtime.language import Language

_LOCALES = {"id": "id_ID", "en": "en_GB"}
_HOUR = {"id": "%H.%M", "en": "%H:%M"}
_ZONES: dict[tuple[ZoneInfo, timedelta | None, timedelta | None], str] = {}
"""Zone, offset and summer time → its name: a list has many moments, and Babel takes long for each."""
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]}]")


def day(at: datetime, language: Language, zone: ZoneInfo) -> str:
    """`17 Maret 2026`."""
    return _day(at.astimezone(zone).date(), language)


@lru_cache(maxsize=4_096)
def _day(on: date, language: Language) -> str:
    return format_date(on, "long", locale=_LOCALES[language])


@lru_cache(maxsize=4_096)
def weekday(on: date, language: Language) -> str:
    """`Rabu, 8 April 2026`."""
    return format_date(on, "EEEE, d MMMM y", locale=_LOCALES[language])


def month(on: date, language: Language) -> str:
    """`Maret 2026`."""
    return format_date(on, "MMMM y", locale=_LOCALES[language])


def minute(at: datetime, language: Language, zone: ZoneInfo) -> str:
    """`17 Maret 2026, 14.05 WIB`."""
    there = at.astimezone(zone)
    return f"{_day(there.date(), language)}, {there:{_HOUR[language]}} {_zone(there, zone)}"


def _zone(there: datetime, zone: ZoneInfo) -> str:
    known = zone, there.utcoffset(), there.dst()
    if known not in _ZONES:  # only Indonesian knows its zones' names; in English they would be bare offsets
        _ZONES[known] = format_datetime(there, "zzz", tzinfo=zone, locale="id_ID")
    return _ZONES[known]


def number(value: float, language: Language) -> str:
    """`1.234,5` in Indonesian, `1,234.5` in English."""
    return format_decimal(value, locale=_LOCALES[language])


def size(count: int, language: Language) -> str:
    """A file's size from bytes: `820 byte`, `12 KB`, `1,4 MB`."""
    if count < 1024:
        return f"{count} byte" if language == "id" or count == 1 else f"{count} bytes"
    if count < 1_048_576:
        return f"{number(round(count / 1024), language)} KB"
    return f"{number(round(count / 1_048_576, 1), language)} MB"


def paragraphs(text: str) -> Markup:
    """A plain text as HTML: paragraphs, line breaks, web addresses that can be followed; everything else is text."""
    blocks = [block for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()) if block.strip()]
    return Markup("\n").join(Markup("<p>{}</p>").format(_lines(block)) for block in blocks)


def _lines(block: str) -> Markup:
    return Markup("<br>\n").join(_linked(line) for line in block.split("\n"))


def _linked(line: str) -> Markup:
    parts: list[Markup] = []
    end = 0
    for found in _LINK.finditer(line):
        parts.append(escape(line[end : found.start()]))
        parts.append(Markup('<a href="{0}" rel="nofollow noopener">{0}</a>').format(found.group()))
        end = found.end()
    parts.append(escape(line[end:]))
    return Markup("").join(parts)
