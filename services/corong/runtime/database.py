"""A service's own database: an SQLite file, or a schema in PostgreSQL; one setting chooses.

SQLite: WAL with synchronous=FULL: NORMAL loses acknowledged commits when the power is cut.
"""

import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from corong.runtime.statements import as_sqlalchemys

SECURE_DELETE = "ON"
"""What is deleted is overwritten with zeros (sqlite.org/pragma.html#pragma_secure_delete), where an erasure deletes."""
ERASED_FROM = ("keys", "desk")
"""The key store, and the desk for its search."""
SCRUB_SECONDS = 5.0
"""How long a reader may hold up the cutting of the write-ahead log, before it is tried again later."""


class NotNow(RuntimeError):
    """Work that can't be done as things stand, and must not be given up: it is tried again until it can."""


class BeingRestored(RuntimeError):
    """A restore of this database was broken off."""


def being_restored(file: Path) -> Path:
    """The mark that a restore leaves while an SQLite database is out of its place."""
    return file.with_name(f"{file.name}.restoring")


class AlreadyRunning(RuntimeError):
    """Another process of this service works on this database."""


class Database:
    """Engines for one service: one connection that writes, others that read.

    `url` is `sqlite:///folder` (a file for each service in it) or a PostgreSQL URL (a schema for each service).
    """

    def __init__(self, url: str, service: str) -> None:
        self.service = service
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._locks: list[IO[str] | Connection] = []
        self.url = _sqlite_file(parsed, service) if self.is_sqlite else parsed
        self.writing = self._engine(size=1, immediate=True)
        self.reading = self._engine(size=4, immediate=False)

    def _engine(self, size: int, immediate: bool) -> Engine:
        if not self.is_sqlite:
            options = f"-csearch_path={self.service} -cidle_in_transaction_session_timeout=60000"
            return create_engine(
                self.url,
                pool_size=size,
                max_overflow=0,
                pool_pre_ping=True,
                hide_parameters=True,
                connect_args={"options": options},
            )
        # Threads of one pool hand connections around; a transaction stays in one thread all the same.
        engine = create_engine(
            self.url,
            pool_size=size,
            max_overflow=0,
            hide_parameters=True,
            connect_args={"check_same_thread": False, "timeout": 15.0},
        )

        @event.listens_for(engine, "connect")
        def _configure(dbapi: Any, _record: object) -> None:
            dbapi.isolation_level = None  # we say BEGIN ourselves, see below
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-16000"):
                dbapi.execute(f"PRAGMA {pragma}")
            if self.service in ERASED_FROM:
                dbapi.execute(f"PRAGMA secure_delete={SECURE_DELETE}")

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            # IMMEDIATE takes the write lock at once: a deferred one can fail half-way with SQLITE_BUSY.
            sql = "BEGIN IMMEDIATE" if immediate else "BEGIN"
            try:
                connection.connection.driver_connection.execute(sql)  # type: ignore[union-attr]  # sqlite3's
            except sqlite3.Error as error:
                raise as_sqlalchemys(connection, sql, error) from error

        return engine

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes; committed at the end, rolled back on an error."""
        with self.writing.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with self.reading.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """As `read`, and every statement sees the same moment, on PostgreSQL too; for what takes long to read."""
        level = None if self.is_sqlite else "REPEATABLE READ"
        engine = self.reading if level is None else self.reading.execution_options(isolation_level=level)
        with engine.begin() as connection:
            yield connection

    def create_schema(self) -> None:
        """Make the folder or the schema; the tables are alembic's. Raises `BeingRestored`."""
        if self.is_sqlite:
            file = Path(str(self.url.database))
            if being_restored(file).exists():
                raise BeingRestored(f"{file} is being restored, and that is not finished: run the restore again")
            file.parent.mkdir(parents=True, exist_ok=True)
            return
        with self.writing.begin() as connection:
            # Asked first: CREATE … IF NOT EXISTS needs the right to create even where there is nothing to do, and a
            # service's own role has only its schema (deploy/postgres.sql).
            there = text("SELECT 1 FROM pg_namespace WHERE nspname = :name")
            if connection.execute(there, {"name": self.service}).first() is None:
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('corong.schema', 0))"))
                connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{self.service}"'))

    def own(self, what: str) -> None:
        """Hold the right to work on `what` (a range of partitions) until `close`; it ends with the process too.

        Raises `AlreadyRunning`.
        """
        if self.is_sqlite:
            handle = Path(f"{self.url.database}.{what}.lock").open("w")  # noqa: SIM115  # kept open: it is the lock
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                handle.close()
                raise AlreadyRunning(f"another process already runs {self.service} ({what}) on this database") from None
            handle.write(str(os.getpid()))
            handle.flush()
            self._locks.append(handle)
            return
        connection = self.reading.connect()
        name = f"corong.{self.service}.{what}"
        held = connection.execute(text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))"), {"name": name})
        if not held.scalar():
            connection.close()
            raise AlreadyRunning(f"another process already runs {self.service} ({what}) on this database")
        connection.commit()
        self._locks.append(connection)

    def cut_log(self) -> bool:
        """Cut SQLite's write-ahead log to nothing, for what was overwritten is in it too; False: try again later."""
        deadline = time.monotonic() + SCRUB_SECONDS
        while True:
            connection = self.writing.raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                (busy, _, _) = cursor.fetchone() or (1, 0, 0)
            finally:
                connection.close()
            if not busy:
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)

    def close(self) -> None:
        """Let connections and the ownership go."""
        while self._locks:
            self._locks.pop().close()
        self.writing.dispose()
        self.reading.dispose()


def _sqlite_file(url: URL, service: str) -> URL:
    folder = Path(url.database or ".")
    return url.set(database=str(folder / f"{service}.sqlite"))


_SQLITE_ERROR = 1
"""SQLITE_ERROR of sqlite.org/rescode.html: a fault of the statement; sqlite3 raises it as an OperationalError too."""


_LOCKED = {"40P01", "55P03"}
"""deadlock_detected and lock_not_available of PostgreSQL's appendix A."""


def is_locked(error: BaseException) -> bool:
    """Whether another process held a row that this one could not wait for."""
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) in _LOCKED


def may_pass(error: BaseException) -> bool:
    """Whether the database is only away, busy or too old: the same work tried again may succeed."""
    if isinstance(error, NotNow | ConnectionError):
        return True
    if isinstance(error, OperationalError):
        return getattr(error.orig, "sqlite_errorcode", None) != _SQLITE_ERROR
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, InterfaceError | PoolTimeout)
