"""What officers have set and seen: local, not folded from the log, in no state hash (decision 0024's reasons)."""

from sqlalchemy import Boolean, Column, MetaData, String, Table

preference_metadata = MetaData()

preference = Table(
    "preference",
    preference_metadata,
    Column("officer", String(63), primary_key=True),
    Column("shortcuts", Boolean, nullable=False, comment="single keys do something (WCAG 2.1.4)"),
    comment="What officers have set for their own pages; not folded",
)

mention_seen = Table(
    "mention_seen",
    preference_metadata,
    Column("officer", String(63), primary_key=True),
    Column("event_id", String(36), primary_key=True, comment="of the note that mentions the officer"),
    comment="Mentions that were read; not folded",
)
