"""Auditing's tables: the log itself, kept as it came; and its findings, folded from its own events."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table

from corong.auditing import erasure_state
from corong.runtime.clock import stamp
from corong.runtime.rows import Rows
from corong_contracts.audit import (
    AuditConflictFound,
    AuditEntryRefused,
    AuditGapFilled,
    AuditGapFound,
    AuditRecordChanged,
    AuditStateHashed,
)
from corong_contracts.base import AnyEvent, Payload

metadata = MetaData()
log_metadata = MetaData()

entry = Table(
    "entry",
    log_metadata,
    # An INTEGER key is SQLite's own row number, and needs no index beside it.
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("id", String(36), nullable=False),
    Column("writer", String(40), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("type", String(80), nullable=False),
    Column("case_id", String(36), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("time", String(27), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("entry_writer", "writer", "number", unique=True),
    Index("entry_type", "type", "position"),
    Index("entry_actor", "actor", "position"),
    Index("entry_time", "time", "position"),
    comment="Every event once, its exact canonical bytes, in the order in which it came",
)

entry_key = Table(
    "entry_key",
    log_metadata,
    Column("tier", Integer, primary_key=True, autoincrement=False),
    Column("key", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    comment="By the hash of its id and of its case where an entry stands; new ones are moved on in bulk",
    sqlite_with_rowid=False,
)

conflict = Table(
    "conflict",
    log_metadata,
    Column("id", String(36), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("found_at", String(27), nullable=False),
    Column("body", LargeBinary, nullable=False),
    comment="The id of a known event with other bytes: somebody tampered, or a fault",
)

tile = Table(
    "tile",
    log_metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
    comment="Full tiles of the tree over the entries (C2SP tlog-tiles): 256 hashes each",
)

edge = Table(
    "edge",
    log_metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("place", BigInteger, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
    comment="For each level the last tile, which is not full yet: all that appending needs of the tree",
)

head = Table(
    "head",
    log_metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("signed_at", String(27), nullable=False),
    comment="One row: the log as it was last signed, with the signed checkpoint",
)

witnessed = Table(
    "witnessed",
    log_metadata,
    Column("size", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("note", LargeBinary, nullable=False),
    Column("taken_at", String(27), nullable=False),
    comment="Signed checkpoints that witnesses have cosigned, the newest few (decision 0043)",
)

chain = Table(
    "chain",
    log_metadata,
    Column("writer", String(40), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    comment="For each writer a chain over the bytes that came under its numbers, to compare before it lets go",
)

finding = Table(
    "finding",
    metadata,
    Column("audit_id", String(36), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("writer", String(40), nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("found_at", String(27), nullable=False),
    Column("filled_at", String(27)),
    Index("finding_writer", "writer", "first"),
    comment="What auditing found missing, doubled or unfit in a writer's numbers",
)

state_hash = Table(
    "state_hash",
    metadata,
    Column("service", String(30), primary_key=True),
    Column("hash", String(71), nullable=False),
    Column("hashed_at", String(27), nullable=False),
    comment="The last hash of each service's tables that stands in the log, and when it is due again",
)

hold, erasure, rotation = erasure_state.make(metadata)

FOLDS: frozenset[type[Payload]] = frozenset()
"""Of other writers' events none: the log keeps them as they are."""


def apply(event: AnyEvent, rows: Rows) -> None:
    """Fold auditing's own events."""
    data = event.data
    erasure_state.fold(event, rows, hold, erasure, rotation)
    if isinstance(data, AuditGapFound):
        _found(event, rows, str(data.audit_id), "gap", data.of_writer, data.first, data.last)
    elif isinstance(data, AuditGapFilled):
        rows.change(finding, str(data.audit_id), last=data.last, filled_at=stamp(event.time))
    elif isinstance(data, AuditConflictFound):
        kind = f"conflict_{data.contradicts}"
        _found(event, rows, str(data.audit_id), kind, data.of_writer, data.number, data.number)
    elif isinstance(data, AuditEntryRefused):
        _found(event, rows, str(data.audit_id), "refused", data.of_writer, data.number, data.number)
    elif isinstance(data, AuditRecordChanged):
        # No writer's numbers: the file, and the entries that it is about.
        _found(event, rows, str(data.audit_id), f"changed_{data.kept_in}", data.file, data.first, data.last)
    elif isinstance(data, AuditStateHashed):
        rows.put(
            state_hash, {"service": data.of_service, "hash": data.hash, "hashed_at": stamp(event.recordedtime)}
        )  # fmt: skip


def _found(event: AnyEvent, rows: Rows, audit_id: str, kind: str, writer: str, first: int, last: int) -> None:
    row = {
        "audit_id": audit_id, "kind": kind, "writer": writer, "first": first, "last": last,
        "found_at": stamp(event.time), "filled_at": None,
    }  # fmt: skip
    rows.put(finding, row)
