"""Exports: entries with their inclusion paths to one signed checkpoint, and the event that says who took them."""

import base64
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import Connection, select

from corong.auditing import export_rules as rules
from corong.auditing import ledger, state
from corong.auditing.note import NoteError, open_checkpoint
from corong.auditing.public import public
from corong.auditing.tiles import TileNodes
from corong.auditing.tlog import inclusion_proof, leaf_hash, root_from
from corong.auditing.tree import Tree, read_head, read_tile
from corong.runtime.policy import Actor
from corong.runtime.refusal import Refused
from corong.runtime.service import Service
from corong.runtime.unit import Unit
from corong_contracts.catalogue import CATALOGUE
from corong_contracts.command import ReadExport, RecordExport

MOST_BYTES = 500_000
"""Of a page, before JSON escapes the quotes of its bodies: under the broker's largest message."""
MOST_LOOKED_AT = 20_000
"""Entries for one page, where few of them are of the unit: a question is answered soon, if only with `next`."""
KEPT_UNITS = 4
_NAMING_UNITS = sorted(
    payload.type for payload in CATALOGUE.values() if {"unit", "from_unit"} & payload.model_fields.keys()
)


class Exporting:
    """Answers for one installation's log."""

    def __init__(self, service: Service, tree: Tree) -> None:
        self._tree = tree
        self._cases: OrderedDict[tuple[str, int], frozenset[str]] = OrderedDict()
        service.query(ReadExport, self.read)
        service.command(RecordExport, self.record)

    def read(self, connection: Connection, officer: Actor, asked: ReadExport) -> dict[str, Any]:
        """Query `export.read`. Raises `Forbidden`, `Refused` (404 for an empty log, 422 for another checkpoint)."""
        rules.may_export(officer, asked)
        checkpoint, size, root = self._checkpoint(connection, asked.checkpoint)
        nodes = nodes_of(connection, size)
        entries: list[dict[str, Any]] = []
        following: int | None = None
        used = 0
        for position, body in self._rows(connection, asked, size):
            text = bytes(body or b"").decode()
            used += len(body or b"") + text.count('"') + text.count("\\") + (2200 if body is not None else 0)
            if len(entries) == asked.limit or (entries and used > MOST_BYTES):
                following = position
                break
            if body is not None:
                path = [base64.b64encode(item).decode() for item in inclusion_proof(position, size, nodes)]
                entries.append({"position": position, "event": text, "path": path})
            else:
                following = position
        if asked.public:
            _withhold(connection, entries)
        return {
            "checkpoint": checkpoint, "size": size, "root": root.hex(), "entries": entries, "next": following,
            "at": recorded(connection, size - 1), "origin": self._tree.origin, "key": str(self._tree.key.verifier),
        }  # fmt: skip

    def record(self, unit: Unit, officer: Actor, asked: RecordExport, cause: UUID) -> None:
        """Command `export.record`. Raises `Forbidden`, `Refused` (422 where the tree never had that root)."""
        drafts = rules.record(officer, asked, cause)
        if not 0 < asked.size <= read_head(unit.connection).size or (
            root_from(asked.size, nodes_of(unit.connection, asked.size)).hex() != asked.root
        ):
            raise other_checkpoint()
        unit.record(cause, drafts)

    def _rows(self, connection: Connection, asked: ReadExport, size: int) -> Iterator[tuple[int, bytes | None]]:
        """What the filter names; at last, where it was looked at enough for once, where to go on, with None."""
        wanted = asked.filter
        before = size if wanted.before is None else min(wanted.before, size)
        cases = self._of_unit(connection, wanted.unit, size) if wanted.unit is not None else None
        first, looked = wanted.first, 0
        while True:
            rows = ledger.selected(connection, wanted, first, before, asked.limit)
            for row in rows:
                if cases is None or row.case_id in cases:
                    yield row.position, row.body
            if len(rows) < asked.limit:
                return
            first, looked = rows[-1].position + 1, looked + len(rows)
            if looked >= MOST_LOOKED_AT:
                yield first, None
                return

    def _of_unit(self, connection: Connection, unit: str, size: int) -> frozenset[str]:
        """The cases and posts that the log, up to that size, says were with the unit."""
        known = self._cases.get((unit, size))
        if known is not None:
            return known
        table = state.entry.c
        statement = select(table.case_id, table.body).where(table.type.in_(_NAMING_UNITS), table.position < size)
        found = set()
        mark = f'"{unit}"'.encode()
        for row in connection.execute(statement, execution_options={"yield_per": 500}):
            if mark in row.body:
                data = from_json(row.body)["data"]
                if unit in (data.get("unit"), data.get("from_unit")):
                    found.add(row.case_id)
        self._cases[unit, size] = frozenset(found)
        while len(self._cases) > KEPT_UNITS:
            self._cases.popitem(last=False)
        return frozenset(found)

    def _checkpoint(self, connection: Connection, given: str) -> tuple[str, int, bytes]:
        head = read_head(connection)
        if not head.size:
            raise Refused(404, "empty_log", "Log masih kosong.", "The log is still empty.")
        if not given:
            return head.note.decode(), head.size, head.root
        try:
            found, _ = open_checkpoint(given.encode(), self._tree.key.verifier, origin=self._tree.origin)
        except NoteError:
            raise other_checkpoint() from None
        if not 0 < found.size <= head.size or root_from(found.size, nodes_of(connection, found.size)) != found.root:
            raise other_checkpoint()
        return given, found.size, found.root


def _withhold(connection: Connection, entries: list[dict[str, Any]]) -> None:
    """Of what strangers may not read only the hash."""
    bodies = [entry["event"].encode() for entry in entries]
    for entry, body, given in zip(entries, bodies, public(connection, bodies), strict=True):
        if not given:
            del entry["event"]
            entry["hash"] = base64.b64encode(leaf_hash(body)).decode()


def recorded(connection: Connection, position: int) -> str:
    """When the entry was recorded."""
    body = connection.execute(select(state.entry.c.body).where(state.entry.c.position == position)).scalar_one()
    event = from_json(body)
    return str(event.get("recordedtime", event["time"]))


def nodes_of(connection: Connection, size: int) -> TileNodes:
    """The tree's nodes below a size, out of the tables."""
    return TileNodes(size, lambda tile: read_tile(connection, tile))


def other_checkpoint() -> Refused:
    """The refusal."""
    return Refused(
        422, "other_checkpoint", "Checkpoint itu bukan tanda tangan log ini.", "That checkpoint is not this log's.",
        ["checkpoint"],
    )  # fmt: skip
