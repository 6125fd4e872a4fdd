"""Books for tests: folded from what routing itself decides about cases, in a town without a broker."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta

from corong.reports import Book
from corong_contracts.base import AnyEvent, writer_name
from corong_contracts.catalogue import decode, encode
from tests.services.routing.town import Day, Town

TEST = {"number": "UK/1/2026", "held_on": "2026-03-02", "exempt_until": "2031-03-20"}
REFUSAL = {"finding": {"grounds": ["h", "b"], "test": TEST}, "weighing": "rahasia pribadi", "text": "Kami tolak."}
PARTLY = {
    **REFUSAL, "outcome": "partly_granted", "redactions": ["kolom NIK"],
    "finding": {"grounds": ["h"], "test": TEST, "form": "soft_copy", "cost": 12_500},
}  # fmt: skip


@contextlib.contextmanager
def day_of(town: Town) -> Iterator[Day]:
    """A course of things that is taken back at the end."""
    with town.works.database.writing.connect() as connection:
        connection.begin()
        try:
            yield town.day(connection)
        finally:
            connection.rollback()


def history(day: Day) -> list[AnyEvent]:
    """Everything that was recorded, as the log's bytes tell it; intake's events under intake's name."""
    return [
        decode(encode(event.model_copy(update={"writer": writer_name(event.data.writer, event.partition)})))
        for event in day.unit.recorded
    ]


def folded(events: list[AnyEvent]) -> Book:
    """The book of these events."""
    book = Book("WIB")
    for event in events:
        book.add(event)
    return book


def ring(day: Day, span: timedelta) -> None:
    """Time goes by, and what is due rings."""
    day.passes(span)
    while day.town.routing.clockwork.ring_due(day.unit):
        pass
