"""`corong officer`: adding an officer, changing one, shutting one out and letting one in again."""

from typing import Annotated, Any, Literal

import typer

from corong.cli.declare import AsJson, group, remote_command
from corong.cli.invite import tell_how_to_hand_over
from corong.cli.output import moment, print_json, print_table, tell
from corong.cli.remote import Remote
from corong.cli.words import is_terminal, say

app = group(
    "officer", "Petugas: menambah, mengubah, menonaktifkan, mengaktifkan lagi; semuanya tercatat di log.",
    "Officers: adding, changing, shutting out, letting in again; all of it stands in the log.",
)  # fmt: skip

PATH = "/api/v1/officers"
Role = Literal["main_officer", "unit_officer", "operator", "superior", "auditor", "admin"]
Id = Annotated[str, typer.Argument(metavar="ID", help=say("Id petugas.", "The officer's id."))]
Reason = Annotated[str, typer.Option(help=say("Alasan; tercatat di log.", "Why; it stands in the log."))]


@remote_command(
    app, "show", "Seorang petugas, dan siapa mengubah apa, kapan, mengapa.",
    "An officer, and who changed what, when and why.", "corong officer show operator-dinas-pupr",
)  # fmt: skip
def show(remote: Remote, identity: Id, as_json: AsJson = False) -> None:
    """Print it."""
    found = remote.get(f"{PATH}/{identity}")
    if as_json:
        print_json(found)
        return
    print(_line(found))
    columns = (
        ("EDISI", "EDITION"), ("SEJAK", "SINCE"), ("OLEH", "BY"), ("PERAN", "ROLE"), ("UNIT", "UNIT"),
        ("AKTIF", "ACTIVE"), ("ALASAN", "REASON"),
    )  # fmt: skip
    print_table(
        [say(*pair) for pair in columns],
        [
            (
                one["edition"], moment(one["changed_at"]), one["by"]["id"] if one["by"] else "officers.toml",
                one["role"], one["unit"]["id"], _active(one), one["reason"],
            )
            for one in found["editions"]
        ],
        say("Belum pernah diubah: berlaku officers.toml.", "Never changed: as officers.toml says."),
    )  # fmt: skip


@remote_command(
    app, "add", "Menambah petugas; ia masuk dengan tautan dari `corong invite`.",
    "Add an officer, who comes in by a link of `corong invite`.",
    'corong officer add operator-kecamatan-kisaran --name "Budi Contoh" --role operator --unit kecamatan-kisaran-barat'
    ' --reason "Petugas baru"',
)  # fmt: skip
def add(
    remote: Remote,
    identity: Id,
    name: Annotated[str, typer.Option(help=say("Nama.", "The name."))],
    role: Annotated[Role, typer.Option(help=say("Peran.", "The role."))],
    unit: Annotated[str, typer.Option(help=say("Id unit.", "The unit's id."))],
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Add."""
    body = {"id": identity, "name": name, "role": role, "unit": unit, "reason": reason}
    _print(remote.post(PATH, body), as_json)
    if is_terminal():
        tell(say(f"Tautan masuknya: corong invite {identity}", f"The link to come in by: corong invite {identity}"))


@remote_command(
    app, "change", "Mengubah nama, peran atau unit seorang petugas.", "Change an officer's name, role or unit.",
    'corong officer change operator-dinas-pupr --role unit_officer --reason "Ditunjuk sebagai PPID Pelaksana"',
)  # fmt: skip
def change(
    remote: Remote,
    identity: Id,
    reason: Reason,
    name: Annotated[str | None, typer.Option(help=say("Nama.", "The name."))] = None,
    role: Annotated[Role | None, typer.Option(help=say("Peran.", "The role."))] = None,
    unit: Annotated[str | None, typer.Option(help=say("Id unit.", "The unit's id."))] = None,
    as_json: AsJson = False,
) -> None:
    """Change what is given."""
    edition = remote.get(f"{PATH}/{identity}")["edition"]
    body = {"name": name, "role": role, "unit": unit, "edition": edition, "reason": reason}
    _print(remote.post(f"{PATH}/{identity}/change", body), as_json)


@remote_command(
    app, "deactivate", "Menonaktifkan petugas: sesi, token dan tautannya berakhir saat itu juga.",
    "Shut an officer out: sessions, tokens and links end at once.",
    'corong officer deactivate operator-dinas-pupr --reason "Pindah tugas"',
)  # fmt: skip
def deactivate(remote: Remote, identity: Id, reason: Reason, as_json: AsJson = False) -> None:
    """Shut out."""
    _print(remote.post(f"{PATH}/{identity}/deactivate", {"reason": reason}), as_json)


@remote_command(
    app, "reactivate", "Mengaktifkan petugas lagi; ia masuk dengan tautan baru atau kata sandinya.",
    "Let an officer in again, by a new link or the password.",
    'corong officer reactivate operator-dinas-pupr --reason "Kembali bertugas"',
)  # fmt: skip
def reactivate(remote: Remote, identity: Id, reason: Reason, as_json: AsJson = False) -> None:
    """Let in."""
    _print(remote.post(f"{PATH}/{identity}/reactivate", {"reason": reason}), as_json)


@remote_command(
    app, "invite", "Tautan masuk sekali pakai untuk petugas lain; tercatat di log tanpa tautannya.",
    "A one-time sign-in link for another officer; the log tells of it, without the link.",
    'corong officer invite petugas-dinas-kesehatan --reason "Lupa kata sandi" --hours 8',
)  # fmt: skip
def invite(
    remote: Remote,
    identity: Id,
    reason: Reason,
    hours: Annotated[
        int, typer.Option(min=1, max=168, help=say("Masa berlaku dalam jam.", "Valid for so many hours."))
    ] = 24,
    as_json: AsJson = False,
) -> None:
    """Print it; nobody can look it up again."""
    made = remote.post(f"{PATH}/{identity}/invite", {"reason": reason, "hours": hours})
    if as_json:
        print_json(made)
        return
    print(made["link"])
    if is_terminal():
        tell_how_to_hand_over(hours)


def _print(done: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    if not done["events"]:
        tell(say("Sudah demikian; tidak ada yang berubah.", "It was so already; nothing changed."))
    print(_line(done["officer"]))


def _line(one: dict[str, Any]) -> str:
    state = say("aktif", "active") if one["active"] else say("tidak aktif", "not active")
    return f"{one['id']} · {one['name']} · {one['role']} · {one['unit']['id']} · {state}"


def _active(one: dict[str, Any]) -> str:
    return say("ya", "yes") if one["active"] else say("tidak", "no")
