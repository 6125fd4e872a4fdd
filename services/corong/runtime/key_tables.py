"""The key store's tables: who is who, and each person's key. They stand in no log, and nothing is folded into them."""

import hashlib

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, String, Table

metadata = MetaData()

person_table = Table(
    "person",
    metadata,
    Column("pseudonym", String(64), primary_key=True),
    Column("person", String(64), nullable=False, index=True),
    Column("created_at", String(27), nullable=False),
    comment="Keyed pseudonym of an address → the random id that stands in events; gone when the person is erased",
)

key_table = Table(
    "key",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person", String(64), nullable=False, index=True),
    Column("purpose", String(32), nullable=False),
    Column("generation", Integer, nullable=False),
    Column(
        "wrapped", LargeBinary, nullable=True, comment="nonce, key and tag under the deployment's key; null: destroyed"
    ),
    Column("wrapper", String(16), nullable=False, server_default="", comment="under which deployment key"),
    Column("created_at", String(27), nullable=False),
    Column("erased_at", String(27), comment="when the decision to erase was taken"),
    Column("erasure", String(36), index=True, comment="the decision, as the log has it"),
    Column("basis", String(200)),
    Column("schedule", String(40)),
)

era_table = Table(
    "era",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False, comment="moves with every erasure and every change of wrapping"),
    Column("erasures", BigInteger, nullable=False, comment="how many decisions of the log have been carried out here"),
    comment="One row: what a process has in memory is good for as long as this stays",
)

rotation_table = Table(
    "rotation",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("old", String(16), nullable=False),
    Column("new", String(16), nullable=False),
    Column("keys", Integer, nullable=False),
    Column("started_at", String(27), nullable=False),
    Column("finished_at", String(27)),
    comment="Changes of the deployment's key; auditing writes each into the log",
)

taken_table = Table(
    "taken",
    metadata,
    Column("key", String(32), primary_key=True),
    comment="Keyed pseudonym of a network's id: a message was taken whose sender was erased since, no more",
    sqlite_with_rowid=False,  # in the order of the keys: what was put in together is not seen
)


def key_id(person: str, purpose: str, generation: int) -> str:
    """The id of a key: tells nothing but that two keys are alike or not."""
    return hashlib.sha256(f"{person}\n{purpose}\n{generation}".encode()).hexdigest()[:32]
