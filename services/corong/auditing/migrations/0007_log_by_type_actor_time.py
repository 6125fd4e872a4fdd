"""log by type, actor and time"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("entry_type", "entry", ["type", "position"], unique=False)
    op.create_index("entry_actor", "entry", ["actor", "position"], unique=False)
    op.create_index("entry_time", "entry", ["time", "position"], unique=False)
