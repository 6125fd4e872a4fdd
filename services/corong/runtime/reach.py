"""How far something reaches in the log: for each writer the last number that it stands for."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from corong.runtime import tables
from corong.runtime.parking import NO_WRITER, NOT_THE_WRITERS
from corong_contracts.base import writer_name
from corong_contracts.topology import READS

Vector = Mapping[str, int]
LeftOut = frozenset[tuple[str, int]]
"""Writer and number of what a service did not bring in: its dead letters."""


@dataclass(frozen=True)
class Reach:
    """What a service's state stands for."""

    vector: dict[str, int]
    left_out: LeftOut


def writers_of(service: str) -> frozenset[str]:
    """The services whose events the state of `service` stands for. Auditing folds only its own."""
    return frozenset({service} if service == "auditing" else {service, *READS[service]})


def of_service(connection: Connection, service: str) -> Reach:
    """Read in the transaction that reads the state: watermarks, own numbers, and what was parked or dropped."""
    inbox, own, parked = tables.inbox.c, tables.writer.c, tables.parked.c
    wanted = writers_of(service)
    found = {
        row.writer: row.taken
        for row in connection.execute(select(inbox.writer, inbox.taken))
        if row.writer.partition(".")[0] in wanted - {service}
    }
    for row in connection.execute(select(own.partition, own.last).where(own.last > 0)):
        found[writer_name(service, row.partition)] = row.last
    letters = connection.execute(
        select(parked.writer, parked.number, parked.reason).where(parked.state.in_(("parked", "dropped")))
    )
    left_out = frozenset(
        (row.writer, row.number)
        for row in letters
        if row.writer in found and row.reason.split(":")[0] not in (NO_WRITER, NOT_THE_WRITERS)
    )
    return Reach({writer: found[writer] for writer in sorted(found)}, left_out)


def missing(vector: Vector, log: Vector) -> dict[str, tuple[int, int]]:
    """Writer → what it is said to have reached, and what the log has of it, where that is less."""
    return {writer: (number, log.get(writer, 0)) for writer, number in vector.items() if log.get(writer, 0) < number}
