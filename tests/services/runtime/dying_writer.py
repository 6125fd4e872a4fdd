"""Commits units of work until it is killed in the middle of one, so many times; run as a module: FOLDER SEED KILLS.

A child is forked for each life, so that the imports are paid once; it tells by a pipe where it is, and is killed there.
"""

import os
import random
import signal
import sys
from pathlib import Path
from uuid import UUID

from sqlalchemy import insert, select

from corong.runtime import tables
from corong.runtime.database import Database
from corong.runtime.sealing import Sealer
from corong.runtime.unit import Numbering, Unit
from tests.services.stores import NOW, PARTITIONS, count_events, make_keys, prioritised, tally_metadata

SOURCE = "intake.00"
EACH = 3
"""Events of one unit, each in another partition."""


def open_database(folder: Path) -> Database:
    database = Database(f"sqlite:///{folder}", "routing")
    database.create_schema()
    return database


def prepare(folder: Path) -> None:
    make_keys(folder)
    database = open_database(folder)
    with database.write() as connection:
        tables.metadata.create_all(connection)
        tally_metadata.create_all(connection)
        rows = [{"partition": number, "last": 0, "relayed": 0} for number in range(PARTITIONS)]
        connection.execute(insert(tables.writer), rows)
    database.close()


def live(folder: Path, told: int) -> None:
    """Commit units for ever; a byte into `told` before, within and after each."""
    database = open_database(folder)
    sealer = Sealer(make_keys(folder))
    numbering = Numbering("routing", PARTITIONS, count_events)
    while True:
        with database.write() as connection:
            unit = Unit(connection, numbering, sealer, NOW)
            number = unit.taken(SOURCE) + 1
            unit.take(SOURCE, number)
            for place in range(EACH):
                unit.record(UUID(int=number), [prioritised(UUID(int=1000 * PARTITIONS + place))])
                os.write(told, b".")
            unit.finish()
            os.write(told, b".")
        os.write(told, b".")


def halves(folder: Path) -> list[str]:
    """What of a unit is there without the rest of it."""
    database = open_database(folder)
    with database.read() as connection:
        taken = connection.execute(select(tables.inbox.c.taken)).scalar() or 0
        last = sorted(connection.execute(select(tables.writer.c.last)).scalars())
        counted = sorted(connection.execute(select(tally_metadata.tables["tally"].c.count)).scalars())
        box = connection.execute(select(tables.outbox.c.partition, tables.outbox.c.number)).all()
    database.close()
    expected = {(place, number) for place in range(EACH) for number in range(1, taken + 1)}
    found = []
    if last != [0] * (PARTITIONS - EACH) + [taken] * EACH:
        found.append(f"numbers given {last}, inputs taken {taken}")
    if counted != ([taken] * EACH if taken else []):
        found.append(f"events folded {counted}, inputs taken {taken}")
    if {(row.partition, row.number) for row in box} != expected:
        found.append(f"{len(box)} rows in the outbox for {taken} inputs taken")
    return found


def main(folder: Path, seed: int, kills: int) -> int:
    rng = random.Random(seed)
    prepare(folder)
    for _ in range(kills):
        reading, told = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                live(folder, told)
            finally:
                os._exit(1)
        os.close(told)
        heard, fatal = 0, rng.randrange(1, 60)
        while heard < fatal:
            step = os.read(reading, 1)
            if not step:
                return 2  # it died by itself
            heard += 1
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reading)
        if found := halves(folder):
            print("\n".join(found))
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
