"""`corong clock`: the law's clocks, and how a deadline was counted, day by day."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corong.cli.declare import AsJson, command, group, remote_command
from corong.cli.law import named, read_calendars, read_rules, zone_of
from corong.cli.life_text import print_clock
from corong.cli.output import print_fields, print_json, print_table, tell
from corong.cli.remote import Remote, case_path
from corong.cli.trouble import USAGE, Trouble
from corong.cli.words import language, say

if TYPE_CHECKING:
    from corong.routing.clock_rules import ClockRule, ClockRules
    from corong.routing.deadlines import Deadline, Pause
    from corong.working_days.zones import Zone

app = group(
    "clock", "Tenggat menurut hukum, dan cara menghitungnya.", "The law's clocks, and how they are counted."
)  # fmt: skip


@command(
    app, "list", "Semua tenggat dengan dasar hukumnya.", "All clocks with their legal basis.", "corong clock list"
)  # fmt: skip
def list_(as_json: AsJson = False) -> None:
    """List them."""
    rules = read_rules()
    if as_json:
        print_json([rule.model_dump(mode="json") | {"digest": rule.digest} for rule in rules.values()])
        return
    from corong.routing.clock_words import written_amount

    lang = language()

    def amount(rule: "ClockRule") -> str:
        more = f" + {rule.extension.amount}" if rule.extension else ""
        return written_amount(rule.amount, rule.unit, lang) + more

    print_table(
        (
            say("NAMA", "NAME"),
            say("TENGGAT", "TIME"),
            say("SASARAN", "TARGET"),
            say("TENTANG", "WHAT"),
            say("SEJAK", "FROM"),
            say("DASAR", "BASIS"),
            say("SUMBER", "SOURCE"),
        ),
        [
            (
                rule.name,
                amount(rule),
                rule.target,
                say(rule.indonesian, rule.english),
                say(*rules.starts[rule.start]),
                rule.basis,
                rule.verified,
            )
            for rule in rules.values()
        ],
    )
    for rule in rules.values():
        if rule.obligation:
            tell(f"{rule.name}: {say(*rule.obligation)}")
    tell(
        say(
            "v: sumber umum sudah dibaca; k: diketahui, perlu dipastikan ahli hukum.",
            "v: a public source was read; k: known, a lawyer should confirm it.",
        )
    )


@remote_command(
    app, "explain", "Menghitung tenggat hari demi hari: milik sebuah perkara, atau sejak suatu saat (--from).",
    "Count a deadline day by day: a case's, or from a moment on (--from).",
    "corong clock explain request_notice --from 2026-03-17T23:59 --zone WIB --extended",
)  # fmt: skip
def explain(
    remote: Remote,
    rule: Annotated[
        str,
        typer.Argument(
            metavar=say("PERKARA|TENGGAT", "CASE|CLOCK"),
            help=say(
                "Nomor perkara; atau nama dari `corong clock list`, dengan --from.",
                "A case's number; or a name of `corong clock list`, with --from.",
            ),
        ),
    ],
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar=say("WAKTU", "TIME"),
            help=say(
                "Saat mulai, misalnya 2026-03-17T23:59; di zona itu bila tanpa selisih.",
                "When it starts, such as 2026-03-17T23:59; in that zone where it has no offset.",
            ),
        ),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(
            "--zone",
            metavar=say("ZONA", "ZONE"),
            help=say(
                "WIB, WITA, atau WIT; tanpa ini, zona instalasi.", "WIB, WITA or WIT; else the installation's zone."
            ),
        ),
    ] = None,
    pause: Annotated[
        list[str] | None,
        typer.Option(
            "--pause",
            metavar="A..B",
            help=say(
                "Pemohon ditanya pada A, menjawab pada B; boleh berulang.",
                "The applicant was asked on A and answered on B; may be given again.",
            ),
        ),
    ] = None,
    extended: Annotated[
        bool, typer.Option("--extended", help=say("Dengan perpanjangan.", "With the extension."))
    ] = False,
    version: Annotated[
        str | None,
        typer.Option(
            "--calendar",
            metavar=say("VERSI", "VERSION"),
            help=say("Versi kalender; tanpa ini, yang terbaru.", "A version of the calendar; else the newest."),
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Explain it."""
    if start is None:
        _explain_case(remote, rule, as_json)
        return
    from corong.routing.deadlines import ClockInputs, NotAllowed, deadline
    from corong.working_days.calendars import OutsideCalendar

    rules = read_rules()
    chosen = _rule(rules, rule)
    where = zone_of(zone)
    inputs = ClockInputs(_moment(start, where), where, _pauses(chosen, pause or []), extended)
    calendars = read_calendars()
    calendar = named(calendars, version) if version else calendars.latest
    try:
        found = deadline(chosen, inputs, calendar)
    except NotAllowed:
        told = say(
            f"{chosen.name} tidak dapat diperpanjang, atau tidak dapat berhenti untuk alasan itu",
            f"{chosen.name} has no extension, or no such pause",
        )
        raise Trouble(told, say("lihat `corong clock list --json`", "see `corong clock list --json`"), USAGE) from None
    except OutsideCalendar:
        raise Trouble(
            say(
                f"Hari itu di luar kalender {calendar.first_year} sampai {calendar.last_year}",
                f"That day is outside of the calendar of {calendar.first_year} to {calendar.last_year}",
            ),
            "",
            USAGE,
        ) from None
    if as_json:
        print_json(found.facts() | {"decree": calendar.decree, "explanation": _counts(found, rules)})
        return
    _print(found, chosen, rules, f"{calendars.number(calendar)} · {calendar.decree} · {calendar.digest[:12]}")


def _explain_case(remote: Remote, case: str, as_json: bool) -> None:
    if "/" not in case and case in read_rules():
        raise Trouble(
            say(f"Tenggat {case} dihitung sejak kapan?", f"From when is {case} to be counted?"),
            say("tambahkan --from 2026-03-17T23:59", "add --from 2026-03-17T23:59"),
            USAGE,
        )
    life = remote.get(f"{case_path(case)}/life")
    if as_json:
        print_json(life["clocks"])
        return
    if not life["clocks"]:
        tell(say("Perkara ini tidak memiliki tenggat.", "The case has no clock."))
    for clock in life["clocks"]:
        print_clock(clock)


def _print(found: "Deadline", rule: "ClockRule", rules: "ClockRules", calendar: str) -> None:
    from corong.routing.clock_words import written_amount, written_count, written_day, written_moment

    lang = language()
    inputs = found.inputs
    decided = written_amount(found.amount, found.unit, lang)
    basis = rule.basis
    if found.decided_by == "ceiling" and rule.ceiling:
        basis = rule.ceiling.basis
        decided += say(", batas tertinggi", ", the ceiling")
    elif inputs.extended and rule.extension:
        basis += f"; {rule.extension.basis}"
    print_fields(
        [
            (say("Tenggat", "Clock"), f"{say(rule.indonesian, rule.english)} ({rule.name})"),
            (say("Dasar", "Basis"), f"{basis}: {decided}"),
            (say("Mulai", "Start"), written_moment(inputs.started, inputs.zone, lang)),
            (say("Kalender", "Calendar"), calendar),
            (say("Hari terakhir", "Last day"), written_day(found.last_day, lang)),
            (say("Terlambat sejak", "Late from"), written_moment(found.due, inputs.zone, lang)),
            (say("Sasaran setempat", "Local target"), found.target_day and written_day(found.target_day, lang)),
            (
                say("Catatan", "Note"),
                say("hari libur tahun itu belum ditetapkan: sementara", "days off not decreed yet: provisional")
                if found.provisional
                else "",
            ),
        ]
    )
    print()
    print_table(
        (say("TANGGAL", "DATE"), say("HITUNGAN", "COUNT"), say("KETERANGAN", "WHY")),
        [
            (written_day(one.date, lang), one.number, written_count(one, found.unit, lang, rules.pauses))
            for one in found.explanation
        ],
    )


def _counts(found: "Deadline", rules: "ClockRules") -> list[dict[str, Any]]:
    from corong.routing.clock_words import written_count

    return [
        {
            "date": one.date.isoformat(),
            "was": one.was,
            "number": one.number,
            "because": one.because or None,
            "decree": one.decree or None,
            "told": written_count(one, found.unit, language(), rules.pauses),
        }
        for one in found.explanation
    ]


def _rule(rules: "ClockRules", name: str) -> "ClockRule":
    if name in rules:
        return rules[name]
    extends = [rule.name for rule in rules.values() if rule.extension and rule.extension.name == name]
    do = f"corong clock explain {extends[0]} --extended" if extends else "corong clock list"
    raise Trouble(say(f"Tidak ada tenggat {name!r}", f"There is no clock {name!r}"), do, USAGE)


def _moment(text: str, zone: "Zone") -> datetime:
    from corong.working_days.zones import ZONES

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Trouble(
            say(f"{text!r} bukan waktu", f"{text!r} is no time"),
            say("tulis seperti 2026-03-17T23:59", "write it as 2026-03-17T23:59"),
            USAGE,
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=ZONES[zone])


def _pauses(rule: "ClockRule", texts: list[str]) -> "tuple[Pause, ...]":
    from corong.routing.deadlines import Pause

    pauses: list[Pause] = []
    for text in texts:
        asked, dots, answered = text.partition("..")
        try:
            if not dots:
                raise ValueError
            pauses.append(Pause(next(iter(rule.pauses), ""), date.fromisoformat(asked), date.fromisoformat(answered)))
        except ValueError:
            raise Trouble(
                say(f"Jeda {text!r} salah tulis", f"The pause {text!r} is not written well"),
                say("tulis seperti 2026-03-26..2026-03-31", "write it as 2026-03-26..2026-03-31"),
                USAGE,
            ) from None
    return tuple(pauses)
