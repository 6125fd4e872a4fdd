"""How the log stands: its signed head and who signed, what auditing found, and whether the tables are what it says."""

import asyncio
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from corong.desk.audit import HASH_SECONDS
from corong.desk.log_notes import checkpoint_of, head_of
from corong.desk.pages.audit_page import ADDRESS, Auditor, said_of
from corong.desk.pages.frame import HEADERS, Frame
from corong.runtime import replay_result
from corong.runtime.commands import ask
from corong.runtime.policy import Action, Scope, allowed, authorise
from corong.runtime.refusal import Refused
from corong_contracts.audit import (
    AuditConflictFound,
    AuditEntryRefused,
    AuditGapFilled,
    AuditGapFound,
    AuditRecordChanged,
    AuditStateHashed,
)
from corong_contracts.command import HashStates, ProveEntry, ReadLog

FINDINGS = (AuditGapFound, AuditGapFilled, AuditConflictFound, AuditEntryRefused, AuditRecordChanged)
OF_EACH = 50
"""So many of each type of finding are shown, the newest."""


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk

    async def newest(officer: str, kind: str, limit: int) -> list[dict[str, Any]]:
        found = await ask(desk.service.broker, ReadLog(type=kind, newest=True, limit=limit), officer)
        return list(found["events"])

    @router.get(f"{ADDRESS}/log")
    async def head(request: Request, visitor: Auditor) -> Response:
        authorise(visitor.actor, Action.AUDIT_READ, Scope())
        checkpoint = older = None
        try:
            proven = await ask(desk.service.broker, ProveEntry(position=0), visitor.id)
            checkpoint, older = head_of(proven["checkpoint"]), checkpoint_of(proven["proof"])
        except Refused as refused:
            if refused.code != "not_in_the_log":
                raise  # else nothing was signed yet
        _ = frame.pages.texts(request).gettext
        lists = await asyncio.gather(*(newest(visitor.id, kind.type, OF_EACH) for kind in FINDINGS))
        findings = sorted((item for found in lists for item in found), key=lambda item: -item["position"])
        return frame.render(
            request, visitor, "desk/audit_log.html", checkpoint=checkpoint, tab="head", base=ADDRESS,
            witnessed=older if older is not None and older.witnesses else None,
            may_export=allowed(visitor.actor, Action.AUDIT_EXPORT, Scope()),
            findings=[
                {"position": item["position"], "at": item["event"]["time"], "data": item["event"]["data"],
                 "word": said_of(item["event"], _),
                 "filled": item["event"]["type"] == AuditGapFilled.type}
                for item in findings
            ],
        )  # fmt: skip

    @router.get(f"{ADDRESS}/keadaan")
    async def states(request: Request, visitor: Auditor, tercatat: str = "") -> Response:
        authorise(visitor.actor, Action.AUDIT_READ, Scope())
        last: dict[str, dict[str, Any]] = {}
        for item in await newest(visitor.id, AuditStateHashed.type, 100):
            last.setdefault(item["event"]["data"]["of_service"], item)
        result = await asyncio.to_thread(replay_result.kept, desk.service.settings.data)
        return frame.render(
            request, visitor, "desk/audit_states.html", tab="states", base=ADDRESS, result=result,
            done=tercatat == "ya",
            may_export=allowed(visitor.actor, Action.AUDIT_EXPORT, Scope()),
            hashes=[
                {"service": name, "position": item["position"], "at": item["event"]["time"],
                 "hash": item["event"]["data"]["hash"]}
                for name, item in sorted(last.items())
            ],
        )  # fmt: skip

    @router.post(f"{ADDRESS}/keadaan")
    async def hash_states(visitor: Auditor) -> Response:
        authorise(visitor.actor, Action.AUDIT_READ, Scope())
        await ask(desk.service.broker, HashStates(), visitor.id, request_id=uuid4(), wait=HASH_SECONDS)
        return RedirectResponse(f"{ADDRESS}/keadaan?tercatat=ya", 303, HEADERS)

    return router
