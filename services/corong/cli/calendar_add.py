"""`corong calendar add`: a decree on days off entered into this installation, checked first."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corong.cli.calendar import app, changes_as_json, print_changes
from corong.cli.choices import DayOffKind, Verified
from corong.cli.declare import AsJson, command
from corong.cli.failures import explained
from corong.cli.installation import read_directory, read_settings, reading
from corong.cli.law import calendars_with, entered_in_log, read_calendars, read_rules, told
from corong.cli.output import line, print_json, print_table, tell
from corong.cli.trouble import USAGE, Trouble
from corong.cli.words import language, say

if TYPE_CHECKING:
    from corong.routing.calendar_versions import Calendars
    from corong.routing.foreseeing import Foreseen
    from corong.working_days.calendars import DayChange

MOST_SHOWN = 50
"""So many deadlines are printed for people; --json has them all."""


Number = Annotated[
    str, typer.Argument(metavar=say("NOMOR", "NUMBER"), help=say("Nomor keputusan.", "The decree's number."))
]
Title = Annotated[str, typer.Option(help=say("Tentang apa.", "What it is about."))]
InForce = Annotated[
    str, typer.Option("--in-force", metavar=say("TANGGAL", "DATE"), help=say("Berlaku sejak.", "In force from."))
]
Source = Annotated[str, typer.Option(help=say("Di mana dibaca.", "Where it was read."))]
Off = Annotated[
    list[str] | None,
    typer.Option(
        "--off",
        metavar=say("'TANGGAL NAMA: ALASAN'", "'DATE NAME: REASON'"),
        help=say("Hari yang menjadi libur; boleh berulang.", "A day that becomes a day off; again."),
    ),
]
Work = Annotated[
    list[str] | None,
    typer.Option(
        "--work",
        metavar=say("'TANGGAL: ALASAN'", "'DATE: REASON'"),
        help=say("Hari libur yang menjadi hari kerja; boleh berulang.", "A day off that becomes one of work; again."),
    ),
]
Kind = Annotated[DayOffKind, typer.Option(help=say("Jenis hari libur itu.", "The kind of those days off."))]
Settles = Annotated[
    int | None,
    typer.Option(
        metavar=say("TAHUN", "YEAR"),
        help=say("Tahun yang seluruh daftarnya ditetapkan.", "The year whose whole list it gives."),
    ),
]
Read = Annotated[
    Verified,
    typer.Option(help=say("v: sumbernya sudah dibaca; k: perlu dipastikan.", "v: source read; k: to be confirmed.")),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help=say("Hanya periksa dan tunjukkan.", "Only check and show."))]


@command(
    app, "add", "Menulis keputusan daerah, atau nasional yang belum dibawa program, ke berkasnya (lewat hub: enter).",
    "Write a local decree, or a national one the program does not bring yet, into its file (by the hub: enter).",
    'corong calendar add "SK Bupati 9/2026" --title "Hari Jadi Asahan" --in-force 2026-10-01 --source "bagian hukum" '
    '--off "2026-12-03 Hari Jadi: peringatan hari jadi kabupaten"',
)  # fmt: skip
def add(
    number: Number,
    title: Title,
    in_force: InForce,
    source: Source,
    off: Off = None,
    work: Work = None,
    kind: Kind = "local_holiday",
    settles: Settles = None,
    verified: Read = "k",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Check it with all before it, enter it, and say what it moves."""
    from corong.routing.decree_entry import checked, enter, with_decree
    from corong.routing.decrees import DecreeError, local_decrees
    from corong.runtime.entry_files import Problem
    from corong.working_days.calendars import changed_days

    file = _file()
    content = content_of(number, title, in_force, source, off, work, kind, settles, verified)
    before = read_calendars(file)
    with explained(), told():
        decree = checked(file, content)
        if any(one.number == decree.number for one in entered_in_log()):
            problem = Problem(
                file, f"decree {decree.number!r}", "an officer entered that number", "a later decree changes it"
            )
            raise DecreeError([problem])
        _ = with_decree(file, decree) if dry_run else enter(file, decree)
        after = calendars_with([*local_decrees(file), decree] if dry_run else local_decrees(file), file)
    changes = changed_days(before.latest, after.latest)
    moves = _moves(changes, after)
    if as_json:
        print_json(
            {
                "file": str(file),
                "written": not dry_run,
                "decree": decree.model_dump(mode="json", exclude_none=True),
                "changes": changes_as_json(changes),
                "moves": None if moves is None else [_move(one, number) for one, number in moves],
            }
        )
        return
    where = say("dapat dimasukkan ke", "can be entered into") if dry_run else say("dimasukkan ke", "entered into")
    tell(f"{decree.number} {where} {file}")
    print_changes(changes, as_json=False)
    _print_moves(moves, decree.in_force)


def _file() -> Path:
    """The installation's own decrees; not those of the example, which every installation without files shares."""
    from corong.routing.decrees import LOCAL

    folder = read_settings().config
    if folder is None:
        raise Trouble(
            say("Instalasi ini memakai berkas contoh", "This installation uses the example's files"),
            say(
                "salin examples/asahan, setel CORONG_CONFIG ke salinan itu, lalu ulangi",
                "copy examples/asahan, set CORONG_CONFIG to the copy, then again",
            ),
        )
    return folder / LOCAL


def content_of(
    number: str, title: str, in_force: str, source: str, off: list[str] | None, work: list[str] | None, kind: str,
    settles: int | None, verified: str,
) -> dict[str, Any]:  # fmt: skip
    """The decree of these words. Raises `Trouble` where a day is written otherwise than it should be."""
    return {
        "number": number, "title": title, "in_force": _date(in_force), "source": source, "verified": verified,
        "settles": settles, "added": [_off(text, kind) for text in off or []],
        "taken_away": [_work(text) for text in work or []],
    }  # fmt: skip


def _off(text: str, kind: str) -> dict[str, Any]:
    day, _, words = text.strip().partition(" ")
    name, colon, reason = words.partition(":")
    if not (colon and name.strip() and reason.strip()):
        raise _miswritten("--off", text, "2026-12-03 Hari Jadi: peringatan hari jadi kabupaten")
    return {"date": _date(day), "kind": kind, "name": name, "reason": reason}


def _work(text: str) -> dict[str, Any]:
    day, colon, reason = text.partition(":")
    if not (colon and reason.strip()):
        raise _miswritten("--work", text, "2026-12-24: cuti bersama dibatalkan")
    return {"date": _date(day.strip()), "reason": reason}


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Trouble(
            say(f"{line(text)!r} bukan tanggal", f"{line(text)!r} is no date"),
            say("tulis seperti 2026-12-03", "write it as 2026-12-03"),
            USAGE,
        ) from None


def _miswritten(option: str, text: str, example: str) -> Trouble:
    return Trouble(
        say(f"{option} {line(text)!r} salah tulis", f"{option} {line(text)!r} is not written well"),
        say(f'tulis seperti {option} "{example}"', f'write it as {option} "{example}"'),
        USAGE,
    )


def _moves(changes: "tuple[DayChange, ...]", after: "Calendars") -> "list[tuple[Foreseen, str]] | None":
    """The open deadlines that move, with the cases' numbers; None where the hub's database is not within reach."""
    from sqlalchemy import select
    from sqlalchemy.exc import SQLAlchemyError

    from corong.desk.tables import registered
    from corong.routing.case_clocks import Counting
    from corong.routing.foreseeing import foreseen
    from corong.working_days.zones import zone_named

    settings = read_settings()
    zone = zone_named(read_directory(settings).hub.time_zone)
    counting = Counting.of(read_rules(), after.latest, zone)
    try:
        with reading(settings, "routing") as database, database.snapshot() as connection:
            found = list(foreseen(connection, changes, counting))
    except (SQLAlchemyError, FileNotFoundError):
        return None
    numbers: dict[str, str] = {}
    try:
        with reading(settings, "desk") as database, database.read() as connection:
            for one in found:
                named = select(registered.c.registration).where(registered.c.case_id == str(one.case_id))
                numbers[str(one.case_id)] = connection.execute(named).scalar() or ""
    except (SQLAlchemyError, FileNotFoundError):
        pass  # the cases go by their ids
    return [(one, numbers.get(str(one.case_id)) or str(one.case_id)) for one in found]


def _move(one: "Foreseen", number: str) -> dict[str, Any]:
    return {
        "case": number,
        "clock": one.rule,
        "before": one.before.isoformat(),
        "after": one.after.isoformat(),
    }


def _print_moves(moves: "list[tuple[Foreseen, str]] | None", in_force: date) -> None:
    from corong.routing.clock_words import written_day

    when = written_day(in_force, language())
    if moves is None:
        tell(
            say(
                f"Basis data hub tidak terjangkau dari sini: tenggat yang bergeser tercatat sejak {when}.",
                f"The hub's database is not within reach from here: what moves is recorded from {when} on.",
            )
        )
        return
    print_table(
        (say("PERKARA", "CASE"), say("TENGGAT", "CLOCK"), say("DULU", "OLD"), say("MENJADI", "NEW")),
        [
            (number, one.rule, written_day(one.before, language()), written_day(one.after, language()))
            for one, number in moves[:MOST_SHOWN]
        ],
        say("Tidak ada tenggat terbuka yang bergeser.", "No open deadline moves."),
    )
    if (more := len(moves) - MOST_SHOWN) > 0:
        tell(say(f"dan {more} lagi (--json memuat semua)", f"and {more} more (--json has all)"))
    if moves:
        tell(
            say(
                f"{len(moves)} tenggat terbuka bergeser, masing-masing dicatat dengan alasannya, sejak {when}.",
                f"{len(moves)} open deadlines move, each recorded with its reason, from {when} on.",
            )
        )
