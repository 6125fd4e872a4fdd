"""lists by index"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.drop_index("case_due")
        batch_op.create_index("case_due", ["state", "due_at", "unit"], unique=False)
        batch_op.create_index(
            "case_ran_out", ["unit"], unique=False, sqlite_where=sa.text("ran_out IS 1"),
            postgresql_where=sa.text("ran_out IS TRUE"),
        )  # fmt: skip
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index("delivery_unit", ["unit", "state", "changed_at", "delivery_id"], unique=False)
    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.create_index("publication_state", ["kind", "state", "drafted_at"], unique=False)
