"""The unit of work: the inbox, the effect of `apply` and the outbox rows of some inputs, in one commit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from corong.runtime import tables
from corong.runtime.identities import text_of
from corong.runtime.rows import Rows, write_many
from corong.runtime.sealing import Sealer
from corong.runtime.statements import as_rows, run, run_many
from corong_contracts.base import AnyEvent, Payload, about, event_id, partition_of, schema_uri, writer_name
from corong_contracts.catalogue import decode, encode, event_class

_INTO_OUTBOX = insert(tables.outbox)
_NUMBERS = select(tables.writer.c.partition, tables.writer.c.last)
_MARKS = select(tables.inbox.c.writer, tables.inbox.c.taken)
_ANSWERED = (
    select(tables.outbox.c.body)
    .where(tables.outbox.c.cause == bindparam("of_cause"))
    .order_by(tables.outbox.c.partition, tables.outbox.c.number)
)
_LET_GO = (
    select(tables.kept_answer)
    .where(tables.kept_answer.c.cause == bindparam("of_cause"))
    .order_by(tables.kept_answer.c.partition, tables.kept_answer.c.number)
)
_GIVEN = (
    update(tables.writer).where(tables.writer.c.partition == bindparam("which")).values(last=bindparam("to"))
)  # fmt: skip

Apply = Callable[[AnyEvent, Rows], None]


@dataclass(frozen=True)
class Secret:
    """Words for a sealed field, and the key to seal them under."""

    key: str
    words: str | bytes = field(repr=False)


@dataclass(frozen=True)
class Draft:
    """An event as a rule decided it: what it says, without the id, number and seals that `Unit.record` adds."""

    payload: type[Payload]
    entity: UUID
    """The case or the publication: it decides the partition and is the correlation id."""
    data: Mapping[str, Any]
    sealed: Mapping[str, Secret] = field(default_factory=dict, repr=False)
    actor: str = "system"


@dataclass(frozen=True)
class Numbering:
    """Who is writing: the service, how many partitions the installation has, and how the service folds events."""

    service: str
    partitions: int
    apply: Apply


@dataclass
class Unit:
    """One open transaction of one service."""

    connection: Connection
    numbering: Numbering
    sealer: Sealer
    now: datetime
    rows: Rows = field(init=False)
    recorded: list[AnyEvent] = field(default_factory=list)
    traceparent: str | None = None

    def __post_init__(self) -> None:
        self.rows = Rows(self.connection)
        self._indexes: dict[UUID, int] = {}
        self._last: dict[int, int] = {}
        self._locked: set[int] = set()
        self.asked: set[int] = set()
        """Partitions that were locked or should have been: known beforehand when the work is done again."""
        self._taken: dict[str, int] | None = None
        self._moved: set[str] = set()
        self.outbox: list[dict[str, Any]] = []
        self.closing: list[Callable[[], None]] = []
        """Called once before everything is written."""
        self.after: list[Callable[[], None]] = []
        """Called in the committing thread when the commit is on the disk, before anybody is told of it."""

    @property
    def changes(self) -> int:
        """Grows with every change; equal before and after a job that changed nothing."""
        return self.rows.changes + len(self.outbox) + len(self._moved)

    def lock(self, *partitions: int) -> None:
        """Make decisions in these partitions serial: nobody else numbers or decides there until the commit.

        Always in rising order, so that two processes can't wait for each other: one that comes out of order is not
        waited for, and the committer does the work again with all of them locked at its beginning. What a decision
        hangs on is read after the lock: what was read before may be old.
        """
        wanted = sorted(set(partitions) - self._locked)
        if not wanted:
            return
        self.asked.update(wanted)
        if self.connection.dialect.name == "sqlite":
            # A transaction that writes is alone from its beginning: it has all of them locked.
            if not self._locked:
                self._last = dict(run(self.connection, _NUMBERS))
                self._locked = set(self._last)
            return
        found = self.connection.execute(
            select(tables.writer.c.partition, tables.writer.c.last)
            .where(tables.writer.c.partition.in_(wanted))
            .order_by(tables.writer.c.partition)
            .with_for_update(nowait=bool(self._locked) and wanted[0] < max(self._locked))
        )
        self._last.update((row.partition, row.last) for row in found)
        self._locked.update(wanted)
        self.rows.forget()

    def lock_entity(self, entity: UUID) -> None:
        """`lock` for the partition of a case or a publication."""
        self.lock(partition_of(entity, self.numbering.partitions))

    def record(self, cause: UUID, drafts: Sequence[Draft], occurred: datetime | None = None) -> list[AnyEvent]:
        """Number, seal, fold and put into the outbox what a rule decided because of `cause`.

        `occurred` is when it happened, where that is not now. Raises `EventTooBig`, and `ValidationError` on a draft
        that does not fit its type: both are faults of the caller, and roll the commit back.
        """
        events = []
        for draft in drafts:
            index = self._indexes.get(cause, 0)
            event = self._event(cause, index, draft, occurred or self.now)
            body = encode(event)
            self.numbering.apply(event, self.rows)
            # Nothing may fail from here on: a number that is given and not written would be a hole for ever.
            self._indexes[cause] = index + 1
            self._last[event.partition] = event.number
            self.outbox.append(
                {
                    "partition": event.partition,
                    "number": event.number,
                    "id": text_of(event.id),
                    "cause": text_of(cause),
                    "type": event.type,
                    "body": body,
                }
            )
            events.append(event)
            self.recorded.append(event)
        return events

    def _event(self, cause: UUID, index: int, draft: Draft, occurred: datetime) -> AnyEvent:
        payload = draft.payload
        identity = event_id(cause, payload.type, index)
        seals = {
            name: self.sealer.seal(secret.key, identity, payload.type, name, secret.words)
            for name, secret in draft.sealed.items()
        }
        partition = partition_of(draft.entity, self.numbering.partitions)
        self.lock(partition)
        data = payload(**draft.data, **seals)
        return event_class(payload.type)(
            id=identity,
            source=f"/corong/{self.numbering.service}/{partition:02d}",
            type=payload.type,
            subject=about(data),
            time=occurred.astimezone(UTC),  # as who opens the bytes gets it
            recordedtime=self.now,
            dataschema=schema_uri(payload),
            correlationid=draft.entity,
            causationid=cause,
            actor=draft.actor,
            writer=writer_name(self.numbering.service, partition),
            number=self._last[partition] + 1,
            traceparent=self.traceparent,
            data=data,
        )

    def answered(self, cause: UUID) -> list[AnyEvent]:
        """The events that `cause` led to before: a repeated command finds its answer, also beside it in one commit."""
        here = [event for event in self.recorded if event.causationid == cause]
        return here or [decode(body) for (body,) in run(self.connection, _ANSWERED, of_cause=str(cause))]

    def let_go_of(self, cause: UUID) -> list[dict[str, Any]]:
        """What is kept of the events that `cause` led to and that have left the outbox since."""
        return as_rows(tables.kept_answer, run(self.connection, _LET_GO, of_cause=str(cause)))

    def taken(self, writer: str) -> int:
        """The last number taken from `writer`: at or below it is a repeat."""
        if self._taken is None:
            self._taken = dict(run(self.connection, _MARKS))
        return self._taken.get(writer, 0)

    def take(self, writer: str, number: int) -> None:
        """Move the watermark. Raises `ValueError` on a jump: that is a gap, and the caller's to see."""
        before = self.taken(writer)
        if number != before + 1:
            raise ValueError(f"{writer}: {number} does not follow {before}")
        assert self._taken is not None  # `taken` read it
        self._taken[writer] = number
        self._moved.add(writer)

    def finish(self) -> None:
        """Write everything; the caller commits, and then calls `committed`."""
        for call in self.closing:
            call()
        self.rows.flush()
        if self._moved:
            inboxes = [{"writer": writer, "taken": self.taken(writer)} for writer in sorted(self._moved)]
            rows = Rows(self.connection)
            for row in inboxes:
                rows.put(tables.inbox, row)
            rows.flush()
        if self.outbox:
            write_many(self.connection, _INTO_OUTBOX, self.outbox)
            touched = sorted({row["partition"] for row in self.outbox})
            run_many(
                self.connection, _GIVEN, [{"which": partition, "to": self._last[partition]} for partition in touched]
            )

    def committed(self) -> None:
        """Do what was to be done after the commit."""
        for call in self.after:
            call()
