"""One act on many cases: what will happen to each, what happened, and taking it back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from corong.desk.acts.all_acts import all_acts
from corong.desk.acts.form import Act, Field, Filled, Subject, problems
from corong.desk.bulk.doing import MOST, Bulk, Outcome, Seen, trace_of
from corong.desk.bulk.inverse import INVERSES
from corong.desk.cases import Cases
from corong.desk.models import CaseSummary
from corong.desk.pages.act_forms import ONCE, new_key
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.frame import HOME, Frame
from corong.desk.pages.places import BULK, case_address
from corong.desk.pages.words import state_shown
from corong.runtime.kind_names import Translate
from corong.runtime.language import Language, language_of
from corong.runtime.policy import Action
from corong.runtime.refusal import Refused
from corong_contracts.case import Priority
from corong_contracts.command import Command

ACTS = ("ambil", "lepas", "disposisi", "prioritas", "catatan", "tutup", "tutup-tanpa-jawaban")
"""By the name in the address: acts that say the same of many cases."""
CHOSEN, ACT, BACK, TRACE = "perkara", "tindakan", "balik", "jejak"
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
_TRACE = re.compile(r"[0-9a-f]{32}")
_BACK = re.compile(r"([0-9a-f-]{36}):([a-z0-9-]{0,63})")

Worker = Annotated[Visitor, Depends(may(Action.CASE_NOTE))]


@dataclass(frozen=True)
class Line:
    """One case of a list."""

    case: CaseSummary
    name: str
    told: str = ""
    """Why it can't be done, or what was refused."""


def bulk_acts(_: Translate) -> list[tuple[str, str]]:
    """Name in the address and words, for the queue's page."""
    return [(slug, all_acts()[slug].title(_)) for slug in ACTS]


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    bulk, cases = Bulk(desk), Cases(desk)

    @router.get(BULK)
    async def foresee(request: Request, visitor: Worker) -> Response:
        asked = request.query_params
        act = _act(asked.get(ACT, ""))
        seen = await bulk.seen(visitor.actor, _ids(asked.getlist(CHOSEN)))
        return await confirm(request, visitor, act, seen)

    @router.post(BULK)
    async def do(request: Request, visitor: Worker) -> Response:
        form = await request.form()
        act, key = _act(form.get(ACT, "")), _key(form)
        seen = await bulk.seen(visitor.actor, _ids(form.getlist(CHOSEN)))
        language = language_of(request)
        if not seen:
            return await result(request, visitor, act, seen, [], "")
        fields = await fields_of(request, visitor, act, seen)
        filled = Filled.of(fields, form.multi_items())
        if missing := filled.missing(fields, language):
            return await confirm(request, visitor, act, seen, filled=filled, found=missing, key=key)
        try:
            body = filled.body(act, fields)
        except ValidationError as error:
            found = problems(error, fields, language)
            return await confirm(request, visitor, act, seen, filled=filled, found=found, key=key)
        commands = {one.case.case_id: act.command(one.case.case_id, body) for one in seen}
        trace = trace_of(visitor.id, key)
        outcomes = await bulk.do(visitor.actor, commands, key, trace)
        return await result(request, visitor, act, seen, outcomes, trace)

    @router.post(f"{BULK}/urungkan")
    async def undo(request: Request, visitor: Worker) -> Response:
        form = await request.form()
        act, key, trace = _act(form.get(ACT, "")), _key(form), form.get(TRACE)
        if act.name not in INVERSES or not isinstance(trace, str) or not _TRACE.fullmatch(trace):
            raise Refused(422, "nothing_to_undo", "Ini tidak dapat diurungkan.", "This can't be undone.")
        back = dict(_backs(form))
        seen = await bulk.seen(visitor.actor, list(back))
        commands = {one.case.case_id: _inverse(act, one.case.case_id, back[one.case.case_id]) for one in seen}
        outcomes = await bulk.do(visitor.actor, commands, key, trace)
        return await result(request, visitor, act, seen, outcomes, trace, undone=True)

    async def fields_of(request: Request, visitor: Visitor, act: Act, seen: Sequence[Seen]) -> list[Field]:
        """As for one of the cases: what is asked is the same for all."""
        if not seen:
            return []
        language = language_of(request)
        first = next((one for one in seen if act.name in one.acts), seen[0]).case.case_id
        found = await desk.read(lambda connection: cases.view(connection, visitor.actor, first, language))
        return act.fields(Subject(desk, visitor.actor, found, frame.pages.texts(request).gettext))

    async def confirm(
        request: Request, visitor: Visitor, act: Act, seen: Sequence[Seen], *, filled: Filled | None = None,
        found: Mapping[str, str] | None = None, key: str = "",
    ) -> Response:  # fmt: skip
        _ = frame.pages.texts(request).gettext
        possible = [Line(one.case, _name(one)) for one in seen if act.name in one.acts]
        refused = [Line(one.case, _name(one), _why(one, visitor, _)) for one in seen if act.name not in one.acts]
        fields = await fields_of(request, visitor, act, seen) if possible else []
        return frame.render(
            request, visitor, "desk/bulk.html", 422 if found else 200, title=act.title(_), slug=act.slug,
            possible=possible, refused=refused, fields=fields, filled=filled or Filled({}), errors=dict(found or {}),
            labels={one.name: one.id for one in fields}, key=key or new_key(), once=ONCE, address=BULK, back=HOME,
            stays=act.name not in INVERSES, address_of=case_address,
        )  # fmt: skip

    async def result(
        request: Request, visitor: Visitor, act: Act, seen: Sequence[Seen], outcomes: Sequence[Outcome], trace: str,
        *, undone: bool = False,
    ) -> Response:  # fmt: skip
        _ = frame.pages.texts(request).gettext
        language = language_of(request)
        by_case = {one.case.case_id: one for one in seen}
        done = [by_case[one.case_id] for one in outcomes if one.refused is None]
        failed = [
            Line(by_case[one.case_id].case, _name(by_case[one.case_id]), _words(one.refused, language))
            for one in outcomes
            if one.refused is not None
        ]
        back: list[str] = []
        if not undone and (inverse := INVERSES.get(act.name)) is not None:
            for one in done:
                now = await bulk.acts(visitor.actor, one.case.case_id)
                if now is not None and inverse.act in now:
                    back.append(f"{one.case.case_id}:{inverse.before(one.case)}")
        return frame.render(
            request, visitor, "desk/bulk_done.html", title=act.title(_), slug=act.slug, undone=undone,
            done=[Line(one.case, _name(one)) for one in done], failed=failed, back=back, trace=trace, key=new_key(),
            once=ONCE, address=f"{BULK}/urungkan", home=HOME, address_of=case_address,
        )  # fmt: skip

    return router


def _act(slug: object) -> Act:
    if slug not in ACTS:
        raise Refused(404, "no_such_act", "Tindakan itu tidak ada.", "There is no such act.")
    return all_acts()[str(slug)]


def _ids(given: Sequence[object]) -> list[UUID]:
    """Each once; what is no id is passed over, and more than the most as well."""
    found: dict[UUID, None] = {}
    for one in given:
        try:
            found[UUID(str(one))] = None
        except ValueError:
            continue
    return list(found)[:MOST]


def _key(form: FormData) -> str:
    key = form.get(ONCE)
    return key if isinstance(key, str) and _KEY.fullmatch(key) else new_key()


def _backs(form: FormData) -> list[tuple[UUID, str]]:
    found = [_BACK.fullmatch(str(one)) for one in form.getlist(BACK)]
    return [(case, one[2]) for one in found if one for case in _ids([one[1]])][:MOST]


def _inverse(act: Act, case: UUID, before: str) -> Command:
    if act.name == "prioritise" and before not in [*Priority]:
        raise Refused(422, "nothing_to_undo", "Ini tidak dapat diurungkan.", "This can't be undone.")
    if act.name == "assign" and not before:
        raise Refused(422, "nothing_to_undo", "Ini tidak dapat diurungkan.", "This can't be undone.")
    return INVERSES[act.name].command(case, before)


def _name(one: Seen) -> str:
    return one.snippet.subject or one.snippet.text


def _why(one: Seen, visitor: Visitor, _: Translate) -> str:
    """Why the life table does not allow it, as far as the case shows."""
    if one.away:
        return _("Belum dapat ditanyakan; coba lagi sebentar lagi.")
    if one.case.holder is not None and one.case.holder.id != visitor.id:
        return _("Dipegang %(name)s.") % {"name": one.case.holder.name}
    state = state_shown(one.case.state, one.case.life, _).text
    return _("Keadaannya (%(state)s) tidak mengizinkannya, atau peran Anda tidak berwenang.") % {"state": state}


def _words(refused: Refused | None, language: Language) -> str:
    if refused is None:
        return ""
    return refused.english if language == "en" else refused.indonesian
