"""A broker that lost its store is filled again by the writers; what they have let go of comes back from the log."""

from collections.abc import Callable

from sqlalchemy import insert, select

from corong.replay.envelope import envelope
from corong.replay.logs import Log
from corong.replay.place import Place
from corong.replay.restore import BATCH, outbox_row
from corong.runtime import tables
from corong.runtime.database import Database
from corong.runtime.rows import write_many
from corong_contracts.topology import READS, WRITERS


def refill(url: str, log: Log, told: Callable[[int], None] = lambda count: None) -> dict[str, int]:
    """Put back into the writers' outboxes what some reader lacks and they have let go; writer service → rows.

    A broker that lost its store gets it from there: readers ask for what they lack. Raises `SQLAlchemyError`.
    """
    marks = _lowest_marks(url)
    missing: dict[str, list[dict[str, object]]] = {}
    held: dict[str, set[tuple[int, int]]] = {}
    counts: dict[str, int] = {}
    for position, body in log.entries():
        if position % 1000 == 999:
            told(1000)
        head = envelope(body)
        service = head.service
        if head.number <= marks.get(head.writer, 0):
            continue
        if service not in held:
            held[service] = _in_outbox(url, service)
        row = outbox_row(head, body)
        if (row["partition"], row["number"]) not in held[service]:
            missing.setdefault(service, []).append(row)
            if len(missing[service]) == BATCH:
                _put_back(url, service, missing.pop(service), counts)
    for service, rows in missing.items():
        _put_back(url, service, rows, counts)
    return counts


def _lowest_marks(url: str) -> dict[str, int]:
    """Writer → up to where every reader has it."""
    lowest: dict[str, int] = {}
    seen: dict[str, set[str]] = {}
    for reader in READS:
        if not Place(url, reader).exists():
            continue  # lost: it will read everything again
        database = Database(url, reader)
        try:
            with database.read() as connection:
                found = dict(connection.execute(select(tables.inbox.c.writer, tables.inbox.c.taken)).tuples().all())
        finally:
            database.close()
        for writer, taken in found.items():
            lowest[writer] = min(taken, lowest.get(writer, taken))
            seen.setdefault(writer, set()).add(reader)
    readers = {writer: {reader for reader, read in READS.items() if writer in read} for writer in WRITERS}
    return {
        writer: mark for writer, mark in lowest.items() if seen.get(writer, set()) >= readers[writer.partition(".")[0]]
    }


def _in_outbox(url: str, service: str) -> set[tuple[int, int]]:
    database = Database(url, service)
    try:
        with database.read() as connection:
            box = tables.outbox.c
            return {(row.partition, row.number) for row in connection.execute(select(box.partition, box.number))}
    finally:
        database.close()


def _put_back(url: str, service: str, rows: list[dict[str, object]], counts: dict[str, int]) -> None:
    database = Database(url, service)
    try:
        with database.write() as connection:
            write_many(connection, insert(tables.outbox), rows)
    finally:
        database.close()
    counts[service] = counts.get(service, 0) + len(rows)
