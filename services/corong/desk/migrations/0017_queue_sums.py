"""queue sums

The cases that there are are counted here, as the fold counts those that come.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

NUMBERS = ("open", "answered", "closed", "urgent", "unanswered")
COUNT = """
INSERT INTO queue_sum (unit, partition, open, answered, closed, urgent, unanswered)
SELECT unit, partition,
    SUM(CASE WHEN state = 'open' THEN 1 ELSE 0 END),
    SUM(CASE WHEN state = 'answered' THEN 1 ELSE 0 END),
    SUM(CASE WHEN state = 'closed' THEN 1 ELSE 0 END),
    SUM(CASE WHEN state <> 'closed' AND urgency = 0 THEN 1 ELSE 0 END),
    SUM(CASE WHEN state <> 'closed' AND (answered_at IS NULL OR last_at > answered_at) THEN 1 ELSE 0 END)
FROM "case" LEFT JOIN written ON written.case_id = "case".case_id
GROUP BY unit, partition
"""


def upgrade() -> None:
    op.create_table(
        "queue_sum",
        sa.Column("unit", sa.String(length=63), nullable=False),
        sa.Column(
            "partition", sa.Integer(), autoincrement=False, nullable=False,
            comment="so that no two processes share a row",
        ),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in NUMBERS),
        sa.PrimaryKeyConstraint("unit", "partition"),
        comment="How many cases a unit's queue has: sums over each case's rows of case and written",
    )  # fmt: skip
    op.execute(COUNT)
