"""Who may open a page of the desk: every route has one dependency that asks, and `tests` fail where one has none.

    @router.get("/desk/…")
    async def page(request: Request, visitor: Annotated[Visitor, Depends(may(Action.CASE_READ))]) -> Response: …

It lets in who is signed in and whose role has the right in the own unit at least. Whether that reaches the very thing
that a page shows is asked with `authorise`, as the API does. A form that is sent must carry its token.
"""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from corong.desk.access.sessions import Session
from corong.desk.access.sign_in import SignIn
from corong.desk.context import Desk
from corong.desk.preferences.preferences import Preferences, of_officer
from corong.runtime.directory import Officer
from corong.runtime.pages import Pages
from corong.runtime.policy import Action, Actor, Scope, authorise, ever_allowed
from corong.runtime.refusal import Refused
from corong_contracts.case import CaseKind

SAFE = ("GET", "HEAD")
SECURE_COOKIE, COOKIE = "__Host-corong", "corong_desk"
"""The first where the connection is encrypted: then no other host and no other path can set it (RFC 6265bis)."""


@dataclass(frozen=True)
class Visitor:
    """An officer who is signed in."""

    actor: Actor
    officer: Officer
    session: Session
    form_token: str
    """For the hidden field of each form."""
    preferences: Preferences = field(default_factory=Preferences)

    @property
    def id(self) -> str:
        """The officer's id."""
        return self.officer.id


class Admits:
    """The dependency: raises `Refused` (401, 403) and `Forbidden`."""

    def __init__(self, *actions: Action) -> None:
        """One of these rights is needed; without any, to be signed in is enough."""
        self.actions = actions

    async def __call__(self, request: Request) -> Visitor:
        """Let in, or not."""
        sign_in: SignIn = request.state.sign_in
        session = await sign_in.session(cookie_of(request))
        if session is None:
            raise Refused(401, "signed_out", "Anda belum masuk, atau sesi Anda sudah berakhir.",
                          "You are not signed in, or your session is over.")  # fmt: skip
        desk: Desk = request.state.desk
        officer = desk.directory.officer(session.officer)
        set_by = await desk.read(lambda connection: of_officer(connection, session.officer))
        visitor = Visitor(Actor.of_officer(officer), officer, session, sign_in.forms.make(session.id), set_by)
        request.state.visitor = visitor  # the page that says what can't be done is in the officer's frame too
        if self.actions and not any(ever_allowed(visitor.actor, action) for action in self.actions):
            authorise(visitor.actor, self.actions[0], Scope(officer.unit, CaseKind.COMPLAINT))
        if request.method not in SAFE:
            await sign_in.forms.check(request, session.id)
        return visitor


def may(*actions: Action) -> Admits:
    """Whoever has one of these rights, in the own unit at least."""
    return Admits(*actions)


SignedIn = Annotated[Visitor, Depends(Admits())]
"""Every officer who is signed in."""


def cookie_name(request: Request) -> str:
    """What the session's cookie is called on this connection."""
    pages: Pages = request.app.state.pages
    return SECURE_COOKIE if pages.secure(request) else COOKIE


def set_session(request: Request, answer: Response, cookie: str) -> Response:
    """The answer, by which the browser keeps its session until it is closed."""
    pages: Pages = request.app.state.pages
    secure = pages.secure(request)
    answer.set_cookie(cookie_name(request), cookie, path="/", httponly=True, samesite="lax", secure=secure)
    return answer


def cookie_of(request: Request) -> str | None:
    """What the browser keeps of its session."""
    return request.cookies.get(cookie_name(request))
