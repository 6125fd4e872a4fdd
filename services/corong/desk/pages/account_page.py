"""An officer's own account: what the role may do, the password, and where one is signed in."""

from fastapi import APIRouter, Form, Path, Request
from starlette.responses import RedirectResponse, Response

from corong.desk.access.passwords import FEWEST, MOST, complaint
from corong.desk.access.sign_in import TooManyTries
from corong.desk.pages.admission import SignedIn, Visitor
from corong.desk.pages.frame import HEADERS, Frame
from corong.desk.pages.places import ACCOUNT
from corong.desk.preferences.preferences import set_shortcuts
from corong.runtime.language import language_of
from corong.runtime.policy import NAMES, Action, ever_allowed


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    sign_in, desk = frame.sign_in, frame.desk

    @router.get(ACCOUNT)
    async def account(request: Request, visitor: SignedIn, selesai: str = "") -> Response:
        _ = frame.pages.texts(request).gettext
        done = {
            "sandi": _("Kata sandi sudah diganti. Sesi Anda di peramban lain sudah berakhir."),
            "sesi": _("Sesi itu sudah berakhir."),
            "pintasan": _("Tersimpan. Berlaku di semua perangkat Anda."),
            "kunci": _("Kunci sandi tersimpan. Lain kali Anda masuk dengannya, tanpa kata sandi."),
            "kunci-hapus": _("Kunci sandi itu sudah dihapus dari sini."),
        }
        return await page(request, visitor, done=done.get(selesai, ""))

    @router.post(f"{ACCOUNT}/sandi")
    async def change(
        request: Request, visitor: SignedIn, old: str = Form(""), password: str = Form(""), again: str = Form("")
    ) -> Response:
        _ = frame.pages.texts(request).gettext
        names = (visitor.id, *visitor.officer.name.split())
        problem = complaint(password, again, names, _)
        status = 422
        try:
            if not problem and not await sign_in.change_password(request, visitor.session, old, password):
                problem = _("Kata sandi yang sekarang tidak cocok.")
        except TooManyTries:
            status, problem = 429, _("Terlalu banyak percobaan. Tunggu sepuluh menit, lalu coba lagi.")
        if problem:
            return await page(request, visitor, status, problem=problem)
        return RedirectResponse(f"{ACCOUNT}?selesai=sandi", 303, HEADERS)

    @router.post(f"{ACCOUNT}/pintasan")
    async def set_keys(visitor: SignedIn, on: str = Form("")) -> Response:
        await set_shortcuts(desk, visitor.id, on == "ya")
        return RedirectResponse(f"{ACCOUNT}?selesai=pintasan", 303, HEADERS)

    @router.post(f"{ACCOUNT}/sesi/lain")
    async def end_others(visitor: SignedIn) -> Response:
        await sign_in.end_others(visitor.session)
        return RedirectResponse(f"{ACCOUNT}?selesai=sesi", 303, HEADERS)

    @router.post(f"{ACCOUNT}/sesi/{{which}}")
    async def end_one(visitor: SignedIn, which: str = Path(pattern="^[0-9a-f]{64}$")) -> Response:
        await sign_in.end(visitor.session, which)
        return RedirectResponse(f"{ACCOUNT}?selesai=sesi", 303, HEADERS)

    async def page(
        request: Request, visitor: Visitor, status: int = 200, *, problem: str = "", done: str = ""
    ) -> Response:
        sessions = await desk.read(lambda connection: sign_in.sessions.of_officer(connection, visitor.id))
        column = 0 if language_of(request) == "id" else 1
        rights = [NAMES[action][column] for action in Action if ever_allowed(visitor.actor, action)]
        return frame.render(
            request, visitor, "desk/account.html", status, problem=problem, done=done, sessions=sessions,
            unit=desk.directory.unit(visitor.officer.unit).name, rights=rights, fewest=FEWEST, most=MOST,
            passkeys=await frame.passkeys.of_officer(visitor.id), passkeys_work=frame.site(request) is not None,
            works=ever_allowed(visitor.actor, Action.QUEUE_LIST),
        )  # fmt: skip

    return router
