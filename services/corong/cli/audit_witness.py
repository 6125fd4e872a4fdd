"""`corong audit witness`: cosigns another's log (C2SP tlog-cosignature), after checking that it only ever grew.

What a witness has seen it keeps in a file of its own, and changes that before it signs: so two signatures of it can
never say two things (C2SP tlog-witness, `add-checkpoint`).
"""

import contextlib
import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corong.auditing.standalone import corong_verify as verifier
from corong.cli.audit import app
from corong.cli.audit_checks import Key, LogPlace, Place, describe, keys_of, place_of, trouble_of
from corong.cli.declare import AsJson, command
from corong.cli.output import print_json, tell
from corong.cli.remote import Remote
from corong.cli.trouble import TAMPERED, Trouble
from corong.cli.words import say

if TYPE_CHECKING:
    from corong.auditing.note import SigningKey


@command(
    app, "witness",
    "Saksikan log lain: periksa bahwa ia hanya bertambah, lalu tanda tangani checkpoint-nya.",
    "Witness another log: check that it only ever grew, then cosign its checkpoint.",
    "corong audit witness https://contoh.go.id/log --key @kunci-log.txt --secret saksi.key --state contoh.state",
)  # fmt: skip
def witness(
    place: Place,
    secret: Annotated[Path, typer.Option(help=say("Berkas kunci rahasia saksi.", "File of the witness's secret key."))],
    state: Annotated[
        Path,
        typer.Option(
            help=say("Berkas checkpoint terakhir yang disaksikan; satu untuk setiap log.",
                     "File of the last checkpoint witnessed; one for each log.")
        ),
    ],
    key: Key = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help=say("Tulis ke berkas.", "Write it to a file."))
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(help=say("Buat kunci saksi baru dengan nama ini.", "Make a new witness key of this name.")),
    ] = None,
    first: Annotated[
        bool,
        typer.Option("--first", help=say("Log ini belum pernah disaksikan.", "This log was never witnessed before.")),
    ] = False,
    hand_in: Annotated[
        bool,
        typer.Option(
            "--hand-in",
            help=say("Serahkan tanda tangannya kepada log itu, agar ditunjukkan bersama checkpoint-nya.",
                     "Hand the signature in to that log, to be shown with its checkpoint."),
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Write the cosigned checkpoint."""
    from corong.auditing import note

    keys = [known for known in keys_of(key) if known.kind == note.ED25519]
    signer = _signer(secret, name)
    source = place_of(place)
    if hand_in:
        _web(source)
    with _alone(state):
        try:
            data = source.read("checkpoint", verifier.MOST_NOTE_BYTES)
            if data is None:
                raise verifier.Trouble(verifier.NOT_CHECKED, say("tidak ada", "missing"), file="checkpoint")
            data = _without_strangers(data, keys)
            new = verifier.open_checkpoint(data, keys)
        except verifier.Trouble as error:
            raise trouble_of(error) from None
        old = _last(state, keys, first)
        if old is not None:
            try:
                verifier.verify_consistency(source, old, new)
            except verifier.Trouble as error:
                raise _refused(error, state, data) from None
        at = int(time.time())
        parsed = note.parse_note(data)
        _replace(state, data)
        cosigned = note.sign(parsed.text, [signer], at, parsed.signatures).data
    if output is not None:
        _replace(output, cosigned)
    if as_json:
        size = old.size if old else 0
        print_json({"from": size, **describe(new), "witness": str(signer.verifier), "time": at})
    elif output is None:
        print(cosigned.decode(), end="")
    tell(say(f"{new.origin}: {new.size} entri disaksikan oleh {signer.name}",
             f"{new.origin}: {new.size} entries witnessed by {signer.name}"))  # fmt: skip
    if hand_in:
        _hand_in(source, cosigned)


@command(
    app, "add-cosignature",
    "Serahkan checkpoint yang sudah ditandatangani saksi kepada log-nya.",
    "Hand a checkpoint that a witness has cosigned in to its log.",
    "corong audit add-cosignature checkpoint-saksi https://contoh.go.id/log",
)  # fmt: skip
def add_cosignature(
    file: Annotated[Path, typer.Argument(help=say("Berkas yang ditulis saksi.", "The file that the witness wrote."))],
    place: LogPlace = None,
    as_json: AsJson = False,
) -> None:
    """Whoever brings it: the hub looks at the signatures, not at who has them."""
    source = place_of(place)
    try:
        data = verifier.read_file(str(file))
    except verifier.Trouble as error:
        raise trouble_of(error) from None
    told = _hand_in(source, data, quiet=as_json)
    if as_json:
        print_json(told)


def _web(source: verifier.Source) -> verifier.Web:
    """Only an address takes something. Raises `Trouble`."""
    if isinstance(source, verifier.Web):
        return source
    raise Trouble(
        say("Sebuah folder tidak dapat menerima tanda tangan", "A folder can't take a signature"),
        say("beri alamat log itu (https://…/log)", "give the log's address (https://…/log)"),
    )


def _hand_in(source: verifier.Source, data: bytes, *, quiet: bool = False) -> dict[str, Any]:
    """Give a cosigned checkpoint to the log. Raises `Trouble`; nothing is lost by trying again."""
    web = _web(source)
    with Remote(web.url, None, "officer", anonymous=True) as remote:
        told: dict[str, Any] = remote.send("/cosignatures", data, "text/plain; charset=utf-8")
    if not quiet:
        names = ", ".join(one["name"] for one in told["witnesses"])
        tell(say(f"{told['origin']}: tanda tangan {names} atas {told['size']} entri diterima",
                 f"{told['origin']}: the signature of {names} on {told['size']} entries was taken"))  # fmt: skip
    return told


def _without_strangers(data: bytes, keys: list[verifier.Key]) -> bytes:
    """A checkpoint with room for one more signature. Raises `verifier.Trouble`.

    Whoever stands between log and witness can add signatures: too many of them stop nothing.
    """
    text, lines = verifier.parse_note(data)
    if len(lines) < verifier.MOST_SIGNATURES:
        return data
    known = tuple(f"— {key.name} " for key in keys)
    return text + b"\n" + "".join(f"{line}\n" for line in lines if line.startswith(known)).encode()


def _signer(secret: Path, name: str | None) -> "SigningKey":
    """The witness's key; a new one where a name was given and there is none. Raises `Trouble`."""
    from corong.auditing import note

    try:
        if name is not None:
            made = note.SigningKey(name, secrets.token_bytes(32), note.COSIGNATURE)
            with open(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(f"{made.secret}\n")
                file.flush()
                os.fsync(file.fileno())
            tell(say("Kunci publik saksi:", "The witness's public key:") + f" {made.verifier}")
            return made
        found = note.SigningKey.parse(secret.read_text(encoding="utf-8").strip())
        if found.kind != note.COSIGNATURE:
            raise note.BadKey(say("bukan kunci saksi", "not a witness's key"))
    except FileNotFoundError:
        raise Trouble(
            say(f"Belum ada kunci saksi di {secret}", f"There is no witness key in {secret} yet"),
            say("buat dengan --name nama.saksi.example", "make one with --name name.of.witness.example"),
        ) from None
    except (OSError, UnicodeDecodeError, note.BadKey) as error:
        what = say(f"Kunci saksi tidak dapat dipakai: {error}", f"The witness's key can't be used: {error}")
        raise Trouble(what) from None
    return found


def _last(state: Path, keys: list[verifier.Key], first: bool) -> verifier.Checkpoint | None:
    """What was witnessed last. Raises `Trouble`: a state that got lost is not the same as none yet."""
    if not state.exists():
        if first:
            return None
        raise Trouble(
            say(f"Tidak ada {state}: apa yang terakhir disaksikan tidak diketahui",
                f"There is no {state}: what was witnessed last is not known"),
            say("kembalikan berkas itu; hanya untuk log yang baru: --first",
                "bring the file back; only for a new log: --first"),
        )  # fmt: skip
    try:
        return verifier.open_checkpoint(verifier.read_file(str(state)), keys)
    except verifier.Trouble as error:
        raise Trouble(say(f"{state} tidak dapat dipakai: {error}", f"{state} can't be used: {error}")) from None


def _refused(error: verifier.Trouble, state: Path, data: bytes) -> Trouble:
    """Nothing is signed. A checkpoint that contradicts what was seen proves misbehaviour: it is kept."""
    if error.code == verifier.TAMPERED:
        evidence = state.with_name(state.name + ".refused")
        _replace(evidence, data)
        return Trouble(
            say(f"Tidak disaksikan: {error}", f"Not witnessed: {error}"),
            say(f"buktinya: {state} dan {evidence}, keduanya bertanda tangan log",
                f"the evidence: {state} and {evidence}, both signed by the log"),
            TAMPERED,
        )  # fmt: skip
    return trouble_of(error)


@contextlib.contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Reading what was seen last, and changing it, by one process at a time."""
    try:
        lock = os.open(state.with_name(state.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Trouble(say(f"{state} tidak dapat ditulis: {error}", f"{state} can't be written: {error}")) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _replace(path: Path, data: bytes) -> None:
    """Put a file in place of another, whole or not at all, and on the disk. Raises `Trouble`."""
    fresh = path.with_name(path.name + ".new")
    try:
        with open(fresh, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise Trouble(say(f"{path} tidak dapat ditulis: {error}", f"{path} can't be written: {error}")) from None
