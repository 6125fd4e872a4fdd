"""The desk's tables: each is folded from one writer's events, and joined with the others when read."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text, false, text

from corong.runtime.officer_rows import officer_table
from corong.runtime.unit_rows import unit_table

metadata = MetaData()

BANDS = 7
MEASURES = (
    "received", "unneeded", "answered", "late", "waiting", "overdue", *(f"band{number}" for number in range(BANDS)),
)  # fmt: skip
"""What is counted of cases; the bands are of the time up to the first answer (`tallying.BAND_HOURS`)."""
QUEUE_NUMBERS = ("open", "answered", "closed", "urgent", "unanswered")
"""What is counted of a unit's queue; the last two of cases that are not closed."""

registered = Table(
    "registered",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("registration", String(30), nullable=False, unique=True),
    Column("channel", String(63), nullable=False),
    Column("account", String(63), nullable=False),
    Column("visibility", String(8), nullable=False),
    Column("person", String(32), nullable=False),
    Column("related_case", String(36)),
    Column("registered_at", String(27), nullable=False),
    Column("demo", Boolean, nullable=False),
    Index("registered_person", "person"),
    Index("registered_when", "registered_at", "case_id"),
    comment="Cases as registered; folded from intake's events",
)

written = Table(
    "written",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("messages", Integer, nullable=False),
    Column("last_at", String(27)),
    comment="How many messages a case has, and when a person wrote the last; folded from intake's events",
)

case = Table(
    "case",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("unit", String(63), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("priority", String(10), nullable=False),
    Column("urgency", Integer, nullable=False, comment="0 is the most urgent, for sorting"),
    Column("holder", String(63)),
    Column("lease_until", String(27)),
    Column("state", String(10), nullable=False),
    Column("rule", String(80), nullable=False),
    Column("reasons", Text, nullable=False),
    Column("routed_at", String(27), nullable=False),
    Column("answered_at", String(27)),
    Column("life", String(20), nullable=False, server_default="registered", comment="how far the case is, by the law"),
    Column("tier", String(20)),
    Column("outcome", String(20)),
    Column("decision", String(20)),
    Column("request_id", String(36), comment="of an objection"),
    Column("ground", String(4), comment="of an objection: UU 14/2008 art. 35"),
    Column("objection_id", String(36)),
    Column("group_id", String(36)),
    Column("merged_into", String(36)),
    Column("due_at", String(27), comment="when the office is late; None while nothing runs"),
    Column("first_answer", String(27), comment="when the first answer was given"),
    Column("ran_out", Boolean, nullable=False, server_default=false(), comment="the time ran out, at least once"),
    Column("partition", Integer, nullable=False, server_default="0", comment="of the events about the case"),
    Index("case_due", "state", "due_at", "unit"),
    Index("case_queue", "unit", "state", "urgency", "routed_at", "case_id"),
    Index("case_state", "state", "urgency", "routed_at", "case_id"),
    Index("case_holder", "holder", "state", "urgency", "routed_at", "case_id"),
    Index("case_answered", "state", "answered_at", "unit", "case_id"),
    Index("case_kind", "kind", "state", "urgency", "routed_at", "case_id"),
    Index("case_ran_out", "unit", sqlite_where=text("ran_out IS 1"), postgresql_where=text("ran_out IS TRUE")),
    comment="Where a case is: open, answered or closed; folded from routing's events",
)

tally = Table(
    "tally",
    metadata,
    Column("demo", Boolean, primary_key=True),
    Column("scope", String(63), primary_key=True, comment="a unit; empty: all of them"),
    Column("month", String(10), primary_key=True, comment="of the receipt: a bucket of desk/months.py"),
    Column("sort", String(7), primary_key=True, comment="what is told apart: unit, kind or channel"),
    Column("value", String(70), primary_key=True, comment="the unit, kind or channel"),
    Column("partition", Integer, primary_key=True, autoincrement=False, comment="so that no two processes share a row"),
    *(Column(name, Integer, nullable=False) for name in MEASURES),
    comment="How many cases: sums over each case's rows of registered and case",
    info={"of_many": True},
)

queue_sum = Table(
    "queue_sum",
    metadata,
    Column("unit", String(63), primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False, comment="so that no two processes share a row"),
    *(Column(name, Integer, nullable=False) for name in QUEUE_NUMBERS),
    comment="How many cases a unit's queue has: sums over each case's rows of case and written",
    info={"of_many": True},
)

decision = Table(
    "decision",
    metadata,
    Column("decision_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Column("state", String(10), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("officer", String(63), nullable=False),
    Column("approved_by", String(63)),
    Column("finding", Text, nullable=False),
    Column("text_hash", String(80), nullable=False),
    Column("at", String(27), nullable=False),
    Column("redactions", Text, comment="sealed"),
    Column("weighing", Text, comment="sealed"),
    Column("text", Text, comment="sealed"),
    Index("decision_case", "case_id", "at"),
    comment="Decisions: proposed, returned or given; folded from routing's events",
)

clock = Table(
    "clock",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("rule", String(40), primary_key=True),
    Column("state", String(8), nullable=False),
    Column("bound", String(12), nullable=False),
    Column("main", Boolean, nullable=False, comment="the office is late by it"),
    Column("due", String(27), nullable=False),
    Column("count", Text, nullable=False, comment="JSON: all that it is counted from"),
    Column("paused_for", String(40)),
    Column("paused_on", String(10)),
    Column("met_at", String(27)),
    comment="The law's clocks of cases; folded from routing's events",
)

entry = Table(
    "entry",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("service", String(20), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(27), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("event_id", String(36), nullable=False),
    Column("sealed", Text),
    Column("sender", Text, comment="Of a message: who wrote, sealed"),
    Column("data", Text, nullable=False),
    comment="The thread of a case, and the steps of a post; one row for each event",
)

mention = Table(
    "mention",
    metadata,
    Column("officer", String(63), primary_key=True, comment="who is mentioned"),
    Column("event_id", String(36), primary_key=True, comment="of the note"),
    Column("case_id", String(36), nullable=False),
    Column("by", String(63), nullable=False),
    Column("at", String(27), nullable=False),
    Index("mention_case", "officer", "case_id"),
    Index("mention_at", "officer", "at"),
    comment="Officers whom a note is for; folded from case.noted",
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


publication = Table(
    "publication",
    metadata,
    Column("publication_id", String(36), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("unit", String(63)),
    Column("case_id", String(36)),
    Column("cause", String(36), nullable=False, comment="The event that led to it"),
    Column("author", String(80), nullable=False),
    Column("label", String(12)),
    Column("immediate", Boolean, nullable=False),
    Column("title", Text),
    Column("text", Text),
    Column("text_hash", String(80), nullable=False),
    Column("approved_by", String(63)),
    Column("publish_at", String(27)),
    Column("state", String(10), nullable=False),
    Column("drafted_at", String(27), nullable=False),
    Column("deliveries", Text, nullable=False),
    Column("words", Text, comment="Of a reply or a receipt: what goes out, sealed"),
    Index("publication_list", "kind", "drafted_at"),
    Index("publication_unit", "kind", "unit", "drafted_at"),
    Index("publication_state", "kind", "state", "drafted_at"),
    Index("publication_case", "case_id"),
    comment="Posts, replies and receipts; folded from publishing's events",
)

document = Table(
    "document",
    metadata,
    Column("document_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Column("publication_id", String(36)),  # a receipt goes with none
    Column("kind", String(30), nullable=False),
    Column("title", String(120), nullable=False),
    Column("template", String(80), nullable=False),
    Column("edition", Integer, nullable=False),
    Column("made_at", String(27), nullable=False),
    Column("key", String(64), nullable=False),
    Column("file", String(80), nullable=False, comment="digest of the sealed bytes"),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(127), nullable=False),
    Column("digest", Text, nullable=False, comment="sealed: of the pages themselves"),
    Index("document_case", "case_id", "made_at"),
    comment="Letters that went with replies; folded from publishing's events",
)

delivery = Table(
    "delivery",
    metadata,
    Column("delivery_id", String(36), primary_key=True),
    Column("publication_id", String(36), nullable=False),
    Column("case_id", String(36)),
    Column("kind", String(8), nullable=False),
    Column("unit", String(63)),
    Column("channel", String(63), nullable=False),
    Column("account", String(63), nullable=False),
    Column("state", String(8), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("carried", Text, comment="By this it can be found on the network"),
    Column("code", String(80)),
    Column("url", Text),
    Column("text", Text),
    Column("changed_at", String(27), nullable=False),
    Index("delivery_case", "case_id"),
    Index("delivery_state", "state", "changed_at", "delivery_id"),
    Index("delivery_unit", "unit", "state", "changed_at", "delivery_id"),
    Index("delivery_publication", "publication_id"),
    comment="Where each publication went; folded from publishing's events",
)

officer = officer_table(metadata)
unit_edition = unit_table(metadata)
