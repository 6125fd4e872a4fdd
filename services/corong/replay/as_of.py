"""The state of some cases as of a moment, on two axes: what was known of them then, and what had happened by then.

The first goes by when events were recorded, the second by when they occurred, whenever that was recorded: a mail that
a citizen sent in the evening and the hub fetched in the morning is known in the morning, and had happened in the
evening.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corong.replay.envelope import Envelope, cause
from corong.replay.fold import Fold, Keep, scratch
from corong.replay.foldings import FOLDINGS
from corong.replay.logs import Log
from corong.replay.survey import Survey, survey
from corong.runtime.rebuild import rows_in_order

Row = dict[str, Any]
Key = tuple[Any, ...]


@dataclass
class Sides:
    """One row on both axes; None where it is not there."""

    known: Row | None = None
    happened: Row | None = None

    @property
    def differ(self) -> bool:
        """Whether the axes say different things."""
        return self.known != self.happened


@dataclass
class View:
    """A service's rows: table → key → both sides."""

    service: str
    tables: dict[str, dict[Key, Sides]] = field(default_factory=dict)


def as_of(log: Log, whole: Survey, moment: str, service: str) -> View:
    """Fold the cases of `whole` twice. `moment` is as events write it."""
    view = View(service)
    for axis in ("known", "happened"):
        upto = survey(log, recorded=moment).vector if axis == "known" else whole.vector
        for table, rows in _folded(log, upto, _keep(whole.entities, None if axis == "known" else moment), service):
            keys = [column.name for column in FOLDINGS[service].metadata.tables[table].primary_key]
            for row in rows:
                sides = view.tables.setdefault(table, {}).setdefault(tuple(row[name] for name in keys), Sides())
                setattr(sides, axis, row)
    return view


def _keep(entities: set[str], happened_by: str | None) -> Keep:
    def keep(head: Envelope, body: bytes) -> bool:
        return (happened_by is None or head.time <= happened_by) and cause(body).entity in entities

    return keep


def _folded(log: Log, upto: dict[str, int], keep: Keep, service: str) -> list[tuple[str, list[Row]]]:
    folding = FOLDINGS[service]
    with (
        tempfile.TemporaryDirectory(prefix="corong-as-of-") as folder,
        scratch(Path(folder) / "state.sqlite") as connection,
    ):
        folding.metadata.create_all(connection)
        fold = Fold(folding, connection, keep=keep)
        fold.take(log.entries(), upto)
        fold.finish()
        return [
            (table.name, list(rows_in_order(connection, table)))
            for table in folding.metadata.sorted_tables
            if not table.info.get("of_many")
        ]
