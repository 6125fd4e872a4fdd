"""Publishing's tables."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

from corong.runtime.officer_rows import officer_table
from corong.runtime.unit_rows import unit_table

metadata = MetaData()

arrival = Table(
    "arrival",
    metadata,
    Column("message_id", String(36), primary_key=True),
    Column("conversation_id", String(36), nullable=False),
    Column("case_id", String(36), nullable=False),
    Column("partition", Integer, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("person", String(32), nullable=False),
    Column("channel", String(63), nullable=False),
    Column("account", String(63), nullable=False),
    Column("visibility", String(8), nullable=False),
    Column("automatic", Boolean, nullable=False),
    Column("sender", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("demo", Boolean, nullable=False),
    Index("arrival_case", "case_id", "number"),
    comment="What a reply answers: the citizen's messages; folded from message.received",
)

registered = Table(
    "registered",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("registration", String(30), nullable=False),
    comment="Registration numbers, for receipts and subjects; folded from case.registered",
)

moved = Table(
    "moved",
    metadata,
    Column("message_id", String(36), primary_key=True),
    Column("from_case", String(36), nullable=False),
    Column("case_id", String(36), nullable=False),
    Index("moved_to", "case_id"),
    Index("moved_from", "from_case"),
    comment="Messages that became a case of their own; folded from message.moved and joined when read",
)


particulars = Table(
    "particulars",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("sealed", Text, nullable=False),
    comment="What an officer wrote into the register about who asked; folded from case.detailed, the newest counts",
)

template = Table(
    "template",
    metadata,
    Column("digest", String(80), primary_key=True),
    Column("content", Text, nullable=False),
    comment="The words that letters are made with; folded from template.adopted",
)

document = Table(
    "document",
    metadata,
    Column("document_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("template", String(80), nullable=False),
    Column("edition", Integer, nullable=False),
    Column("message_id", String(36)),
    Column("request_id", String(36)),
    Column("issued_at", String(27), nullable=False),
    Column("decided", Text, nullable=False),
    Column("words", Text, comment="sealed: the answer or the reasons with which it goes"),
    Index("document_kind", "kind", "document_id"),
    comment="Letters that go with what citizens are told; folded from routing's events",
)

made = Table(
    "made",
    metadata,
    Column("document_id", String(36), primary_key=True),
    Column("kind", String(30), nullable=False),
    Column("key", String(64), nullable=False),
    Column("digest", String(80), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(127), nullable=False),
    comment="Letters whose pages are in the object store; folded from publishing's own events",
)

publication = Table(
    "publication",
    metadata,
    Column("publication_id", String(36), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("unit", String(63)),
    Column("author", String(80), nullable=False),
    Column("case_id", String(36)),
    Column("message_id", String(36)),
    Column("label", String(12)),
    Column("immediate", Boolean, nullable=False),
    Column("visibility", String(8), nullable=False),
    Column("title", Text),
    Column("text", Text),
    Column("sealed", Text),
    Column("document_id", String(36), comment="the letter for which it waits"),
    Column("short", Text, comment="sealed; sent in place of the whole"),
    Column("media", Text, nullable=False),
    Column("deliveries", Text, nullable=False),
    Column("text_hash", String(80), nullable=False),
    Column("approved_hash", String(80)),
    Column("approved_by", String(63)),
    Column("publish_at", String(27)),
    Column("state", String(10), nullable=False),
    Column("demo", Boolean, nullable=False),
    Index("publication_due", "state", "publish_at"),
    comment="draft, scheduled, released or withdrawn; folded from publishing's own events",
)

delivery = Table(
    "delivery",
    metadata,
    Column("delivery_id", String(36), primary_key=True),
    Column("publication_id", String(36), nullable=False),
    Column("partition", Integer, nullable=False),
    Column(
        "place", BigInteger, nullable=False, comment="order within a conversation: the number of the drafting event"
    ),
    Column("channel", String(63), nullable=False),
    Column("account", String(63), nullable=False),
    Column("conversation_id", String(36)),
    Column("case_id", String(36)),
    Column("text", Text, comment="this account's own version of a post"),
    Column("state", String(8), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("due_at", String(27)),
    Column("started_at", String(27), comment="when its first try was begun"),
    Column("carried", Text),
    Column("native_id", Text),
    Column("url", Text),
    Column("code", String(64)),
    Index("delivery_due", "state", "due_at"),
    Index("delivery_conversation", "conversation_id", "partition", "place"),
    Index("delivery_publication", "publication_id"),
    Index("delivery_native", "channel", "account", "native_id"),
    comment="drafted, ready, sending, sent, failed, unknown, held or dropped; folded from publishing's own events",
)

officer = officer_table(metadata)
unit_edition = unit_table(metadata)
