"""For developers: `python -m corong.runtime.migrations.generate SERVICE NUMBER MESSAGE` writes a version file."""

import importlib
import sys
import tempfile
from pathlib import Path

from sqlalchemy import MetaData

from corong.runtime import tables
from corong.runtime.database import Database
from corong.runtime.migrate import migrate, new_version, versions_of


def metadata_of(service: str) -> list[MetaData]:
    """The tables of a service as the code has them; `keys` is the key store."""
    if service == "keys":
        return [importlib.import_module("corong.runtime.key_tables").metadata]
    if service == "channels":
        return [importlib.import_module("corong.channels.runner").metadata]
    state = importlib.import_module(f"corong.{service}.state")
    # What is not folded from events has its own tables: the log, lookups, sign-in, drafts, preferences, reports' book.
    kept = [state.log_metadata] if service == "auditing" else []
    if service == "intake":
        kept = [importlib.import_module("corong.intake.lookups").lookup_metadata]
    if service == "desk":
        kept = [
            importlib.import_module("corong.desk.access.tables").access_metadata,
            importlib.import_module("corong.desk.drafts.tables").draft_metadata,
            importlib.import_module("corong.desk.preferences.tables").preference_metadata,
            importlib.import_module("corong.desk.search.tables").search_metadata,
            importlib.import_module("corong.desk.views.tables").views_metadata,
            importlib.import_module("corong.desk.reporting.kept_books").report_metadata,
        ]
    return [state.metadata, *kept, tables.metadata]


def main(service: str, number: str, message: str) -> None:
    """Compare the tables in code with a fresh database at the newest version, and write the difference."""
    metadata = metadata_of(service)
    versions_of(service).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder)}", service)
        database.create_schema()
        migrate(database)
        new_version(database, metadata, message, number)


if __name__ == "__main__":
    main(*sys.argv[1:])
