"""Routing at work without a broker: its own handlers, tables and units, and a clock of the test's."""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, select

from corong.routing import state
from corong.routing.app import Routing
from corong.routing.cases import Case
from corong.routing.loading import Loader
from corong.runtime.directory import Directory
from corong.runtime.installation import example_folder
from corong.runtime.policy import Actor
from corong.runtime.unit import Draft, Secret, Unit
from corong_contracts.base import AnyEvent
from corong_contracts.case import CaseKind, CaseRegistered
from corong_contracts.case_life import CaseSplit
from corong_contracts.command import COMMANDS, Command
from corong_contracts.message import MessageReceived
from tests.services.stores import PARTITIONS, Store, Works, make_keys

NOW = datetime(2026, 3, 17, 16, 59, tzinfo=UTC)
"""23:59 in Asahan on the day before a week without a working day."""
UNIT, OTHER = "dinas-pupr", "dinas-kesehatan"
OFFICERS = {
    "unit": f"petugas-{UNIT}",
    "operator": f"operator-{UNIT}",
    "stranger": f"petugas-{OTHER}",
    "main": "ppid-utama",
    "superior": "atasan-ppid",
    "auditor": "auditor-inspektorat",
}
SPACE = UUID(int=0x70)


class Handlers:
    """What routing declares of itself, as a service would keep it."""

    def __init__(self, folder: Path, works: Works) -> None:
        self.whole = True
        self.works = works
        self.database = works.database
        self.settings = SimpleNamespace(lease_minutes=30, partitions=PARTITIONS)
        self.owned = range(PARTITIONS)
        directory = Directory.load(example_folder())
        self.installation: Any = SimpleNamespace(
            directory=directory,
            sealer=works.sealer,
            keys=works.sealer.keys,
            config_folder=example_folder(),
            clock=lambda: NOW,
        )
        self.commands: dict[type[Command], Any] = {}
        self.reactions: dict[str, Any] = {}

    def command(self, command: type[Command], decide: Any) -> None:
        """As `Service.command`."""
        self.commands[command] = decide

    def query(self, command: type[Command], read: Any) -> None:
        """As `Service.query`."""
        self.commands[command] = read

    def reacts(self, payload: Any, *, needs: Any = None, opens: Any = None) -> Callable[[Any], Any]:
        """As `Service.reacts`."""
        return lambda handler: self.reactions.setdefault(payload.type, handler)

    def hears(self, payload: Any, handler: Any) -> None:
        """As `Service.hears`; routing hears nothing of its own."""

    def before_start(self, begin: Callable[[], None]) -> None:
        """As `Service.before_start`; the tables are there."""
        begin()

    def every(self, seconds: float, job: Any) -> None:
        """As `Service.every`; the test calls the job."""

    def loop(self, run: Any) -> None:
        """As `Service.loop`; the test does the work."""


class Town:
    """Routing's handlers on a store; one for a module."""

    def __init__(self, store: Store | None = None, folder: Path | None = None) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="corong-town-")
        self.folder = folder or Path(self._temporary.name)
        self.works = Works(store or Store(f"sqlite:///{self.folder}"), make_keys(self.folder), state.apply)
        with self.works.database.write() as connection:
            state.metadata.create_all(connection)
        self.handlers = Handlers(self.folder, self.works)
        self.routing = Routing(self.handlers)  # type: ignore[arg-type]  # as much of a service as routing asks of it
        self.load = Loader(self.works.sealer.keys)

    @cached_property
    def directory(self) -> Directory:
        """The example regency."""
        found: Directory = self.handlers.installation.directory
        return found

    def close(self) -> None:
        """Let go of the files."""
        self.works.database.close()
        self._temporary.cleanup()

    def day(self, connection: Connection, now: datetime = NOW) -> "Day":
        """Work on an open transaction."""
        return Day(self, Unit(connection, self.works.numbering, self.works.sealer, now))

    def actor(self, name: str) -> Actor:
        """An officer by a short name."""
        return Actor.of_officer(self.directory.officer(OFFICERS.get(name, name)))


class Day:
    """A course of things in one transaction, which the test commits or not."""

    def __init__(self, town: Town, unit: Unit) -> None:
        self.town = town
        self.unit = unit
        self.events: list[AnyEvent] = []
        self._causes = 0

    @property
    def now(self) -> datetime:
        """The moment."""
        return self.unit.now

    def passes(self, span: timedelta) -> None:
        """Time goes by."""
        self.unit.now += span

    def at(self, moment: datetime) -> None:
        """It is that moment now."""
        self.unit.now = moment

    def cause(self) -> UUID:
        """A new cause."""
        self._causes += 1
        return uuid5(SPACE, str(self._causes))

    def arrives(self, kind: CaseKind, *, person: str = "warga", text: str = "tolong", unit: str | None = None) -> UUID:
        """A citizen writes: what intake would record, and what routing makes of it. `unit`: as if split off to it."""
        cause = self.cause()
        case_id, conversation_id = uuid5(cause, "case"), uuid5(cause, "conversation")
        key = self.town.works.sealer.keys.ensure([person])[person]
        registered = {
            "case_id": case_id, "conversation_id": conversation_id, "message_id": cause,
            "registration": f"PI/2026/{self._causes:06d}", "book": "PI", "year": 2026, "sequence": self._causes,
            "declared_kind": kind, "channel": "web", "account": "web-diskominfo", "visibility": "private",
            "person": person, "receipt_check": "0" * 64,
            **({"split_from": case_id, "unit": unit, "received": self.now} if unit else {}),
        }  # fmt: skip
        event = self._of_intake(cause, Draft(CaseRegistered, case_id, registered, actor="citizen"))
        if unit is None:
            self._react(self._of_intake(cause, self._message(cause, case_id, conversation_id, key, text)))
        else:
            self._react(event)
        return case_id

    def splits(self, who: str, case_id: UUID, message_id: UUID, kind: CaseKind) -> UUID:
        """A message is split off, and intake registers it; the new case."""
        (split,) = self.does(who, "case.split", case_id, message_id=message_id, kind=kind, reason="Perkara lain.")
        data, cause = split.data, self.cause()
        assert isinstance(data, CaseSplit)
        registered = {
            "case_id": data.new_case, "conversation_id": data.conversation_id, "message_id": data.message_id,
            "registration": f"PI/2026/{self._causes:06d}", "book": "PI", "year": 2026, "sequence": self._causes,
            "declared_kind": data.kind, "channel": data.channel, "account": data.account,
            "visibility": data.visibility, "person": data.person, "receipt_check": "0" * 64, "split_from": case_id,
            "unit": data.unit, "received": data.received,
        }  # fmt: skip
        self._react(self._of_intake(cause, Draft(CaseRegistered, data.new_case, registered, actor="citizen")))
        return data.new_case

    def follows_up(self, case_id: UUID, text: str = "ini", *, automatic: bool = False) -> UUID:
        """The citizen writes again."""
        known = self.town.load.registered(self.unit, case_id)
        cause = self.cause()
        key = self.town.works.sealer.keys.ensure([known["person"]])[known["person"]]
        conversation = UUID(known["conversation_id"])
        self._of_intake(
            cause, self._message(cause, case_id, conversation, key, text, follow_up=True, automatic=automatic)
        )
        return cause

    def replies(self, case_id: UUID, text: str = "belum", *, automatic: bool = False) -> UUID:
        """The citizen writes again, and routing hears of it."""
        cause = self.follows_up(case_id, text, automatic=automatic)
        self._react(self.unit.recorded[-1])
        return cause

    def _message(
        self, message_id: UUID, case_id: UUID, conversation_id: UUID, key: str, text: str, *, follow_up: bool = False,
        automatic: bool = False,
    ) -> Draft:  # fmt: skip
        data = {
            "message_id": message_id, "conversation_id": conversation_id, "case_id": case_id, "channel": "web",
            "account": "web-diskominfo", "visibility": "private", "person": "warga", "native_key": str(message_id),
            "body_key": "b", "follow_up": follow_up, "automatic": automatic,
        }  # fmt: skip
        content = f'{{"subject":"","text":"{text}"}}'
        return Draft(
            MessageReceived, case_id, data, {"content": Secret(key, content), "sender": Secret(key, "{}")}, "citizen"
        )

    def _of_intake(self, cause: UUID, draft: Draft) -> AnyEvent:
        before = len(self.unit.outbox)
        (event,) = self.unit.record(cause, [draft])
        del self.unit.outbox[before:]  # it is not routing's own
        return event

    def _react(self, event: AnyEvent) -> None:
        before = len(self.unit.recorded)
        self.town.handlers.reactions[event.type](self.unit, event)
        self.events += self.unit.recorded[before:]

    def does(self, who: str, command: str, case_id: UUID | None = None, **asked: Any) -> list[AnyEvent]:
        """An officer's command; what came of it. Raises `Refused` and `Forbidden`."""
        model = next(item for item in COMMANDS if item.name == command)
        data = {**({"case_id": case_id} if case_id else {}), **asked}
        before = len(self.unit.recorded)
        self.town.handlers.commands[model](
            self.unit, self.town.actor(who), model.model_validate(data), self.cause()
        )  # fmt: skip
        found = self.unit.recorded[before:]
        self.events += found
        return found

    def asks(self, who: str, question: str, **asked: Any) -> Any:
        """An officer's question; the answer."""
        model = next(item for item in COMMANDS if item.name == question)
        self.unit.rows.flush()
        return self.town.handlers.commands[model](
            self.unit.connection, self.town.actor(who), model.model_validate(asked)
        )  # fmt: skip

    def hands_over(self) -> None:
        """The job that moves the open cases of closed units."""
        before = len(self.unit.recorded)
        self.town.routing.organising.hand_over(self.unit)
        self.events += self.unit.recorded[before:]

    def case(self, case_id: UUID) -> Case:
        """As it stands."""
        return self.town.load.case(self.unit, case_id, key=True, clocks=True)

    def verbs(self, case_id: UUID | None = None) -> list[str]:
        """What routing wrote, as `case.closed`."""
        return [
            f"{event.data.noun}.{event.data.verb}"
            for event in self.events
            if case_id is None or event.correlationid == case_id
        ]

    def rows(self, table: Any) -> list[dict[str, Any]]:
        """All rows of a table."""
        return [dict(row) for row in self.unit.rows.query(select(table))]
