"""The door: id and password, a one-time link, and going out; it shows the other ways in, and why one of them failed."""

import secrets

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from corong.desk.access import links
from corong.desk.access.passwords import FEWEST, MOST, complaint
from corong.desk.access.sign_in import TooManyTries
from corong.desk.pages.admission import SignedIn, cookie_name, cookie_of, set_session
from corong.desk.pages.frame import HEADERS, HOME, SIGN_IN, Frame
from corong.desk.pages.local_paths import local_path
from corong.desk.pages.provider_words import failure
from corong.runtime.refusal import Refused
from corong.runtime.wrong_tries import WrongTries

DOOR_COOKIE = "corong_masuk"
"""Binds the door's forms to this browser, so that another site can't sign it in as somebody else."""


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    sign_in, pages = frame.sign_in, frame.pages

    def door(request: Request, template: str, status: int = 200, **values: object) -> Response:
        """A page before the sign-in, its form bound to the browser."""
        browser = request.cookies.get(DOOR_COOKIE) or secrets.token_urlsafe(16)
        page = frame.render(
            request, None, template, status, form_token=sign_in.forms.make(browser),
            passkeys=frame.site(request) is not None, provider=frame.provider, **values,
        )  # fmt: skip
        page.set_cookie(DOOR_COOKIE, browser, path=SIGN_IN, httponly=True, samesite="lax", secure=pages.secure(request))
        return page

    async def check(request: Request) -> None:
        await sign_in.forms.check(request, request.cookies.get(DOOR_COOKIE, ""))

    def come_in(request: Request, cookie: str, where: str) -> Response:
        return set_session(request, RedirectResponse(where, 303, HEADERS), cookie)

    @router.get(SIGN_IN)
    async def ask(  # as addresses say it
        request: Request, next: str = "", keluar: str = "", gagal: str = ""
    ) -> Response:
        if await sign_in.session(cookie_of(request)) is not None:
            return RedirectResponse(local_path(next), 303, HEADERS)
        status, problem = 200, ""
        if frame.provider is not None and gagal:
            status, problem = failure(gagal, frame.provider.name, pages.texts(request).gettext)
        return door(
            request, "desk/sign_in.html", status, officer="", next=local_path(next), problem=problem, out=bool(keluar)
        )

    @router.post(SIGN_IN)
    async def enter(
        request: Request, officer: str = Form(""), password: str = Form(""), next: str = Form("")
    ) -> Response:
        _ = pages.texts(request).gettext
        await check(request)
        identity = officer.strip().lower()[:63]
        cookie, status = None, 403
        problem = _("Id atau kata sandi tidak cocok. Periksa keduanya, atau minta tautan masuk yang baru.")
        try:
            cookie = await sign_in.by_password(request, identity, password, cookie_of(request))
        except TooManyTries:
            status, problem = 429, _("Terlalu banyak percobaan. Tunggu sepuluh menit, lalu coba lagi.")
        if cookie is not None:
            return come_in(request, cookie, local_path(next))
        page = door(
            request, "desk/sign_in.html", status, officer=identity, next=local_path(next), problem=problem, out=False
        )
        if status == 429:
            page.headers["Retry-After"] = str(WrongTries.SECONDS)
        return page

    @router.get(links.ADDRESS)
    async def open_link(request: Request, kunci: str = "") -> Response:
        """Asks for a password and spends nothing: chat programs look at links before people do."""
        return await link_page(request, kunci)

    @router.post(links.ADDRESS)
    async def use_link(
        request: Request, kunci: str = Form(""), password: str = Form(""), again: str = Form("")
    ) -> Response:
        _ = pages.texts(request).gettext
        await check(request)
        try:
            link = sign_in.link(request, kunci)
        except (links.BadLink, TooManyTries):
            return await link_page(request, kunci)
        officer = frame.desk.directory.officer(link.officer)
        if problem := complaint(password, again, (officer.id, *officer.name.split()), _):
            return await link_page(request, kunci, problem)
        cookie = await sign_in.by_link(request, link, password, cookie_of(request))
        if cookie is None:
            return await link_page(request, kunci)
        return come_in(request, cookie, HOME)

    async def link_page(request: Request, text: str, problem: str = "") -> Response:
        try:
            link = sign_in.link(request, text)
            spent = await sign_in.is_spent(link)
        except TooManyTries:
            return frame.refuse(request, stopped())
        except links.BadLink:
            spent = True
        if spent:
            return frame.render(request, None, "desk/link_spent.html", 410)
        officer = frame.desk.directory.officer(link.officer)
        return door(
            request, "desk/link.html", 422 if problem else 200, officer=officer, secret=text, problem=problem,
            fewest=FEWEST, most=MOST,
        )  # fmt: skip

    @router.post("/desk/keluar")
    async def leave(request: Request, visitor: SignedIn) -> Response:
        await sign_in.end(visitor.session, visitor.session.id)
        answer = RedirectResponse(f"{SIGN_IN}?keluar=1", 303, HEADERS)
        answer.delete_cookie(
            cookie_name(request), path="/", httponly=True, samesite="lax", secure=pages.secure(request)
        )
        return answer

    return router


def stopped() -> Refused:
    """The refusal of one try too many."""
    return Refused(
        429, "too_many_tries", "Terlalu banyak percobaan. Tunggu sepuluh menit, lalu coba lagi.",
        "Too many tries. Wait ten minutes, then try again.",
    )  # fmt: skip
