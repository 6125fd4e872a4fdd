"""what the government itself owes"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "obligation",
        sa.Column("obligation_id", sa.String(length=36), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("owed_to", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("officer", sa.String(length=63), nullable=True, comment="who recorded it; None: it began by itself"),
        sa.Column("began_at", sa.String(length=27), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("started", sa.String(length=27), nullable=False),
        sa.Column("zone", sa.String(length=4), nullable=False),
        sa.Column("calendar", sa.String(length=64), nullable=False),
        sa.Column("last_day", sa.String(length=10), nullable=False),
        sa.Column("due", sa.String(length=27), nullable=False),
        sa.Column("reminded", sa.Boolean(), nullable=False),
        sa.Column(
            "next_at", sa.String(length=27), nullable=True, comment="when something is to be done; only of running ones"
        ),
        sa.Column("done_at", sa.String(length=27), nullable=True),
        sa.Column("done_by", sa.String(length=63), nullable=True),
        sa.Column("words", sa.Text(), nullable=True, comment="how it was met, or why nothing is owed"),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("obligation_id"),
        comment="What the government itself owes: running, ran_out, met or ended; folded from routing's own events",
    )
    op.create_index("obligation_next", "obligation", ["next_at"], unique=False)
