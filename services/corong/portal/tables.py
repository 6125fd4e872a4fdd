"""The portal's tables; `state.py` folds them."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

from corong.runtime.officer_rows import officer_table
from corong.runtime.unit_rows import unit_table

metadata = MetaData()

registered = Table(
    "registered",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("registration", String(30), nullable=False, unique=True),
    Column("channel", String(63), nullable=False),
    Column("registered_at", String(27), nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("receipt_check", String(64), nullable=False),
    comment="Receipts: which case a number is; folded from intake's events",
)

progress = Table(
    "progress",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("unit", String(63), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("outcome", String(20)),
    Column("changed_at", String(27), nullable=False),
    comment="Who works on a case and how it ended; folded from routing's events",
)

message = Table(
    "message",
    metadata,
    Column("message_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("at", String(27), nullable=False),
    Column("automatic", Boolean, nullable=False),
    Column("content", Text, nullable=False),
    Column("files", Text, nullable=False, comment="JSON: bytes of each attachment, in the order of their names"),
    Index("message_case", "case_id", "number"),
    comment="What the citizen wrote; folded from intake's events",
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

public_answer = Table(
    "public_answer",
    metadata,
    Column("answer_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Column("unit", String(63), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("first_at", String(27), nullable=False),
    Column("changed_at", String(27), nullable=False),
    Column("edition", Integer, nullable=False, comment="how often it was published or withdrawn"),
    Column("shown", Boolean, nullable=False),
    comment="Answers for everybody, in words that are nobody's; folded from routing's events",
)

answer = Table(
    "answer",
    metadata,
    Column("publication_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("unit", String(63)),
    Column("drafted_at", String(27), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("sent_at", String(27), comment="the page shows it from then on"),
    Index("answer_case", "case_id", "number"),
    comment="Replies to citizens; folded from publishing's events",
)

document = Table(
    "document",
    metadata,
    Column("publication_id", String(36), primary_key=True),
    Column("document_id", String(36), nullable=False),
    Column("case_id", String(36), nullable=False),
    Column("title", String(120), nullable=False),
    Column("key", String(64), nullable=False),
    Column("file", String(80), nullable=False, comment="digest of the sealed bytes"),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(127), nullable=False),
    Column("digest", Text, nullable=False, comment="sealed: of the pages themselves"),
    Index("document_case", "case_id"),
    comment="Letters that went with replies; folded from publishing's events",
)

issued_receipt = Table(
    "issued_receipt",
    metadata,
    Column("document_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Column("issued_at", String(27), nullable=False),
    Index("issued_receipt_case", "case_id", "issued_at"),
    comment="Receipts of requests that are to be made; folded from routing's events",
)

receipt = Table(
    "receipt",
    metadata,
    Column("document_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Column("key", String(64), nullable=False),
    Column("file", String(80), nullable=False, comment="digest of the sealed bytes"),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(127), nullable=False),
    Column("digest", Text, nullable=False, comment="sealed: of the pages themselves"),
    comment="Receipts of requests as they were made; folded from publishing's events",
)

template = Table(
    "template",
    metadata,
    Column("kind", String(30), primary_key=True),
    Column("edition", Integer, primary_key=True, autoincrement=False),
    Column("adopted_at", String(27), nullable=False),
    Column("content", Text, nullable=False),
    comment="The words of receipts, each edition; folded from routing's events",
)

post = Table(
    "post",
    metadata,
    Column("publication_id", String(36), primary_key=True),
    Column("unit", String(63)),
    Column("label", String(12)),
    Column("title", Text),
    Column("text", Text),
    Column("immediate", Boolean, nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("drafted_at", String(27), nullable=False),
    Column("feed_targets", Text, nullable=False, comment="ids of its deliveries to feeds"),
    comment="Posts as drafted and edited; folded from publishing's events",
)

feed_target = Table(
    "feed_target",
    metadata,
    Column("delivery_id", String(36), primary_key=True),
    Column("publication_id", String(36), nullable=False),
    Column("account", String(63), nullable=False),
    Column("text", Text),
    Column("sent_at", String(27), comment="the feed shows it from then on"),
    Index("feed_order", "account", "sent_at"),
    Index("feed_when", "sent_at", "delivery_id"),
    Index("feed_publication", "publication_id", "sent_at"),
    comment="Posts' deliveries to feeds; folded from publishing's events",
)

clock = Table(
    "clock",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("rule", String(40), primary_key=True),
    Column("bound", String(15), nullable=False),
    Column("state", String(10), nullable=False, comment="running, paused, met, ended or ran_out"),
    Column("last_day", String(10), nullable=False),
    Column("due", String(27), nullable=False),
    Column("in_time", Boolean, comment="of one that was met"),
    comment="The law's clocks of each case; folded from routing's events",
)

calendar = Table(
    "calendar",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("content", Text, nullable=False, comment="canonical JSON"),
    comment="Versions of the calendar of days off; folded from routing's events",
)

officer = officer_table(metadata)
unit_edition = unit_table(metadata)
