"""Where a service's database is: whether one is there, kept aside, and a new one put there as a whole or not at all."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, text

from corong.auditing.head_file import sync_folder
from corong.runtime.database import AlreadyRunning, Database, being_restored
from corong.runtime.migrate import migrate, migrate_in

FREE = "SELECT bool_and(pg_try_advisory_lock(hashtextextended(name, 0))) FROM unnest(CAST(:names AS text[])) AS name"
PARTS = ("", "-wal", "-shm")
"""An SQLite database's files."""


class Place:
    """An SQLite file, or a PostgreSQL schema."""

    def __init__(self, url: str, service: str) -> None:
        self._url = url
        self._service = service
        database = Database(url, service)
        self._sqlite = database.is_sqlite
        self._file = Path(str(database.url.database)) if database.is_sqlite else Path()
        database.close()
        self.aside: str | None = None
        """Where the old one is, after `fresh`."""

    @property
    def name(self) -> str:
        """For people."""
        return str(self._file) if self._sqlite else f"the schema {self._service}"

    def exists(self) -> bool:
        """Whether there is one."""
        if self._sqlite:
            return self._file.exists()
        database = Database(self._url, self._service)
        try:
            with database.read() as connection:
                found = connection.execute(
                    text("SELECT 1 FROM pg_tables WHERE schemaname = :name LIMIT 1"), {"name": self._service}
                )
                return found.first() is not None
        finally:
            database.close()

    def broken_off(self) -> bool:
        """Whether a restore ended in the midst of putting it there."""
        return self._sqlite and being_restored(self._file).exists()

    @contextmanager
    def held(self, partitions: int) -> Iterator[None]:
        """Nobody works on it meanwhile, with whatever share of the partitions. Raises `AlreadyRunning`."""
        ranges = [f"{first}-{last}" for first in range(partitions) for last in range(first, partitions)]
        with ExitStack() as stack:
            if self._sqlite:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                known = [name for name in ranges if Path(f"{self._file}.{name}.lock").exists()]
                for name in {*known, f"0-{partitions - 1}"}:
                    handle = stack.enter_context(Path(f"{self._file}.{name}.lock").open("a"))
                    try:
                        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except OSError:
                        raise AlreadyRunning(f"{self._service} runs on this database: stop it first") from None
            else:
                database = Database(self._url, self._service)
                stack.callback(database.close)
                connection = stack.enter_context(database.reading.connect())
                free = connection.execute(
                    text(FREE),
                    {"names": [f"corong.{self._service}.{name}" for name in ranges]},
                ).scalar()
                connection.commit()
                stack.callback(lambda: connection.execute(text("SELECT pg_advisory_unlock_all()")))
                if not free:
                    raise AlreadyRunning(f"{self._service} runs on this database: stop it first")
            yield

    @contextmanager
    def fresh(self) -> Iterator[Connection]:
        """A transaction in a new database with its tables; in its place when the block ends well."""
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        if self._sqlite:
            yield from self._fresh_file(stamp)
        else:
            yield from self._fresh_schema(stamp)

    def _fresh_file(self, stamp: str) -> Iterator[Connection]:
        folder = self._file.parent / ".restoring"
        folder.mkdir(exist_ok=True)
        draft = folder / self._file.name
        for part in PARTS:
            Path(f"{draft}{part}").unlink(missing_ok=True)
        database = Database(f"sqlite:///{folder}", self._service)
        try:
            migrate(database)
            with database.write() as connection:
                yield connection
        finally:
            database.close()  # the last connection brings the WAL into the file
        # From here to the end a start would find no database, and begin a new one: the mark keeps it from that.
        mark = being_restored(self._file)
        mark.touch()
        sync_folder(mark.parent)
        if self._file.exists():
            aside = f"{self._file}.aside-{stamp}"
            for part in ("-wal", "-shm", ""):
                if Path(f"{self._file}{part}").exists():
                    os.replace(f"{self._file}{part}", f"{aside}{part}")
            self.aside = aside
        for part in PARTS[1:]:
            Path(f"{self._file}{part}").unlink(missing_ok=True)
        os.replace(draft, self._file)
        sync_folder(self._file.parent)
        mark.unlink()
        sync_folder(mark.parent)

    def _fresh_schema(self, stamp: str) -> Iterator[Connection]:
        there = self.exists()
        aside = f"{self._service}_aside_{stamp.lower()}"
        database = Database(self._url, self._service)
        try:
            with database.write() as connection:
                owner = self._owner(connection)
                if there:
                    connection.execute(text(f'ALTER SCHEMA "{self._service}" RENAME TO "{aside}"'))
                if there or not self._schema(connection):
                    connection.execute(text(f'CREATE SCHEMA "{self._service}" AUTHORIZATION {owner}'))
                connection.execute(text(f"SET LOCAL ROLE {owner}"))
                migrate_in(connection, self._service)
                yield connection
        finally:
            database.close()
        self.aside = aside if there else None

    def _owner(self, connection: Connection) -> str:
        """Whose schema it is, or is to be: the service's own role (deploy/postgres.sql), where there is one. Quoted."""
        role = text(
            "SELECT quote_ident(coalesce("
            "(SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = :name), "
            "(SELECT rolname FROM pg_roles WHERE rolname = 'corong_' || :name), current_user))"
        )
        return str(connection.execute(role, {"name": self._service}).scalar_one())

    def _schema(self, connection: Connection) -> bool:
        there = text("SELECT 1 FROM pg_namespace WHERE nspname = :name")
        return connection.execute(there, {"name": self._service}).first() is not None
