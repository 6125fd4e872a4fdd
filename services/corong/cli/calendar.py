"""`corong calendar`: the versions of the calendar of days off, what differs between two, a decree tried before use."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corong.cli.declare import AsJson, command, group
from corong.cli.law import configuration, named, read_calendars
from corong.cli.output import print_json, print_table, tell
from corong.cli.trouble import USAGE, Trouble
from corong.cli.words import language, say

if TYPE_CHECKING:
    from corong.routing.calendar_versions import Calendars
    from corong.working_days.calendars import Calendar, DayChange, DayOff

app = group(
    "calendar",
    "Kalender hari libur untuk tenggat menurut hukum, dengan keputusan yang menjadi dasarnya.",
    "The calendar of days off for the law's clocks, with the decrees behind it.",
)

Version = Annotated[
    str, typer.Argument(help=say("Versi: nomor, awal sidik, atau tanggal.", "A version: number, digest or date."))
]


@command(
    app, "list", "Versi kalender, atau hari libur satu tahun menurut versi terbaru.",
    "The calendar's versions, or the days off of one year by the newest.",
    "corong calendar list --year 2026",
)  # fmt: skip
def list_(
    year: Annotated[
        int | None, typer.Option("--year", help=say("Hari libur tahun ini.", "The days off of this year."))
    ] = None,
    version: Annotated[
        str | None,
        typer.Option(
            "--calendar",
            metavar=say("VERSI", "VERSION"),
            help=say("Menurut versi ini: nomor, awal sidik, atau tanggal.", "By this version: number, digest or date."),
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List versions, or days."""
    calendars = read_calendars()
    if year is None and version is None:
        _list_versions(calendars, as_json)
        return
    calendar = named(calendars, version) if version else calendars.latest
    if year is not None and not calendar.first_year <= year <= calendar.last_year:
        raise Trouble(
            say(f"Kalender ini tidak memuat {year}", f"This calendar does not hold {year}"),
            say(
                f"pilih {calendar.first_year} sampai {calendar.last_year}",
                f"choose {calendar.first_year} to {calendar.last_year}",
            ),
            USAGE,
        )
    days = [(day, off) for day, off in calendar.days.items() if year in (None, day.year)]
    if as_json:
        print_json([_day(day, off) for day, off in days])
        return
    from corong.routing.clock_words import written_day, written_off

    print_table(
        (say("TANGGAL", "DATE"), say("KETERANGAN", "WHY")),
        [(written_day(day, language()), written_off(off, language())) for day, off in days],
    )
    if undecided := sorted({day.year for day, _ in days} - calendar.decreed):
        years = ", ".join(map(str, undecided))
        tell(say(f"Belum ada keputusan untuk {years}: perkiraan.", f"No decree yet for {years}: estimates."))


def _list_versions(calendars: "Calendars", as_json: bool) -> None:
    if as_json:
        print_json([_version(calendars, version) for version in calendars.versions])
        return
    from corong.routing.clock_words import written_day

    print_table(
        (
            say("NO", "NO"),
            say("BERLAKU SEJAK", "IN FORCE FROM"),
            say("SIDIK", "DIGEST"),
            say("KEPUTUSAN", "DECREE"),
            say("TENTANG", "TITLE"),
        ),
        [
            (
                calendars.number(version),
                written_day(version.in_force, language()),
                version.digest[:12],
                version.decree,
                version.title,
            )
            for version in calendars.versions
        ],
    )


@command(
    app, "diff", "Hari yang berbeda antara dua versi kalender.", "The days that differ between two versions.",
    "corong calendar diff 4 5",
)  # fmt: skip
def diff(a: Version, b: Version, as_json: AsJson = False) -> None:
    """Show what differs."""
    from corong.working_days.calendars import changed_days

    calendars = read_calendars()
    print_changes(changed_days(named(calendars, a), named(calendars, b)), as_json)


@command(
    app, "check", "Mencoba berkas keputusan sebelum dipakai: hari mana yang berubah.",
    "Try a file of decrees before it is used: which days change.",
    "corong calendar check decrees.toml",
)  # fmt: skip
def check(
    file: Annotated[
        Path,
        typer.Argument(
            help=say(
                "Berkas yang akan menggantikan decrees.toml instalasi ini.",
                "The file that is to stand in the place of this installation's decrees.toml.",
            )
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Try it; nothing is changed."""
    from corong.working_days.calendars import changed_days

    if not file.is_file():
        raise Trouble(say(f"Berkas {file} tidak ada", f"There is no file {file}"), "", USAGE)
    now, then = read_calendars(configuration()), read_calendars(file)
    changes = changed_days(now.latest, then.latest)
    if not as_json:
        known = {version.digest for version in now.versions}
        fresh = [version for version in then.versions if version.digest not in known]
        tell(
            say(
                f"Berkas dapat dipakai: {len(then.versions)} versi, {len(fresh)} di antaranya baru.",
                f"The file can be used: {len(then.versions)} versions, {len(fresh)} of them new.",
            )
        )
    print_changes(changes, as_json)


def changes_as_json(changes: "tuple[DayChange, ...]") -> list[dict[str, Any]]:
    """For --json."""
    return [
        {
            "date": change.date.isoformat(),
            "old": change.old and _day(change.date, change.old),
            "new": change.new and _day(change.date, change.new),
            "moves_work": change.moves_work,
        }
        for change in changes
    ]


def print_changes(changes: "tuple[DayChange, ...]", as_json: bool) -> None:
    """The days that differ."""
    if as_json:
        print_json(changes_as_json(changes))
        return
    from corong.routing.clock_words import written_change, written_day, written_off

    def off(day: "DayOff | None") -> str:
        return written_off(day, language()) if day else say("bukan hari libur", "no day off")

    print_table(
        (say("TANGGAL", "DATE"), say("DULU", "OLD"), say("SEKARANG", "NEW"), say("AKIBAT", "EFFECT")),
        [
            (written_day(one.date, language()), off(one.old), off(one.new), written_change(one, language()))
            for one in changes
        ],
        say("Tidak ada hari yang berubah.", "No day changes."),
    )


def _version(calendars: "Calendars", calendar: "Calendar") -> dict[str, Any]:
    return {
        "number": calendars.number(calendar),
        "digest": calendar.digest,
        "in_force": calendar.in_force.isoformat(),
        "decree": calendar.decree,
        "title": calendar.title,
        "decreed_years": sorted(calendar.decreed),
        "first_year": calendar.first_year,
        "last_year": calendar.last_year,
    }


def _day(day: date, off: "DayOff") -> dict[str, Any]:
    return {"date": day.isoformat(), "kind": off.kind, "name": off.name, "decree": off.decree or None}
