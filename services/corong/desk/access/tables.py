"""Passwords, passkeys, sessions, spent links: local, not folded from the log, in no state hash (decision 0024)."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text

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
    Column("means", String(10), nullable=False, comment="password, link, passkey or oidc"),
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

passkey = Table(
    "passkey",
    access_metadata,
    Column("id", String(64), primary_key=True, comment="SHA-256 of the authenticator's id"),
    Column("credential", Text, nullable=False),
    Column("officer", String(63), nullable=False),
    Column("key", Text, nullable=False, comment="COSE public key"),
    Column("count", BigInteger, nullable=False, comment="of signatures, as the authenticator counts"),
    Column("name", String(60), nullable=False),
    Column("made_at", String(27), nullable=False),
    Column("used_at", String(27)),
    Index("passkey_officer", "officer", "made_at"),
    comment="Officers' passkeys: public keys, nothing that opens; not folded",
)

spent_challenge = Table(
    "spent_challenge",
    access_metadata,
    Column("nonce", String(32), primary_key=True),
    Column("expires_at", String(27), nullable=False),
    comment="What passkeys signed, and tries by the provider, for as long as they would still be good; not folded",
)
