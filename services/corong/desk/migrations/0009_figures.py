"""figures

Cases of before are counted when the tables are folded again (docs/restore.md).
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MEASURES = ("received", "unneeded", "answered", "late", "waiting", "overdue", *(f"band{number}" for number in range(7)))


def upgrade() -> None:
    op.create_table(
        "tally",
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("scope", sa.String(length=63), nullable=False, comment="a unit; empty: all of them"),
        sa.Column("month", sa.String(length=10), nullable=False, comment="of the receipt: a bucket of desk/months.py"),
        sa.Column("sort", sa.String(length=7), nullable=False, comment="what is told apart: unit, kind or channel"),
        sa.Column("value", sa.String(length=70), nullable=False, comment="the unit, kind or channel"),
        sa.Column(
            "partition", sa.Integer(), autoincrement=False, nullable=False,
            comment="so that no two processes share a row",
        ),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in MEASURES),
        sa.PrimaryKeyConstraint("demo", "scope", "month", "sort", "value", "partition"),
        comment="How many cases: sums over each case's rows of registered and case",
    )  # fmt: skip
    with op.batch_alter_table("registered", schema=None) as batch_op:
        batch_op.create_index("registered_when", ["registered_at", "case_id"], unique=False)
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("first_answer", sa.String(length=27), nullable=True, comment="when the first answer was given")
        )
        batch_op.add_column(
            sa.Column(
                "ran_out", sa.Boolean(), nullable=False, server_default=sa.false(),
                comment="the time ran out, at least once",
            )
        )  # fmt: skip
        batch_op.add_column(
            sa.Column(
                "partition", sa.Integer(), nullable=False, server_default="0", comment="of the events about the case"
            )
        )
