"""A writer lets go of outbox rows that the log has under a signed checkpoint, and that no reader is likely to ask for.

What is gone from the outbox and is asked for all the same comes from the log (`lent.py`).
"""

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from pydantic_core import from_json
from sqlalchemy import bindparam, delete, insert, literal_column, select
from sqlalchemy.exc import SQLAlchemyError

from corong.runtime import tables
from corong.runtime.broker import Broker
from corong.runtime.clock import moment
from corong.runtime.committer import Closed, Committer
from corong.runtime.coverage import START, BadStatement, Mark, chained, leaf_of, read_statement
from corong.runtime.rows import write_many
from corong.runtime.statements import run
from corong.runtime.unit import Unit
from corong_contracts.base import writer_name
from corong_contracts.topology import COVERED

log = structlog.get_logger()

AT_ONCE = 500
PARTITIONS_AT_ONCE = 4
"""In one commit; where there is much to do, it takes some milliseconds."""
LOOK_SECONDS = 5.0
_INTO_ANSWERS = insert(tables.kept_answer)
_BOX = tables.outbox.c
_TO_CONFIRM = (
    select(_BOX.number, _BOX.body)
    .where(_BOX.partition == bindparam("which"), _BOX.number > bindparam("after"), _BOX.number <= bindparam("until"))
    .order_by(_BOX.number)
    .limit(literal_column(str(AT_ONCE)))
    .offset(literal_column("0"))
)
_RELAYED = select(tables.writer.c.relayed).where(tables.writer.c.partition == bindparam("which"))
_OLDEST = (
    select(_BOX.number, _BOX.id, _BOX.cause, _BOX.type, _BOX.body)
    .where(_BOX.partition == bindparam("which"), _BOX.number <= bindparam("until"))
    .order_by(_BOX.number)
    .limit(bindparam("most"))
    .offset(literal_column("0"))
)


class LettingGo:
    """One for each writing service in a process."""

    def __init__(
        self, service: str, committer: Committer, broker: Broker, owned: range, verifier: str, keep_days: float
    ) -> None:
        self._service = service
        self._committer = committer
        self._broker = broker
        self._owned = owned
        self._verifier = verifier
        self._keep = timedelta(days=keep_days)
        self._marks: Mapping[str, Mark] = {}
        self._size = 0
        self._disputed: set[int] = set()
        self._told = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        subscription = await self._broker.connection.subscribe(COVERED, cb=self._on_covered)
        try:
            while True:
                await self._told.wait()
                with contextlib.suppress(SQLAlchemyError, OSError):
                    more = False
                    for start in range(0, len(self._owned), PARTITIONS_AT_ONCE):
                        some = self._owned[start : start + PARTITIONS_AT_ONCE]
                        more |= await self._committer.run(partial(self._steps, some), later=True)
                    if more:
                        continue
                await asyncio.sleep(LOOK_SECONDS)
        except Closed:
            return
        finally:
            with contextlib.suppress(NatsError, OSError):
                await subscription.unsubscribe()

    async def _on_covered(self, message: Msg) -> None:
        try:
            self.hear(message.data)
        except BadStatement:
            log.error("what the log is said to cover is not signed by it", service=self._service)

    def hear(self, data: bytes) -> None:
        """Take a statement; an older one than was heard is passed over. Raises `BadStatement`."""
        size, marks = read_statement(data, self._verifier)
        if size >= self._size:
            self._size, self._marks = size, marks
            self._told.set()

    def _steps(self, partitions: range, unit: Unit) -> bool:
        return max(self.step(partition, unit) for partition in partitions)  # each one, not only until one has more

    def step(self, partition: int, unit: Unit) -> bool:
        """Confirm some rows of a partition and let some go; whether there is more to do at once."""
        mark = self._marks.get(writer_name(self._service, partition))
        if mark is None:
            return False
        row = unit.rows.get(tables.let_go, partition) or {
            "partition": partition, "confirmed": 0, "chain": START, "confirming": 0, "tentative": START, "gone": 0,
        }  # fmt: skip
        before = dict(row)
        more = self._confirm(unit, row, mark)
        more |= self._prune(unit, row)
        if row != before:
            unit.rows.put(tables.let_go, row)
        return more

    def _confirm(self, unit: Unit, row: dict[str, object], mark: Mark) -> bool:
        """Chain over rows up to the mark; at the mark the chains must be one.

        The chain goes on in `tentative` until it meets a mark: only what was compared is confirmed.
        """
        reached = int(str(row["confirming"]))
        partition = int(str(row["partition"]))
        if reached >= mark.number or partition in self._disputed:
            return False
        found = run(unit.connection, _TO_CONFIRM, which=partition, after=reached, until=mark.number)
        if [number for number, _ in found] != list(range(reached + 1, reached + 1 + len(found))) or not found:
            return self._dispute(row, mark, "its numbers have a hole")
        row["tentative"] = chained(str(row["tentative"]), (leaf_of(bytes(body)) for _, body in found))
        row["confirming"] = found[-1][0]
        if row["confirming"] == mark.number:
            if row["tentative"] != mark.chain:
                row["confirming"], row["tentative"] = row["confirmed"], row["chain"]
                return self._dispute(row, mark, "the log has other bytes")
            row["confirmed"], row["chain"] = row["confirming"], row["tentative"]
        return len(found) == AT_ONCE

    def _dispute(self, row: Mapping[str, object], mark: Mark, why: str) -> bool:
        partition = int(str(row["partition"]))
        self._disputed.add(partition)
        log.error(
            "the log and this outbox differ: nothing more is let go", service=self._service, partition=partition,
            number=mark.number, reason=why,
        )  # fmt: skip
        return False

    def _prune(self, unit: Unit, row: dict[str, object]) -> bool:
        """Let go of confirmed rows that are old enough; what a repeated command is answered with stays."""
        partition, confirmed = int(str(row["partition"])), int(str(row["confirmed"]))
        ((relayed,),) = run(unit.connection, _RELAYED, which=partition)
        old: list[dict[str, object]] = []
        for most in (1, AT_ONCE):  # mostly even the oldest one stays
            found = run(unit.connection, _OLDEST, which=partition, until=min(confirmed, relayed), most=most)
            old = []
            for number, identity, cause, kind, body in found:
                event = from_json(bytes(body))
                if not self._is_old(event["recordedtime"], unit.now):
                    break
                old.append(
                    {"cause": cause, "id": identity, "partition": partition, "number": number, "type": kind,
                     "subject": event["subject"]}
                )  # fmt: skip
            if not old:
                break
        if not old:
            return False
        write_many(unit.connection, _INTO_ANSWERS, old)
        row["gone"] = gone = old[-1]["number"]
        unit.connection.execute(delete(tables.outbox).where(_BOX.partition == partition, _BOX.number <= gone))
        return len(old) == AT_ONCE

    def _is_old(self, recorded: str, now: datetime) -> bool:
        return moment(recorded) <= now - self._keep
