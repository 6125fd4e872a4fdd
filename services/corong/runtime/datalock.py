"""The data folder of an embedded hub: one hub at a time, and training never on real data."""

import fcntl
import os
from pathlib import Path
from typing import IO

LOCK = "corong.lock"
DEMO = "demo"


class DataInUse(RuntimeError):
    """Another hub works on this folder."""

    def __init__(self, folder: Path, pid: str) -> None:
        self.folder = folder
        self.pid = pid
        who = f" (process {pid})" if pid else ""
        super().__init__(f"another hub{who} already works on {folder}: stop it, or set CORONG_DATA to another folder")


class OtherPurpose(RuntimeError):
    """A training hub on the data of a real one, or the other way round."""

    def __init__(self, folder: Path, *, demo: bool) -> None:
        self.folder = folder
        self.demo = demo
        held = "real messages: `corong demo` needs a folder of its own"
        if not demo:
            held = "messages of `corong demo`: a real hub needs a folder of its own"
        super().__init__(f"{folder} holds {held}, set CORONG_DATA")


class DataFolder:
    """Held from its making until `close`; it ends with the process too."""

    def __init__(self, folder: Path, *, demo: bool) -> None:
        """Raises `DataInUse` and `OtherPurpose`."""
        folder.mkdir(parents=True, exist_ok=True)
        self._file: IO[str] | None = (folder / LOCK).open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            pid = self._file.read().strip()
            self._file.close()
            raise DataInUse(folder, pid) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()
        used = (folder / "db").exists() or (folder / "secrets").exists()
        if used and (folder / DEMO).exists() != demo:
            self.close()
            raise OtherPurpose(folder, demo=demo)
        if demo:
            (folder / DEMO).touch()
        else:
            (folder / DEMO).unlink(missing_ok=True)

    def close(self) -> None:
        """Let it go."""
        if self._file is not None:
            self._file.close()
            self._file = None


def check_free(folder: Path) -> None:
    """Before anything is begun. Raises `DataInUse`."""
    pid = holder(folder)
    if pid is not None:
        raise DataInUse(folder, pid)


def holder(folder: Path) -> str | None:
    """The process id of the hub that works on this folder; None where none does, `?` where it can't be told."""
    try:
        with (folder / LOCK).open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return file.read().strip() or "?"
    except OSError:
        return None
    return None
