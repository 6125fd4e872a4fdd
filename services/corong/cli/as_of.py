"""`corong audit as-of`: a case or a unit's queue as it was known at a moment, and as it had happened by then."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from corong.cli.declare import AsJson, command
from corong.cli.failures import explained
from corong.cli.log_source import From, Key, Unchecked, source_of
from corong.cli.output import print_json, print_table
from corong.cli.replay import moment_of, short, surveyed
from corong.cli.trouble import USAGE, Trouble
from corong.cli.words import say

if TYPE_CHECKING:
    from corong.replay.as_of import Sides, View

SHOWN = ("routing", "desk", "publishing")


def register(app: typer.Typer) -> None:
    """Declare the command."""
    command(
        app, "as-of", "Keadaan perkara atau antrean unit pada suatu saat: yang diketahui, dan yang sudah terjadi.",
        "A case or a unit's queue at a moment: what was known, and what had happened.",
        "corong audit as-of PD/2026/000123 --at 2026-07-01T08:30",
    )(as_of)  # fmt: skip


def as_of(
    at: Annotated[
        str,
        typer.Option(
            metavar=say("WAKTU", "TIME"),
            help=say("Saat itu, seperti 2026-07-01T08:30.", "The moment, as 2026-07-01T08:30."),
        ),
    ],
    case: Annotated[
        str | None,
        typer.Argument(
            metavar=say("[PERKARA]", "[CASE]"), help=say("Nomor atau id perkara.", "A case's number or id.")
        ),
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help=say("Antrean unit ini: dinas-pupr.", "The queue of this unit: dinas-pupr."))
    ] = None,
    source: From = None,
    key: Key = None,
    unchecked: Unchecked = False,
    as_json: AsJson = False,
) -> None:
    """Print it."""
    from corong.replay.as_of import as_of as view_of
    from corong.replay.survey import Asked

    _, moment = moment_of(at)
    if moment is None or (case is None) == (unit is None):
        raise Trouble(
            say("Sebut satu perkara atau --unit, dan waktunya", "Name a case or --unit, and a time"), code=USAGE
        )
    with explained():
        chosen = source_of(source, key, unchecked)
        log = chosen.log
        whole = surveyed(log, Asked(case=case, unit=unit))
        views = [view_of(log, whole, moment, name) for name in (SHOWN if unit is None else ("desk",))]
    if unit is not None:
        _print_queue(views[0], unit, as_json)
    elif as_json:
        print_json({"at": moment, "log": chosen.described, "services": {view.service: _plain(view) for view in views}})
    else:
        _print_rows(views)


def _plain(view: "View") -> dict[str, Any]:
    return {
        table: [{"known": sides.known, "happened": sides.happened} for sides in rows.values()]
        for table, rows in view.tables.items()
    }


def _print_rows(views: "list[View]") -> None:
    """Every column; the second axis only where it says something else."""
    lines = []
    for view in views:
        for table, rows in view.tables.items():
            for key, sides in rows.items():
                names = (sides.known or sides.happened or {}).keys()
                for name in names:
                    known = sides.known[name] if sides.known else None
                    happened = sides.happened[name] if sides.happened else None
                    if known is None and happened is None:
                        continue
                    other = "" if known == happened else short(happened)
                    row = f"{view.service}.{table} {short(' '.join(map(str, key)))}"
                    lines.append((row, name, short(known), other))
    print_table(
        (
            say("BARIS", "ROW"), say("KOLOM", "COLUMN"), say("DIKETAHUI SAAT ITU", "KNOWN THEN"),
            say("SUDAH TERJADI (bila lain)", "HAD HAPPENED (if other)"),
        ),
        lines,
        say("Belum ada apa-apa saat itu.", "There was nothing yet."),
    )  # fmt: skip


def _print_queue(view: "View", unit: str, as_json: bool) -> None:
    """Cases that lay with the unit and were not closed, on either axis."""
    numbers = view.tables.get("registered", {})

    def lay(row: dict[str, Any] | None) -> bool:
        return row is not None and row["unit"] == unit and row["state"] != "closed"

    found = []
    for key, sides in view.tables.get("case", {}).items():
        if lay(sides.known) or lay(sides.happened):
            registered = numbers.get(key)
            found.append((_registration(registered), lay(sides.known), lay(sides.happened), sides))
    if as_json:
        print_json(
            [
                {"registration": number, "known": sides.known, "happened": sides.happened}
                for number, _, _, sides in found
            ]
        )
        return
    print_table(
        (say("NOMOR", "NUMBER"), say("DIKETAHUI SAAT ITU", "KNOWN THEN"), say("SUDAH TERJADI", "HAD HAPPENED")),
        [
            (number, _told(sides.known if known else None), _told(sides.happened if happened else None))
            for number, known, happened, sides in found
        ],
        say("Antrean kosong saat itu.", "The queue was empty."),
    )


def _registration(sides: "Sides | None") -> str:
    row = (sides.known or sides.happened) if sides is not None else None
    return str(row["registration"]) if row else "?"


def _told(row: dict[str, Any] | None) -> str:
    if row is None:
        return "-"
    return " · ".join(str(row[name]) for name in ("state", "kind", "priority", "holder") if row[name])
