"""Auditing's database at work, without a broker."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from corong.auditing import ledger, state
from corong.auditing.head_file import HeadFile
from corong.auditing.note import SigningKey
from corong.auditing.tree import Tree
from corong.runtime import tables
from corong.runtime.arrivals import Arrived
from corong_contracts.command import ReadLog
from tests.services.stores import Store, Works, make_keys

KEY = SigningKey("log.example/uji", b"k" * 32)


class Log:
    """Auditing's tables."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.works = Works(store, make_keys(folder), state.apply, "auditing")
        self.folder = folder
        self.tree = Tree(KEY, KEY.name, HeadFile(folder / "log-head"))
        with self.works.database.write() as connection:
            state.metadata.create_all(connection)
            state.log_metadata.create_all(connection)

    def append(self, *arrived: Arrived) -> None:
        self.works.commit(lambda unit: ledger.append(self.tree, unit, list(arrived)))

    def bodies(self) -> list[bytes]:
        with self.works.database.read() as connection:
            return list(ledger.bodies(connection))

    def rows(self, table: Any) -> list[dict[str, Any]]:
        with self.works.database.read() as connection:
            return [dict(row) for row in connection.execute(select(table)).mappings()]

    def page(self, **asked: Any) -> dict[str, Any]:
        with self.works.database.read() as connection:
            return ledger.page(connection, ReadLog(**asked))

    def pages(self, **asked: Any) -> list[dict[str, Any]]:
        """Page after page, to the end."""
        found: list[dict[str, Any]] = []
        after = 0
        for _ in range(1000):
            page = self.page(after=after, **asked)
            found += page["events"]
            if page["next"] is None:
                return found
            assert page["events"], "a page that is not the last one has something"
            assert page["next"] > after
            after = page["next"]
        raise AssertionError("pages without end")

    def clear(self) -> None:
        """As new."""
        with self.works.database.write() as connection:
            for metadata in (state.log_metadata, state.metadata, tables.metadata):
                for table in metadata.sorted_tables:
                    if table is not tables.writer:
                        connection.execute(table.delete())
        self.tree = Tree(KEY, KEY.name, HeadFile(self.folder / "log-head"))
        self.tree.head_file.path.unlink(missing_ok=True)
