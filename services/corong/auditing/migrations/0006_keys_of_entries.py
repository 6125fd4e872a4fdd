"""keys of entries"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

AT_ONCE = 5000


def upgrade() -> None:
    op.create_table(
        "entry_key",
        sa.Column("tier", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("tier", "key", "position"),
        comment="By the hash of its id and of its case where an entry stands; new ones are moved on in bulk",
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        _new_entries(connection)
    else:
        op.drop_constraint("entry_id_key", "entry", type_="unique")
        op.drop_index("entry_case", "entry")
    _fill(connection)


def _new_entries(connection: sa.Connection) -> None:
    """The position is the row's own number in SQLite: no index of its own."""
    names = "position, id, writer, number, type, case_id, actor, time, body"
    connection.exec_driver_sql("DROP INDEX entry_case")
    connection.exec_driver_sql("DROP INDEX entry_writer")
    connection.exec_driver_sql("ALTER TABLE entry RENAME TO entry_before")
    op.create_table(
        "entry",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("writer", sa.String(length=40), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("time", sa.String(length=27), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
        comment="Every event once, its exact canonical bytes, in the order in which it came",
    )
    connection.exec_driver_sql(f"INSERT INTO entry ({names}) SELECT {names} FROM entry_before ORDER BY position")  # noqa: S608  # ours
    connection.exec_driver_sql("DROP TABLE entry_before")
    op.create_index("entry_writer", "entry", ["writer", "number"], unique=True)


def _fill(connection: sa.Connection) -> None:
    from corong.auditing import entry_keys

    after = -1
    while True:
        rows = connection.execute(
            sa.text("SELECT position, id, case_id FROM entry WHERE position > :after ORDER BY position LIMIT :most"),
            {"after": after, "most": AT_ONCE},
        ).all()
        if not rows:
            return
        entry_keys.add(connection, [(row.position, row.id, row.case_id) for row in rows])
        after = rows[-1].position
