"""Intake's wiring: two doors, one function, and what intake must know of the others."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json
from sqlalchemy import Connection, select

from corong.intake import state
from corong.intake.accept import Intake
from corong.runtime.broker import Broker
from corong.runtime.inbound import open_door
from corong.runtime.installation import Installation
from corong.runtime.objects import Missing
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.service import Service
from corong_contracts.catalogue import bad_fields
from corong_contracts.channel import InboundMessage, Receipt
from corong_contracts.command import ListQuarantine


def build(installation: Installation, broker: Broker) -> tuple[Service, Intake]:
    """The service and its accepting function (for the HTTP door)."""
    # Small chunks: what intake reads of others must not make a citizen at the door wait.
    service = Service(
        "intake", installation, broker, state=state.metadata, apply=state.apply, folds=state.FOLDS, chunk=64
    )
    intake = Intake(service)

    async def take(subject: str, body: bytes) -> Receipt:
        return await from_broker(intake, subject, body)

    open_door(broker, take)
    service.query(ListQuarantine, _quarantined)
    return service, intake


async def from_broker(intake: Intake, subject: str, body: bytes) -> Receipt:
    """A message of `corong.inbound.<channel>.<account>`; what can't be read goes into quarantine."""
    parts = subject.split(".")
    channel, account = (parts[2], parts[3]) if len(parts) == 4 else ("unknown", "unknown")
    try:
        raw = from_json(body, allow_inf_nan=False)
    except ValueError:
        return await intake.quarantine(channel, account, body, "not_json", [])
    try:
        message = InboundMessage.model_validate(raw)
    except ValidationError as error:
        return await intake.quarantine(channel, account, body, "schema", bad_fields(error))
    if (message.channel, message.account) != (channel, account):
        return await intake.quarantine(channel, account, body, "other_subject", ["channel", "account"])
    try:
        return await intake.accept(message)
    except Missing:
        return await intake.quarantine(channel, account, body, "attachment_missing", ["attachments"])


def _quarantined(connection: Connection, officer: Actor, asked: Any) -> dict[str, Any]:
    authorise(officer, Action.QUARANTINE_READ, Scope())
    table = state.quarantine
    shown = [column for column in table.columns if column.name != "body"]
    rows = connection.execute(select(*shown).order_by(table.c.at.desc()).limit(asked.limit)).mappings()
    return {"quarantine": [dict(row) for row in rows]}
