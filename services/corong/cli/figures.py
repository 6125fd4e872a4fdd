"""`corong figures`: how many cases came, were answered, wait and are late."""

from typing import Annotated, Any

import typer

from corong.cli.declare import AsJson, remote_command
from corong.cli.output import print_json, print_table, tell
from corong.cli.remote import Remote
from corong.cli.words import say

NUMBERS = ("received", "answered", "waiting", "overdue", "late")


def register(app: typer.Typer) -> None:
    """Declare the command."""
    remote_command(
        app, "figures", "Angka layanan: jumlah, jawaban, lama menjawab, yang menunggu dan yang terlambat.",
        "The figures: volume, answers and their times, what waits and is late.",
        "corong figures --since 2026-01 --until 2026-06",
    )(figures)  # fmt: skip


def figures(
    remote: Remote,
    unit: Annotated[str | None, typer.Option(help=say("Hanya unit ini.", "Of this unit only."))] = None,
    since: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help=say("Bulan pertama.", "The first month."))
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help=say("Bulan terakhir.", "The last month."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print them."""
    found = remote.get("/api/v1/figures", unit=unit, since=since, until=until)
    if as_json:
        print_json(found)
        return
    heads = [
        say("DITERIMA", "RECEIVED"), say("DIJAWAB", "ANSWERED"), say("MENUNGGU", "WAITING"),
        say("TERLAMBAT", "OVERDUE"), say("LEWAT", "LATE"),
    ]  # fmt: skip
    parts: list[tuple[str, list[tuple[str, dict[str, Any]]]]] = [
        (say("BULAN", "MONTH"), [(line["month"], line) for line in found["months"]]),
        (say("UNIT", "UNIT"), [(line["unit"]["id"], line) for line in found["units"]]),
        (say("JENIS", "KIND"), [(line["kind"], line) for line in found["kinds"]]),
        (say("KANAL", "CHANNEL"), [(_channel(line), line) for line in found["channels"]]),
    ]
    for head, lines in parts:
        if lines:
            print_table((head, *heads), [(name, *(line[number] for number in NUMBERS)) for name, line in lines], "")
            print()
    print_table(
        (say("LAMA", "TIME"), say("DIJAWAB", "ANSWERED")),
        [(_time(band["up_to_hours"]), band["cases"]) for band in found["whole"]["answer_times"]],
        "",
    )
    whole, comments = found["whole"], found["comments"]
    tell(
        say(
            f"Diterima {whole['received']}, dijawab {_percent(whole)}; komentar terbuka dijawab {_percent(comments)}.",
            f"Received {whole['received']}, answered {_percent(whole)}; comments answered {_percent(comments)}.",
        )
    )


def _channel(line: dict[str, Any]) -> str:
    return f"{line['channel']} ({say('terbuka', 'public')})" if line["public"] else str(line["channel"])


def _time(hours: int | None) -> str:
    if hours is None:
        return say("lebih lama", "longer")
    if hours < 24:
        return say(f"≤ {hours} jam", f"≤ {hours} h")
    return say(f"≤ {hours // 24} hari", f"≤ {hours // 24} d")


def _percent(line: dict[str, Any]) -> str:
    return "–" if line["rate"] is None else f"{line['rate']:.0%}"
