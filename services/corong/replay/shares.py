"""A share of a log's writers, folded for every service by one process: so each event is opened once, by one of them.

What belongs to a case stands in one partition of each service. Shares are whole partitions; a case whose rows hang on
events of other cases (`Survey.crossed`) goes to the first share whole. Only an orderly log is shared out so: there an
event's number alone says whether it is wanted. Whether the shares together are the whole is seen when they are joined.
"""

import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import connect
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from corong.replay.envelope import Readers, cause
from corong.replay.fold import BATCH, TOLD, Progress, make_tables, scratch
from corong.replay.foldings import FOLDINGS
from corong.replay.logs import Log
from corong.replay.share_rows import ShareRows, Touched
from corong.runtime.reach import LeftOut
from corong.runtime.rows import Rows
from corong.runtime.unit import Apply
from corong_contracts.base import AnyEvent

_WRITER = re.compile(rb'"([a-z]+)\.([0-9]{2,4})"\}')
_ALONE = b"auditing"
"""What this service writes is about all cases: it stands in the first share."""

Limits = tuple[dict[str, int], dict[str, int]]
"""Writer → number: what comes after the first ones, up to the second ones, is wanted."""
Taker = tuple[Apply, ShareRows, int, int]


class NotShared(Exception):
    """Shares of this log are not the whole; it must be folded as one."""


@dataclass(frozen=True)
class Stop:
    """Where a service's tables are kept as they were, to be compared with a hash of the log."""

    vector: dict[str, int]
    again: int
    """From this position on something may stand that is beyond it."""
    end: int
    """Before this position stands everything up to it."""


@dataclass(frozen=True)
class Aim:
    """How far a service goes."""

    service: str
    vector: dict[str, int]
    left_out: LeftOut
    stop: Stop | None = None


@dataclass(frozen=True)
class Share:
    """One of several, from 0. Picklable."""

    log: Log
    size: int
    place: int
    of: int
    crossed: frozenset[str]
    aims: tuple[Aim, ...]
    folder: Path


def file_of(folder: Path, service: str, place: int, *, stopped: bool = False) -> Path:
    """A share's tables of a service; `stopped`: as they were at its stop."""
    return folder / f"{service}.{place}{'.stop' if stopped else ''}.sqlite"


def fold_share(share: Share, told: Progress) -> dict[str, Touched]:
    """Service → what was done with its tables. Raises `NotShared` and `NotALog`."""
    with ExitStack() as stack:
        folded = _Folded(share, stack, told)
        stops = [aim for aim in share.aims if aim.stop is not None]
        first = max((aim.stop.end for aim in stops if aim.stop), default=0)
        if stops:
            folded.take(0, first, {aim.service: ({}, _first_aim(aim)) for aim in share.aims})
            for aim in stops:
                folded.keep(aim.service)
            folded.take(
                min(aim.stop.again for aim in stops if aim.stop), first,
                {aim.service: (aim.stop.vector, aim.vector) for aim in stops if aim.stop},
            )  # fmt: skip
        rest: dict[str, Limits] = {aim.service: (aim.stop.vector if aim.stop else {}, aim.vector) for aim in share.aims}
        folded.take(first, share.size, rest)
        return folded.finish()


def _first_aim(aim: Aim) -> dict[str, int]:
    return aim.stop.vector if aim.stop is not None else aim.vector


class _Folded:
    """Tables in the making."""

    def __init__(self, share: Share, stack: ExitStack, told: Progress) -> None:
        self._share = share
        self._told = told
        self._left_out = {aim.service: aim.left_out for aim in share.aims}
        self._connections: dict[str, Connection] = {}
        self._rows: dict[str, ShareRows] = {}
        for aim in share.aims:
            connection = stack.enter_context(scratch(file_of(share.folder, aim.service, share.place)))
            make_tables(connection, FOLDINGS[aim.service].metadata)
            self._connections[aim.service], self._rows[aim.service] = connection, ShareRows(connection)
        kinds = frozenset[str]().union(*(FOLDINGS[aim.service].types for aim in share.aims))
        self._opened = Readers(kinds).opened
        self._mine: dict[bytes, bool] = {}
        """A writer as it ends an event, and whether its events are here."""

    def take(self, start: int, end: int, wanted: dict[str, Limits]) -> None:
        """Fold what is wanted of the entries from `start` to before `end`."""
        crossed, first, mine = self._share.crossed, self._share.place == 0, self._mine
        takers: dict[tuple[str, str], Sequence[Taker]] = {}
        count = 0
        for position, body in self._share.log.entries(start):
            if position >= end:
                break
            writer = body[body.rfind(b'"', 0, -2) :]
            here = mine[writer] if writer in mine else self._place(writer)
            if crossed and cause(body).entity in crossed:
                here = first
            if not here:
                continue
            event = self._opened(body)
            if event is None:
                raise NotShared
            count += 1
            if count % TOLD == 0:
                self._told(TOLD * len(self._rows))
                if count % BATCH == 0:
                    self._flush()
            key = event.writer, event.type
            found = takers.get(key)
            if found is None:
                found = takers[key] = self._takers(*key, wanted)
            number = event.number
            for apply, rows, low, high in found:
                if low < number <= high:
                    apply(event, rows)
        self._told(count % TOLD * len(self._rows))
        self._flush()

    def _place(self, writer: bytes) -> bool:
        found = _WRITER.fullmatch(writer)
        if found is None:
            raise NotShared
        place = 0 if found[1] == _ALONE else int(found[2]) % self._share.of
        self._mine[writer] = place == self._share.place
        return self._mine[writer]

    def _takers(self, writer: str, kind: str, wanted: dict[str, Limits]) -> Sequence[Taker]:
        """Whoever folds events of that type by that writer."""
        return [
            (self._apply(service), self._rows[service], low.get(writer, 0), high[writer])
            for service, (low, high) in wanted.items()
            if kind in FOLDINGS[service].types and writer in high
        ]

    def _apply(self, service: str) -> Apply:
        apply, left_out = FOLDINGS[service].apply, self._left_out[service]
        if not left_out:
            return apply

        def brought_in(event: AnyEvent, rows: Rows) -> None:
            if (event.writer, event.number) not in left_out:
                apply(event, rows)

        return brought_in

    def _flush(self) -> None:
        for rows in self._rows.values():
            try:
                rows.flush()
            except IntegrityError:
                raise NotShared from None

    def keep(self, service: str) -> None:
        """Copy a service's tables as they are now."""
        driver: Any = self._connections[service].connection.driver_connection
        driver.commit()  # SQLite waits for a transaction to end before it copies, though it be its own
        copy = connect(file_of(self._share.folder, service, self._share.place, stopped=True))
        try:
            driver.backup(copy)
        finally:
            copy.close()

    def finish(self) -> dict[str, Touched]:
        """What was done with each service's tables."""
        return {service: rows.touched for service, rows in self._rows.items()}
