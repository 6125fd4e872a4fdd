"""The archive: files as they are, in a fixed order and with one date, so that equal files make equal archives."""

import hashlib
import shutil
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

_BLOCK = 1 << 20


def digest(path: Path) -> str:
    """SHA-256 in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pack(files: Sequence[Path], target: Path, at: datetime) -> None:
    """Put files into a new archive, each under its name, and remove them one by one: the disk holds them once.

    Stored, not compressed: what another version of a compressor makes of the same bytes is not the same.
    """
    date = at.astimezone(UTC).timetuple()[:6]
    with zipfile.ZipFile(target, "x", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.name, (max(date[0], 1980), *date[1:]))
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            entry.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(entry, "w") as inside:
                shutil.copyfileobj(source, inside, _BLOCK)
            path.unlink()
