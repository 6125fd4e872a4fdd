"""`corong obligation`: what the government itself owes, recording a breach, and that something was done."""

from typing import Annotated, Any

import typer

from corong.cli.declare import AsJson, group, remote_command
from corong.cli.instants import instant
from corong.cli.output import moment, print_fields, print_json, print_table, tell
from corong.cli.remote import Remote
from corong.cli.words import say

app = group(
    "obligation", "Kewajiban pemerintah daerah sendiri: pemberitahuan kegagalan pelindungan data, laporan tahunan.",
    "What the government itself owes: notices of a personal data breach, the yearly report.",
)  # fmt: skip

PATH = "/api/v1/obligations"
Id = Annotated[str, typer.Argument(metavar="ID", help=say("Id kewajiban.", "The obligation's id."))]
At = Annotated[str, typer.Option(help=say("Saatnya, dengan zona: 2026-03-17T09:00+07:00.", "When, with its zone."))]


@remote_command(
    app, "list", "Yang masih terutang, yang paling dekat tenggatnya lebih dahulu, lalu yang sudah selesai.",
    "What is owed, the nearest end first, then what is over.", "corong obligation list",
)  # fmt: skip
def list_(remote: Remote, as_json: AsJson = False) -> None:
    """Print them."""
    found = remote.get(PATH)["obligations"]
    if as_json:
        print_json(found)
        return
    print_table(
        ["ID", say("KEWAJIBAN", "WHAT"), say("KEPADA", "TO"), say("TENGGAT", "DUE"), say("KEADAAN", "STATE")],
        [(one["obligation_id"], _what(one), _to(one["owed_to"]), moment(one["due"]), _state(one)) for one in found],
        say("Tidak ada kewajiban.", "Nothing is owed."),
    )  # fmt: skip


@remote_command(
    app, "show", "Satu kewajiban, tenggatnya dihitung hari demi hari.", "One obligation, counted day by day.",
    "corong obligation show 6d0f7a8c-3b14-5c7e-9f02-8a5de1c47b36",
)  # fmt: skip
def show(remote: Remote, identity: Id, as_json: AsJson = False) -> None:
    """Print it."""
    one = remote.get(f"{PATH}/{identity}")
    if as_json:
        print_json(one)
        return
    print_fields(
        [
            (say("Kewajiban", "What"), _what(one)), (say("Kepada", "To"), _to(one["owed_to"])),
            (say("Dasar", "Basis"), f"{one['basis']}: {one['law']}"), (say("Mulai", "From"), moment(one["started"])),
            (say("Tenggat", "Due"), moment(one["due"])), (say("Keadaan", "State"), _state(one)),
            (say("Keterangan", "Words"), one["words"] or ""),
        ]
    )  # fmt: skip
    print_table(
        [say("TANGGAL", "DATE"), say("KETERANGAN", "WHY")], [(day["date"], day["words"]) for day in one["days"]]
    )  # fmt: skip


@remote_command(
    app, "record", "Mencatat kegagalan pelindungan data pribadi: 72 jam mulai berjalan.",
    "Record a breach of personal data: 72 hours begin to run.",
    'corong obligation record --known-at 2026-03-17T09:00+07:00 --subject "Laptop layanan hilang"',
)  # fmt: skip
def record(
    remote: Remote,
    known_at: At,
    subject: Annotated[str, typer.Option(help=say("Apa yang terjadi; tanpa data pribadi.", "What happened."))],
    as_json: AsJson = False,
) -> None:
    """Record."""
    _print(remote.post(PATH, {"known_at": instant(known_at, remote.zone), "subject": subject}), as_json)


@remote_command(
    app, "done", "Mencatat bahwa sebuah kewajiban sudah dipenuhi.", "Record that an obligation was met.",
    'corong obligation done 6d0f7a8c-3b14-5c7e-9f02-8a5de1c47b36 --at 2026-03-18T10:00+07:00 --how "Surat 12/2026"',
)  # fmt: skip
def done(
    remote: Remote,
    identity: Id,
    at: At,
    how: Annotated[str, typer.Option(help=say("Bagaimana: nomor surat, kepada siapa.", "How: letter, to whom."))],
    digest: Annotated[
        str | None, typer.Option(help=say("SHA-256 berkas laporan tahunan.", "SHA-256 of the yearly report's file."))
    ] = None,
    position: Annotated[
        int | None, typer.Option(help=say("Posisi log pada laporan itu.", "The log's position in that report."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Record."""
    body = {"at": instant(at, remote.zone), "how": how, "digest": digest, "position": position}
    _print(remote.post(f"{PATH}/{identity}/meet", body), as_json)


@remote_command(
    app, "end", "Mencatat bahwa sebuah kegagalan dicatat keliru.", "Record that a breach was recorded by mistake.",
    'corong obligation end 6d0f7a8c-3b14-5c7e-9f02-8a5de1c47b36 --reason "Bukan data pribadi"',
)  # fmt: skip
def end(
    remote: Remote,
    identity: Id,
    reason: Annotated[str, typer.Option(help=say("Alasan; tercatat di log.", "Why; it stands in the log."))],
    as_json: AsJson = False,
) -> None:
    """Record."""
    _print(remote.post(f"{PATH}/{identity}/end", {"reason": reason}), as_json)


def _print(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    tell(say("Tercatat.", "Recorded."))
    for identity in found["obligations"]:
        print(identity)


def _what(one: dict[str, Any]) -> str:
    return f"{one['name']}: {one['subject'] or one['year']}"


def _to(owed_to: str) -> str:
    words = {
        "persons": ("orang yang datanya terkena", "the persons"), "agency": ("lembaga pelindungan data", "the agency"),
        "commission": ("Komisi Informasi", "the Information Commission"),
    }  # fmt: skip
    return say(*words[owed_to])


def _state(one: dict[str, Any]) -> str:
    words = {
        "running": ("berjalan", "running"), "ran_out": ("lewat tenggat", "overdue"), "met": ("dipenuhi", "met"),
        "ended": ("dicatat keliru", "recorded by mistake"),
    }  # fmt: skip
    late = one["state"] == "met" and not one["in_time"]
    return say(*words[one["state"]]) + (say(", terlambat", ", late") if late else "")
