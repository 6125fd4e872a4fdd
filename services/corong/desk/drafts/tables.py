"""Drafts: local, not folded from the log, in no state hash (decision 0031)."""

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text

draft_metadata = MetaData()

draft = Table(
    "draft",
    draft_metadata,
    Column("case_id", String(36), primary_key=True),
    Column("officer", String(63), primary_key=True),
    Column("act", String(40), primary_key=True),
    Column("person", String(32), nullable=False, comment="whose case it is: it goes with that person's data"),
    Column("version", Integer, nullable=False, comment="one higher each time that it is kept or cleared"),
    Column("sealed", Text, comment="under the person's key; none once it was sent or thrown away"),
    Column("saved_at", String(27), nullable=False),
    Index("draft_saved", "saved_at"),
    comment="What officers have typed into an act's form and not sent; not folded",
)
