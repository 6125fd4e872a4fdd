"""One case: what the citizen wrote and what was answered, its facts, its steps."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from corong.desk.cases import CaseName, Cases
from corong.desk.models import Entry
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.frame import Frame
from corong.desk.pages.step_words import step_word
from corong.desk.pages.words import deadline_shown, kind_word, last_day, priority_word, state_shown
from corong.runtime.language import language_of
from corong.runtime.policy import Action

ADDRESS = "/desk/perkara"
LETTERS = ("message.received", "case.answered", "case.noted", "decision.given")
"""Steps that are shown whole; the others are lines of the history."""

Reader = Annotated[Visitor, Depends(may(Action.CASE_READ))]


def address_of(case_id: UUID) -> str:
    """A case's page."""
    return f"{ADDRESS}/{case_id}"


def is_letter(entry: Entry) -> bool:
    """Whether a step is shown whole: it has words, or had some."""
    return entry.kind in LETTERS or bool(entry.text)


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    cases = Cases(desk)

    @router.get(f"{ADDRESS}/{{case}}/lampiran/{{digest}}")
    async def attachment(
        visitor: Reader, case: CaseName, digest: Annotated[str, Path(pattern=r"^sha256-[0-9a-f]{64}$")]
    ) -> Response:
        return await cases.file(visitor.actor, await cases.identify(case), digest)

    @router.get(f"{ADDRESS}/{{case}}")
    async def one_case(request: Request, visitor: Reader, case: CaseName) -> Response:
        identity = await cases.identify(case)
        found = await desk.read(
            lambda connection: cases.view(connection, visitor.actor, identity, language_of(request))
        )
        texts = frame.pages.texts(request)
        _ = texts.gettext
        return frame.render(
            request, visitor, "desk/case.html", case=found,
            files=f"{address_of(identity)}/lampiran",
            letters=[entry for entry in found.thread if is_letter(entry)],
            steps=[(step_word(entry.kind, _), entry) for entry in found.thread if not is_letter(entry)],
            named={entry.kind: step_word(entry.kind, _) for entry in found.thread},
            state=state_shown(found.state, found.life, _),
            deadline=deadline_shown(found.due_at, desk.now(), desk.directory.hub.zone, _, texts.ngettext),
            last_day=last_day(found.due_at) if found.due_at else None,
            kind=kind_word(found.kind, _),
            kind_of=lambda other: kind_word(other.kind, _),
            priority=priority_word(found.priority, _),
            address_of=address_of,
        )  # fmt: skip

    return router
