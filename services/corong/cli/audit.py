"""`corong audit`: the log of every step."""

from typing import Annotated, Any

import typer

from corong.cli.declare import AsJson, command, group, remote_command
from corong.cli.failures import explained
from corong.cli.installation import read_directory, read_settings
from corong.cli.instants import instant
from corong.cli.lists import After, Limit, listed
from corong.cli.output import moment, print_json, print_table, tell
from corong.cli.remote import Remote
from corong.cli.trouble import FAILED
from corong.cli.words import say

app = group("audit", "Log audit: setiap langkah sebagai peristiwa.", "The audit log: every step as an event.")


@remote_command(
    app, "log", "Peristiwa dalam urutan log.", "Events in the log's order.",
    "corong audit log --case PD/2026/000123 --ndjson > perkara.ndjson",
)  # fmt: skip
def log(
    remote: Remote,
    case: Annotated[str | None, typer.Option(help=say("Nomor atau id perkara.", "A case's number or id."))] = None,
    event_type: Annotated[
        str | None, typer.Option("--type", help=say("Jenis peristiwa, atau bagiannya.", "Type of event, or a part."))
    ] = None,
    actor: Annotated[
        str | None, typer.Option(help=say("Pelaku, seperti officer:ppid-utama.", "Such as officer:ppid-utama."))
    ] = None,
    since: Annotated[str | None, typer.Option(help=say("Sejak saat ini.", "From this moment on."))] = None,
    until: Annotated[str | None, typer.Option(help=say("Sebelum saat ini.", "Before this moment."))] = None,
    ndjson: Annotated[
        bool, typer.Option("--ndjson", help=say("Semuanya, satu per baris.", "All of it, one event on a line."))
    ] = False,
    limit: Limit = 200,
    after: After = None,
    as_json: AsJson = False,
) -> None:
    """Print it."""
    asked = {
        "case": case, "type": event_type, "actor": actor, "since": instant(since, remote.zone),
        "until": instant(until, remote.zone),
    }  # fmt: skip
    if ndjson:
        remote.copy_lines("/api/v1/audit/log", **asked)
        return
    found = listed(remote, "/api/v1/audit/log", "events", limit, after, **asked)
    if as_json:
        found.print_json()
        return
    print_events(found.items)
    found.tell_more()


def print_events(found: list[dict[str, Any]]) -> None:
    """Entries of the log as a table."""
    print_table(
        ("NO", say("WAKTU", "TIME"), say("JENIS", "TYPE"), say("TENTANG", "SUBJECT"), say("PELAKU", "ACTOR")),
        [
            (
                item["position"], moment(item["event"]["time"]), item["event"]["type"].removeprefix("id.corong."),
                item["event"]["subject"], item["event"].get("actor"),
            )
            for item in found
        ],
        say("Tidak ada peristiwa yang cocok.", "No such events."),
    )  # fmt: skip


@command(
    app, "key", "Kunci publik log, untuk memeriksa tanda tangannya.", "The log's public key, to check its signatures.",
    "corong audit key > kunci-log.txt",
)  # fmt: skip
def key() -> None:
    """Print it, as `<name>+<id>+<key>` (C2SP signed-note)."""
    from corong.auditing import log_key
    from corong.auditing.app import name_of

    settings = read_settings()
    with explained():
        found = log_key.load(settings.data / "secrets" / "log.key", name_of(settings, read_directory(settings)))
    print(found.verifier)


@remote_command(
    app, "hash-state", "Mencatat hash keadaan semua layanan ke dalam log.",
    "Write the hash of every service's state into the log.",
    "corong audit hash-state --as auditor-inspektorat",
)  # fmt: skip
def hash_state(remote: Remote, as_json: AsJson = False) -> None:
    """Do it."""
    done = remote.post("/api/v1/audit/states")
    if as_json:
        print_json(done)
    else:
        print_table(
            (say("LAYANAN", "SERVICE"), "HASH", say("PENULIS", "WRITER"), say("NOMOR", "NUMBER")),
            [(item["service"], item["hash"], item["writer"], item["number"]) for item in done["hashes"]],
        )
    if done["silent"]:
        silent = ", ".join(done["silent"])
        tell(say(f"Tidak menjawab: {silent}", f"Did not answer: {silent}"))
        raise typer.Exit(FAILED)
