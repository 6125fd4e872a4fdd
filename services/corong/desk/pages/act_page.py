"""Doing something with a case: a page with the act's form, and what becomes of it when it is sent.

What was written is never lost: a refusal comes with the form as it was filled in.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from corong.desk.acts.all_acts import all_acts
from corong.desk.acts.form import FORM, Act, Field, Filled, Subject, problems
from corong.desk.cases import CaseName, Cases
from corong.desk.models import Case, Decision
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.case_words import CaseWords
from corong.desk.pages.frame import HEADERS, HOME, Frame
from corong.desk.pages.places import act_address, case_address
from corong.runtime.language import language_of
from corong.runtime.policy import Action, Forbidden
from corong.runtime.refusal import Refused

ONCE = "once"
"""The hidden field with the Idempotency-Key: a form that is sent twice is done once."""

Reader = Annotated[Visitor, Depends(may(Action.CASE_READ))]
Slug = Annotated[str, Path(pattern=r"^[a-z-]{1,40}$")]


def new_key() -> str:
    """For the hidden field of a form."""
    return secrets.token_urlsafe(16)


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    cases = Cases(frame.desk)
    words = CaseWords(frame)

    async def subject_of(request: Request, visitor: Visitor, case: UUID) -> Subject:
        language = language_of(request)
        found = await frame.desk.read(lambda connection: cases.view(connection, visitor.actor, case, language))
        return Subject(frame.desk, visitor.actor, found, frame.pages.texts(request).gettext)

    @router.get(act_address("{case}", "{act}"))
    async def form(request: Request, visitor: Reader, case: CaseName, act: Slug) -> Response:
        subject = await subject_of(request, visitor, await cases.identify(case))
        wanted = _act(act)
        if wanted.name not in (await words.life(request, visitor.actor, subject.case.case_id)).names:
            _ = subject.translate
            told = _("Keadaan perkara tidak (lagi) mengizinkannya, atau peran Anda tidak berwenang.")
            return page(request, visitor, wanted, subject, status=409, blocked=told)
        return page(request, visitor, wanted, subject)

    @router.post(act_address("{case}", "{act}"))
    async def send(request: Request, visitor: Reader, case: CaseName, act: Slug) -> Response:
        subject = await subject_of(request, visitor, await cases.identify(case))
        wanted, language = _act(act), language_of(request)
        given = await request.form()
        fields = wanted.fields(subject)
        filled = Filled.of(fields, given.multi_items())
        key = given.get(ONCE)

        def again(found: Mapping[str, str], status: int = 422) -> Response:
            return page(request, visitor, wanted, subject, filled=filled, found=found, status=status)

        if missing := filled.missing(fields, language):
            return again(missing)
        named, wrong = await _named_cases(cases, fields, filled, language)
        if wrong:
            return again(wrong)
        try:
            body = named.body(wanted, fields)
        except ValidationError as error:
            return again(problems(error, fields, language))
        command = wanted.command(subject.case.case_id, body)
        try:
            done = await cases.command(
                visitor.actor, command, subject.case.case_id, key if isinstance(key, str) and key else None
            )
        except Refused as refused:
            return again({FORM: refused.indonesian if language == "id" else refused.english}, refused.status)
        except Forbidden as forbidden:
            return again({FORM: forbidden.pesan if language == "id" else forbidden.detail}, 403)
        # An officer who has given the case away may not read it any more.
        where = case_address(subject.case.case_id) if done.case is not None else HOME
        late = "" if done.shown else "&menyusul=ya"
        return RedirectResponse(f"{where}?selesai={wanted.slug}{late}", 303, HEADERS)

    def page(
        request: Request, visitor: Visitor, act: Act, subject: Subject, *, filled: Filled | None = None,
        found: Mapping[str, str] | None = None, status: int = 200, blocked: str = "",
    ) -> Response:  # fmt: skip
        _ = subject.translate
        proposal = _proposal(subject.case) if act.shows_proposal else None
        fields = act.fields(subject)
        return frame.render(
            request, visitor, "desk/act.html", status, act=act, title=act.title(_), case=subject.case,
            fields=fields, labels={one.name: one.id for one in fields}, filled=filled or Filled({}),
            errors=dict(found or {}), key=new_key(), once=ONCE,
            blocked=blocked, back=case_address(subject.case.case_id),
            proposal=proposal, until=_until(proposal), outcome_word=words.outcome(_),
        )  # fmt: skip

    return router


def _act(slug: str) -> Act:
    found = all_acts().get(slug)
    if found is None:
        raise Refused(404, "no_such_act", "Tindakan itu tidak ada.", "There is no such act.")
    return found


def _proposal(case: Case) -> Decision | None:
    waiting = [one for one in case.decisions if one.state == "proposed"]
    return waiting[-1] if waiting else None


def _until(proposal: Decision | None) -> date | None:
    """The last day on which what is withheld stays exempt."""
    test = proposal.finding.get("test") if proposal else None
    return date.fromisoformat(test["exempt_until"]) if test else None


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
            wrong[one.name] = f"{one.label}: {refused.indonesian if language == 'id' else refused.english}"
    return Filled(words), wrong
