"""For developers: `python -m corong.runtime.migrations.generate SERVICE NUMBER MESSAGE` writes a version file."""

import importlib
import sys
import tempfile
from pathlib import Path

from corong.runtime import tables
from corong.runtime.database import Database
from corong.runtime.migrate import migrate, new_version, versions_of


def main(service: str, number: str, message: str) -> None:
    """Compare the tables in code with a fresh database at the newest version, and write the difference."""
    if service == "keys":
        metadata = [importlib.import_module("corong.runtime.keys").metadata]
    elif service == "channels":
        metadata = [importlib.import_module("corong.channels.runner").metadata]
    else:
        metadata = [importlib.import_module(f"corong.{service}.state").metadata, tables.metadata]
    versions_of(service).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder)}", service)
        database.create_schema()
        migrate(database)
        new_version(database, metadata, message, number)


if __name__ == "__main__":
    main(*sys.argv[1:])
