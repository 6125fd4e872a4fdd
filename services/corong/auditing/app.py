"""Auditing's wiring: it reads every writer, and answers questions about the log."""

from typing import Any

from sqlalchemy import Connection

from corong.auditing import findings, ledger, state
from corong.runtime.broker import Broker
from corong.runtime.installation import Installation
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.service import Service
from corong_contracts.command import ReadLog


def build(installation: Installation, broker: Broker) -> Service:
    """The service."""
    service = Service(
        "auditing", installation, broker, state=state.metadata, apply=state.apply, folds=state.FOLDS,
        raw=ledger.append, raw_again=ledger.append_again, repeated=findings.repeated, gap=findings.gap,
    )  # fmt: skip
    service.query(ReadLog, _read)
    return service


def _read(connection: Connection, officer: Actor, asked: Any) -> dict[str, Any]:
    authorise(officer, Action.AUDIT_READ, Scope())
    return ledger.page(connection, asked)
