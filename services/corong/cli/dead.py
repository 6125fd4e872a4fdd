"""`corong dead` and `corong quarantine`: what could not be processed, and what could not be read."""

from typing import Annotated

import typer

from corong.cli.choices import ServiceName
from corong.cli.declare import AsJson, group, remote_command
from corong.cli.lists import After, Limit, listed
from corong.cli.output import moment, print_fields, print_json, print_table, tell
from corong.cli.remote import Remote
from corong.cli.words import say

app = group("dead", "Pesan yang gagal diproses.", "Messages that could not be processed.")
quarantine_app = group(
    "quarantine", "Kiriman sah yang tidak terbaca.", "Input that was authentic but unreadable."
)  # fmt: skip

Service = Annotated[
    ServiceName,
    typer.Argument(metavar=say("LAYANAN", "SERVICE"), help=say("Layanan pemiliknya.", "The service that has it.")),
]
LetterId = Annotated[str, typer.Argument(metavar="ID", help=say("Id pesan itu.", "The letter's id."))]


@remote_command(
    app, "list", "Daftar semua layanan, yang terlama dulu.", "Of every service, the oldest first.", "corong dead list",
)  # fmt: skip
def list_dead(remote: Remote, limit: Limit = 200, after: After = None, as_json: AsJson = False) -> None:
    """Print them."""
    first = remote.get("/api/v1/dead", limit=1)
    found = listed(remote, "/api/v1/dead", "letters", limit, after)
    if as_json:
        found.print_json({"silent": first["silent"]})
    else:
        print_table(
            (say("LAYANAN", "SERVICE"), "ID", say("JENIS", "SUBJECT"), say("SEBAB", "REASON"), say("COBA", "TRIES"),
             say("SEJAK", "SINCE")),
            [
                (
                    letter["service"], letter["id"], letter["subject"], letter["reason"], letter["attempts"],
                    moment(letter["parked_at"]),
                )
                for letter in found.items
            ],
            say("Tidak ada pesan gagal.", "No dead letters."),
        )  # fmt: skip
        found.tell_more()
    if first["silent"]:
        silent = ", ".join(first["silent"])
        tell(say(f"Tidak menjawab, jadi tidak termasuk: {silent}", f"Did not answer, so not listed: {silent}"))


@remote_command(
    app, "show", "Satu pesan gagal, tanpa isinya.", "One dead letter, without its body.",
    "corong dead show routing 6f1c…",
)  # fmt: skip
def show(remote: Remote, service: Service, identity: LetterId, as_json: AsJson = False) -> None:
    """Print it."""
    found = remote.get(f"/api/v1/dead/{service}/{identity}")
    if as_json:
        print_json(found)
    else:
        print_fields(found.items())


@remote_command(
    app, "retry", "Memproses lagi, setelah sebabnya diperbaiki.", "Process it again, after its cause was mended.",
    "corong dead retry routing 6f1c…",
)  # fmt: skip
def retry(remote: Remote, service: Service, identity: LetterId, as_json: AsJson = False) -> None:
    """Do it."""
    _act(remote, service, identity, "retry", as_json)


@remote_command(
    app, "drop", "Tidak akan pernah diproses; tetap tercatat.", "Never process it; it stays on record.",
    "corong dead drop routing 6f1c…",
)  # fmt: skip
def drop(remote: Remote, service: Service, identity: LetterId, as_json: AsJson = False) -> None:
    """Do it."""
    _act(remote, service, identity, "drop", as_json)


def _act(remote: Remote, service: str, identity: str, verb: str, as_json: bool) -> None:
    done = remote.post(f"/api/v1/dead/{service}/{identity}/{verb}")
    if as_json:
        print_json(done)
    else:
        print(f"{done['service']} · {done['id']} · {done['state']}")


@remote_command(
    quarantine_app, "list", "Daftar karantina, yang terbaru dulu.", "The quarantine, the newest first.",
    "corong quarantine list --json",
)  # fmt: skip
def list_quarantine(remote: Remote, limit: Limit = 200, after: After = None, as_json: AsJson = False) -> None:
    """Print it."""
    found = listed(remote, "/api/v1/quarantine", "quarantine", limit, after)
    if as_json:
        found.print_json()
        return
    print_table(
        ("ID", say("AKUN", "ACCOUNT"), say("SEBAB", "REASON"), say("BAGIAN", "FIELDS"), "BYTES", say("WAKTU", "TIME")),
        [
            (
                item["quarantine_id"], item["account"], item["reason"], " ".join(item["fields"]), item["size"],
                moment(item["at"]),
            )
            for item in found.items
        ],
        say("Karantina kosong.", "The quarantine is empty."),
    )  # fmt: skip
    found.tell_more()
