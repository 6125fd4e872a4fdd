"""The frame of the desk's pages: navigation by role, who is signed in, headers, and what can't be done in words."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from corong.desk.access.form_tokens import FIELD
from corong.desk.access.passkey_door import PasskeyDoor
from corong.desk.access.passkeys import Site, site_of
from corong.desk.access.provider import Provider
from corong.desk.access.provider_door import ProviderDoor
from corong.desk.access.sign_in import SignIn
from corong.desk.app import DeskService
from corong.desk.context import Desk
from corong.desk.entering.counters import kept_by
from corong.desk.pages.admission import SAFE, Visitor
from corong.desk.pages.places import ACCOUNT, ENTRY, HANDOVERS, OBLIGATIONS, POSTS, SEARCH, WORDINGS
from corong.desk.pages.words import role_name
from corong.runtime.kind_names import Translate
from corong.runtime.language import language_of
from corong.runtime.pages import NOTHING_KEPT, Pages
from corong.runtime.policy import Action, ever_allowed
from corong.runtime.refusal import Refused

SIGN_IN = "/masuk"
HOME = "/desk"

HEADERS = {**NOTHING_KEPT, "Referrer-Policy": "same-origin"}
"""`same-origin`, not `no-referrer`: with that a browser hides where a form comes from, and it is not taken."""


@dataclass(frozen=True)
class Entry:
    """A place in the navigation, for who has the right."""

    address: str
    name: str
    needs: Action


def entries(_: Translate) -> list[Entry]:
    """Every place, in order; a page that is added gets its line here."""
    return [
        Entry(HOME, _("Antrean"), Action.QUEUE_LIST),
        Entry("/desk/angka", _("Angka"), Action.FIGURES_READ),
        Entry("/desk/audit", _("Audit"), Action.AUDIT_READ),
        Entry(ENTRY, _("Catat pesan"), Action.MESSAGE_ENTER),
        Entry(POSTS, _("Unggahan"), Action.POST_READ),
        Entry(WORDINGS, _("Templat"), Action.WORDING_ADOPT),
        Entry(HANDOVERS, _("Serahkan jawaban"), Action.DELIVERY_RESOLVE),
        Entry(OBLIGATIONS, _("Kewajiban"), Action.OBLIGATION_READ),
        Entry("/desk/pengelolaan", _("Pengelolaan"), Action.SETUP_READ),
    ]


def training(_: Translate) -> list[Entry]:
    """What a training hub has beside it."""
    return [Entry("/desk/latihan", _("Latihan"), Action.QUEUE_LIST)]


class Frame:
    """Renders the desk's pages; each page gets it."""

    def __init__(self, service: DeskService, pages: Pages) -> None:
        self.live = service
        self.desk = desk = Desk(service)
        self.pages = pages
        self.sign_in = SignIn(desk)
        self.sign_in.ended.append(service.streams.doubt)
        self.passkeys = PasskeyDoor(desk, self.sign_in)
        entry = desk.directory.hub.sign_in_provider
        provider = Provider(entry, desk.installation.clock) if entry is not None else None
        self.provider = ProviderDoor(desk, self.sign_in, provider) if provider is not None else None
        pages.refusals[HOME] = pages.refusals[SIGN_IN] = self.refuse

    def router(self) -> APIRouter:
        """A router whose routes have this desk at hand."""
        return APIRouter(include_in_schema=False, dependencies=[Depends(self.provide)])

    def site(self, request: Request) -> Site | None:
        """What passkeys are bound to here; None where they can't work."""
        return site_of(self.pages.base_url(request), request.url.hostname, self.desk.directory.hub.name)

    async def provide(self, request: Request) -> None:
        """Dependency of all routes, the first: what those that follow ask for."""
        request.state.desk = self.desk
        request.state.sign_in = self.sign_in

    def render(
        self, request: Request, visitor: Visitor | None, template: str, status: int = 200, **values: Any
    ) -> Response:
        """A page of the desk, for an officer or, at its door, for nobody."""
        _ = self.pages.texts(request).gettext
        places = [] if visitor is None else self._places(visitor, _)
        return self.pages.render(
            request, template, status, HEADERS, visitor=visitor, places=places, own_page=ACCOUNT,
            here=_here(request, [ACCOUNT, *(entry.address for entry in places)]),
            role=role_name(visitor.officer.role, language_of(request)) if visitor else "", token_field=FIELD,
            searches=SEARCH if visitor and ever_allowed(visitor.actor, Action.CASE_READ) else None, **values,
        )  # fmt: skip

    def _places(self, visitor: Visitor, _: Translate) -> list[Entry]:
        """What of the navigation leads the officer anywhere."""
        known = [*entries(_), *(training(_) if self.desk.installation.settings.demo else ())]
        found = [entry for entry in known if ever_allowed(visitor.actor, entry.needs)]
        counter = bool(kept_by(visitor.actor, self.desk.directory))
        return [entry for entry in found if entry.address != ENTRY or counter]

    def refuse(self, request: Request, refused: Refused) -> Response:
        """What can't be done: to the door for who is not signed in, else a page in plain words."""
        if refused.status == 401 and request.method in SAFE:
            asked = f"{request.url.path}?{request.url.query}".rstrip("?")
            return RedirectResponse(f"{SIGN_IN}?next={quote(asked, safe='')}", 303, HEADERS)
        text = refused.english if language_of(request) == "en" else refused.indonesian
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        page = self.render(request, visitor, "desk/refused.html", refused.status, code=refused.status, text=text)
        if refused.status == 503:
            page.headers["Retry-After"] = "5"
        return page


def _here(request: Request, places: list[str]) -> str:
    """The address in the navigation under which the page is."""
    found = [address for address in places if f"{request.url.path}/".startswith(f"{address}/")]
    return max(found, key=len, default="")
