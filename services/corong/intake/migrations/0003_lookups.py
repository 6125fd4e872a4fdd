"""lookups"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lookup",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("native_key", sa.String(length=32), nullable=True, comment="null: its sender was erased"),
        sa.Column("person", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("key"),
        comment="Keyed pseudonym of a network's id → what events call that message; not folded, cut by an erasure",
    )
    with op.batch_alter_table("lookup", schema=None) as batch_op:
        batch_op.create_index("lookup_person", ["person"], unique=False)

    op.create_table(
        "mention",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("native_key", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("key", "native_key"),
        comment="The same for the messages that a person's message answered, taken or not; gone with an erasure",
    )
    with op.batch_alter_table("mention", schema=None) as batch_op:
        batch_op.create_index("mention_person", ["person"], unique=False)
