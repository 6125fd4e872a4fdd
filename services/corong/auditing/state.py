"""The log's tables. The Merkle tree over `entry` comes beside them: positions run without holes for it."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, String, Table

metadata = MetaData()

entry = Table(
    "entry",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(36), nullable=False, unique=True),
    Column("writer", String(40), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("type", String(80), nullable=False),
    Column("case_id", String(36), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("time", String(27), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("entry_case", "case_id", "position"),
    Index("entry_writer", "writer", "number", unique=True),
    comment="Every event once, its exact canonical bytes, in the order in which it came",
)

conflict = Table(
    "conflict",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("found_at", String(27), nullable=False),
    Column("body", LargeBinary, nullable=False),
    comment="The id of a known event with other bytes: somebody tampered, or a fault",
)
