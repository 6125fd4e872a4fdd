"""Words for answers: the list that an office keeps, changing it, and putting one into an answer."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from corong.desk.acts.form import FORM, Filled, problems
from corong.desk.cases import CaseName, Cases
from corong.desk.pages.act_forms import ONCE, ActForms, act_of, new_key
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.case_words import CaseWords
from corong.desk.pages.frame import HEADERS, Frame
from corong.desk.pages.places import WORDINGS, case_address, use_wording_address
from corong.desk.wordings.offered import Wording, Written, fields, for_case, may_change, offered
from corong.runtime.language import language_of
from corong.runtime.policy import Action, Forbidden, Scope, allowed
from corong.runtime.refusal import Refused
from corong_contracts.wording import AdoptWording

Reader = Annotated[Visitor, Depends(may(Action.WORDING_READ))]
Keeper = Annotated[Visitor, Depends(may(Action.WORDING_ADOPT))]
Answerer = Annotated[Visitor, Depends(may(Action.CASE_REPLY))]


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    cases, forms, words = Cases(desk), ActForms(frame), CaseWords(frame)

    @router.get(WORDINGS)
    async def many(request: Request, visitor: Reader, selesai: str = "") -> Response:
        found = await offered(desk, visitor.actor, retired=True)
        return frame.render(
            request, visitor, "desk/wordings.html", found=found, done=bool(selesai), address=WORDINGS,
            mine=[one.wording_id for one in found if may_change(visitor.actor, one)], unit_name=unit_name,
            may_write=allowed(visitor.actor, Action.WORDING_ADOPT, Scope(visitor.officer.unit)),
        )  # fmt: skip

    @router.get(f"{WORDINGS}/baru")
    async def new(request: Request, visitor: Keeper) -> Response:
        return page(request, visitor, None)

    @router.post(f"{WORDINGS}/baru")
    async def make(request: Request, visitor: Keeper) -> Response:
        return await kept(request, visitor, None)

    @router.get(f"{WORDINGS}/{{wording}}")
    async def one(request: Request, visitor: Keeper, wording: UUID) -> Response:
        return page(request, visitor, await found(visitor, wording))

    @router.post(f"{WORDINGS}/{{wording}}")
    async def change(request: Request, visitor: Keeper, wording: UUID) -> Response:
        return await kept(request, visitor, await found(visitor, wording))

    @router.get(use_wording_address("{case}"))
    async def use(request: Request, visitor: Answerer, case: CaseName, pilih: str = "") -> Response:
        subject = await forms.subject_of(request, visitor, await cases.identify(case))
        case_id, act = subject.case.case_id, act_of("jawab")
        if act.name not in (await words.life(request, visitor.actor, case_id)).names:
            return RedirectResponse(case_address(case_id), 303, HEADERS)
        everyone = await offered(desk, visitor.actor)
        address = f"{frame.pages.base_url(request)}/cek"
        chosen = next((one for one in everyone if one.wording_id == pilih), None)
        if chosen is None:
            return frame.render(
                request, visitor, "desk/wording_use.html", case=subject.case, back=case_address(case_id),
                found=[(one, for_case(one, subject, address)) for one in everyone], keep=WORDINGS,
                address=use_wording_address(case_id),
            )  # fmt: skip
        draft = await forms.draft_of(visitor, case_id, act)
        before = str(dict(draft.words).get("text", "")).strip() if draft else ""
        text = "\n\n".join(part for part in (before, for_case(chosen, subject, address)) if part)
        return forms.page(request, visitor, act, subject, draft=draft, filled=Filled({"text": text}))

    async def found(visitor: Visitor, wording: UUID) -> Wording:
        """One that the officer may change. Raises `Refused`, `Forbidden`."""
        everyone = await offered(desk, visitor.actor, retired=True)
        one = next((one for one in everyone if one.wording_id == str(wording)), None)
        if one is None:
            raise Refused(404, "no_such_wording", "Templat itu tidak ada.", "There is no such wording.")
        return one

    async def kept(request: Request, visitor: Visitor, before: Wording | None) -> Response:
        language = language_of(request)
        form = await request.form()
        asked = fields(units(request, visitor), frame.pages.texts(request).gettext, before)
        filled = Filled.of(asked, form.multi_items())
        key = form.get(ONCE)

        def again(told: Mapping[str, str], status: int = 422) -> Response:
            return page(request, visitor, before, filled=filled, errors=told, status=status)

        if missing := filled.missing(asked, language):
            return again(missing)
        try:
            written = filled.as_a(Written, asked)
            command = AdoptWording(
                wording_id=UUID(before.wording_id) if before else None, unit=written.unit or None, title=written.title,
                text=written.text, retired=written.retired,
            )  # fmt: skip
        except ValidationError as error:
            return again(problems(error, asked, language))
        about = UUID(before.wording_id) if before else None
        try:
            await desk.ask(
                visitor.actor, command, about, key if isinstance(key, str) and key else None, wait=False
            )  # fmt: skip
        except Refused as refused:
            place = refused.fields[0] if refused.fields else FORM
            return again({place: refused.told(language)}, refused.status)
        except Forbidden as forbidden:
            return again({FORM: forbidden.pesan if language == "id" else forbidden.detail}, 403)
        return RedirectResponse(f"{WORDINGS}?selesai=ya", 303, HEADERS)

    def units(request: Request, visitor: Visitor) -> list[tuple[str, str]]:
        """For whom the officer may keep one: for all, or for the own unit."""
        _ = frame.pages.texts(request).gettext
        own = visitor.officer.unit
        everybody = [("", _("Semua unit"))] if allowed(visitor.actor, Action.WORDING_ADOPT, Scope()) else []
        return [*everybody, (own, desk.directory.unit(own).name)]

    def unit_name(unit: str | None) -> str:
        known = desk.unit(unit)
        return known.name if known else ""

    def page(
        request: Request, visitor: Visitor, before: Wording | None, *, filled: Filled | None = None,
        errors: Mapping[str, str] | None = None, status: int = 200,
    ) -> Response:  # fmt: skip
        asked = fields(units(request, visitor), frame.pages.texts(request).gettext, before)
        return frame.render(
            request, visitor, "desk/wording_form.html", status, before=before, fields=asked, errors=dict(errors or {}),
            labels={one.name: one.id for one in asked}, filled=filled or Filled({}), key=new_key(), once=ONCE,
            back=WORDINGS,
        )  # fmt: skip

    return router
