"""clocks and calendars"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clock",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("bound", sa.String(length=15), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False, comment="running, paused, met, ended or ran_out"),
        sa.Column("last_day", sa.String(length=10), nullable=False),
        sa.Column("due", sa.String(length=27), nullable=False),
        sa.Column("in_time", sa.Boolean(), nullable=True, comment="of one that was met"),
        sa.PrimaryKeyConstraint("case_id", "rule"),
        comment="The law's clocks of each case; folded from routing's events",
    )
    op.create_table(
        "calendar",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False, comment="canonical JSON"),
        sa.PrimaryKeyConstraint("digest"),
        comment="Versions of the calendar of days off; folded from routing's events",
    )
