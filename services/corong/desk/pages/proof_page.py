"""The proof that a step of a case stands in the log: one file, which is checked without asking the hub again."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy import Connection, select
from starlette.responses import Response

from corong.desk.cases import CaseName, Cases
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.frame import HEADERS, Frame
from corong.desk.pages.places import CASES
from corong.desk.tables import entry
from corong.runtime.commands import ask
from corong.runtime.policy import Action, Scope, authorise
from corong.runtime.refusal import Refused
from corong_contracts.command import ProveEntry

Auditor = Annotated[Visitor, Depends(may(Action.AUDIT_READ))]
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    cases = Cases(desk)

    @router.get(f"{CASES}/{{case}}/bukti/{{which}}")
    async def proof(visitor: Auditor, case: CaseName, which: str) -> Response:
        """Of an event of this case; its sealed words stay sealed in it."""
        identity = await cases.identify(case)
        authorise(visitor.actor, Action.AUDIT_READ, Scope())

        def known(connection: Connection) -> bool:
            cases.load(connection, visitor.actor, identity)
            steps = select(entry.c.event_id).where(entry.c.case_id == str(identity), entry.c.event_id == which)
            return connection.execute(steps).first() is not None

        if not await desk.read(known) or not _UUID.fullmatch(which):
            raise Refused(404, "no_such_step", "Langkah itu tidak ada pada perkara ini.", "This case has no such step.")
        found = await ask(desk.service.broker, ProveEntry(event=UUID(which), with_event=True), visitor.id)
        headers = {
            **HEADERS, "Content-Disposition": f'attachment; filename="corong-{found["position"]}.tlog-proof"',
            "X-Content-Type-Options": "nosniff",
        }  # fmt: skip
        return Response(found["proof"], media_type="text/plain; charset=utf-8", headers=headers)

    return router
