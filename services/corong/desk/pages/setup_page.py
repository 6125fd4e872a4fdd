"""The setup: who is who and what is in force; and the rules of routing, tried before they are saved."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.frame import HEADERS, Frame
from corong.desk.pages.places import CALENDAR, NEW_OFFICER, SETUP, TARGETS, UNITS, officer_address
from corong.desk.pages.words import role_name
from corong.desk.rules_api import trial
from corong.desk.trying_rules import Trying, by_rules
from corong.runtime.commands import ask
from corong.runtime.language import language_of
from corong.runtime.policy import Action, Scope, allowed, authorise
from corong.runtime.refusal import Refused
from corong_contracts.rules_command import SetRules, ShowRules

RULES = f"{SETUP}/aturan"
DAYS = 30
MOST_TRIED = 2_000
"""So many cases at most in one answer of the page, the newest; the command tries all."""
LONGEST = 55_000

Reader = Annotated[Visitor, Depends(may(Action.SETUP_READ))]
Changer = Annotated[Visitor, Depends(may(Action.RULES_CHANGE))]


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    trying = Trying(desk)

    @router.get(SETUP)
    async def setup(request: Request, visitor: Reader) -> Response:
        authorise(visitor.actor, Action.SETUP_READ, Scope())
        rules = await ask(desk.service.broker, ShowRules(), visitor.id)
        units = {unit.id: unit.name for unit in desk.directory.units}
        return frame.render(
            request, visitor, "desk/setup.html", directory=desk.directory, unit_names=units, rules=rules["edition"],
            person=desk.person(rules["edition"]["officer"]), rules_at=RULES, calendar_at=CALENDAR, targets_at=TARGETS,
            units_at=UNITS, officer_at=officer_address,
            new_officer_at=NEW_OFFICER if allowed(visitor.actor, Action.OFFICER_CHANGE, Scope()) else None,
            role_of=lambda role: role_name(role, language_of(request)),
        )  # fmt: skip

    async def page(
        request: Request, visitor: Visitor, content: str | None = None, edition: int | None = None, *,
        tried: bool = False, problem: str = "", status: int = 200,
    ) -> Response:  # fmt: skip
        rules = await ask(desk.service.broker, ShowRules(), visitor.id)
        found = None
        if tried and content is not None and not problem:
            try:
                whole = await trying.page(
                    visitor.actor, Action.RULES_CHANGE, by_rules(content), DAYS, MOST_TRIED, None
                )  # fmt: skip
                found = trial(desk, whole, language_of(request))
            except Refused as refused:
                problem, status = _told(request, refused), refused.status
        return frame.render(
            request, visitor, "desk/rules.html", status, base=SETUP, here_at=RULES, days=DAYS, problem=problem,
            content=rules["content"] if content is None else content, found=found, longest=LONGEST,
            edition=rules["edition"]["edition"] if edition is None else edition,
            editions=[(one, desk.person(one["officer"])) for one in rules["editions"]],
            may_change=allowed(visitor.actor, Action.RULES_CHANGE, Scope()),
            done=request.query_params.get("tersimpan") == "ya",
        )  # fmt: skip

    @router.get(RULES)
    async def shown(request: Request, visitor: Reader) -> Response:
        authorise(visitor.actor, Action.SETUP_READ, Scope())
        return await page(request, visitor)

    @router.post(RULES)
    async def tried_or_saved(request: Request, visitor: Changer) -> Response:
        authorise(visitor.actor, Action.RULES_CHANGE, Scope())
        form = await request.form()
        # A browser sends each line's end as CR LF.
        content = str(form.get("isi", "")).replace("\r\n", "\n")[: LONGEST + 1]
        given = str(form.get("edisi", ""))
        edition = int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0
        reason = str(form.get("alasan", "")).strip()[:300]
        english = language_of(request) == "en"
        if not content.strip() or len(content) > LONGEST:
            told = "The rules are empty or too long." if english else "Aturan kosong atau terlalu panjang."
            return await page(request, visitor, content[:LONGEST], edition, problem=told, status=422)
        if form.get("simpan") != "ya":
            return await page(request, visitor, content, edition, tried=True)
        if not reason:
            told = "Give a reason." if english else "Tulislah alasannya."
            return await page(request, visitor, content, edition, problem=told, status=422)
        try:
            await ask(desk.service.broker, SetRules(content=content, after=edition, reason=reason), visitor.id)
        except Refused as refused:
            told = _told(request, refused)
            return await page(request, visitor, content, edition, problem=told, status=refused.status)
        return RedirectResponse(f"{RULES}?tersimpan=ya", 303, HEADERS)

    return router


def _told(request: Request, refused: Refused) -> str:
    return refused.english if language_of(request) == "en" else refused.indonesian
