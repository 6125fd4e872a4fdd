"""What waits behind a dead letter: later events of the same case, by the same writer.

A table is folded from each writer's events in that writer's order. An event that is brought in after its successors
would write older words over newer ones, and the tables would be those of no log. So while one of a case's events lies
aside, those that follow it are put aside behind it, and come in after it, in their order; other cases go on.
"""

from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import literal_column, select

from corong.runtime import tables
from corong.runtime.parking import BEHIND, is_stray
from corong.runtime.rows import Row
from corong.runtime.statements import run
from corong.runtime.unit import Unit

_letter = tables.parked.c
_OPEN = select(_letter.id, _letter.number).where(_letter.state == literal_column("'parked'"))

Place = tuple[str, str]
"""A writer and a case or post."""


def place_of(row: Row) -> Place | None:
    """Whose letter it is; None of bytes that name no case: they can never be brought in."""
    if is_stray(row):
        return None
    try:
        entity = from_json(row["body"])["correlationid"]
    except (ValueError, TypeError, KeyError):
        return None
    return (row["writer"], entity) if isinstance(entity, str) else None


class OpenLetters:
    """The letters that lie aside, by writer and case: the first number of each."""

    def __init__(self) -> None:
        self._places: dict[str, Place | None] = {}
        """Letter → whose it is; its bytes never change."""
        self._first: dict[Place, int] = {}

    def begin(self, unit: Unit) -> None:
        """Look which there are; the partitions in question are locked."""
        unit.rows.flush()
        rows = run(unit.connection, _OPEN)
        self._places = {identity: self._places.get(identity) or self._look(unit, identity) for identity, _ in rows}
        self._first = {}
        for identity, number in rows:
            place = self._places[identity]
            if place is not None:
                self._first[place] = min(number, self._first.get(place, number))

    @staticmethod
    def _look(unit: Unit, identity: str) -> Place | None:
        row = unit.rows.get(tables.parked, identity)
        return place_of(row) if row is not None else None

    def add(self, identity: str, row: Row) -> None:
        """One more, which this unit of work has put aside."""
        place = self._places[identity] = place_of(row)
        if place is not None:
            self._first.setdefault(place, row["number"])

    def before(self, writer: str, entity: UUID, number: int) -> int | None:
        """The letter behind which this number has to wait."""
        if not self._first:
            return None
        first = self._first.get((writer, str(entity)))
        return first if first is not None and first < number else None


def next_of(unit: Unit, place: Place) -> Row | None:
    """The first letter of a writer and a case that lies aside."""
    letter = tables.parked
    found = unit.rows.query(
        select(letter).where(letter.c.state == "parked", letter.c.writer == place[0]).order_by(letter.c.number)
    )
    return next((row for row in map(dict, found) if place_of(row) == place), None)


def waits(row: Row) -> bool:
    """Whether a letter lies aside for no fault of its own."""
    return str(row["reason"]).startswith(BEHIND)
