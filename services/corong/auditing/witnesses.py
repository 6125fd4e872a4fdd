"""What witnesses have cosigned: handed in by whoever has it, kept beside the log, given out with its checkpoint.

A cosignature proves itself, so whoever brings it needs no right; only those of witnesses count whose keys were set
(`CORONG_LOG_WITNESSES`). It is no event: that would move the very head that was witnessed (decision 0043).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, delete, select

from corong.auditing import state
from corong.auditing.note import (
    COSIGNATURE,
    BadKey,
    BadSignature,
    Checkpoint,
    Note,
    NoteError,
    Opened,
    Signature,
    VerifierKey,
    open_checkpoint,
)
from corong.auditing.tiles import TileNodes
from corong.auditing.tlog import root_from
from corong.auditing.tree import Head, read_head, read_tile
from corong.runtime.clock import stamp
from corong.runtime.refusal import Refused
from corong.runtime.unit import Unit

log = structlog.get_logger()

KEPT = 32
"""Witnessed checkpoints that are kept, the newest: so long witnesses have time to come to the same one."""
MOST = 50
"""Witnesses: others must still be able to add their signatures to a checkpoint."""
VARIABLE = "CORONG_LOG_WITNESSES"


class BadWitnesses(ValueError):
    """The keys of witnesses that were set can't be used."""


def keys_of(text: str) -> list[VerifierKey]:
    """Witnesses' public keys, with spaces or line feeds between. Raises `BadWitnesses` with what to do."""
    try:
        found = [VerifierKey.parse(word) for word in text.split()]
    except BadKey as error:
        raise BadWitnesses(f"{VARIABLE} holds what is no key: {error}; write each as <name>+<id>+<key>") from None
    if len(found) > MOST:
        raise BadWitnesses(f"{VARIABLE} holds {len(found)} keys: {MOST} are the most that fit beside a checkpoint")
    if wrong := [key.name for key in found if key.kind != COSIGNATURE]:
        raise BadWitnesses(f"{VARIABLE} holds {wrong[0]}, which is no witness's key but one that signs logs")
    return found


@dataclass(frozen=True)
class Cosigned:
    """A checkpoint of this log, with the verified signatures of its key and of witnesses."""

    checkpoint: Checkpoint
    note: Note
    times: dict[str, int]
    """Witness → when it signed, in seconds since 1970."""


class Witnesses:
    """Those whose word counts here, and what they have signed."""

    def __init__(self, key: VerifierKey, origin: str, witnesses: Sequence[VerifierKey]) -> None:
        self._key = key
        self._origin = origin
        self._witnesses = list(dict.fromkeys(witnesses))
        self._kept: dict[int, bytes] = {}
        self.best: Head | None = None
        """Of the kept ones that most witnesses have signed the newest."""

    def open(self, data: bytes) -> Cosigned:
        """Read what was handed in. Raises `Refused` where this log's or a known witness's signature is not there."""
        try:
            checkpoint, opened = open_checkpoint(data, self._key, self._witnesses, origin=self._origin)
        except BadSignature:
            raise _refused(
                "false_signature", "Ada tanda tangan yang tidak sah pada checkpoint ini.",
                "A signature on this checkpoint is false.",
            ) from None  # fmt: skip
        except NoteError:
            raise _refused(
                "not_this_log", "Itu bukan checkpoint yang ditandatangani log ini.",
                "That is no checkpoint that this log has signed.",
            ) from None  # fmt: skip
        note = Note(opened.note.text, tuple(self._counting(opened.note.signatures)))
        times = _times(opened)
        if not times or not checkpoint.size:
            raise _refused(
                "no_witness", "Tidak ada tanda tangan saksi yang dikenal hub ini; pengelola menyetel kuncinya.",
                "No witness whom this hub knows has signed it; its keeper sets their keys.",
            )  # fmt: skip
        return Cosigned(checkpoint, note, times)

    def take(self, unit: Unit, cosigned: Cosigned) -> None:
        """Keep it in this unit of work. Raises `Refused` where it is of another history than this log's, or too old."""
        size = cosigned.checkpoint.size
        if not stands(unit.connection, cosigned.checkpoint):
            # Both are signed by this log's key: somebody else has it, or went on from an old backup.
            log.error("a cosigned checkpoint contradicts this log", size=size)
            raise Refused(
                409, "another_history",
                "Checkpoint itu bertanda tangan log ini, tetapi riwayatnya lain: simpan sebagai bukti.",
                "That checkpoint is signed by this log, and is of another history: keep it as evidence.",
            )  # fmt: skip
        kept = self._read(unit.connection)
        if len(kept) >= KEPT and size < min(kept):
            raise Refused(
                409, "too_old", "Sudah ada checkpoint yang lebih baru dari para saksi.",
                "The witnesses have signed newer checkpoints since.",
            )  # fmt: skip
        fresh = self._joined(kept.get(size), cosigned.note)
        if fresh == kept.get(size):
            return
        kept[size] = fresh
        row = {"size": size, "note": fresh, "taken_at": stamp(unit.now)}
        unit.rows.put(state.witnessed, row)
        if len(kept) > KEPT:
            oldest = min(kept)
            del kept[oldest]
            unit.connection.execute(delete(state.witnessed).where(state.witnessed.c.size <= oldest))
        unit.after.append(lambda: self._know(kept))

    def load(self, connection: Connection) -> None:
        """Learn what was kept before."""
        self._know(self._read(connection))

    def dressed(self, head: Head) -> bytes:
        """The head's checkpoint, with the cosignatures that there are of exactly that one."""
        return self._kept.get(head.size, head.note)

    def best_for(self, position: int, head: Head) -> Head:
        """The head to prove an entry by: one that witnesses have signed, where the entry stands in it."""
        best = self.best
        return best if best is not None and position < best.size <= head.size else head

    def _know(self, kept: dict[int, bytes]) -> None:
        best: tuple[int, int, Head] | None = None
        for size, data in kept.items():
            checkpoint, opened = open_checkpoint(data, self._key, self._witnesses, origin=self._origin)
            seen = len({key.public for key in opened.signers if key.kind == COSIGNATURE})
            if best is None or (seen, size) > best[:2]:
                best = seen, size, Head(size, checkpoint.root, data)
        self._kept, self.best = kept, best[2] if best else None

    def _read(self, connection: Connection) -> dict[int, bytes]:
        """Size → note, of those that a witness of today has signed."""
        table = state.witnessed.c
        found = connection.execute(select(table.size, table.note).order_by(table.size))
        kept: dict[int, bytes] = {}
        for size, data in found:
            try:
                kept[size] = self.open(bytes(data)).note.data
            except Refused:
                continue  # the witness was taken out of the settings
        return kept

    def _joined(self, before: bytes | None, note: Note) -> bytes:
        """Signatures of both, of each signer the latest."""
        older = self.open(before).note.signatures if before is not None else ()
        return Note(note.text, tuple(self._counting([*older, *note.signatures]))).data

    def _counting(self, signatures: Iterable[Signature]) -> Iterable[Signature]:
        """The log's own, then the witnesses', each witness's latest one: verified ones were given."""
        for key in (self._key, *self._witnesses):
            mine = [one for one in signatures if (one.name, one.key_id) == (key.name, key.key_id)]
            if mine:
                yield max(mine, key=lambda one: one.value[:8]) if key.kind == COSIGNATURE else mine[0]


def stands(connection: Connection, checkpoint: Checkpoint) -> bool:
    """Whether the log began with exactly this tree."""
    head = read_head(connection)
    if checkpoint.size > head.size:
        return False
    return root_from(checkpoint.size, TileNodes(head.size, lambda tile: read_tile(connection, tile))) == checkpoint.root


def _times(opened: Opened) -> dict[str, int]:
    return {key.name: moment for key, moment in opened.signers.items() if moment is not None}


def _refused(code: str, indonesian: str, english: str) -> Refused:
    return Refused(422, code, indonesian, english)
