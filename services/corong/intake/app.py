"""Intake's wiring: two doors, one function, and what intake must know of the others."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json
from sqlalchemy import Connection, literal, select, tuple_

from corong.intake import state
from corong.intake.accept import Intake
from corong.intake.entering import Entering
from corong.intake.splitting import Splitting
from corong.runtime.broker import Broker
from corong.runtime.commands import key_of
from corong.runtime.inbound import Door
from corong.runtime.installation import Installation
from corong.runtime.objects import Missing
from corong.runtime.officers_kept import KeptOfficers
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.service import Service
from corong.runtime.source import LONG_GATHER
from corong.runtime.units_kept import KeptUnits
from corong_contracts.catalogue import bad_fields
from corong_contracts.channel import InboundMessage, Receipt
from corong_contracts.command import ForgetPerson, ListQuarantine

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def build(installation: Installation, broker: Broker) -> tuple[Service, Intake]:
    """The service and its accepting function (for the HTTP door)."""
    # Small chunks: what intake reads of others must not make a citizen at the door wait.
    service = Service(
        "intake", installation, broker, state=state.metadata, apply=state.apply, folds=state.FOLDS, chunk=64,
        gather=LONG_GATHER,
    )  # fmt: skip
    KeptUnits(service, state.unit_edition)
    intake = Intake(service)
    Splitting(service, intake.next_number)
    Entering(service, intake)
    KeptOfficers(service, state.officer)

    async def take(inputs: Sequence[tuple[str, bytes]]) -> list[Receipt]:
        return await from_broker(intake, inputs)

    async def refuse(subject: str, body: bytes) -> Receipt:
        channel, account = _named(subject)
        return await intake.quarantine(channel, account, body, "not_processable", [])

    async def door() -> None:
        await broker.connect()
        await Door(broker, take, refuse).run()

    service.loop(intake.mending.run)
    service.loop(door)
    service.query(ListQuarantine, _quarantined)
    service.command(ForgetPerson, intake.mending.forget)
    return service, intake


@dataclass(frozen=True)
class Unreadable:
    """Input for the quarantine."""

    channel: str
    account: str
    body: bytes
    reason: str
    fields: list[str]


async def from_broker(intake: Intake, inputs: Sequence[tuple[str, bytes]]) -> list[Receipt]:
    """Messages of `corong.inbound.<channel>.<account>`; what can't be read goes into quarantine."""
    read = [read_input(subject, body) for subject, body in inputs]
    messages = [item for item in read if isinstance(item, InboundMessage)]
    try:
        receipts = iter(await intake.accept_many(messages) if messages else [])
    except Missing:
        if len(inputs) > 1:
            raise  # the door tries one by one
        item, body = messages[0], inputs[0][1]
        # Taken before, and the process died before it could say so: the files went into their place then.
        receipt = await intake.known(item)
        return [
            receipt or await intake.quarantine(item.channel, item.account, body, "attachment_missing", ["attachments"])
        ]
    return [
        next(receipts) if isinstance(item, InboundMessage)
        else await intake.quarantine(item.channel, item.account, item.body, item.reason, item.fields)
        for item in read
    ]  # fmt: skip


def read_input(subject: str, body: bytes) -> InboundMessage | Unreadable:
    """The message, or why it is none."""
    channel, account = _named(subject)
    try:
        raw = from_json(body, allow_inf_nan=False)
    except ValueError:
        return Unreadable(channel, account, body, "not_json", [])
    try:
        message = InboundMessage.model_validate(raw)
    except ValidationError as error:
        return Unreadable(channel, account, body, "schema", bad_fields(error))
    if not message.sender.address.strip():  # or all who have none would be one person
        return Unreadable(channel, account, body, "schema", ["sender.address"])
    if (message.channel, message.account) != (channel, account):
        return Unreadable(channel, account, body, "other_subject", ["channel", "account"])
    return message


def _named(subject: str) -> tuple[str, str]:
    """Channel and account that a subject names, `unknown` where it names none."""
    parts = subject.split(".")
    if len(parts) == 4 and all(_SLUG.fullmatch(part) for part in parts[2:]):
        return parts[2], parts[3]
    return "unknown", "unknown"


def _quarantined(connection: Connection, officer: Actor, asked: Any) -> dict[str, Any]:
    authorise(officer, Action.QUARANTINE_READ, Scope())
    table = state.quarantine
    shown = [column for column in table.columns if column.name != "body"]
    place = (table.c.at, table.c.quarantine_id)
    statement = select(*shown).order_by(*(column.desc() for column in place)).limit(asked.limit)
    if asked.after is not None:
        statement = statement.where(tuple_(*place) < tuple_(*map(literal, key_of(asked.after))))
    return {"quarantine": [dict(row) for row in connection.execute(statement).mappings()]}
