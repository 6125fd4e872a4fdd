"""A case's decisions, opened for the reader."""

import json
from typing import Any

import structlog
from sqlalchemy import Connection, select

from corong.desk.context import Desk
from corong.desk.models import Decision
from corong.desk.tables import decision
from corong.runtime.sealing import BadSeal, Erased

log = structlog.get_logger()


def of_case(desk: Desk, connection: Connection, case_id: str) -> list[Decision]:
    """Proposed, returned and given, the newest last."""
    chosen = select(decision).where(decision.c.case_id == case_id).order_by(decision.c.at, decision.c.decision_id)
    return [_shown(desk, dict(row)) for row in connection.execute(chosen).mappings()]


def _shown(desk: Desk, row: dict[str, Any]) -> Decision:
    found = Decision(
        decision_id=row["decision_id"],
        state=row["state"],
        outcome=row["outcome"],
        officer=desk.person(row["officer"]),
        approved_by=desk.person(row["approved_by"]),
        finding=json.loads(row["finding"]),
        text_hash=row["text_hash"],
        at=row["at"],
    )
    sealer = desk.installation.sealer
    try:
        found.text = sealer.open_text(row["text"]) if row["text"] else None
        found.weighing = sealer.open_text(row["weighing"]) if row["weighing"] else None
        found.redactions = json.loads(sealer.open_text(row["redactions"])) if row["redactions"] else []
    except Erased:
        found.unreadable = True
    except BadSeal as error:
        log.error("a sealed field does not open", decision_id=row["decision_id"], error=str(error))
        found.unreadable = True
    return found
