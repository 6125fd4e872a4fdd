"""`corong doctor`: what is not as it must be, and what to do."""

import asyncio
from typing import Annotated

import typer

from corong.cli.choices import ProcessName
from corong.cli.declare import AsJson, command
from corong.cli.installation import read_settings
from corong.cli.output import print_json, print_table, tell
from corong.cli.trouble import FAILED
from corong.cli.words import language, say


def register(app: typer.Typer) -> None:
    """Declare the command."""
    command(
        app, "doctor", "Memeriksa konfigurasi, kunci, basis data, broker, penyimpanan, akun kanal, port.",
        "Look at configuration, key, databases, broker, stores, channel accounts, port.",
        "corong doctor --json",
    )(doctor)  # fmt: skip


def doctor(
    service: Annotated[
        ProcessName | None,
        typer.Option(help=say("Hanya yang dibutuhkan proses layanan ini.", "Only what this service's process needs.")),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look, tell, and end with 1 where something is wrong."""
    settings = read_settings()
    from corong.doctor import examine
    from corong.runtime import logs

    logs.configure("critical")
    found = asyncio.run(examine(settings, service))
    troubles = sum(finding.state == "trouble" for finding in found)
    pick = 1 if language() == "en" else 0
    if as_json:
        print_json(
            [
                {"check": one.check, "state": one.state, "told": one.told[pick], "do": one.do[pick]}
                for one in found
            ]
        )  # fmt: skip
    else:
        names = {"ok": "OK", "note": say("catatan", "note"), "trouble": say("GANGGUAN", "TROUBLE")}
        print_table(
            (
                say("PERIKSA", "CHECK"),
                say("HASIL", "RESULT"),
                say("KETERANGAN", "DETAILS"),
                say("TINDAKAN", "WHAT TO DO"),
            ),
            [(one.check, names[one.state], one.told[pick], one.do[pick]) for one in found],
        )
        tell(
            say(f"{troubles} gangguan.", f"{troubles} in trouble.")
            if troubles
            else say("Semuanya baik.", "All is well.")
        )
    if troubles:
        raise typer.Exit(FAILED)
