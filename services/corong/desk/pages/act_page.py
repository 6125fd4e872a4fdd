"""Doing something with a case: a page with the act's form, and what becomes of it when it is sent.

What was written is never lost: a refusal comes with the form as it was filled in. A draft goes when it was sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from corong.desk.acts.form import FORM, Field, Filled, problems
from corong.desk.cases import CaseName, Cases
from corong.desk.drafts.drafts import Drafts
from corong.desk.pages.act_forms import DRAFT, ONCE, ActForms, act_of, version_of
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.case_words import CaseWords
from corong.desk.pages.frame import HEADERS, HOME, Frame
from corong.desk.pages.places import act_address, case_address
from corong.runtime.language import language_of
from corong.runtime.policy import Action, Forbidden
from corong.runtime.refusal import Refused

Reader = Annotated[Visitor, Depends(may(Action.CASE_READ))]
Slug = Annotated[str, Path(pattern=r"^[a-z-]{1,40}$")]


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    cases, forms = Cases(frame.desk), ActForms(frame)
    drafts = Drafts(frame.desk)
    words = CaseWords(frame)

    @router.get(act_address("{case}", "{act}"))
    async def form(request: Request, visitor: Reader, case: CaseName, act: Slug, draf: str = "") -> Response:
        subject = await forms.subject_of(request, visitor, await cases.identify(case))
        wanted = act_of(act)
        draft = await forms.draft_of(visitor, subject.case.case_id, wanted)
        if wanted.name not in (await words.life(request, visitor.actor, subject.case.case_id)).names:
            _ = subject.translate
            told = _("Keadaan perkara tidak (lagi) mengizinkannya, atau peran Anda tidak berwenang.")
            return forms.page(request, visitor, wanted, subject, draft=draft, status=409, blocked=told)
        return forms.page(request, visitor, wanted, subject, draft=draft, kept=draf == "tersimpan")

    @router.post(act_address("{case}", "{act}"))
    async def send(request: Request, visitor: Reader, case: CaseName, act: Slug) -> Response:
        subject = await forms.subject_of(request, visitor, await cases.identify(case))
        case_id, wanted, language = subject.case.case_id, act_of(act), language_of(request)
        given = await request.form()
        fields = wanted.fields(subject)
        filled = Filled.of(fields, given.multi_items())
        key = given.get(ONCE)
        draft = replace(await forms.draft_of(visitor, case_id, wanted), version=version_of(given.get(DRAFT)))

        def again(found: Mapping[str, str], status: int = 422) -> Response:
            return forms.page(
                request, visitor, wanted, subject, draft=draft, filled=filled, found=found, status=status
            )  # fmt: skip

        if missing := filled.missing(fields, language):
            return again(missing)
        named, wrong = await _named_cases(cases, fields, filled, language)
        if wrong:
            return again(wrong)
        try:
            body = named.body(wanted, fields)
        except ValidationError as error:
            return again(problems(error, fields, language))
        command = wanted.command(case_id, body)
        try:
            done = await cases.command(
                visitor.actor, command, case_id, key if isinstance(key, str) and key else None
            )  # fmt: skip
        except Refused as refused:
            return again({FORM: refused.told(language)}, refused.status)
        except Forbidden as forbidden:
            return again({FORM: forbidden.pesan if language == "id" else forbidden.detail}, 403)
        if fields:
            await drafts.clear(visitor.id, case_id, wanted.slug)
            frame.live.presence.wrote(str(case_id), visitor.id, wanted.slug)
        # An officer who has given the case away may not read it any more.
        where = case_address(case_id) if done.case is not None else HOME
        late = "" if done.shown else "&menyusul=ya"
        return RedirectResponse(f"{where}?selesai={wanted.slug}{late}", 303, HEADERS)

    return router


async def _named_cases(
    cases: Cases, fields: Sequence[Field], filled: Filled, language: str
) -> tuple[Filled, dict[str, str]]:
    """The form with ids in the place of registration numbers, and which numbers there are none of."""
    words: dict[str, str | list[str]] = dict(filled.words)
    wrong: dict[str, str] = {}
    for one in fields:
        value = filled.words.get(one.name)
        if not one.is_case or not value:
            continue
        try:
            if isinstance(value, list):
                words[one.name] = [str(await cases.identify(number)) for number in value]
            else:
                words[one.name] = str(await cases.identify(value))
        except Refused as refused:
            wrong[one.name] = f"{one.label}: {refused.told(language)}"
    return Filled(words), wrong
