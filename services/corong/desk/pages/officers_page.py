"""Officers on the setup's pages: adding one, changing one, shutting one out; each change stands in the log."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from corong.desk.acts.form import FORM, Field, Filled, problems, refusal
from corong.desk.officers_api import (
    Invitation,
    NewOfficer,
    OfficerChange,
    OfficerId,
    OfficerReason,
    Officers,
    OfficerWithEditions,
)  # fmt: skip
from corong.desk.pages.act_forms import ONCE, new_key
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.frame import HEADERS, Frame
from corong.desk.pages.places import NEW_OFFICER, OFFICERS, SETUP, officer_address
from corong.desk.pages.words import role_name
from corong.runtime.language import language_of
from corong.runtime.policy import ROLE_NAMES, Action, Scope, allowed, authorise
from corong.runtime.refusal import Refused
from corong_contracts.command_base import Command
from corong_contracts.officer_command import AddOfficer, ChangeOfficer, DeactivateOfficer, ReactivateOfficer

Reader = Annotated[Visitor, Depends(may(Action.SETUP_READ))]
Changer = Annotated[Visitor, Depends(may(Action.OFFICER_CHANGE))]
Inviter = Annotated[Visitor, Depends(may(Action.OFFICER_INVITE))]

STATES = {"nonaktif": DeactivateOfficer, "aktif": ReactivateOfficer}
"""What an officer may become."""


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    officers = Officers(desk)

    @router.get(NEW_OFFICER)
    async def new(request: Request, visitor: Changer) -> Response:
        authorise(visitor.actor, Action.OFFICER_CHANGE, Scope())
        return new_page(request, visitor)

    @router.post(NEW_OFFICER)
    async def add(request: Request, visitor: Changer) -> Response:
        fields = new_fields(request)
        form = await request.form()
        filled = Filled.of(fields, form.multi_items())

        def command(body: NewOfficer) -> Command:
            return AddOfficer(officer=body.id, called=body.name, role=body.role, unit=body.unit, reason=body.reason)

        wrong, status = await send(request, visitor, fields, filled, NewOfficer, command, form.get(ONCE))
        if wrong:
            return new_page(request, visitor, filled, wrong, status)
        return done(str(filled.words["id"]))

    @router.get(f"{OFFICERS}/{{officer_id}}")
    async def one(request: Request, visitor: Reader, officer_id: OfficerId) -> Response:
        return page(request, visitor, await officers.one(visitor.actor, officer_id))

    @router.post(f"{OFFICERS}/{{officer_id}}")
    async def change(request: Request, visitor: Changer, officer_id: OfficerId) -> Response:
        before = await officers.one(visitor.actor, officer_id)
        fields = change_fields(request, before)
        form = await request.form()
        filled = Filled.of(fields, form.multi_items())

        def command(body: OfficerChange) -> Command:
            return ChangeOfficer(
                officer=officer_id, called=body.name, role=body.role, unit=body.unit, after=body.edition,
                reason=body.reason,
            )  # fmt: skip

        wrong, status = await send(request, visitor, fields, filled, OfficerChange, command, form.get(ONCE))
        if wrong:
            return page(request, visitor, before, filled, wrong, status)
        return done(officer_id)

    @router.post(f"{OFFICERS}/{{officer_id}}/keadaan")
    async def switch(request: Request, visitor: Changer, officer_id: OfficerId) -> Response:
        """Shut out, or let in again."""
        before = await officers.one(visitor.actor, officer_id)
        fields = [why(request)]
        form = await request.form()
        filled = Filled.of(fields, form.multi_items())
        to = STATES.get(str(form.get("menjadi")))
        if to is None:
            raise HTTPException(422)

        def command(body: OfficerReason) -> Command:
            return to(officer=officer_id, reason=body.reason)

        wrong, status = await send(request, visitor, fields, filled, OfficerReason, command, form.get(ONCE))
        if wrong:
            return page(request, visitor, before, None, {FORM: next(iter(wrong.values()))}, status)
        return done(officer_id)

    @router.post(f"{OFFICERS}/{{officer_id}}/tautan")
    async def invite(request: Request, visitor: Inviter, officer_id: OfficerId) -> Response:
        """A link to come in by, shown on this page alone."""
        before = await officers.one(visitor.actor, officer_id)
        authorise(visitor.actor, Action.OFFICER_INVITE, Scope())
        fields, language = [why(request)], language_of(request)
        form = await request.form()
        filled = Filled.of(fields, form.multi_items())
        if wrong := filled.missing(fields, language):
            return page(request, visitor, before, None, {FORM: next(iter(wrong.values()))}, 422)
        key = form.get(ONCE)
        try:
            asked = Invitation.model_validate({"reason": filled.words["reason"]})
            made = await officers.invite(
                visitor.actor, officer_id, asked, key if isinstance(key, str) else None, frame.pages.base_url(request)
            )  # fmt: skip
        except ValidationError as error:
            return page(
                request, visitor, before, None, {FORM: next(iter(problems(error, fields, language).values()))}, 422
            )
        except Refused as refused:
            return page(request, visitor, before, None, {FORM: refused.told(language)}, refused.status)
        return frame.render(
            request, visitor, "desk/officer_link.html", one=before, link=made.link, expires=made.expires_at,
            back=officer_address(officer_id),
        )  # fmt: skip

    async def send(
        request: Request, visitor: Visitor, fields: Sequence[Field], filled: Filled, body: type[BaseModel],
        command: Any, key: object,
    ) -> tuple[dict[str, str], int]:  # fmt: skip
        """Do what the form asks; what is wrong with it, by field, and the status."""
        authorise(visitor.actor, Action.OFFICER_CHANGE, Scope())
        language = language_of(request)
        if missing := filled.missing(fields, language):
            return missing, 422
        try:
            asked = command(filled.as_a(body, fields))
        except ValidationError as error:
            return problems(error, fields, language), 422
        try:
            await officers.command(visitor.actor, asked, asked.officer, key if isinstance(key, str) else None)
        except Refused as refused:
            if "officer" in refused.fields:
                return {"id": refused.told(language)}, refused.status
            return refusal(refused, fields, language), refused.status
        return {}, 200

    def roles(request: Request) -> list[tuple[str, str]]:
        return [(role, role_name(role, language_of(request))) for role in ROLE_NAMES if role != "system"]

    def why(request: Request) -> Field:
        _ = frame.pages.texts(request).gettext
        hint = _("Tercatat di log untuk selamanya; tanpa data pribadi.")
        return Field("reason", _("Alasan"), hint=hint, most=300)

    def about(request: Request, before: OfficerWithEditions | None) -> list[Field]:
        _ = frame.pages.texts(request).gettext
        nobody_yet = [("", _("Pilih unit"))] if before is None else []
        units = [*nobody_yet, *((unit.id, unit.name) for unit in desk.directory.open_units)]
        return [
            Field("name", _("Nama"), most=120, value=before.name if before else ""),
            Field("role", _("Peran"), "choice", choices=roles(request), value=before.role if before else "operator"),
            Field("unit", _("Unit kerja"), "choice", choices=units, value=before.unit.id if before else ""),
            why(request),
        ]

    def new_fields(request: Request) -> list[Field]:
        _ = frame.pages.texts(request).gettext
        hint = _("Huruf kecil, angka dan tanda hubung, misalnya petugas-dinas-pupr. Tidak dapat diubah lagi.")
        return [Field("id", _("Id petugas"), hint=hint, most=63), *about(request, None)]

    def change_fields(request: Request, before: OfficerWithEditions) -> list[Field]:
        return [*about(request, before), Field("edition", "", "hidden", value=str(before.edition))]

    def new_page(
        request: Request, visitor: Visitor, filled: Filled | None = None, errors: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:  # fmt: skip
        fields = new_fields(request)
        return frame.render(
            request, visitor, "desk/officer_new.html", status, fields=fields, errors=dict(errors or {}),
            labels={one.name: one.id for one in fields}, filled=filled or Filled({}), key=new_key(), once=ONCE,
            back=SETUP, here_at=NEW_OFFICER,
        )  # fmt: skip

    def page(
        request: Request, visitor: Visitor, one: OfficerWithEditions, filled: Filled | None = None,
        errors: Mapping[str, str] | None = None, status: int = 200,
    ) -> Response:  # fmt: skip
        fields = change_fields(request, one)
        return frame.render(
            request, visitor, "desk/officer.html", status, one=one, fields=fields, errors=dict(errors or {}),
            labels={field.name: field.id for field in fields}, filled=filled or Filled({}), key=new_key(), once=ONCE,
            back=SETUP, here_at=officer_address(one.id), role_of=lambda role: role_name(role, language_of(request)),
            may_change=allowed(visitor.actor, Action.OFFICER_CHANGE, Scope()), is_self=one.id == visitor.id,
            may_invite=allowed(visitor.actor, Action.OFFICER_INVITE, Scope()),
            why=why(request), saved=request.query_params.get("tersimpan") == "ya",
        )  # fmt: skip

    def done(identity: str) -> Response:
        return RedirectResponse(f"{officer_address(identity)}?tersimpan=ya", 303, HEADERS)

    return router
