"""`corong audit export`: entries of the log in one archive, with proofs, tables and a cover sheet."""

import json
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from corong.cli.audit import app
from corong.cli.declare import AsJson, remote_command
from corong.cli.instants import instant
from corong.cli.made_file import fetched
from corong.cli.output import print_fields, print_json, tell
from corong.cli.remote import Remote
from corong.cli.trouble import Trouble
from corong.cli.words import say


@remote_command(
    app, "export",
    "Ekspor log: NDJSON dengan bukti, CSV, XLSX, dan lembar sampul PDF dalam satu arsip. Ekspor itu sendiri tercatat.",
    "Export the log: NDJSON with proofs, CSV, XLSX, PDF cover sheet in one archive. The export itself is recorded.",
    "corong audit export --out ekspor.zip --since 2026-01-01 --until 2027-01-01 --reason 'Pemeriksaan tahunan'",
)  # fmt: skip
def export(
    remote: Remote,
    out: Annotated[Path, typer.Option("--out", "-o", help=say("Berkas arsip (.zip).", "The archive's file (.zip)."))],
    reason: Annotated[
        str,
        typer.Option(
            help=say(
                "Untuk apa; tercatat di log selamanya, jadi tanpa data pribadi.",
                "What it is for; the log keeps it for ever, so nothing personal.",
            )
        ),
    ],
    since: Annotated[
        str | None, typer.Option(help=say("Sejak indeks atau saat ini.", "From this index or moment on."))
    ] = None,
    until: Annotated[
        str | None, typer.Option(help=say("Sebelum indeks atau saat ini.", "Before this index or moment."))
    ] = None,
    case: Annotated[str | None, typer.Option(help=say("Nomor atau id perkara.", "A case's number or id."))] = None,
    event_type: Annotated[
        str | None, typer.Option("--type", help=say("Jenis peristiwa, atau bagiannya.", "Type of event, or a part."))
    ] = None,
    actor: Annotated[
        str | None, typer.Option(help=say("Pelaku, seperti officer:ppid-utama.", "Such as officer:ppid-utama."))
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option(
            help=say("Perkara dan unggahan yang pernah di unit ini.", "Cases and posts that ever were with this unit.")
        ),
    ] = None,
    public: Annotated[
        bool,
        typer.Option(
            "--public",
            help=say("Untuk umum: entri lain hanya hash-nya.", "For the public: of other entries the hash alone."),
        ),
    ] = False,
    opened: Annotated[
        bool,
        typer.Option(
            "--open",
            help=say(
                "Buka kata-kata warga di CSV dan XLSX; perlu hak membaca perkara.",
                "Open citizens' words in CSV and XLSX; takes the right to read cases.",
            ),
        ),
    ] = False,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            help=say("Pada checkpoint lama ini: berkas yang sama.", "At this older checkpoint: the same files.")
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help=say("Timpa berkas lama.", "Overwrite an older file."))] = False,
    as_json: AsJson = False,
) -> None:
    """Write it, and say what it is."""
    first, since = _index(since)
    before, until = _index(until)
    asked: dict[str, Any] = {
        "reason": reason, "case": case, "type": event_type, "actor": actor, "unit": unit,
        "since": instant(since, remote.zone),
        "until": instant(until, remote.zone), "first": first, "before": before, "checkpoint": _note(checkpoint),
    }  # fmt: skip
    body = {name: value for name, value in asked.items() if value is not None} | {"public": public, "open": opened}
    fetched(remote, "/api/v1/audit/exports", body, out, force=force, quiet=as_json)
    _tell(out, as_json)


def _index(text: str | None) -> tuple[int | None, str | None]:
    """An index, or else a moment."""
    return (int(text), None) if text is not None and re.fullmatch(r"[0-9]{1,15}", text) else (None, text)


def _note(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_bytes().decode()
    except (OSError, ValueError) as error:
        raise Trouble(say(f"{path} tidak terbaca: {error}", f"{path} can't be read: {error}")) from None


def _tell(out: Path, as_json: bool) -> None:
    import zipfile

    from corong.auditing.standalone.corong_verify import event_in

    with zipfile.ZipFile(out) as archive:
        event = json.loads(event_in(archive.read("record.tlog-proof")))
        names = archive.namelist()
    data = event["data"]
    if as_json:
        print_json({"file": str(out), "event": event["id"], "files": names, **data})
        return
    print_fields(
        [
            (say("Berkas", "File"), str(out)), (say("Entri", "Entries"), str(data["count"])),
            (say("Log", "Log"), say(f"{data['size']} entri", f"{data['size']} entries")),
            (say("Dicatat sebagai", "Recorded as"), event["id"]),
        ]
    )  # fmt: skip
    tell(
        say(
            f"Periksa: corong audit verify {out} --key KUNCI", f"Check it with: corong audit verify {out} --key KEY"
        )
    )  # fmt: skip
