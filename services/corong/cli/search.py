"""`corong search`: cases by words or number."""

from typing import Annotated

import typer

from corong.cli.choices import CaseKind, CaseState
from corong.cli.declare import AsJson, remote_command
from corong.cli.lists import After, Limit, listed
from corong.cli.output import moment, print_table, tell
from corong.cli.remote import Remote
from corong.cli.words import say


def register(app: typer.Typer) -> None:
    """Declare the command."""
    remote_command(
        app, "search", "Mencari perkara menurut kata atau nomor; yang terakhir ditulis dahulu.",
        "Find cases by words or number; the one written in last first.",
        'corong search "jalan rusak" --state open --json',
    )(search)  # fmt: skip


def search(
    remote: Remote,
    words: Annotated[
        str,
        typer.Argument(
            metavar=say("KATA", "WORDS"),
            help=say('Kata, frasa dalam "…", atau nomor pendaftaran.', 'Words, a phrase in "…", or a number.'),
        ),
    ],
    unit: Annotated[str | None, typer.Option(help=say("Hanya unit ini.", "Of this unit only."))] = None,
    state: Annotated[
        CaseState | None, typer.Option(help=say("Keadaan; bawaan: semua.", "State; default: all."))
    ] = None,
    kind: Annotated[CaseKind | None, typer.Option(help=say("Jenis perkara.", "Kind of case."))] = None,
    since: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help=say("Masuk sejak hari ini.", "Registered on or after."))
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help=say("Masuk sampai hari ini.", "Registered on or before."))
    ] = None,
    limit: Limit = 50,
    after: After = None,
    as_json: AsJson = False,
) -> None:
    """Print them."""
    asked = {"q": words, "unit": unit, "state": state, "kind": kind, "since": since, "until": until}
    found = listed(remote, "/api/v1/search", "cases", limit, after, **asked)
    if as_json:
        found.print_json()
        return
    columns = ("NOMOR", "UNIT", "JENIS", "KEADAAN", "PESAN TERAKHIR")
    english = ("NUMBER", "UNIT", "KIND", "STATE", "LAST MESSAGE")
    print_table(
        [say(*pair) for pair in zip(columns, english, strict=True)],
        [
            (case["registration"], case["unit"] and case["unit"]["id"], case["kind"], case["state"],
             moment(case["last_message_at"]))
            for case in found.items
        ],
        say("Tidak ditemukan.", "Nothing was found."),
    )  # fmt: skip
    found.tell_more()
    if not found.items:
        tell(say("Coba kata yang lebih sedikit.", "Try fewer words."))
