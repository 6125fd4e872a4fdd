"""An entry of the log and the proof that it stands there, from the stored tiles: a dozen reads, whatever the size."""

from typing import Any

from sqlalchemy import Connection, select

from corong.auditing import entry_keys, state
from corong.auditing.proof import LogProof
from corong.auditing.tiles import TileNodes
from corong.auditing.tlog import inclusion_proof
from corong.auditing.tree import read_head, read_tile
from corong.auditing.witnesses import Witnesses
from corong.runtime.refusal import Refused
from corong_contracts.case import CaseRegistered
from corong_contracts.command import ProveEntry, ProveReceipt

LARGEST_POSITION = 2**62


def receipt(connection: Connection, asked: ProveReceipt, witnesses: Witnesses | None = None) -> dict[str, Any]:
    """As `prove`, for a case's registration; the proof carries the event itself, so that one file is all of it."""
    return prove(connection, ProveEntry(case=asked.case_id, with_event=True), witnesses)


def prove(connection: Connection, asked: ProveEntry, witnesses: Witnesses | None = None) -> dict[str, Any]:
    """Position, the size of the tree, the entry's exact text, the `.tlog-proof` as text, and the log's newest head.

    The proof leads to what witnesses have signed, as soon as the entry stands in that.

    Raises `Refused` (422) where not exactly one name was given, (404) where the signed log has no such entry.
    """
    named = asked.model_dump(exclude_none=True, exclude={"with_event"})
    if len(named) != 1:
        raise Refused(
            422, "name_one_entry", "Sebut satu: peristiwa, posisi, atau perkara.", "Name one: event, position or case.",
            sorted(named) or ["event"],
        )  # fmt: skip
    head = read_head(connection)
    table = state.entry.c
    statement = select(table.position, table.body).where(table.position < head.size)
    if asked.event is not None:
        event = str(asked.event)
        statement = statement.where(table.position.in_(entry_keys.positions([event])), table.id == event)
    elif asked.case is not None:
        case = str(asked.case)
        statement = statement.where(
            table.position.in_(entry_keys.positions([case])), table.case_id == case, table.type == CaseRegistered.type
        )
    else:
        statement = statement.where(table.position == min(max(asked.position or 0, -1), LARGEST_POSITION))
    found = connection.execute(statement.order_by(table.position).limit(1)).first()
    if found is None:
        raise Refused(
            404, "not_in_the_log", "Peristiwa itu (belum) ada di log.", "That event is not in the log (yet)."
        )  # fmt: skip
    proven = head if witnesses is None else witnesses.best_for(found.position, head)
    nodes = TileNodes(proven.size, lambda tile: read_tile(connection, tile))
    path = inclusion_proof(found.position, proven.size, nodes)
    extra = bytes(found.body) if asked.with_event else b""
    proof = LogProof(found.position, tuple(path), proven.note, extra)
    return {
        "position": found.position,
        "size": proven.size,
        "event": bytes(found.body).decode(),
        "proof": proof.data.decode(),
        "checkpoint": (head.note if witnesses is None else witnesses.dressed(head)).decode(),
    }


__all__ = ["prove", "receipt"]
