"""Taking entries out of the log: the same archive as the API's, with NDJSON, proofs, CSV, XLSX and a cover sheet."""

import contextlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import Response, StreamingResponse

from corong.desk.cases import Cases
from corong.desk.exports import ZIP, ExportBody, Exports
from corong.desk.pages.address_fields import span
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.audit_page import ADDRESS, Asked
from corong.desk.pages.frame import HEADERS, Frame
from corong.desk.parts import blocks
from corong.runtime.field_reasons import reason_of
from corong.runtime.language import language_of
from corong.runtime.policy import Action, Scope, allowed, authorise
from corong.runtime.refusal import Refused, busy
from corong.working_days.zones import zone_named

Exporter = Annotated[Visitor, Depends(may(Action.AUDIT_EXPORT))]


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    exports = Exports(desk)
    cases = Cases(desk)
    zone = zone_named(desk.directory.hub.time_zone)

    def form(
        request: Request, visitor: Visitor, given: dict[str, str], problem: str = "", status: int = 200
    ) -> Response:
        return frame.render(
            request, visitor, "desk/audit_export.html", status, given=given, problem=problem, tab="export",
            base=ADDRESS,
            may_open=allowed(visitor.actor, Action.CASE_READ, Scope()), may_export=True,
            units=sorted(desk.directory.units, key=lambda unit: unit.name),
        )  # fmt: skip

    @router.get(f"{ADDRESS}/ekspor")
    async def ask_for_export(request: Request, visitor: Exporter) -> Response:
        authorise(visitor.actor, Action.AUDIT_EXPORT, Scope())
        return form(request, visitor, dict(vars(Asked.of(request))))

    @router.post(f"{ADDRESS}/ekspor")
    async def export(request: Request, visitor: Exporter) -> Response:
        authorise(visitor.actor, Action.AUDIT_EXPORT, Scope())
        given = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        try:
            body = _body(given, zone)
            case = await cases.identify(body.case) if body.case is not None else None
            asked, question, first = await exports.begin(visitor.actor, body, case)
        except (ValidationError, ValueError) as error:
            return form(request, visitor, given, _told(error, language_of(request) == "en"), 422)
        except Refused as refused:
            english = language_of(request) == "en"
            return form(request, visitor, given, refused.english if english else refused.indonesian, refused.status)
        steps = exports.make(request, visitor.actor, asked, question, first, None)
        async with contextlib.aclosing(steps):
            async for step in steps:
                if not isinstance(step, dict):
                    name = f"corong-log-{first['size']}.zip"
                    headers = {
                        **HEADERS, "Content-Length": str(step.seek(0, 2)),
                        "Content-Disposition": f'attachment; filename="{name}"',
                    }  # fmt: skip
                    return StreamingResponse(blocks(step), media_type=ZIP, headers=headers)
        raise busy()  # whoever asked has gone

    return router


def _body(given: dict[str, str], zone: Any) -> ExportBody:
    """What the form says. Raises `ValidationError`, `ValueError`."""
    since, until = span(given.get("dari", ""), given.get("sampai", ""), zone)
    return ExportBody(
        reason=given.get("alasan", "").strip(), case=given.get("perkara", "").strip() or None,
        type=given.get("jenis") or None, actor=given.get("pelaku", "").strip() or None, unit=given.get("unit") or None,
        since=since, until=until, public=bool(given.get("umum")), open=bool(given.get("buka")),
    )  # fmt: skip


_NAMES = {
    "reason": ("Alasan", "Reason"), "case": ("Perkara", "Case"), "type": ("Jenis", "Type"),
    "actor": ("Pelaku", "Actor"), "unit": ("Unit", "Unit"),
}  # fmt: skip


def _told(error: ValueError, english: bool) -> str:
    if not isinstance(error, ValidationError):
        return "That is no date." if english else "Tanggal itu tidak ada."
    first = error.errors(include_url=False, include_input=False)[0]
    name = _NAMES.get(str(first["loc"][0]) if first["loc"] else "", ("", ""))[english]
    return f"{name}: {reason_of(first)[1 if english else 0]}."
