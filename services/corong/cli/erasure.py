"""`corong audit hold` and `corong audit erase`: what must be kept, and what is destroyed."""

import time
from typing import Annotated, Any

import typer

from corong.cli.choices import HoldReason
from corong.cli.declare import AsJson, group, remote_command
from corong.cli.lists import After, Limit, listed
from corong.cli.output import moment, print_fields, print_json, print_table, tell
from corong.cli.remote import Remote
from corong.cli.trouble import FAILED, Trouble
from corong.cli.words import say

hold_app = group("hold", "Penahanan hukum: data yang tidak boleh dihapus.", "Legal holds: data that must be kept.")

DONE_SECONDS = 60.0

Case = Annotated[str | None, typer.Option("--case", help=say("Nomor atau id perkara.", "A case's number or id."))]
Channel = Annotated[str | None, typer.Option("--channel", help=say("Kanal alamat itu.", "The channel of the address."))]
Address = Annotated[
    str | None,
    typer.Option("--address", help=say("Alamat orang itu di kanal tersebut.", "The person's address there.")),
]
Basis = Annotated[
    str, typer.Option("--basis", help=say("Dasar hukum: aturan dan pasalnya.", "Legal basis: law and article."))
]
Schedule = Annotated[
    str, typer.Option("--jra", help=say("Kode jadwal retensi arsip (JRA).", "Code of the archive schedule (JRA)."))
]


@remote_command(
    hold_app, "place", "Memasang penahanan pada orang di balik perkara atau alamat.",
    "Place a hold on the person behind a case or an address.",
    'corong audit hold place --case PI/2026/000123 --reason dispute --basis "UU 14/2008 Pasal 37"',
)  # fmt: skip
def place(
    remote: Remote,
    reason: Annotated[
        HoldReason,
        typer.Option(
            "--reason",
            help=say(
                "Sebabnya: sengketa, pengadilan, penyelidikan, pemeriksaan, arsip, lainnya.",
                "Why: a dispute, a court, an investigation, an audit, the archive law, something else.",
            ),
        ),
    ],
    basis: Basis,
    case: Case = None,
    channel: Channel = None,
    address: Address = None,
    as_json: AsJson = False,
) -> None:
    """Do it."""
    body = {**_subject(case, channel, address), "reason": reason, "legal_basis": basis}
    done = remote.post("/api/v1/holds", body)
    if as_json:
        print_json(done)
    else:
        print_fields([(say("Penahanan", "Hold"), done["hold_id"])])


@remote_command(
    hold_app, "release", "Mencabut penahanan.", "Release a hold.",
    'corong audit hold release 6f1c… --basis "Putusan KI 12/2026"',
)  # fmt: skip
def release(
    remote: Remote,
    identity: Annotated[str, typer.Argument(metavar="ID", help=say("Id penahanan.", "The hold's id."))],
    basis: Basis,
    as_json: AsJson = False,
) -> None:
    """Do it."""
    done = remote.post(f"/api/v1/holds/{identity}/release", {"legal_basis": basis})
    if as_json:
        print_json(done)
    else:
        print(f"{done['hold_id']} · {say('dicabut', 'released')}")


@remote_command(
    hold_app, "list", "Penahanan yang berlaku, yang terbaru dulu.", "Holds that stand, the newest first.",
    "corong audit hold list --released --json",
)  # fmt: skip
def list_holds(
    remote: Remote,
    released: Annotated[
        bool, typer.Option("--released", help=say("Juga yang sudah dicabut.", "With those that are over."))
    ] = False,
    limit: Limit = 200,
    after: After = None,
    as_json: AsJson = False,
) -> None:
    """Print them."""
    found = listed(remote, "/api/v1/holds", "holds", limit, after, released=str(released).lower())
    if as_json:
        found.print_json()
        return
    print_table(
        ("ID", say("ORANG", "PERSON"), say("SEBAB", "REASON"), say("DASAR", "BASIS"), say("PETUGAS", "OFFICER"),
         say("SEJAK", "SINCE"), say("DICABUT", "RELEASED")),
        [
            (
                hold["hold_id"], hold["person"], hold["reason"], hold["legal_basis"], hold["officer"],
                moment(hold["placed_at"]), moment(hold["released_at"]),
            )
            for hold in found.items
        ],
        say("Tidak ada penahanan.", "No holds."),
    )  # fmt: skip
    found.tell_more()


def register(app: typer.Typer) -> None:
    """Declare `hold` and `erase` in the group `audit`."""
    app.add_typer(hold_app)
    remote_command(
        app, "erase", "Menghapus data pribadi seseorang, untuk selamanya.", "Erase a person's data, for ever.",
        'corong audit erase --case PI/2026/000123 --basis "UU 27/2022 Pasal 43" --jra 000.5.2 --dry-run',
    )(erase)  # fmt: skip


def erase(
    remote: Remote,
    case: Case = None,
    channel: Channel = None,
    address: Address = None,
    basis: Annotated[
        str | None,
        typer.Option("--basis", help=say("Dasar hukum: aturan dan pasalnya.", "Legal basis: law and article.")),
    ] = None,
    schedule: Annotated[
        str | None,
        typer.Option("--jra", help=say("Kode jadwal retensi arsip (JRA).", "Code of the archive schedule (JRA).")),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help=say("Hanya tampilkan yang akan hilang.", "Only show what would go.")),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help=say("Tanpa bertanya lagi.", "Don't ask again."))] = False,
    as_json: AsJson = False,
) -> None:
    """Show what would go; then, unless that was all, decide it and wait until it is done."""
    plan = remote.post("/api/v1/erasures/plan", _subject(case, channel, address))
    if dry_run:
        print_json(plan) if as_json else _print_plan(plan)
        return
    _refuse(plan)
    if not basis or not schedule:
        raise Trouble(
            say("Dasar hukum dan kode JRA belum disebut", "The legal basis and the schedule's code are missing"),
            say("tambahkan --basis dan --jra, atau --dry-run", "add --basis and --jra, or --dry-run"),
            FAILED,
        )
    if not as_json:
        _print_plan(plan)
    if not yes:
        typer.confirm(say("Hapus untuk selamanya?", "Erase it for ever?"), abort=True, err=as_json)
    body = {"person": plan["person"], "legal_basis": basis, "schedule": schedule}
    remote.post("/api/v1/erasures", body)
    done = _wait(remote, plan["person"])
    if as_json:
        print_json(done)
        return
    state = done["erasure"]
    print_fields(
        [
            (say("Keputusan", "Decision"), state["erasure_id"]),
            (say("Keadaan", "State"), state["state"]),
            (say("Diputuskan", "Decided"), moment(state["decided_at"])),
            (say("Selesai", "Completed"), moment(state["completed_at"])),
        ]
    )
    if state["state"] != "completed":
        tell(say("Penghapusan masih berjalan; ia diteruskan sampai selesai.", "Still at work; it goes on by itself."))


def _refuse(plan: dict[str, Any]) -> None:
    """Nobody is asked to confirm what the hub would refuse. Raises `Trouble`."""
    if plan["erasure"]:
        raise Trouble(
            say("Data orang ini sudah dihapus", "This person's data was erased already"),
            say("lihat dengan --dry-run", "look with --dry-run"),
        )
    if plan["holds"]:
        named = ", ".join(hold["hold_id"] for hold in plan["holds"])
        raise Trouble(
            say(
                f"Ada penahanan hukum yang belum dicabut: {named}",
                f"There is a legal hold that is not released: {named}",
            ),
            say("cabut dahulu dengan `corong audit hold release`", "release it first with `corong audit hold release`"),
        )


def _wait(remote: Remote, person: str) -> dict[str, Any]:
    deadline = time.monotonic() + DONE_SECONDS
    while True:
        found: dict[str, Any] = remote.post("/api/v1/erasures/plan", {"person": person})
        if found["erasure"]["state"] == "completed" or time.monotonic() > deadline:
            return found
        time.sleep(0.3)


def _subject(case: str | None, channel: str | None, address: str | None) -> dict[str, str]:
    named = {"case": case, "channel": channel, "address": address}
    return {name: value for name, value in named.items() if value is not None}


def _print_plan(plan: dict[str, Any]) -> None:
    print_fields(
        [
            (say("Orang", "Person"), plan["person"]),
            (say("Perkara", "Cases"), ", ".join(case["registration"] or case["case_id"] for case in plan["cases"])),
            (say("Kunci", "Keys"), ", ".join(plan["keys"])),
            (say("Alamat", "Addresses"), plan["addresses"]),
            (say("Lampiran", "Attachments"), f"{plan['files']} ({plan['file_bytes']:,} B)"),
            (say("Penahanan", "Holds"), ", ".join(hold["hold_id"] for hold in plan["holds"])),
            (say("Diputuskan", "Decided"), moment(plan["erasure"]["decided_at"]) if plan["erasure"] else None),
        ]
    )
    if any(case["state"] not in ("closed", None) for case in plan["cases"]):
        tell(say("Masih ada perkara yang belum ditutup.", "Some cases are not closed yet."))
