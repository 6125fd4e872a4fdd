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

    def __init__(self, path: Path, published: Path | None = None, accepted: int | None = None) -> None:
        """`published` is the checkpoint in the log's folder, which tells too how far was signed.

        `accepted` is the size with which somebody goes on though neither of them is there.
        """
        self.path = path
        self.published = published
        self.accepted = accepted

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

    def outside(self, key: VerifierKey, origin: str) -> list[tuple[Path, Checkpoint]]:
        """All that is known outside of the database of how far was signed. Raises `BadHead`."""
        found = []
        if (kept := self.read(key, origin)) is not None:
            found.append((self.path, kept))
        if self.published is not None:
            with contextlib.suppress(OSError, NoteError):  # another log's, or none: the publisher has its words for it
                found.append((self.published, open_checkpoint(self.published.read_bytes(), key, origin=origin)[0]))
        return found

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
