"""The desk's tables: each is folded from one writer's events, and joined with the others when read."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

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
    Index("case_queue", "unit", "state", "urgency", "routed_at", "case_id"),
    Index("case_state", "state", "urgency", "routed_at", "case_id"),
    comment="Where a case is: open, answered or closed; folded from routing's events",
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
    Index("publication_list", "kind", "drafted_at"),
    Index("publication_unit", "kind", "unit", "drafted_at"),
    Index("publication_case", "case_id"),
    comment="Posts, replies and receipts; folded from publishing's events",
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
    Index("delivery_publication", "publication_id"),
    comment="Where each publication went; folded from publishing's events",
)
