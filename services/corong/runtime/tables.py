"""The tables that every service has beside its own: inbox, writer, outbox, parked."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

inbox = Table(
    "inbox",
    metadata,
    Column("writer", String(40), primary_key=True),
    Column("taken", BigInteger, nullable=False),
    comment="The watermark: for each writer the last number taken",
)

writer = Table(
    "writer",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
    Column("relayed", BigInteger, nullable=False),
    comment="For each partition the last number given, and the last that the broker has stored",
)

outbox = Table(
    "outbox",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(36), nullable=False),
    Column("cause", String(36), nullable=False),
    Column("type", String(80), nullable=False),
    Column("body", LargeBinary, nullable=False),
    # An id follows from its cause: two processes that decide on the same one can't both write what came of it.
    Index("outbox_cause", "cause", "id", unique=True),
    comment="Events as written, kept until a signed checkpoint of the ledger covers them",
)

let_go = Table(
    "let_go",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("confirmed", BigInteger, nullable=False),
    Column("chain", String(64), nullable=False),
    Column("confirming", BigInteger, nullable=False),
    Column("tentative", String(64), nullable=False),
    Column("gone", BigInteger, nullable=False),
    comment="For each partition how far the log has this outbox to the byte, and the last number that left it",
)

kept_answer = Table(
    "kept_answer",
    metadata,
    Column("cause", String(36), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("type", String(80), nullable=False),
    Column("subject", String(120), nullable=False),
    comment="Of events that left the outbox what a repeated command is answered with",
)

parked = Table(
    "parked",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("stream", String(20), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("writer", String(40), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("reason", String(200), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("parked_at", String(27), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("error", Text, nullable=False, server_default=""),
    comment="Dead letters: what could not be processed, under its number",
)
