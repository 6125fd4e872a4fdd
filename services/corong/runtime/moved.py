"""Where a message of a citizen is now: split off as a case of its own, or moved to another case, and back.

Moves of a message are all told by one writer, that of the case to which it came; its split is told by another, that of
the new case. So that the rows hang on no order between the two, a split wins: what is a case of its own never moves.
"""

from uuid import UUID, uuid5

from sqlalchemy import Table

from corong.runtime.identities import text_of
from corong.runtime.rows import Rows
from corong_contracts.message import MessageMoved

__all__ = ["fold_moved", "own_case"]


def own_case(message_id: UUID) -> UUID:
    """The case that a message is where it is a matter of its own: its first message's, or what was split off."""
    return uuid5(message_id, "case")


def fold_moved(data: MessageMoved, table: Table, rows: Rows) -> None:
    """Keep it in a service's `moved` table: message_id, from_case (to which it came), case_id (where it is)."""
    key = text_of(data.message_id)
    if data.before is not None:
        known = rows.get(table, key)
        if known is not None and known["case_id"] == str(own_case(data.message_id)):
            return
        if data.case_id == data.from_case:
            if known is not None:
                rows.remove(table, key)
            return
    rows.put(table, {"message_id": key, "from_case": text_of(data.from_case), "case_id": text_of(data.case_id)})
