"""Which log a command folds: auditing's database of this installation, or a folder that is checked first.

Where another database is made from it, auditing's own is checked as well.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corong.cli.audit_checks import Key, describe, keys_of
from corong.cli.installation import read_directory, read_settings
from corong.cli.output import tell
from corong.cli.progress import Progress
from corong.cli.trouble import USAGE, Trouble
from corong.cli.words import say

if TYPE_CHECKING:
    from corong.auditing.standalone import corong_verify as verifier
    from corong.replay.logs import Log

__all__ = ["From", "Key", "Source", "Unchecked", "sound_source", "source_of"]

From = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar=say("FOLDER", "DIR"),
        help=say("Folder log; tanpa ini basis data auditing.", "A log's folder; else auditing's database."),
    ),
]
Unchecked = Annotated[
    bool,
    typer.Option(
        "--unchecked",
        help=say(
            "Pakai log itu tanpa memeriksa hash, pohon, dan tanda tangannya.",
            "Take the log at its word: hashes, tree and signatures are not checked.",
        ),
    ),
]


@dataclass(frozen=True)
class Source:
    """A log, and whether it was checked."""

    log: "Log"
    checked: "verifier.Checkpoint | None" = None
    """The checkpoint that was found true."""
    folder: Path | None = None
    """None: auditing's database."""
    unchecked: str = ""
    """What is taken at its word, by its name."""

    @property
    def described(self) -> dict[str, Any]:
        """For programs."""
        if self.folder is None and self.checked is None:
            return {"from": "database"}
        return {"from": str(self.folder or "database"), "checked": self.checked is not None, **describe(self.checked)}

    def say_so(self) -> None:
        """For people: whose word the result rests on."""
        if self.checked is not None:
            names = ", ".join(key.name for key in self.checked.signed)
            size = self.checked.size
            print(
                say(
                    f"Log diperiksa: {size} entri, ditandatangani {names}",
                    f"Log checked: {size} entries, signed by {names}",
                )
            )
        elif self.unchecked:
            print(_unchecked(self.unchecked))


def source_of(folder: Path | None, key: list[str] | None, unchecked: bool) -> Source:
    """The log that is meant; of a folder nothing is given before all of it was found sound.

    Raises `Trouble` where there is no key to check by, and `NotSound`.
    """
    from corong.auditing.standalone import corong_verify as verifier
    from corong.replay.logs import DatabaseLog, FolderLog
    from corong.replay.sound import check

    if folder is None:
        if unchecked:
            raise Trouble(say("--unchecked hanya untuk sebuah folder", "--unchecked is for a folder alone"), code=USAGE)
        return Source(DatabaseLog(read_settings().database))
    if unchecked:
        tell(_unchecked(str(folder)))
        return Source(FolderLog(folder), folder=folder, unchecked=str(folder))
    keys = keys_of(key) if key else _own_key()
    with Progress(1, say("memeriksa log", "checking the log")) as progress:
        log = check(folder, keys, progress.reached)
    return Source(log, verifier.open_checkpoint(log.note(), keys, 0), folder)


def sound_source(folder: Path | None, key: list[str] | None, unchecked: bool) -> Source:
    """As `source_of`, and auditing's database is checked too: what is made of the log stays.

    Raises `Trouble`, `NotALog` and `NotSound`.
    """
    from corong.auditing.standalone import corong_verify as verifier
    from corong.replay.logs import DatabaseLog
    from corong.replay.sound import check_database

    if folder is not None:
        return source_of(folder, key, unchecked)
    log = DatabaseLog(read_settings().database)
    if unchecked:
        name = say("basis data auditing", "auditing's database")
        tell(_unchecked(name))
        return Source(log, unchecked=name)
    keys = keys_of(key) if key else _own_key()
    with Progress(1, say("memeriksa log", "checking the log")) as progress:
        sound = check_database(log, keys, progress.reached)
    return Source(sound, verifier.open_checkpoint(sound.found.checkpoint, keys, 0))


def _own_key() -> "list[verifier.Key]":
    """The key of this installation's own log. Raises `Trouble` where there is none."""
    from corong.auditing import log_key
    from corong.auditing.app import name_of

    settings = read_settings()
    path = settings.data / "secrets" / "log.key"
    if not (log_key.given() or path.exists()):
        raise Trouble(
            say(
                "Perlu kunci publik log untuk memeriksa log ini",
                "It takes the log's public key to check the log",
            ),
            say(
                "beri --key KUNCI (dari pengelola: `corong audit key`), atau --unchecked untuk tidak memeriksanya",
                "give --key KEY (from the keeper: `corong audit key`), or --unchecked to leave it unchecked",
            ),
        )
    return keys_of([str(log_key.load(path, name_of(settings, read_directory(settings))).verifier)])


def _unchecked(log: str) -> str:
    return say(
        f"TIDAK DIPERIKSA: hash, pohon, dan tanda tangan {log} tidak dilihat (--unchecked).",
        f"NOT CHECKED: hashes, tree and signatures of {log} were not looked at (--unchecked).",
    )
