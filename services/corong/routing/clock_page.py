"""The page docs/clocks.md, made from rules and calendar: `python -m corong.routing.clock_page > docs/clocks.md`."""

from collections.abc import Iterator
from datetime import datetime

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
from corong.routing.zones import ZONES

__all__ = ["page"]

_EXAMPLE = datetime(2026, 3, 17, 23, 59, tzinfo=ZONES["WIB"])

_HEAD: dict[Language, str] = {
    "id": """# Tenggat menurut hukum

<!-- Made by `python -m corong.routing.clock_page > docs/clocks.md`; a test holds it to the rules. -->

*[English below](#the-laws-clocks)*

Halaman ini dibuat dari aturan yang dipakai program (`services/corong/routing/clock_rules.toml`) dan dari kalendernya.
Setiap tanggal yang dihitung Corong dapat diperiksa hari demi hari: `corong clock explain`.

## Cara menghitung

1. **Hari nol** adalah hari diterimanya, menurut jam di tempat unit itu (WIB, WITA, atau WIT); pukul 23.59 masih hari itu.
   Hari nol tidak dihitung (k).
2. **Hari kerja** adalah Senin sampai Jumat yang bukan libur nasional, cuti bersama, atau libur daerah. Sabtu dan Minggu tidak
   pernah dihitung sebagai hari kerja, juga di unit yang melayani pada hari Sabtu.
3. **Hari kalender** dihitung semuanya; bila hari terakhirnya hari libur, tenggat tidak bergeser (k: lebih ketat bagi badan publik).
4. **Terlambat** berarti hari terakhir sudah habis di zona unit itu. Tenggat dalam jam habis pada menitnya.
5. **Berhenti** hanya untuk alasan yang disebut aturannya: hari sesudah pemohon ditanya sampai dengan hari jawabannya tidak
   dihitung (k). Selama jawaban belum datang tidak ada yang terlambat.
6. **Perpanjangan** satu kali; harinya ditambahkan pada hitungan yang sama.
7. **Batas tertinggi**: yang lebih dahulu antara tenggat dan batasnya yang berlaku.
8. **Sasaran setempat** hanya boleh lebih ketat; sasaran yang lebih longgar daripada hukum ditolak saat program mulai.
9. **Kalender berubah** oleh keputusan: tenggat yang belum lewat dihitung lagi, dan perubahannya dicatat dengan alasannya.

Sumber: **v** sumber umum sudah dibaca; **k** diketahui, perlu dipastikan ahli hukum.
""",
    "en": """# The law's clocks

This page is made from the rules that the program uses (`services/corong/routing/clock_rules.toml`) and from its calendar.
Each date that Corong counts can be checked day by day: `corong clock explain`.

## How it counts

1. **Day zero** is the day of receipt by the clock where the unit is (WIB, WITA or WIT); 23:59 is still that day.
   Day zero is not counted (k).
2. **A working day** is a Monday to Friday that is no national holiday, joint leave or local holiday. Saturday and Sunday are
   never counted as working days, also where a unit has its doors open on Saturday.
3. **Calendar days** all count; where the last one is a day off the deadline does not shift (k: stricter for the public body).
4. **Late** means that the last day is over in the unit's zone. A clock of hours ends at its minute.
5. **It stands still** only for the reasons that its rule names: the days after the applicant was asked, up to the day of the
   answer, are not counted (k). Until the answer has come nothing is late.
6. **An extension** is given once; its days are added to the same count.
7. **Ceiling**: the earlier of the deadline and its ceiling decides.
8. **A local target** may only be stricter; one that is laxer than the law is refused when the program starts.
9. **The calendar changes** by decree: deadlines that are still open are counted again, and the change is recorded with why.

Source: **v** a public source was read; **k** known, a lawyer should confirm it.
""",
}
_TITLES: dict[Language, tuple[str, str, str]] = {
    "id": ("Daftar tenggat", "Contoh", "Kalender"),
    "en": ("The clocks", "An example", "The calendar"),
}
_CLOCK_COLUMNS: dict[Language, tuple[str, ...]] = {
    "id": ("Tenggat", "Lamanya", "Mengikat", "Sejak", "Dasar", "Batas tertinggi", "Sumber", "Nama kode"),
    "en": ("Clock", "Time", "Binds", "From", "Basis", "Ceiling", "Source", "Code name"),
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
    yield _HEAD[language]
    yield f"## {clocks}\n"
    yield from _table(
        _CLOCK_COLUMNS[language], (row for rule in rules.values() for row in _rows(rule, rules, language))
    )
    for rule in rules.values():
        if rule.note:
            yield f"- `{rule.name}`: {rule.note[language == 'en']}"
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
