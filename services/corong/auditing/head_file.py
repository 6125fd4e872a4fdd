"""The last signed checkpoint in a second place, outside of auditing's database: so that an old backup is noticed."""

import contextlib
import os
import secrets
from pathlib import Path

from corong.auditing.note import Checkpoint, NoteError, VerifierKey, open_checkpoint


class BadHead(ValueError):
    """The file is there and is no checkpoint of this log; the message says what to do."""


class HeadFile:
    """One file; it is changed as a whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, key: VerifierKey, origin: str) -> Checkpoint | None:
        """What it says; None where there is none. Raises `BadHead`."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return open_checkpoint(data, key, origin=origin)[0]
        except NoteError:
            raise BadHead(
                f"{self.path} holds no checkpoint of this log: it was changed, or is another log's. Look at it before "
                "you move it away: it tells how far this log was signed"
            ) from None

    def write(self, note: bytes) -> None:
        """Returns when it is on the disk. Raises `OSError`."""
        write_file(self.path, note)
        sync_folder(self.path.parent)


def write_file(path: Path, data: bytes) -> None:
    """Write a file as a whole: under another name, to the disk, then renamed. Raises `OSError`."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)  # the tests stop the process at this very call
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
