"""A log's folder that was found sound before anything is made of it, and that is held to it at every later reading.

The check is the auditors' own (`corong_verify`): every body, every tile, the signature, each writer's numbers. What it
found is one signed root. Whatever reads the folder afterwards hashes each bundle again and compares it with what leads
to that root: a folder that changes between the check and its use is noticed at the first entry that it changed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corong.auditing.standalone import corong_verify as verifier
from corong.auditing.tiles import WIDTH
from corong.replay.logs import FolderLog, NotALog

HASH = 32


class NotSound(NotALog):
    """The folder is not what was signed, or can't be checked: `code` is the verifier's, 6 or 1."""

    def __init__(self, code: int, findings: Sequence[str]) -> None:
        super().__init__(code, list(findings))  # as a pool's process hands it over
        self.code = code
        self.findings = list(findings)

    def __str__(self) -> str:
        return "; ".join(self.findings[:3])


@dataclass(frozen=True)
class SoundLog(FolderLog):
    """A folder that was found sound. Raises `NotSound` where it is so no longer."""

    checkpoint: bytes
    """The signed note that was checked; the folder's own may have gone on since."""
    length: int
    roots: bytes
    """For each bundle the root over its entries, which lead to the signed one: 32 bytes for 256 entries."""

    def size(self) -> int:
        """As the checked checkpoint says."""
        return self.length

    def note(self) -> bytes:
        """The checkpoint that was checked."""
        return self.checkpoint

    def entries(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """As any folder's, each bundle compared before anything of it is given."""
        for index in range(start // WIDTH, -(-self.length // WIDTH)):
            first = index * WIDTH
            bodies = self._bundle(index, min(WIDTH, self.length - first))
            known = self.roots[index * HASH : (index + 1) * HASH]
            if verifier.root_of([verifier.leaf(body) for body in bodies]) != known:
                told = verifier.say("berubah selagi dibaca", "changed while it was read")
                trouble = verifier.Trouble(verifier.TAMPERED, told, entry=first, last=first + len(bodies) - 1)
                raise NotSound(verifier.TAMPERED, [str(trouble)])
            for offset, body in enumerate(bodies):
                if first + offset >= start:
                    yield first + offset, body


def check(
    folder: Path, keys: Sequence[verifier.Key], told: Callable[[int, int], None] = lambda done, size: None
) -> SoundLog:
    """The folder, found sound. One pass; raises `NotSound` with what the verifier found, and where."""
    try:
        source = verifier.open_source(str(folder))
        note = source.read("checkpoint", verifier.MOST_NOTE_BYTES)
        report = verifier.verify(_At(str(folder), note), keys, complete=True, progress=told)
        if report.code != verifier.SOUND or report.checkpoint is None or note is None:
            raise NotSound(report.code or verifier.NOT_CHECKED, [str(trouble) for trouble in report.troubles])
        roots = _roots(source, report.checkpoint.size, report.checkpoint.root)
    except verifier.Trouble as error:
        raise NotSound(error.code, [str(error)]) from None
    return SoundLog(folder, note, report.checkpoint.size, roots)


@dataclass(frozen=True)
class _At(verifier.Folder):
    """A folder as of one checkpoint: a hub that goes on publishing there does not move it."""

    head: bytes | None

    def read(self, name: str, most: int) -> bytes | None:
        """As a folder's, but for the checkpoint."""
        return self.head if name == "checkpoint" else super().read(name, most)


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
