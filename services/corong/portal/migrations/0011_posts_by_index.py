"""posts by index"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("feed_target", schema=None) as batch_op:
        batch_op.create_index("feed_when", ["sent_at", "delivery_id"], unique=False)
        batch_op.create_index("feed_publication", ["publication_id", "sent_at"], unique=False)
