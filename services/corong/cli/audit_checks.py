"""`corong audit verify`, `consistency` and `verifier`: checks of the log that trust nobody's server.

All checking is done by the one file that auditors carry away, `auditing/standalone/corong_verify.py`.
"""

import base64
import hashlib
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from corong.auditing.standalone import corong_verify as verifier
from corong.cli.audit import app
from corong.cli.declare import AsJson, command
from corong.cli.output import print_json, tell
from corong.cli.remote import default_url
from corong.cli.trouble import FAILED, TAMPERED, Trouble
from corong.cli.words import language, say

Key = Annotated[
    list[str] | None,
    typer.Option(
        "--key",
        metavar="KUNCI|@BERKAS" if language() == "id" else "KEY|@FILE",
        envvar="CORONG_LOG_VERIFIER",
        help=say(
            "Kunci publik log, dan kunci saksi; boleh diulang. Dapatkan dari pihak yang Anda percayai.",
            "The log's public key, and witnesses'; repeatable. Get it from somebody you trust.",
        ),
    ),
]
Quorum = Annotated[
    int | None,
    typer.Option(
        min=0,
        help=say(
            "Berapa saksi harus sudah menandatangani; bawaan: semua yang kuncinya diberikan.",
            "How many witnesses must have signed; all whose keys were given, by default.",
        ),
    ),
]
Place = Annotated[
    str,
    typer.Argument(
        metavar="FOLDER|URL", help=say("Folder atau alamat log.", "The log's folder or address."), show_default=False
    ),
]
Checked = Annotated[
    str,
    typer.Argument(
        metavar="FOLDER|URL|ZIP",
        help=say("Folder atau alamat log, atau sebuah ekspor.", "The log's folder or address, or an export."),
        show_default=False,
    ),
]
LogPlace = Annotated[
    str | None,
    typer.Argument(
        metavar="FOLDER|URL",
        show_default=f"{default_url()}/log",
        help=say("Folder atau alamat log.", "The log's folder or address."),
    ),
]


def evidence() -> str:
    """What to do with what was tampered with."""
    return say(
        "simpan salinan ini sebagai bukti, dan bandingkan dengan salinan atau saksi lain",
        "keep this copy as evidence, and compare with another copy or witness",
    )


def trouble_of(error: verifier.Trouble) -> Trouble:
    """The verifier's word as the command line tells it."""
    if error.code == verifier.TAMPERED:
        return Trouble(str(error), evidence(), TAMPERED)
    return Trouble(str(error), "", FAILED)


def keys_of(given: list[str] | None) -> list[verifier.Key]:
    """The keys. Raises `Trouble`."""
    verifier.language = language()
    try:
        return verifier.read_keys(given or [])
    except verifier.Trouble as error:
        do = say(
            "minta kuncinya kepada pengelola (`corong audit key`), lalu --key KUNCI, atau --key @BERKAS",
            "ask the keeper for it (`corong audit key`), then --key KEY, or --key @FILE",
        )
        raise Trouble(str(error), do) from None


def place_of(given: str | None) -> verifier.Source:
    """Where the log is. The token for the hub goes to the hub alone, never to another's log. Raises `Trouble`."""
    hub = (os.environ.get("CORONG_URL") or default_url()).rstrip("/")
    try:
        source = verifier.open_source(given or f"{hub}/log")
    except verifier.Trouble as error:
        raise trouble_of(error) from None
    if isinstance(source, verifier.Web) and not source.token and source.url.startswith(f"{hub}/"):
        return verifier.Web(source.url, os.environ.get("CORONG_TOKEN", "").strip())
    return source


RESULTS = {verifier.SOUND: "sound", verifier.NOT_CHECKED: "not checked", verifier.TAMPERED: "tampered"}


def describe(found: verifier.Checkpoint | None) -> dict[str, Any]:
    """For programs."""
    if found is None:
        return {}
    kinds = {1: "log", 4: "witness"}
    signed = [{"name": key.name, "kind": kinds[key.kind], "time": at} for key, at in found.signed.items()]
    return {"origin": found.origin, "size": found.size, "root": base64.b64encode(found.root).decode(), "signed": signed}


def report_in_json(report: verifier.Report) -> dict[str, Any]:
    """For programs."""
    return {
        "code": report.code, "result": RESULTS[report.code],
        "checkpoint": describe(report.checkpoint), "since": describe(report.since),
        "witnessed": describe(report.witnessed), "seen": report.seen,
        "withheld": report.withheld, "writers": report.writers, "newest": report.newest, "notes": report.notes,
        "findings": [
            {"tampered": t.code == verifier.TAMPERED, "entry": t.entry, "last": t.last, "file": t.file, "what": t.what}
            for t in report.troubles
        ],
    }  # fmt: skip


@command(
    app, "verify",
    "Periksa seluruh log (setiap isi, pohon, tanda tangan, nomor setiap penulis), atau sebuah ekspor.",
    "Check a whole log (every body, the tree, signatures, each writer's numbers), or an export.",
    "corong audit verify /media/usb/log --key @kunci-log.txt --since checkpoint-lama",
)  # fmt: skip
def verify(
    place: Checked,
    key: Key = None,
    since: Annotated[
        Path | None,
        typer.Option(help=say("Checkpoint lama yang Anda simpan.", "An old checkpoint that you kept.")),
    ] = None,
    quorum: Quorum = None,
    complete: Annotated[
        bool,
        typer.Option("--complete", help=say("Isi yang ditahan adalah kesalahan.", "A withheld body is a fault.")),
    ] = False,
    public: Annotated[
        bool,
        typer.Option(
            "--public", help=say("Salinan publik: isi boleh ditahan.", "A public copy: bodies may be withheld.")
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print what was found; the exit code is the verifier's. In a folder nothing may be withheld, unless `public`."""
    if verifier.is_export(place):
        report = verifier.verify_export(
            place, keys_of(key), quorum, progress=(lambda done, size: None) if _quiet(as_json) else verifier.bar
        )
        print_json(report_in_json(report)) if as_json else print(verifier.as_text(report))
        raise typer.Exit(report.code)
    keys, source = keys_of(key), place_of(place)
    try:
        kept = verifier.read_file(str(since)) if since else None
    except verifier.Trouble as error:
        raise trouble_of(error) from None
    report = verifier.verify(
        source,
        keys,
        since=kept,
        quorum=quorum,
        complete=complete or (isinstance(source, verifier.Folder) and not public),
        progress=(lambda done, size: None) if _quiet(as_json) else verifier.bar,
    )
    if as_json:
        print_json(report_in_json(report))
    else:
        print(verifier.as_text(report))
        if report.code == verifier.TAMPERED:
            tell(evidence())
    raise typer.Exit(report.code)


def _quiet(as_json: bool) -> bool:
    """Whether nobody looks at a progress bar."""
    return as_json or not sys.stderr.isatty()


@command(
    app, "consistency",
    "Periksa bahwa checkpoint baru melanjutkan yang lama, tanpa membaca seluruh log.",
    "Check that a new checkpoint continues an old one, without reading the whole log.",
    "corong audit consistency checkpoint-2025 checkpoint-2026 /media/usb/log --key @kunci-log.txt",
)  # fmt: skip
def consistency(
    old: Annotated[Path, typer.Argument(help=say("Berkas checkpoint lama.", "File of the older checkpoint."))],
    new: Annotated[Path, typer.Argument(help=say("Berkas checkpoint baru.", "File of the newer checkpoint."))],
    place: LogPlace = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Say so, or what is wrong."""
    keys, source = keys_of(key), place_of(place)
    try:
        older, newer = (verifier.open_checkpoint(verifier.read_file(str(path)), keys, 0) for path in (old, new))
        verifier.verify_consistency(source, older, newer)
    except verifier.Trouble as error:
        raise trouble_of(error) from None
    if as_json:
        print_json({"old": describe(older), "new": describe(newer), "consistent": True})
        return
    print(
        say(
            f"{newer.origin}: {older.size} → {newer.size} entri", f"{newer.origin}: {older.size} → {newer.size} entries"
        )
    )
    print(verifier.verdict(verifier.SOUND))


@command(
    app, "verifier",
    "Tulis pemeriksa sebagai satu berkas Python untuk dibawa pemeriksa.",
    "Write the verifier out as one Python file, for an auditor to carry.",
    "corong audit verifier -o /media/usb/corong_verify.py",
)  # fmt: skip
def write_verifier(
    output: Annotated[
        Path,
        typer.Option("-o", "--output", help=say("Berkas tujuan; - untuk keluaran.", "The file; - for the output.")),
    ] = Path("corong_verify.py"),
    force: Annotated[bool, typer.Option("--force", help=say("Timpa berkas lama.", "Overwrite an older file."))] = False,
    as_json: AsJson = False,
) -> None:
    """Its bytes, and their digest so that two auditors can compare."""
    data = Path(verifier.__file__).read_bytes()
    if str(output) == "-":
        sys.stdout.buffer.write(data)
        return
    write_new(output, data, force)
    digest = hashlib.sha256(data).hexdigest()
    if as_json:
        print_json({"file": str(output), "sha256": digest})
        return
    print(f"{output}\nSHA-256 {digest}")
    tell(
        say("Perlu Python 3.11 dan `pip install cryptography`.", "It needs Python 3.11 and `pip install cryptography`.")
    )


def write_new(path: Path, data: bytes, force: bool) -> None:
    """Write a file that must not be there yet. Raises `Trouble`."""
    try:
        with open(path, "wb" if force else "xb") as file:
            file.write(data)
    except FileExistsError:
        raise Trouble(
            say(f"{path} sudah ada", f"{path} is there already"),
            say("pilih nama lain, atau --force", "choose another name, or --force"),
        ) from None  # fmt: skip
    except OSError as error:
        raise Trouble(say(f"{path} tidak dapat ditulis: {error}", f"{path} can't be written: {error}")) from None
