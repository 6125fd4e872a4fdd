"""`corong audit replay`: every service's state folded anew from the log, and compared."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corong.cli.declare import AsJson, command
from corong.cli.failures import explained
from corong.cli.installation import read_settings
from corong.cli.instants import instant
from corong.cli.log_source import Key, Unchecked, source_of
from corong.cli.output import clean, print_json, print_table, tell
from corong.cli.progress import Progress
from corong.cli.trouble import FAILED, TAMPERED, Trouble
from corong.cli.words import say
from corong.cli.zone import here

if TYPE_CHECKING:
    from collections.abc import Callable

    from corong.replay.logs import Log
    from corong.replay.survey import Survey
    from corong.replay.work import Job, Outcome

SHOWN = 60

Folder = Annotated[
    Path | None,
    typer.Argument(
        metavar=say("[FOLDER]", "[DIR]"),
        help=say(
            "Folder log (C2SP tlog-tiles); tanpa ini basis data auditing di komputer ini.",
            "A log's folder (C2SP tlog-tiles); without it auditing's database on this machine.",
        ),
    ),
]


def register(app: typer.Typer) -> None:
    """Declare the command."""
    command(
        app, "replay", "Menyusun ulang keadaan semua layanan dari log, lalu membandingkannya.",
        "Fold the state of every service anew from the log, and compare it.",
        "corong audit replay /media/usb/log --key @kunci-log.txt --unit dinas-pupr --until 2026-07-01",
    )(replay)  # fmt: skip


def replay(
    folder: Folder = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar=say("INDEKS|WAKTU", "INDEX|TIME"),
            help=say(
                "Sebelum posisi ini (1204), atau yang tercatat sampai saat ini (2026-07-01T08:30).",
                "Before this position (1204), or recorded by this moment (2026-07-01T08:30).",
            ),
        ),
    ] = None,
    case: Annotated[
        str | None,
        typer.Option(
            help=say("Hanya perkara ini: PD/2026/000123, atau id-nya.", "Only this case: PD/2026/000123, or its id.")
        ),
    ] = None,
    actor: Annotated[
        str | None,
        typer.Option(
            help=say(
                "Hanya perkara yang disentuh pelaku ini: officer:ppid-utama, citizen, system.",
                "Only cases that this actor touched: officer:ppid-utama, citizen, system.",
            )
        ),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option(
            help=say(
                "Hanya perkara dan kiriman yang pernah di unit ini: dinas-pupr.",
                "Only cases and posts that this unit ever had: dinas-pupr.",
            )
        ),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(help=say("Simpan tabelnya (SQLite) di folder ini.", "Keep the tables (SQLite) in this folder.")),
    ] = None,
    key: Key = None,
    unchecked: Unchecked = False,
    as_json: AsJson = False,
) -> None:
    """Do it; exit code 6 where anything differs. A folder is checked before anything of it is folded."""
    from corong.replay.side_by_side import Processes
    from corong.replay.survey import Asked

    chosen = Asked(case, actor, unit)
    before, recorded = moment_of(until)
    with explained():
        source = source_of(folder, key, unchecked)
        log = source.log
        with Processes(log.size()) as processes:
            found = surveyed(log, chosen, before, recorded, processes.survey)
            if into is not None:
                into.mkdir(parents=True, exist_ok=True)
            jobs = _jobs(log, found, folder is None and until is None, chosen.whole, into)
            with Progress(found.size * len(jobs), say("menyusun ulang", "folding")) as progress:
                outcomes = processes.replay(jobs, progress.add)
    shown = [_shown(outcome) for outcome in outcomes]
    if folder is None and until is None and chosen.whole:
        _keep(source.described, found.size, outcomes)
    if as_json:
        cases = None if chosen.whole else len(found.entities)
        print_json({"log": source.described, "entries": found.size, "cases": cases, "services": shown})
    else:
        source.say_so()
        _print(found, chosen.whole, outcomes)
    if any(outcome.wrong or outcome.broken or outcome.lacking for outcome in outcomes):
        raise typer.Exit(TAMPERED)
    if any(outcome.unknown or outcome.not_compared for outcome in outcomes):
        raise typer.Exit(FAILED)


def _keep(described: dict[str, Any], entries: int, outcomes: "list[Outcome]") -> None:
    """For the desk's page, where this is the hub's machine: `/desk/audit/keadaan`."""
    import getpass

    from corong.runtime.clock import utc_now
    from corong.runtime.replay_result import ReplayResult, ServiceReplayed, keep

    services = [
        ServiceReplayed(
            service=outcome.service, hash=outcome.hash, equal=[str(name) for name in outcome.compared],
            differs=[str(name) for name in outcome.wrong], not_compared=[str(name) for name in outcome.not_compared],
            faults=len(outcome.broken) + len(outcome.unknown) + sum(map(len, outcome.lacking.values())),
        )
        for outcome in outcomes
    ]  # fmt: skip
    result = ReplayResult(at=utc_now(), by=getpass.getuser(), log=described, entries=entries, services=services)
    try:
        keep(read_settings().data, result)
    except OSError as error:
        tell(say(f"Hasilnya tidak dapat disimpan: {error}", f"The result can't be kept: {error}"))


def moment_of(until: str | None) -> tuple[int | None, str | None]:
    """A position, or a moment as events write it. Raises `Trouble`."""
    from datetime import datetime

    from corong.runtime.clock import stamp

    if until is None:
        return None, None
    if until.isdecimal() and len(until) != 8:  # eight digits are a date of ISO 8601
        return int(until), None
    moment = instant(until, here)
    return None, stamp(datetime.fromisoformat(moment)) if moment is not None else None


def surveyed(
    log: "Log",
    asked: Any,
    before: int | None = None,
    recorded: str | None = None,
    by: "Callable[..., Survey] | None" = None,
) -> "Survey":
    """The first pass, `by` processes if there are any. Raises `Trouble` where nothing that was asked for is there."""
    from corong.replay.survey import survey

    with Progress(log.size(), say("membaca log", "reading the log")) as progress:
        found = (by or survey)(log, asked, before=before, recorded=recorded, told=progress.add)
    if not asked.whole and not found.entities:
        raise Trouble(
            say("Tidak ada perkara yang cocok di log", "There is no such case in the log"),
            say("periksa dengan `corong audit log`", "look with `corong audit log`"),
        )
    return found


def _jobs(log: "Log", found: "Survey", live: bool, whole: bool, into: Path | None) -> "list[Job]":
    from corong.replay.foldings import FOLDINGS
    from corong.replay.work import Job

    url = read_settings().database if live else None
    entities = None if whole else frozenset(found.entities)
    return [
        Job(
            service=name,
            log=log,
            vector=found.vector,
            committed=tuple([item for item in found.hashes if item.said.of_service == name][-1:]),
            live=url,
            entities=entities,
            into=into,
        )
        for name in FOLDINGS
    ]


def _shown(outcome: "Outcome") -> dict[str, Any]:
    return {
        "service": outcome.service,
        "hash": outcome.hash,
        "reached": outcome.reached,
        "equal_to": outcome.compared,
        "not_compared": outcome.not_compared,
        "wrong": outcome.wrong,
        "differences": [
            {
                "table": item.table,
                "key": list(item.key),
                "column": item.column,
                "replayed": item.replayed,
                "live": item.live,
            }
            for item in outcome.differences
        ],
        "more_differences": outcome.more_differences,
        "unknown_types": outcome.unknown,
        "broken_entries": {str(position): why for position, why in outcome.broken.items()},
        "missing_numbers": outcome.lacking,
    }


def _print(found: "Survey", whole: bool, outcomes: "list[Outcome]") -> None:
    print(say(f"{found.size} peristiwa dibaca", f"{found.size} events read"))
    if not whole:
        print(say(f"{len(found.entities)} perkara atau kiriman", f"{len(found.entities)} cases or posts"))
    print_table(
        (say("LAYANAN", "SERVICE"), say("HASH KEADAAN", "STATE HASH"), say("HASIL", "RESULT")),
        [(outcome.service, outcome.hash, _result(outcome)) for outcome in outcomes],
    )
    differing = [(outcome.service, item) for outcome in outcomes for item in outcome.differences]
    if differing:
        print_table(
            (
                say("LAYANAN", "SERVICE"), say("TABEL", "TABLE"), say("KUNCI", "KEY"), say("KOLOM", "COLUMN"),
                say("DARI LOG", "REPLAYED"), say("SEKARANG", "LIVE"),
            ),
            [
                (
                    service, item.table, " ".join(map(str, item.key)), item.column or say("(baris)", "(row)"),
                    short(item.replayed), short(item.live),
                )
                for service, item in differing
            ],
        )  # fmt: skip
    for outcome in outcomes:
        _print_troubles(outcome)


def _print_troubles(outcome: "Outcome") -> None:
    name = outcome.service
    if outcome.more_differences:
        tell(say(f"{name}: masih ada perbedaan lain", f"{name}: there are more differences"))
    for position, why in sorted(outcome.broken.items()):
        tell(say(f"{name}: entri {position} rusak: {why}", f"{name}: entry {position} is broken: {why}"))
    for writer, numbers in outcome.lacking.items():
        told = ", ".join(map(str, numbers[:20]))
        tell(say(f"{name}: {writer} tanpa nomor {told}", f"{name}: {writer} lacks the numbers {told}"))
    for kind, count in sorted(outcome.unknown.items()):
        tell(
            say(
                f"{name}: {count} peristiwa berjenis {clean(kind)} tidak dikenal versi ini",
                f"{name}: {count} events of type {clean(kind)} are not known to this version",
            )
        )


def _result(outcome: "Outcome") -> str:
    words = [say(f"sama dengan {_with(name)}", f"equals {_with(name)}") for name in outcome.compared]
    words += [say(f"BERBEDA dari {_with(name)}", f"DIFFERS from {_with(name)}") for name in outcome.wrong]
    words += [
        say(f"tidak dibandingkan dengan {_with(name)}: {why}", f"not compared with {_with(name)}: {why}")
        for name, why in outcome.not_compared.items()
    ]
    return "; ".join(words) or say("tidak ada pembandingnya", "nothing to compare it with")


def _with(name: str) -> str:
    if name == "live":
        return say("keadaan sekarang", "the live state")
    return say(f"hash di entri {name}", f"the hash in entry {name}")


def short(value: Any) -> str:
    """A value on a line of a table."""
    if value is None:
        return "-"
    text = clean(json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict) else value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
