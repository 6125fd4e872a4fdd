"""Intake on a database of its own, without a broker: its accepting function and its HTTP door."""

import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import select, text

from corong.embedded import migrate_keys
from corong.intake import api as intake_api
from corong.intake.accept import Intake
from corong.intake.app import build
from corong.runtime import tables, tokens
from corong.runtime.broker import Broker
from corong.runtime.installation import Installation
from corong.runtime.sealing import sealed_field
from corong.runtime.service import Service
from corong.runtime.settings import Settings
from corong.runtime.unit import Unit
from corong.runtime.web import make_app
from corong_contracts.base import AnyEvent, Payload, schema_uri, writer_name
from corong_contracts.case import CaseClosed
from corong_contracts.catalogue import decode, event_class
from corong_contracts.channel import InboundMessage, Party
from corong_contracts.delivery import DeliverySent

CHANNEL, ACCOUNT = "api", "api-contoh"
START = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


def message(native_id: str, address: str = "warga-1", **other: Any) -> InboundMessage:
    """A message as a source hands it over."""
    given = {"channel": CHANNEL, "account": ACCOUNT, "text": "Jalan rusak.", **other}
    return InboundMessage(native_id=native_id, sender=Party(address=address, name="Warga"), **given)


@dataclass
class Door:
    """Intake at work in this process."""

    service: Service
    intake: Intake
    installation: Installation
    clock: Clock
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def app(self) -> FastAPI:
        """The HTTP door."""
        app = make_app([self.service], self.installation.settings.max_body_bytes)
        intake_api.include(app, self.intake, self.installation)
        return app

    def client(self, account: str | None = ACCOUNT) -> httpx.AsyncClient:
        """A program of an account, or a stranger."""
        headers = {"Accept-Language": "en"}
        if account is not None:
            generation = self.installation.directory.token_generation("account", account)
            assert generation is not None
            token = tokens.issue(self.installation.key.tokens, "account", account, generation=generation)
            headers["Authorization"] = f"Bearer {token}"
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://hub", headers=headers)

    def rows(self, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        with self.service.database.read() as connection:
            return [dict(row) for row in connection.execute(text(sql), parameters).mappings()]

    def bodies(self) -> list[bytes]:
        """Every event as it is written, in each partition's order."""
        box = tables.outbox.c
        with self.service.database.read() as connection:
            return list(connection.execute(select(box.body).order_by(box.partition, box.number)).scalars())

    def events(self, kind: type[Payload] | None = None) -> list[AnyEvent]:
        found = [decode(body) for body in self.bodies()]
        return [event for event in found if kind is None or isinstance(event.data, kind)]

    def opened(self, event: AnyEvent, name: str) -> dict[str, Any]:
        """A sealed field, opened."""
        return self.installation.sealer.open_json(sealed_field(event, name))

    async def told(self, service: str, payload: Payload, entity: UUID) -> None:
        """What another service wrote comes in."""
        kind = type(payload)
        event = event_class(kind.type).model_construct(
            id=UUID(int=next(self.numbers)), source=f"/corong/{service}/00", type=kind.type, subject=f"x/{entity}",
            time=self.clock(), recordedtime=self.clock(), dataschema=schema_uri(kind), correlationid=entity,
            causationid=entity, actor="system", writer=writer_name(service, 0), number=1, data=payload,
        )  # fmt: skip

        def fold(unit: Unit) -> None:
            unit.numbering.apply(event, unit.rows)

        await self.service.committer.run(fold)

    async def closed(self, case: UUID) -> None:
        """Routing closed a case."""
        await self.told("routing", CaseClosed(case_id=case, unit="x", outcome="spam"), case)

    async def sent(self, native_id: str, conversation: UUID) -> None:
        """Publishing sent something of ours into a conversation."""
        data = DeliverySent(
            delivery_id=UUID(int=1), publication_id=UUID(int=2), conversation_id=conversation, channel=CHANNEL,
            account=ACCOUNT, fence=1, native_id=native_id, known_by="answer",
        )  # fmt: skip
        await self.told("publishing", data, conversation)

    def conversation(self, case: UUID | None) -> UUID:
        (row,) = self.rows('SELECT conversation_id FROM "case" WHERE case_id = :case', case=str(case))
        return UUID(row["conversation_id"])

    def registered(self) -> dict[tuple[str, int], list[int]]:
        """Register and year → the sequences that were given, in their order."""
        found: dict[tuple[str, int], list[int]] = {}
        for body in self.bodies():
            data = json.loads(body)["data"]
            if "sequence" in data:
                found.setdefault((data["book"], data["year"]), []).append(data["sequence"])
        return {book: sorted(numbers) for book, numbers in found.items()}

    def no_holes(self) -> None:
        """Registers and writers count without a hole."""
        for numbers in self.registered().values():
            assert numbers == list(range(1, len(numbers) + 1))
        rows = self.rows("SELECT partition, number FROM outbox ORDER BY partition, number")
        for _, group in itertools.groupby(rows, key=lambda row: row["partition"]):
            found = [row["number"] for row in group]
            assert found == list(range(1, len(found) + 1))


@contextlib.asynccontextmanager
async def open_door(folder: Path, database_url: str | None = None, **settings: Any) -> AsyncIterator[Door]:
    """Intake of an installation in this folder; the same folder or database again is as another process."""
    clock = Clock()
    # Without a broker nothing refuses a second process of the same partitions but this.
    owned = settings.pop("owned", None)
    given = Settings(data=folder, database_url=database_url, owned=owned, **settings)
    installation = Installation.open(given, clock=clock, create=True)
    migrate_keys(installation)
    service, intake = build(installation, Broker("nats://127.0.0.1:1", "intake", "none"))
    service.prepare()
    service.committer.start()
    try:
        yield Door(service, intake, installation, clock)
    finally:
        await service.committer.close()
        service.database.close()
        installation.key_database.close()
