"""The page docs/clocks.md, made from rules and calendar: `python -m corong.routing.clock_page > docs/clocks.md`."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from corong.routing.calendar_versions import Calendars
from corong.routing.clock_rules import ClockRule, ClockRules
from corong.routing.clock_words import (
    Language,
    written_amount,
    written_bound,
    written_count,
    written_day,
    written_moment,
)
from corong.routing.deadlines import ClockInputs, deadline
from corong.working_days.zones import ZONES

__all__ = ["page"]

_EXAMPLE = datetime(2026, 3, 17, 23, 59, tzinfo=ZONES["WIB"])

_TITLES: dict[Language, tuple[str, str, str]] = {
    "id": ("Daftar tenggat", "Contoh", "Kalender"),
    "en": ("The clocks", "An example", "The calendar"),
}
_CLOCK_COLUMNS: dict[Language, tuple[str, ...]] = {
    "id": ("Tenggat", "Lamanya", "Mengikat", "Sejak", "Dasar", "Batas tertinggi", "Sumber", "Nama kode"),
    "en": ("Clock", "Time", "Binds", "From", "Basis", "Ceiling", "Source", "Code name"),
}
_OBLIGATION: dict[Language, str] = {
    "id": "**kewajiban pemerintah daerah.**",
    "en": "**an obligation of the government itself.**",
}
_DAY_COLUMNS: dict[Language, tuple[str, ...]] = {
    "id": ("Tanggal", "Hitungan", "Keterangan"),
    "en": ("Date", "Count", "Why"),
}
_VERSION_COLUMNS: dict[Language, tuple[str, ...]] = {
    "id": ("No", "Berlaku sejak", "Keputusan", "Tentang", "Sumber"),
    "en": ("No", "In force from", "Decree", "Title", "Source"),
}


def page(rules: ClockRules, calendars: Calendars) -> str:
    """The whole page in Markdown: Indonesian, then English."""
    return "\n".join(line for language in ("id", "en") for line in _part(rules, calendars, language))


def _part(rules: ClockRules, calendars: Calendars, language: Language) -> Iterator[str]:
    clocks, example, calendar = _TITLES[language]
    yield Path(__file__).with_name(f"clock_page.{language}.md").read_text(encoding="utf-8")
    yield f"## {clocks}\n"
    yield from _table(
        _CLOCK_COLUMNS[language], (row for rule in rules.values() for row in _rows(rule, rules, language))
    )
    for rule in rules.values():
        if rule.note:
            yield f"- `{rule.name}`: {rule.note[language == 'en']}"
        if rule.obligation:
            yield f"- `{rule.name}`: {_OBLIGATION[language]} {rule.obligation[language == 'en']}"
    yield f"\n## {example}\n"
    yield from _example(rules, calendars, language)
    yield f"\n## {calendar}\n"
    sources = {decree.number: decree.verified for decree in calendars.decrees}
    yield from _table(
        _VERSION_COLUMNS[language],
        (
            (
                str(calendars.number(one)),
                written_day(one.in_force, language),
                one.decree,
                one.title,
                sources[one.decree],
            )
            for one in calendars.versions
        ),
    )


def _rows(rule: ClockRule, rules: ClockRules, language: Language) -> Iterator[tuple[str, ...]]:
    english = language == "en"
    ceiling = rule.ceiling
    bound = written_bound(rule.bound, language)
    yield (
        rule.english if english else rule.indonesian,
        written_amount(rule.amount, rule.unit, language),
        bound,
        rules.starts[rule.start][english],
        rule.basis,
        f"{written_amount(ceiling.amount, ceiling.unit, language)} ({ceiling.basis})" if ceiling else "",
        rule.verified,
        f"`{rule.name}`",
    )
    if more := rule.extension:
        yield (
            more.english if english else more.indonesian,
            f"+ {written_amount(more.amount, rule.unit, language)}",
            bound,
            "",
            more.basis,
            "",
            more.verified,
            f"`{more.name}`",
        )


def _example(rules: ClockRules, calendars: Calendars, language: Language) -> Iterator[str]:
    calendar = calendars.at(_EXAMPLE.date())
    inputs = ClockInputs(_EXAMPLE, "WIB")
    ends = [
        deadline(rules["request_completion"], inputs, calendar),
        deadline(rules["request_notice"], inputs, calendar),
        deadline(rules["request_notice"], ClockInputs(_EXAMPLE, "WIB", (), True), calendar),
    ]
    days = ", ".join(f"+{one.amount} = **{written_day(one.last_day, language)}**" for one in ends)
    received = "Received" if language == "en" else "Diterima"
    yield f"{received}: {written_moment(_EXAMPLE, 'WIB', language)}. {days}.\n"
    yield from _table(
        _DAY_COLUMNS[language],
        (
            (
                written_day(one.date, language),
                str(one.number),
                written_count(one, ends[-1].unit, language, rules.pauses),
            )
            for one in ends[-1].explanation
        ),
    )


def _table(columns: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


if __name__ == "__main__":
    print(page(ClockRules.load(), Calendars.load()), end="")
