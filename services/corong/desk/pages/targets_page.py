"""Targets on the setup's pages: what each clock has, and setting one, whose effect is looked at first."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from corong.desk.acts.form import Field, Filled, problems, refusal
from corong.desk.pages.act_forms import ONCE, new_key
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.frame import HEADERS, Frame
from corong.desk.pages.places import SETUP, TARGETS
from corong.desk.targets_api import ClockTarget, Targets, TargetTrial
from corong.runtime.kind_names import Translate
from corong.runtime.language import language_of
from corong.runtime.policy import Action, Scope, allowed, authorise
from corong.runtime.refusal import Refused
from corong_contracts.target import SetTarget

Reader = Annotated[Visitor, Depends(may(Action.SETUP_READ))]
Changer = Annotated[Visitor, Depends(may(Action.TARGET_SET))]
SHOWN = 50
"""So many deadlines stand on the page; the API names more."""


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    targets = Targets(desk)

    async def page(
        request: Request, visitor: Visitor, clocks: list[ClockTarget], filled: Filled | None = None,
        errors: dict[str, str] | None = None, found: TargetTrial | None = None, status: int = 200,
    ) -> Response:  # fmt: skip
        fields = target_fields(clocks, frame.pages.texts(request).gettext, tried=found is not None)
        return frame.render(
            request, visitor, "desk/targets.html", status, clocks=clocks, fields=fields, filled=filled or Filled({}),
            errors=errors or {}, labels={one.name: one.id for one in fields}, found=found, back=SETUP, here_at=TARGETS,
            key=new_key(), once=ONCE, most=SHOWN, may_change=allowed(visitor.actor, Action.TARGET_SET, Scope()),
            done=request.query_params.get("tersimpan") == "ya",
        )  # fmt: skip

    @router.get(TARGETS)
    async def shown(request: Request, visitor: Reader) -> Response:
        authorise(visitor.actor, Action.SETUP_READ, Scope())
        return await page(request, visitor, await targets.shown(visitor.actor, language_of(request)))

    @router.post(TARGETS)
    async def tried_or_set(request: Request, visitor: Changer) -> Response:
        authorise(visitor.actor, Action.TARGET_SET, Scope())
        language = language_of(request)
        form = await request.form()
        saves = form.get("simpan") == "ya"
        clocks = await targets.shown(visitor.actor, language)
        fields = target_fields(clocks, frame.pages.texts(request).gettext, tried=True)
        filled = Filled.of(fields, form.multi_items())
        needed = [one for one in fields if saves or one.name != "reason"]
        if missing := filled.missing(needed, language):
            return await page(request, visitor, clocks, filled, missing, status=422)
        rule, amount, seen = (str(filled.words[name]) for name in ("rule", "amount", "before"))
        try:
            asked = SetTarget.model_validate(
                {
                    "rule": rule, "amount": amount or None, "before": seen or None,
                    "reason": filled.words["reason"] or "-",
                }
            )  # fmt: skip
            if not saves:
                found = await targets.tried(visitor.actor, asked.rule, asked.amount, language)
                words = {**filled.words, "before": str(found.before or "")}
                return await page(request, visitor, clocks, Filled(words), found=found)
            key = form.get(ONCE)
            await desk.ask(visitor.actor, asked, None, key if isinstance(key, str) else None)
        except ValidationError as error:
            told = problems(error, fields, language)
            return await page(request, visitor, clocks, filled, told, status=422)
        except Refused as refused:
            told = refusal(refused, fields, language)
            return await page(request, visitor, clocks, filled, told, status=refused.status)
        return RedirectResponse(f"{TARGETS}?tersimpan=ya", 303, HEADERS)

    return router


def target_fields(clocks: list[ClockTarget], _: Translate, *, tried: bool) -> list[Field]:
    """The form; what it was tried with is looked at before it is saved with a reason."""
    fields = [
        Field(
            "rule", _("Tenggat"), "choice", value="",
            choices=[("", _("Pilih tenggat")), *((one.rule, f"{one.name} ({one.law})") for one in clocks)],
        ),
        Field(
            "amount", _("Sasaran"), hint=_("Angka, dalam satuan tenggat itu. Kosong: tanpa sasaran."), required=False,
            most=4,
        ),
        Field("before", "", "hidden", required=False),
    ]  # fmt: skip
    if tried:
        hint = _("Tercatat di log untuk selamanya; tanpa data pribadi.")
        fields.append(Field("reason", _("Alasan"), hint=hint, most=300))
    return fields
