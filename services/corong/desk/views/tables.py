"""Saved views: an officer's own, not folded from the log, in no state hash (decision 0024)."""

from sqlalchemy import Column, Index, MetaData, String, Table

views_metadata = MetaData()

saved_view = Table(
    "saved_view",
    views_metadata,
    Column("view_id", String(36), primary_key=True),
    Column("officer", String(63), nullable=False),
    Column("name", String(40), nullable=False),
    Column("page", String(8), nullable=False, comment="queue or search"),
    Column("asked", String(600), nullable=False, comment="what stands behind the page's address"),
    Column("made_at", String(27), nullable=False),
    Index("saved_view_officer", "officer", "made_at"),
    comment="Filters and searches that officers keep under a name; not folded",
)
