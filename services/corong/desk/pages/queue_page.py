"""The queue: what waits, for whom, until when. The urgent ones first, then the oldest, as the API gives them."""

from dataclasses import dataclass
from datetime import datetime

from babel.support import NullTranslations
from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from corong.desk import mentions, queue, snippets
from corong.desk.acts.all_acts import all_acts
from corong.desk.cases import Cases
from corong.desk.context import Desk
from corong.desk.live.queue_view import QueueView
from corong.desk.live.streams import State
from corong.desk.models import CaseSummary
from corong.desk.pages.admission import SignedIn, Visitor
from corong.desk.pages.asked import Filter, wanted_of
from corong.desk.pages.bulk_page import bulk_acts
from corong.desk.pages.frame import HEADERS, HOME, Frame
from corong.desk.pages.places import ACCOUNT, case_address
from corong.desk.pages.presence_words import PresenceWords
from corong.desk.pages.saved_views import Tab, tabs
from corong.desk.pages.words import (
    Shown,
    deadline_shown,
    kind_word,
    last_day,
    priority_word,
    state_shown,
)
from corong.desk.paging import Key, cut, read_cursor
from corong.desk.snippets import Snippet
from corong.runtime.policy import Action, ever_allowed
from corong_contracts.case import CaseKind

ON_A_PAGE = 30
MOST_LATE = 999
"""So many late cases are counted on the page."""


@dataclass(frozen=True)
class Asked:
    """Which page of which queues, for an officer."""

    filter: Filter
    wanted: queue.Wanted
    after: Key | None

    @classmethod
    def of(cls, request: Request, visitor: Visitor, cases: Cases, desk: Desk) -> "Asked":
        """From an address. Raises `Forbidden`, `Refused` (422)."""
        asked = Filter.read(request.query_params)
        wanted = wanted_of(asked, desk.now(), visitor.id, cases.units(visitor.actor, asked.unit or None))
        return cls(asked, wanted, read_cursor(request.query_params.get("lanjut"), queue.ORDER))


@dataclass(frozen=True)
class Line:
    """One case of the list."""

    case: CaseSummary
    snippet: Snippet
    state: Shown
    deadline: Shown | None
    last_day: datetime | None
    kind: str
    priority: str
    mine: bool
    mark: str
    """Changes with what stands here."""
    open_by: str
    """Who else has the case open."""


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    cases = Cases(desk)

    @router.get(HOME)
    async def one_queue(request: Request, visitor: SignedIn) -> Response:
        """The queue, for who has one; auditors begin with the log, the others with what they may do."""
        if not ever_allowed(visitor.actor, Action.QUEUE_LIST):
            first = "/desk/audit" if ever_allowed(visitor.actor, Action.AUDIT_READ) else ACCOUNT
            return RedirectResponse(first, 303, HEADERS)
        return await page(request, visitor)

    async def page(request: Request, visitor: Visitor) -> Response:
        texts = frame.pages.texts(request)
        page_asked = Asked.of(request, visitor, cases, desk)
        asked = page_asked.filter
        wanted, after = page_asked.wanted, page_asked.after
        units, now = wanted.units, wanted.now

        present = PresenceWords(desk, texts.gettext)
        view = QueueView(frame.live.queue_pages, frame.live.presence, wanted, after, ON_A_PAGE, present.names)

        def read(connection: Connection) -> tuple[list[Line], str | None, int, State, list[Tab]]:
            rows, following = cut(
                queue.page(connection, wanted, after, ON_A_PAGE), ON_A_PAGE,
                lambda row: (row["urgency"], row["routed_at"], row["case_id"]),
            )  # fmt: skip
            readable = [row["case_id"] for row in rows if cases.readable(visitor.actor, row)]
            words = snippets.of_cases(desk, connection, readable)
            state = view.state(rows)
            marks = {case_id: (mark, open_by) for case_id, mark, open_by in state.data["rows"]}
            lines = [
                line(cases.summary(row), words.get(row["case_id"], Snippet()), texts, visitor, *marks[row["case_id"]])
                for row in rows
            ]
            saved = tabs(desk, connection, visitor, asked.address())
            return lines, following, queue.late(connection, units, now, MOST_LATE + 1), state, saved

        lines, following, late, state, saved = await desk.read(read)
        mentioned = await desk.read(lambda connection: mentions.unread(connection, visitor.id))
        everywhere = cases.sees_all(visitor.actor)
        _ = texts.gettext
        return frame.render(
            request, visitor, "desk/queue.html", saved=saved, lines=lines, asked=asked, late=late, most_late=MOST_LATE,
            beginning=after is None,
            next=asked.address(lanjut=following) if following else None,
            done=request.query_params.get("selesai") in all_acts(),
            several=everywhere and not asked.unit,
            units=sorted(desk.directory.units, key=lambda unit: unit.name) if everywhere else [],
            address_of=case_address, mentioned=mentioned, most_mentions=mentions.MOST,
            live=f"/desk/alir?{request.url.query}", token=state.token,
            bulk=bulk_acts(_) if ever_allowed(visitor.actor, Action.CASE_NOTE) else [],
            kinds=[(kind.value, kind_word(kind, _)) for kind in CaseKind],
            title=desk.directory.unit(units[0]).name if units else _("Semua unit"),
        )  # fmt: skip

    def line(
        case: CaseSummary, snippet: Snippet, texts: NullTranslations, visitor: Visitor, mark: str, open_by: str
    ) -> Line:
        _ = texts.gettext
        zone = desk.directory.hub.zone
        return Line(
            case=case,
            snippet=snippet,
            state=state_shown(case.state, case.life, _),
            deadline=deadline_shown(case.due_at, desk.now(), zone, _, texts.ngettext),
            last_day=last_day(case.due_at) if case.due_at else None,
            kind=kind_word(case.kind, _),
            priority=priority_word(case.priority, _),
            mine=case.holder is not None and case.holder.id == visitor.id,
            mark=mark,
            open_by=open_by,
        )

    return router
