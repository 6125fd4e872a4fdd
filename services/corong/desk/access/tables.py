"""Passwords, sessions and spent links: local state, not folded from the log and in no state hash (decision 0024)."""

from sqlalchemy import Column, Index, Integer, MetaData, String, Table

access_metadata = MetaData()

password = Table(
    "password",
    access_metadata,
    Column("officer", String(63), primary_key=True),
    Column("hash", String(200), nullable=False),
    Column("set_at", String(27), nullable=False),
    comment="Officers' passwords as argon2id; not folded",
)

session = Table(
    "session",
    access_metadata,
    Column("id", String(64), primary_key=True, comment="SHA-256 of what the browser keeps"),
    Column("officer", String(63), nullable=False),
    Column("generation", Integer, nullable=False, comment="of the officer's tokens when it began"),
    Column("means", String(10), nullable=False, comment="password or link"),
    Column("browser", String(60), nullable=False),
    Column("begun_at", String(27), nullable=False),
    Column("seen_at", String(27), nullable=False),
    Index("session_officer", "officer"),
    comment="Who is signed in; not folded",
)

spent_link = Table(
    "spent_link",
    access_metadata,
    Column("nonce", String(32), primary_key=True),
    Column("expires_at", String(27), nullable=False),
    comment="One-time links that were used, for as long as their signature would still be good; not folded",
)
