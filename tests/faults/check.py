"""Reads the books after a storm: what must be true, each as a sentence that is empty or says what is wrong."""

import importlib
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

from corong.runtime.database import Database
from corong.runtime.rebuild import rebuild, state_hash
from corong_contracts.base import SERVICES, AnyEvent
from corong_contracts.catalogue import decode
from corong_contracts.topology import READS

FOLDING = SERVICES


class Books:
    """The databases of a hub on SQLite."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def ask(self, service: str, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a service's database, read beside a running hub."""
        database = sqlite3.connect(f"file:{self._data / 'db' / f'{service}.sqlite'}?mode=ro", uri=True, timeout=15)
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()

    def quiet(self, messages: int) -> bool:
        """All messages are in, everybody has read everything, and no delivery is on its way."""
        if self.ask("intake", "SELECT count(*) FROM seen")[0][0] < messages:
            return False
        heads = {}
        for service in SERVICES:
            for partition, last, relayed in self.ask(service, "SELECT partition, last, relayed FROM writer"):
                if last != relayed:
                    return False
                heads[f"{service}.{partition:02d}"] = last
        for service in SERVICES:
            taken = dict(self.ask(service, "SELECT writer, taken FROM inbox"))
            wanted = [name for name in heads if name.split(".")[0] in READS[service]]
            if any(taken.get(name, 0) < heads[name] for name in wanted):
                return False
        moving = "SELECT count(*) FROM delivery WHERE state IN ('ready', 'sending', 'unknown')"
        return bool(self.ask("publishing", moving)[0][0] == 0)

    def events(self) -> list[AnyEvent]:
        """The log, in its order."""
        return [decode(body) for (body,) in self.ask("auditing", "SELECT body FROM entry ORDER BY position")]

    def by_writer(self) -> list[AnyEvent]:
        """The log, writer by writer."""
        return sorted(self.events(), key=lambda event: (event.writer, event.number))

    def wrong_log(self) -> list[str]:
        """Every writer's numbers run from 1 to the last without a hole, and each registers' sequence too."""
        found = []
        reached: Counter[str] = Counter()
        for event in self.by_writer():
            reached[event.writer] += 1
            if event.number != reached[event.writer]:
                found.append(f"{event.writer}: {event.number} where {reached[event.writer]} should be")
                break
        for service in SERVICES:
            for partition, last in self.ask(service, "SELECT partition, last FROM writer WHERE last > 0"):
                if reached[f"{service}.{partition:02d}"] != last:
                    found.append(
                        f"{service}.{partition:02d}: {reached[f'{service}.{partition:02d}']} of {last} in the log"
                    )
        numbers: dict[tuple[str, int], list[int]] = {}
        for event in self.events():
            if event.type == "id.corong.case.registered.v1":
                data: Any = event.data
                numbers.setdefault((data.book, data.year), []).append(data.sequence)
        found += [
            f"register {book} {year}: not 1 to {len(given)}"
            for (book, year), given in numbers.items()
            if sorted(given) != list(range(1, len(given) + 1))
        ]
        return found

    def wrong_cases(self, messages: int) -> list[str]:
        """Each message has one case."""
        found = []
        received = [event for event in self.events() if event.type == "id.corong.message.received.v1"]
        registered = [event for event in self.events() if event.type == "id.corong.case.registered.v1"]
        keys = Counter(getattr(event.data, "native_key", "") for event in received)
        if len(keys) != messages:
            found.append(f"{messages - len(keys)} messages lost")
        doubled = [key for key, times in keys.items() if times > 1]
        if doubled or len(registered) != len(keys):
            found.append(f"{len(doubled)} messages doubled, {len(registered)} cases for {len(keys)} messages")
        return found

    def wrong_parked(self) -> list[str]:
        """Nothing had to be put aside."""
        return [
            f"{service}: parked {reason}"
            for service in SERVICES
            for (reason,) in self.ask(service, "SELECT reason FROM parked LIMIT 3")
        ]

    def wrong_state(self) -> list[str]:
        """Each service's tables hash like those that are folded from the log alone."""
        found = []
        events = self.by_writer()
        for service in FOLDING:
            state = importlib.import_module(f"corong.{service}.state")
            database = Database(f"sqlite:///{self._data / 'db'}", service)
            try:
                with database.read() as connection:
                    live = state_hash(connection, state.metadata)
            finally:
                database.close()
            if rebuild(state.metadata, state.apply, state.FOLDS, service, events) != live:
                found.append(f"{service}: state is not what the log says")
        return found
