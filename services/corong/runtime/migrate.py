"""Brings a service's database up to the newest version, by alembic; each service has its own line of versions."""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text

import corong
from corong.runtime.database import Database

PACKAGE = Path(corong.__file__).parent
ENVIRONMENT = PACKAGE / "runtime" / "migrations"

_ALEMBIC = threading.Lock()
"""Alembic keeps what it works on in its modules: one migration at a time in a process."""


class NotMigrated(RuntimeError):
    """A database is not of the newest version; the message says which command brings it there."""


def versions_of(service: str) -> Path:
    """The folder of a service's version files; the key store's are in the runtime."""
    own = PACKAGE / service
    return own / "migrations" if own.is_dir() else ENVIRONMENT / service


def config_of(service: str, connection: Connection | None = None) -> Config:
    """Alembic's configuration for one service."""
    config = Config()
    config.set_main_option("script_location", str(ENVIRONMENT))
    config.set_main_option("version_locations", str(versions_of(service)))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def migrate(database: Database) -> None:
    """Apply what is missing. One process at a time, and one thread."""
    with _ALEMBIC, _alone(database), database.writing.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('corong.migrate', 0))"))
        _upgrade(connection, database.service)


def migrate_in(connection: Connection, service: str) -> None:
    """As `migrate`, in a transaction that is open already: with what else is done in it, or not at all."""
    with _ALEMBIC:
        _upgrade(connection, service)


def _upgrade(connection: Connection, service: str) -> None:
    config = config_of(service, connection)
    context = MigrationContext.configure(connection, opts={"version_table": "schema_version"})
    if context.get_current_revision() != newest_version(service):
        command.upgrade(config, "head")


@cache
def newest_version(service: str) -> str:
    """The version to which a service's tables are brought by this code: files are numbered in their order."""
    return max(file.name for file in versions_of(service).glob("[0-9]*.py")).partition("_")[0]


def missing_version(database: Database) -> str | None:
    """What a database lacks, in words; None where it is of the newest version. Changes nothing.

    Raises the database's errors where it can't be reached.
    """
    if database.is_sqlite and not Path(str(database.url.database)).exists():
        return "not made yet"
    with database.read() as connection:
        current = MigrationContext.configure(
            connection, opts={"version_table": "schema_version"}
        ).get_current_revision()
    head = newest_version(database.service)
    return None if current == head else f"version {current or 'none'}, newest {head}"


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    if not database.is_sqlite:
        yield
        return
    with Path(f"{database.url.database}.migrate.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def new_version(database: Database, metadata: list[MetaData], message: str, number: str) -> None:
    """Write a new version file from the difference between the tables in code and a database (for developers)."""
    with database.writing.begin() as connection:
        config = config_of(database.service, connection)
        config.attributes["metadata"] = metadata
        command.revision(
            config, message=message, autogenerate=True, rev_id=number, version_path=str(versions_of(database.service))
        )
