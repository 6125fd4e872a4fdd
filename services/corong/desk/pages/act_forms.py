"""The page of an act's form, as whoever opens it, sends it or keeps it as a draft gets it."""

import secrets
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from corong.desk.acts.all_acts import all_acts
from corong.desk.acts.form import Act, Field, Filled, Subject
from corong.desk.cases import Cases
from corong.desk.drafts.drafts import Draft, Drafts
from corong.desk.models import Case, Decision
from corong.desk.pages.admission import Visitor
from corong.desk.pages.case_words import CaseWords
from corong.desk.pages.frame import Frame
from corong.desk.pages.places import act_address, case_address, draft_address
from corong.desk.pages.presence_words import PresenceWords
from corong.runtime.language import language_of
from corong.runtime.refusal import Refused

ONCE = "once"
"""The hidden field with the Idempotency-Key: a form that is sent twice is done once."""
DRAFT = "draft"
"""The hidden field with the version of the draft that the form was filled from."""


def new_key() -> str:
    """For the hidden field of a form."""
    return secrets.token_urlsafe(16)


def act_of(slug: str) -> Act:
    """The act of that name in the address. Raises `Refused` (404)."""
    found = all_acts().get(slug)
    if found is None:
        raise Refused(404, "no_such_act", "Tindakan itu tidak ada.", "There is no such act.")
    return found


def version_of(given: object) -> int:
    """From the hidden field; what is no number is as never kept."""
    return int(given) if isinstance(given, str) and given.isdecimal() and len(given) < 10 else 0


def restored(fields: list[Field], draft: Draft) -> Filled:
    """A form as its draft left it; what the page itself says is never taken from there."""
    return Filled.of([one for one in fields if one.widget != "hidden"], draft.words) if draft else Filled({})


class ActForms:
    """Shows them."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._cases = Cases(frame.desk)
        self._drafts = Drafts(frame.desk)
        self._words = CaseWords(frame)

    async def subject_of(self, request: Request, visitor: Visitor, case: UUID) -> Subject:
        """The case as the officer reads it. Raises `Refused` (404), `Forbidden`."""
        language, desk = language_of(request), self._frame.desk
        found = await desk.read(lambda connection: self._cases.view(connection, visitor.actor, case, language))
        return Subject(desk, visitor.actor, found, self._frame.pages.texts(request).gettext)

    async def draft_of(self, visitor: Visitor, case: UUID, act: Act) -> Draft:
        """What the officer wrote and did not send."""
        return await self._frame.desk.read(
            lambda connection: self._drafts.of(connection, visitor.id, case, act.slug)
        )  # fmt: skip

    def page(
        self, request: Request, visitor: Visitor, act: Act, subject: Subject, *, draft: Draft,
        filled: Filled | None = None, found: Mapping[str, str] | None = None, status: int = 200, blocked: str = "",
        other: Draft | None = None, kept: bool = False,
    ) -> Response:  # fmt: skip
        """The form. `draft` is what it is filled from, where not `filled`; `other` what another window kept."""
        _ = subject.translate
        proposal = _proposal(subject.case) if act.shows_proposal else None
        fields, live = act.fields(subject), self._frame.live
        case_id = str(subject.case.case_id)
        live.presence.page(case_id, visitor.id)
        others = live.presence.of(case_id, visitor.id)
        return self._frame.render(
            request, visitor, "desk/act.html", status, act=act, title=act.title_for(subject), case=subject.case,
            fields=fields, labels={one.name: one.id for one in fields}, filled=filled or restored(fields, draft),
            errors=dict(found or {}), key=new_key(), once=ONCE, draft=draft, draft_field=DRAFT, kept=kept,
            other=restored(fields, other) if other is not None else None, other_at=other.saved_at if other else None,
            act_at=act_address(subject.case.case_id, act.slug), keep_at=draft_address(subject.case.case_id, act.slug),
            blocked=blocked, back=case_address(subject.case.case_id),
            there=PresenceWords(self._frame.desk, _).of_case(subject.case.kind, others),
            leads_to=act.leads_to(_) if act.leads_to else "",
            proposal=proposal, until=_until(proposal), outcome_word=self._words.outcome(_),
        )  # fmt: skip


def _proposal(case: Case) -> Decision | None:
    waiting = [one for one in case.decisions if one.state == "proposed"]
    return waiting[-1] if waiting else None


def _until(proposal: Decision | None) -> date | None:
    """The last day on which what is withheld stays exempt."""
    test = proposal.finding.get("test") if proposal else None
    return date.fromisoformat(test["exempt_until"]) if test else None
