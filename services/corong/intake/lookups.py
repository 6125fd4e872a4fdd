"""Which message a network's id is: a table beside the state, that an erasure cuts.

What events call a message is keyed under its sender's own key, and means nothing when that is gone. This table leads
from the network's id to it, whoever asks: so that an answer in somebody else's thread is seen to be one, and that
the same message under another sender is known. After an erasure a row says only that some message with this id was
taken: it is not taken again, though the network or a mailbox may hand it over once more.

After a loss of intake's database these tables are made again: see mending.py.
"""

from collections.abc import Iterable

from sqlalchemy import Column, Index, MetaData, String, Table, delete, select, update

from corong.runtime.unit import Unit

lookup_metadata = MetaData()

lookup = Table(
    "lookup",
    lookup_metadata,
    Column("key", String(32), primary_key=True),
    Column("native_key", String(32), comment="null: its sender was erased"),
    Column("person", String(32)),
    Index("lookup_person", "person"),
    comment="Keyed pseudonym of a network's id → what events call that message; not folded, cut by an erasure",
)

mention = Table(
    "mention",
    lookup_metadata,
    Column("key", String(32), primary_key=True),
    Column("native_key", String(32), primary_key=True),
    Column("person", String(32), nullable=False),
    Index("mention_person", "person"),
    comment="The same for the messages that a person's message answered, taken or not; gone with an erasure",
)


def remember(unit: Unit, key: str, native_key: str, person: str, mentions: Iterable[tuple[str, str]]) -> None:
    """Keep where a message is found, and what it answered: pairs of looked up and native key."""
    unit.rows.put(lookup, {"key": key, "native_key": native_key, "person": person})
    for looked_up, own in mentions:
        unit.rows.put(mention, {"key": looked_up, "native_key": own, "person": person})


def native_key_of(unit: Unit, key: str) -> str | None:
    """What events call the message; None of a stranger, and of one whose sender was erased."""
    row = unit.rows.get(lookup, key)
    return row["native_key"] if row else None


def sender_of(unit: Unit, key: str) -> str | None:
    """Whose the message is, where that person is known."""
    row = unit.rows.get(lookup, key)
    return row["person"] if row else None


def was_erased(unit: Unit, key: str) -> bool:
    """Whether a message with this id was taken, and its sender erased since."""
    row = unit.rows.get(lookup, key)
    return row is not None and row["native_key"] is None


def cut(unit: Unit, person: str) -> int:
    """Cut the way to every message of a person; how many there were."""
    unit.rows.flush()
    done = unit.connection.execute(update(lookup).where(lookup.c.person == person).values(native_key=None, person=None))
    unit.connection.execute(delete(mention).where(mention.c.person == person))
    unit.rows.changes += done.rowcount
    unit.rows.forget()
    return done.rowcount


def keys_of(unit: Unit, person: str) -> list[str]:
    """Where the messages of a person are found."""
    unit.rows.flush()
    return list(unit.connection.execute(select(lookup.c.key).where(lookup.c.person == person)).scalars())
