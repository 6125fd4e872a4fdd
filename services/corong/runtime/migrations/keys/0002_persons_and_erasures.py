"""persons and erasures"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("pseudonym", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("pseudonym"),
        comment="Keyed pseudonym of an address → the random id that stands in events; gone when the person is erased",
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_person"), ["person"], unique=False)

    op.create_table(
        "era",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "revision",
            sa.BigInteger(),
            nullable=False,
            comment="moves with every erasure and every change of wrapping",
        ),
        sa.Column(
            "erasures",
            sa.BigInteger(),
            nullable=False,
            comment="how many decisions of the log have been carried out here",
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="One row: what a process has in memory is good for as long as this stays",
    )
    op.create_table(
        "rotation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("old", sa.String(length=16), nullable=False),
        sa.Column("new", sa.String(length=16), nullable=False),
        sa.Column("keys", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.String(length=27), nullable=False),
        sa.Column("finished_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        comment="Changes of the deployment's key; auditing writes each into the log",
    )
    with op.batch_alter_table("key", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "wrapper", sa.String(length=16), server_default="", nullable=False, comment="under which deployment key"
            )
        )
        batch_op.add_column(
            sa.Column("erased_at", sa.String(length=27), nullable=True, comment="when the decision to erase was taken")
        )
        batch_op.add_column(
            sa.Column("erasure", sa.String(length=36), nullable=True, comment="the decision, as the log has it")
        )
        batch_op.add_column(sa.Column("basis", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("schedule", sa.String(length=40), nullable=True))
        batch_op.create_index(batch_op.f("ix_key_erasure"), ["erasure"], unique=False)
