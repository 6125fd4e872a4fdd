"""`corong unit`: which there are, adding one, changing one, closing one; what would move is told with `--look`."""

from typing import Annotated, Any, Literal

import typer

from corong.cli.declare import AsJson, group, remote_command
from corong.cli.output import moment, print_json, print_table, tell
from corong.cli.remote import Remote
from corong.cli.words import say

app = group(
    "unit", "Unit kerja: menambah, mengubah, menutup; semuanya tercatat di log.",
    "Units: adding, changing, closing; all of it stands in the log.",
)  # fmt: skip

PATH = "/api/v1/units"
Kind = Literal["agency", "subdistrict", "clinic"]
Id = Annotated[str, typer.Argument(metavar="ID", help=say("Id unit.", "The unit's id."))]
Reason = Annotated[str | None, typer.Option(help=say("Alasan; tercatat di log.", "Why; it stands in the log."))]
Look = Annotated[
    bool, typer.Option("--look", help=say("Hanya tunjukkan apa yang akan pindah.", "Only show what would move."))
]
Name = Annotated[str | None, typer.Option(help=say("Nama.", "The name."))]
Topics = Annotated[
    list[str] | None, typer.Option("--topic", help=say("Topik; dapat diulang.", "A topic; may be repeated."))
]
Places = Annotated[
    list[str] | None, typer.Option("--place", help=say("Nama tempat; dapat diulang.", "A place; may be repeated."))
]
Within = Annotated[
    str | None, typer.Option(help=say("Kecamatan puskesmas itu; kosong: tidak ada.", "A clinic's sub-district."))
]
Days = Annotated[
    list[str] | None,
    typer.Option("--open", help=say("Hari buka (mon … sun); diulang.", "A day (mon … sun); repeated.")),
]


@remote_command(
    app, "list", "Daftar unit, yang ditutup juga.", "The units, closed ones too.", "corong unit list --json",
)  # fmt: skip
def many(remote: Remote, as_json: AsJson = False) -> None:
    """Print them."""
    found = remote.get(PATH)
    if as_json:
        print_json(found)
        return
    columns = ("ID", say("NAMA", "NAME"), say("JENIS", "KIND"), say("TOPIK", "TOPICS"), say("PENGGANTI", "SUCCESSOR"))
    print_table(
        columns,
        [
            (
                one["id"], one["name"], one["kind"], ", ".join(one["topics"]),
                one["successor"]["id"] if one["successor"] else "",
            )
            for one in found["units"]
        ],
    )  # fmt: skip


@remote_command(
    app, "show", "Sebuah unit, dan siapa mengubah apa, kapan, mengapa.",
    "A unit, and who changed what, when and why.", "corong unit show dinas-pupr",
)  # fmt: skip
def show(remote: Remote, identity: Id, as_json: AsJson = False) -> None:
    """Print it."""
    found = remote.get(f"{PATH}/{identity}")
    if as_json:
        print_json(found)
        return
    _line(found)
    columns = (("EDISI", "EDITION"), ("SEJAK", "SINCE"), ("OLEH", "BY"), ("NAMA", "NAME"), ("ALASAN", "REASON"))
    print_table(
        [say(*pair) for pair in columns],
        [
            (
                one["edition"], moment(one["changed_at"]), one["by"]["id"] if one["by"] else "units.toml",
                one["name"], one["reason"],
            )
            for one in found["editions"]
        ],
        say("Belum pernah diubah: berlaku units.toml.", "Never changed: as units.toml says."),
    )  # fmt: skip


@remote_command(
    app, "add", "Menambah unit; ia menerima perkara saat itu juga.", "Add a unit; it takes cases at once.",
    'corong unit add dinas-arsip --name "Dinas Kearsipan" --kind agency --reason "Perda 3/2026"',
)  # fmt: skip
def add(
    remote: Remote,
    identity: Id,
    name: Annotated[str, typer.Option(help=say("Nama.", "The name."))],
    kind: Annotated[Kind, typer.Option(help=say("Jenis.", "The kind."))],
    reason: Annotated[str, typer.Option(help=say("Alasan; tercatat di log.", "Why; it stands in the log."))],
    topics: Topics = None,
    places: Places = None,
    within: Within = None,
    days: Days = None,
    as_json: AsJson = False,
) -> None:
    """Add."""
    body = {"id": identity, "name": name, "kind": kind, "reason": reason, **_given(topics, places, within, days)}
    _done(remote.post(PATH, body), as_json)


@remote_command(
    app, "change", "Mengubah unit: yang tidak disebut tetap; --topic dan --place menggantikan semuanya.",
    "Change a unit: what isn't named stays; --topic and --place replace all of them.",
    'corong unit change puskesmas-mutiara --open mon --open tue --open sat --reason "Jam baru"',
)  # fmt: skip
def change(
    remote: Remote,
    identity: Id,
    name: Name = None,
    kind: Annotated[Kind | None, typer.Option(help=say("Jenis.", "The kind."))] = None,
    topics: Topics = None,
    places: Places = None,
    within: Within = None,
    days: Days = None,
    reason: Reason = None,
    look: Look = False,
    as_json: AsJson = False,
) -> None:
    """Change what is given."""
    body: dict[str, Any] = {key: value for key, value in (("name", name), ("kind", kind)) if value is not None}
    body |= _given(topics, places, within, days)
    if look:
        _tried(remote.post(f"{PATH}/{identity}/try", body), as_json)
        return
    body |= {"edition": remote.get(f"{PATH}/{identity}")["edition"], "reason": _needed(reason)}
    _done(remote.post(f"{PATH}/{identity}/change", body), as_json)


@remote_command(
    app, "close", "Menutup unit: topik, perkara terbuka dan petugasnya pindah ke penggantinya; tidak dibuka lagi.",
    "Close a unit: topics, open cases and officers go to its successor; it is never opened again.",
    'corong unit close dinas-perikanan --successor dinas-pertanian --reason "Digabung, Perda 3/2026"',
)  # fmt: skip
def close(
    remote: Remote,
    identity: Id,
    successor: Annotated[str, typer.Option(help=say("Unit pengganti.", "Who takes over."))],
    reason: Reason = None,
    look: Look = False,
    as_json: AsJson = False,
) -> None:
    """Close."""
    if look:
        _tried(remote.post(f"{PATH}/{identity}/try", {"successor": successor}), as_json)
        return
    edition = remote.get(f"{PATH}/{identity}")["edition"]
    body = {"successor": successor, "edition": edition, "reason": _needed(reason)}
    _done(remote.post(f"{PATH}/{identity}/close", body), as_json)


def _needed(reason: str | None) -> str:
    if reason is None:
        raise typer.BadParameter(say("berikan --reason, atau --look untuk melihat dulu", "give --reason, or --look"))
    return reason


def _given(
    topics: list[str] | None, places: list[str] | None, within: str | None, days: list[str] | None
) -> dict[str, Any]:  # fmt: skip
    """What was named; an empty word empties it."""
    found: dict[str, Any] = {}
    if topics is not None:
        found["topics"] = [one for one in topics if one]
    if places is not None:
        found["places"] = [one for one in places if one]
    if within is not None:
        found["within"] = within or None
    if days is not None:
        found["opening_days"] = days
    return found


def _done(done: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    if not done["events"]:
        tell(say("Sudah demikian; tidak ada yang berubah.", "It was so already; nothing changed."))
    _line(done["unit"])


def _line(one: dict[str, Any]) -> None:
    heir = one["successor"]
    state = say(f"ditutup, digantikan {heir['id']}", f"closed, {heir['id']} took over") if heir else say("buka", "open")
    print(f"{one['id']} · {one['name']} · {one['kind']} · {state}")


def _tried(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    many = sum(found["open_cases"].values())
    people = ", ".join(one["id"] for one in found["officers"])
    for one in found["changes"]:
        signs = [f"+{word}" for word in (*one["gained_topics"], *one["gained_places"])]
        signs += [f"-{word}" for word in (*one["lost_topics"], *one["lost_places"])]
        print(f"{one['unit']['id']}: {say('ditutup', 'closed') if one['closes'] else one['name']} {' '.join(signs)}")
    if found["closes"]:
        print(say(f"Perkara terbuka yang pindah: {many}", f"Open cases that move: {many}"))
        print(say(f"Petugas yang pindah: {people or '-'}", f"Officers who move: {people or '-'}"))
    print(
        say(
            f"{found['moves']} dari {found['tried']} perkara 30 hari terakhir akan masuk ke unit lain",
            f"{found['moves']} of {found['tried']} cases of the last 30 days would go to another unit",
        )
    )
    for one in found["units"]:
        print(f"  {one['unit']['id']}: +{one['gains']} -{one['loses']}")
