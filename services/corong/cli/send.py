"""`corong send`: hand a citizen's message in, as a program of a channel account does."""

import base64
import mimetypes
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from corong.cli.choices import CaseKind
from corong.cli.declare import AsJson, remote_command
from corong.cli.output import print_fields, print_json, text_of
from corong.cli.remote import Remote
from corong.cli.trouble import Trouble
from corong.cli.words import say


def register(app: typer.Typer) -> None:
    """Declare the command."""
    remote_command(
        app, "send", "Menyerahkan pesan warga lewat POST /api/v1/messages, sebagai akun kanal.",
        "Hand a citizen's message in by POST /api/v1/messages, as a channel account.",
        'corong send "Lampu jalan di Kisaran padam." --sender warga-1 --as api-contoh',
        account=True,
    )(send)  # fmt: skip


def send(
    remote: Remote,
    text: Annotated[
        str, typer.Argument(metavar=say("TEKS", "TEXT"), help=say("Teks; - atau @berkas.", "The text; - or @file."))
    ],
    sender: Annotated[str, typer.Option(help=say("Alamat penulis di kanal itu.", "The writer's address there."))],
    name: Annotated[str, typer.Option(help=say("Nama penulis.", "The writer's name."))] = "",
    subject: Annotated[str, typer.Option(help=say("Perihal.", "The subject."))] = "",
    kind: Annotated[
        CaseKind | None, typer.Option(help=say("Jenis yang dipilih warga.", "As the citizen chose."))
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            help=say("Idempotency-Key: pesan yang sama, kunci yang sama.", "Idempotency-Key: same message, same key.")
        ),
    ] = None,
    thread: Annotated[
        list[str] | None, typer.Option(help=say("Kunci pesan sebelumnya.", "Key of an earlier message."))
    ] = None,
    public: Annotated[bool, typer.Option("--public", help=say("Tampak umum.", "Visible to everybody."))] = False,
    attach: Annotated[list[Path] | None, typer.Option(help=say("Lampiran.", "A file to attach."))] = None,
    as_json: AsJson = False,
) -> None:
    """Send it."""
    body = {
        "text": text_of(text),
        "sender": {"address": sender, "name": name},
        "subject": subject,
        "thread": thread or [],
        "visibility": "public" if public else "private",
        "kind": kind,
        "attachments": [_attachment(path) for path in attach or ()],
    }
    accepted = remote.post("/api/v1/messages", body, key=key or f"cli-{uuid4()}")
    if as_json:
        print_json(accepted)
        return
    receipt = accepted["receipt"]
    print_fields(
        [
            (say("Status", "Status"), receipt["status"]),
            (say("Nomor", "Number"), accepted["registration"]),
            (say("Kode rahasia", "Secret"), receipt["secret"]),
            (say("Periksa di", "Look it up at"), f"{remote.url}{accepted['status_url']}"),
        ]
    )


def _attachment(path: Path) -> dict[str, str]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Trouble(say(f"{path} tidak dapat dibaca: {error}", f"{path} can't be read: {error}")) from None
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return {"name": path.name, "media_type": media_type, "content": base64.b64encode(content).decode()}
