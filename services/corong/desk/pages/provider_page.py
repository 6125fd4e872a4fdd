"""To the government's own sign-in and back: two addresses, and no page of their own.

The way there is a link, not a form: the pages' `form-action` lets no form lead to another host, and stays so. Whatever
fails ends at the door, whose address then holds one word of ours and nothing that the provider sent.
"""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from corong.desk.access.provider import ProviderAway
from corong.desk.access.provider_attempt import SECONDS, BadAttempt
from corong.desk.access.provider_door import Declined, NotAnOfficer, NotTaken, ProviderDoor, Returned
from corong.desk.access.sign_in import TooManyTries
from corong.desk.pages.admission import cookie_of, set_session
from corong.desk.pages.frame import HEADERS, SIGN_IN, Frame
from corong.desk.pages.local_paths import local_path
from corong.desk.pages.provider_words import AWAY, DECLINED, OLD, REFUSED, STOPPED, UNKNOWN
from corong.runtime.refusal import Refused

THERE, BACK = f"{SIGN_IN}/penyedia", f"{SIGN_IN}/penyedia/kembali"
"""The second is what a provider is told to send browsers back to."""

SECURE_COOKIE, COOKIE = "__Host-corong-penyedia", "corong_penyedia"

_WORDS: dict[type[Exception], str] = {
    Declined: DECLINED, NotAnOfficer: UNKNOWN, NotTaken: REFUSED, ProviderAway: AWAY, TooManyTries: STOPPED,
}  # fmt: skip


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    sign_in, pages = frame.sign_in, frame.pages

    def door() -> ProviderDoor:
        if frame.provider is None:
            raise Refused(404, "not_found", "Halaman itu tidak ada.", "There is no such page.")
        return frame.provider

    def back(request: Request) -> str:
        return f"{pages.base_url(request)}{BACK}"

    def cookie_name(request: Request) -> str:
        return SECURE_COOKIE if pages.secure(request) else COOKIE

    def forget(request: Request, answer: Response) -> Response:
        answer.delete_cookie(
            cookie_name(request), path="/", httponly=True, samesite="lax", secure=pages.secure(request)
        )
        return answer

    def failed(request: Request, word: str, where: str) -> Response:
        query = urlencode({"gagal": word, "next": local_path(where)})
        return forget(request, RedirectResponse(f"{SIGN_IN}?{query}", 303, HEADERS))

    @router.get(THERE)
    async def go(request: Request, next: str = "") -> Response:  # as addresses say it
        way = door()
        if await sign_in.session(cookie_of(request)) is not None:
            return RedirectResponse(local_path(next), 303, HEADERS)
        try:
            address, cookie = await way.begin(local_path(next), back(request))
        except ProviderAway:
            return failed(request, AWAY, next)
        answer = RedirectResponse(address, 303, HEADERS)
        answer.set_cookie(
            cookie_name(request), cookie, max_age=SECONDS, path="/", httponly=True, samesite="lax",
            secure=pages.secure(request),
        )  # fmt: skip
        return answer

    @router.get(BACK)
    async def come_back(
        request: Request, state: str = "", code: str = "", error: str = "", iss: str = ""
    ) -> Response:  # RFC 6749, 4.1.2; RFC 9207
        way = door()
        returned = Returned(state, code, error, iss)
        try:
            attempt = way.attempt(request.cookies.get(cookie_name(request)), returned)
        except BadAttempt:  # who went no further than "no" may come back without a state
            return failed(request, DECLINED if error == "access_denied" else OLD, "")
        try:
            cookie = await way.come_in(request, attempt, returned, back(request), cookie_of(request))
        except tuple(_WORDS) as reason:
            return failed(request, _WORDS[type(reason)], attempt.where)
        answer = RedirectResponse(local_path(attempt.where), 303, HEADERS)
        return set_session(request, forget(request, answer), cookie)

    return router
