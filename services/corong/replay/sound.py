"""A log that was found sound before anything is made of it, and that is held to it at every later reading.

The check is the auditors' own (`corong_verify`): every body, every tile, the signature, each writer's numbers. What it
found is one signed root. Whatever reads the log afterwards hashes each bundle again and compares it with what leads
to that root: a log that changes between the check and its use is noticed at the first bundle that it changed. A
published folder is checked so, and auditing's own database where other databases are made from it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from corong.auditing.standalone import corong_verify as verifier
from corong.auditing.tiles import WIDTH
from corong.replay.database_files import database_files
from corong.replay.logs import DatabaseLog, FolderLog, NotALog

HASH = 32
WITNESSED = "checkpoint.witnessed"


class NotSound(NotALog):
    """The log is not what was signed, or can't be checked: `code` is the verifier's, 6 or 1."""

    def __init__(self, code: int, findings: Sequence[str]) -> None:
        super().__init__(code, list(findings))  # as a pool's process hands it over
        self.code = code
        self.findings = list(findings)

    def __str__(self) -> str:
        return "; ".join(self.findings[:3])


@dataclass(frozen=True)
class Found:
    """What the check found, and what every later reading has to agree with."""

    checkpoint: bytes
    """The signed note that was checked; the log may have gone on since."""
    length: int
    roots: bytes
    """For each bundle the root over its entries, which lead to the signed one: 32 bytes for 256 entries."""

    def hold(self, index: int, bodies: Sequence[bytes]) -> None:
        """Compare a bundle. Raises `NotSound`."""
        known = self.roots[index * HASH : (index + 1) * HASH]
        if verifier.root_of([verifier.leaf(body) for body in bodies]) != known:
            first = index * WIDTH
            told = verifier.say("berubah selagi dibaca", "changed while it was read")
            last = min(first + WIDTH, self.length) - 1
            raise NotSound(verifier.TAMPERED, [str(verifier.Trouble(verifier.TAMPERED, told, entry=first, last=last))])


@dataclass(frozen=True)
class SoundLog(FolderLog):
    """A folder that was found sound. Raises `NotSound` where it is so no longer."""

    found: Found

    def size(self) -> int:
        """As the checked checkpoint says."""
        return self.found.length

    def note(self) -> bytes:
        """The checkpoint that was checked."""
        return self.found.checkpoint

    def entries(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """As any folder's, each bundle compared before anything of it is given."""
        for index in range(start // WIDTH, -(-self.size() // WIDTH)):
            first = index * WIDTH
            bodies = self._bundle(index, min(WIDTH, self.size() - first))
            self.found.hold(index, bodies)
            for offset, body in enumerate(bodies):
                if first + offset >= start:
                    yield first + offset, body


@dataclass(frozen=True)
class SoundDatabase(DatabaseLog):
    """Auditing's database that was found sound, as of the checkpoint that was checked; what came later is not in it.

    Raises `NotSound` where it is so no longer.
    """

    found: Found

    def size(self) -> int:
        """As the checked checkpoint says."""
        return self.found.length

    def entries(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """As any database's, each bundle compared before anything of it is given."""
        rows = super().entries(start // WIDTH * WIDTH)
        for index in range(start // WIDTH, -(-self.size() // WIDTH)):
            bundle = list(islice(rows, min(WIDTH, self.size() - index * WIDTH)))
            self.found.hold(index, [body for _, body in bundle])  # a row that is gone moves all that follow
            yield from ((position, body) for position, body in bundle if position >= start)


def check(
    folder: Path, keys: Sequence[verifier.Key], told: Callable[[int, int], None] = lambda done, size: None
) -> SoundLog:
    """The folder, found sound. One pass; raises `NotSound` with what the verifier found, and where."""
    try:
        source = verifier.open_source(str(folder))
        witnessed, note = (source.read(name, verifier.MOST_NOTE_BYTES) for name in (WITNESSED, "checkpoint"))
    except verifier.Trouble as error:
        raise NotSound(error.code, [str(error)]) from None
    return SoundLog(folder, _checked(_At(str(folder), note, witnessed), note, keys, told))


def check_database(
    log: DatabaseLog, keys: Sequence[verifier.Key], told: Callable[[int, int], None] = lambda done, size: None
) -> SoundDatabase:
    """Auditing's database, found sound as a folder is: entries, tiles, signature. Raises `NotSound` and `NotALog`."""
    with database_files(log) as source:
        return SoundDatabase(log.url, _checked(source, source.head, keys, told))


def _checked(
    source: verifier.Source, note: bytes | None, keys: Sequence[verifier.Key], told: Callable[[int, int], None]
) -> Found:
    try:
        report = verifier.verify(source, keys, complete=True, progress=told)
        if report.code != verifier.SOUND or report.checkpoint is None or note is None:
            raise NotSound(report.code or verifier.NOT_CHECKED, [str(trouble) for trouble in report.troubles])
        if verifier.open_checkpoint(note, keys, 0).size < report.checkpoint.size:  # a copy that was made file by file
            note = source.read(WITNESSED, verifier.MOST_NOTE_BYTES) or note
        roots = _roots(source, report.checkpoint.size, report.checkpoint.root)
    except verifier.Trouble as error:
        raise NotSound(error.code, [str(error)]) from None
    return Found(note, report.checkpoint.size, roots)


@dataclass(frozen=True)
class _At(verifier.Folder):
    """A folder as of one checkpoint: a hub that goes on publishing there does not move it."""

    head: bytes | None
    witnessed: bytes | None

    def read(self, name: str, most: int) -> bytes | None:
        """As a folder's, but for the checkpoints."""
        pinned = {"checkpoint": self.head, WITNESSED: self.witnessed}
        return pinned[name] if name in pinned else super().read(name, most)


def _roots(source: verifier.Source, size: int, root: bytes) -> bytes:
    """The roots of all bundles, out of the tiles above them; they have to lead to the signed root."""
    full = size // WIDTH
    roots: list[bytes] = []
    for index in range(-(-full // WIDTH)):
        roots += verifier.read_hashes(source, 1, index, min(WIDTH, full - index * WIDTH))[1]
    last = verifier.read_hashes(source, 0, full, size % WIDTH)[1] if size % WIDTH else []
    rows, row = [last], roots
    while row:
        whole = len(row) // WIDTH * WIDTH
        rows.append(row[whole:])
        row = [verifier.root_of(row[start : start + WIDTH]) for start in range(0, whole, WIDTH)]
    if verifier.root_of_edge(rows) != root:
        told = verifier.say("ubin berubah selagi dibaca", "the tiles changed while they were read")
        raise verifier.Trouble(verifier.TAMPERED, told)
    return b"".join([*roots, verifier.root_of(last)] if last else roots)
