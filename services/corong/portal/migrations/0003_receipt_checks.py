"""receipt checks"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("registered", schema=None) as batch_op:
        batch_op.add_column(sa.Column("receipt_check", sa.String(length=64), server_default="", nullable=False))
        batch_op.alter_column("receipt_check", server_default=None)
