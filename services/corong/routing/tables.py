"""Routing's tables: each is folded from one writer's events."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

from corong.runtime.officer_rows import officer_table
from corong.runtime.unit_rows import unit_table

metadata = MetaData()

registered = Table(
    "registered",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("conversation_id", String(36), nullable=False),
    Column("person", String(32), nullable=False),
    Column("channel", String(63), nullable=False),
    Column("account", String(63), nullable=False),
    Column("visibility", String(8), nullable=False),
    Column("declared_kind", String(30)),
    Column("message_id", String(36), nullable=False, server_default=""),
    Column("received_at", String(27), nullable=False, server_default=""),
    comment="What intake said of a case; folded from case.registered",
)

follow_up = Table(
    "follow_up",
    metadata,
    Column("message_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Column("received_at", String(27), nullable=False),
    Column("automatic", Boolean, nullable=False),
    Index("follow_up_case", "case_id", "received_at"),
    comment="The citizen's later messages; folded from message.received",
)

case = Table(
    "case",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("unit", String(63), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("tier", String(20)),
    Column("priority", String(10), nullable=False),
    Column("holder", String(63)),
    Column("lease_until", String(27)),
    Column("state", String(20), nullable=False, server_default="registered"),
    Column("before", String(20), comment="of a closed case: the state to which a reopening returns"),
    Column("outcome", String(20)),
    Column("decision", String(20)),
    Column("decision_id", String(36), comment="proposed or given"),
    Column("message_id", String(36), comment="the message that is the case, where it isn't the first"),
    Column("received_at", String(27)),
    Column("asked_at", String(27), comment="when the applicant was asked for what is missing"),
    Column("request_id", String(36)),
    Column("ground", String(4), comment="of an objection: UU 14/2008 art. 35"),
    Column("objection_id", String(36)),
    Column("group_id", String(36)),
    Column("merged_into", String(36)),
    Column("disputed", String(8)),
    Column("public_answer", String(9), comment="published or withdrawn"),
    Index("case_lease", "lease_until"),
    Index("case_group", "group_id"),
    Index("case_merged", "merged_into"),
    comment="Where a case is and who holds it; folded from routing's own events",
)

split_off = Table(
    "split_off",
    metadata,
    Column("message_id", String(36), primary_key=True),
    Column("new_case", String(36), nullable=False),
    comment="Messages that became cases of their own; folded from routing's own events",
)

moved = Table(
    "moved",
    metadata,
    Column("message_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False, comment="where it is now; back where it came to, it has no row"),
    Index("moved_case", "case_id"),
    comment="Messages that are in another case than the one they came to; folded from routing's own events",
)

proposal = Table(
    "proposal",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("decision_id", String(36), nullable=False),
    Column("officer", String(63), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("finding", Text, nullable=False),
    Column("text_hash", String(80), nullable=False),
    Column("redactions", Text, comment="sealed"),
    Column("weighing", Text, nullable=False, comment="sealed"),
    Column("text", Text, nullable=False, comment="sealed"),
    comment="Refusals that wait for the superior's word; folded from routing's own events",
)

clock = Table(
    "clock",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("rule", String(40), primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("since", BigInteger, nullable=False, comment="the number of the event that gave it its deadline"),
    Column("state", String(8), nullable=False),
    Column("bound", String(12), nullable=False),
    Column("started", String(27), nullable=False),
    Column("zone", String(4), nullable=False),
    Column("pauses", Text, nullable=False, comment="JSON: reason, day of asking, day of the answer"),
    Column("extended", Boolean, nullable=False),
    Column("calendar", String(64), nullable=False),
    Column("last_day", String(10), nullable=False),
    Column("due", String(27), nullable=False),
    Column("remind_at", String(27), comment="until whom it binds was reminded"),
    Column("next_at", String(27), comment="when something is to be done; only of running ones"),
    Column("ended_by", String(40)),
    Column("paused_for", String(40)),
    Column("paused_on", String(10)),
    # What is due is found from the front of this index, however many are not.
    Index("clock_next", "next_at"),
    Index("clock_calendar", "state", "calendar", "last_day"),
    comment="running, paused, ran_out, met or ended; folded from routing's own events",
)

template = Table(
    "template",
    metadata,
    Column("kind", String(30), primary_key=True),
    Column("edition", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(80), nullable=False),
    Column("officer", String(63), comment="None: it comes with Corong"),
    Column("adopted_at", String(27), nullable=False),
    Column("content", Text, nullable=False),
    comment="The words of letters, each edition; folded from routing's own events",
)

wording = Table(
    "wording",
    metadata,
    Column("wording_id", String(36), primary_key=True),
    Column("edition", Integer, nullable=False),
    Column("unit", String(63), comment="None: everybody's"),
    Column("title", String(80), nullable=False),
    Column("text", Text, nullable=False),
    Column("officer", String(63), nullable=False),
    Column("adopted_at", String(27), nullable=False),
    Column("retired", Boolean, nullable=False),
    comment="Words that answers are written with, the newest edition of each; folded from routing's own events",
)

rules = Table(
    "rules",
    metadata,
    Column("edition", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
    Column("officer", String(63), comment="None: the file of the configuration folder"),
    Column("reason", Text, nullable=False),
    Column("changed_at", String(27), nullable=False),
    Column("content", Text, nullable=False),
    comment="The rules by which new cases are routed, each edition; folded from routing's own events",
)

calendar = Table(
    "calendar",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("in_force", String(10), nullable=False),
    Column("adopted_at", String(27), nullable=False),
    Column("content", Text, nullable=False),
    comment="The versions by which deadlines were counted; folded from routing's own events",
)

decree = Table(
    "decree",
    metadata,
    Column("number", String(300), primary_key=True),
    Column("officer", String(63), nullable=False),
    Column("entered_at", String(27), nullable=False),
    Column("content", Text, nullable=False),
    comment="Decrees on days off that officers entered; folded from routing's own events",
)

target = Table(
    "target",
    metadata,
    Column("rule", String(40), primary_key=True),
    Column("amount", Integer, comment="None: there is none any more"),
    Column("officer", String(63), nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_at", String(27), nullable=False),
    comment="Targets of clocks that officers set, the newest of each; folded from routing's own events",
)

obligation = Table(
    "obligation",
    metadata,
    Column("obligation_id", String(36), primary_key=True),
    Column("rule", String(40), nullable=False),
    Column("owed_to", String(10), nullable=False),
    Column("subject", Text, nullable=False),
    Column("year", Integer),
    Column("officer", String(63), comment="who recorded it; None: it began by itself"),
    Column("began_at", String(27), nullable=False),
    Column("state", String(8), nullable=False),
    Column("started", String(27), nullable=False),
    Column("zone", String(4), nullable=False),
    Column("calendar", String(64), nullable=False),
    Column("last_day", String(10), nullable=False),
    Column("due", String(27), nullable=False),
    Column("reminded", Boolean, nullable=False),
    Column("next_at", String(27), comment="when something is to be done; only of running ones"),
    Column("done_at", String(27)),
    Column("done_by", String(63)),
    Column("words", Text, comment="how it was met, or why nothing is owed"),
    Column("digest", String(64)),
    Column("position", BigInteger),
    Index("obligation_next", "next_at"),
    comment="What the government itself owes: running, ran_out, met or ended; folded from routing's own events",
)

officer = officer_table(metadata)
unit_edition = unit_table(metadata)
