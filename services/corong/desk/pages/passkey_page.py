"""Passkeys at the door and in the account: what `passkey.js` asks, and the form that removes one."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, RedirectResponse, Response

from corong.desk.access.passkeys import BadPasskey, Site
from corong.desk.access.sign_in import TooManyTries
from corong.desk.pages.admission import SignedIn, cookie_of, set_session
from corong.desk.pages.frame import HEADERS, SIGN_IN, Frame
from corong.desk.pages.local_paths import local_path
from corong.desk.pages.places import ACCOUNT
from corong.desk.pages.sign_in_page import DOOR_COOKIE, stopped
from corong.runtime.refusal import Refused

JSON = "application/json"


class Asked(BaseModel):
    """What a script sends: the officer's password, where something is to be kept."""

    model_config = ConfigDict(extra="forbid")

    password: str = Field(default="", max_length=200, repr=False)


class Answered(BaseModel):
    """What the authenticator said, as the browser gives it."""

    model_config = ConfigDict(extra="forbid")

    credential: dict[str, Any] = Field(repr=False)
    next: str = ""


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    sign_in, door = frame.sign_in, frame.passkeys

    def site(request: Request) -> Site:
        found = frame.site(request)
        if found is None:
            raise Refused(
                409, "no_passkeys_here", "Kunci sandi hanya dapat dipakai pada alamat yang bernama dan terenkripsi.",
                "Passkeys work only where the address is a name and the connection encrypted.",
            )  # fmt: skip
        return found

    async def binding(request: Request) -> str:
        found = request.cookies.get(DOOR_COOKIE, "")
        await sign_in.forms.check(request, found)
        return found

    @router.post(f"{SIGN_IN}/kunci/mulai")
    async def ask(request: Request) -> Response:
        return Response(await door.ask(site(request), await binding(request)), headers=HEADERS, media_type=JSON)

    @router.post(f"{SIGN_IN}/kunci")
    async def come_in(request: Request, body: Answered) -> Response:
        bound = await binding(request)
        try:
            cookie = await door.come_in(request, site(request), body.credential, bound, cookie_of(request))
        except TooManyTries:
            raise stopped() from None
        except BadPasskey:
            raise unknown() from None
        return set_session(request, JSONResponse({"to": local_path(body.next)}, headers=HEADERS), cookie)

    @router.post(f"{ACCOUNT}/kunci/mulai")
    async def offer(request: Request, visitor: SignedIn, body: Asked) -> Response:
        where = site(request)
        try:
            known = await sign_in.knows_password(request, visitor.session, body.password)
        except TooManyTries:
            raise stopped() from None
        if not known:
            raise Refused(
                403, "wrong_password", "Kata sandi yang sekarang tidak cocok.", "The present password is not right."
            )
        offered = await door.offer(where, visitor.officer, visitor.session)
        return Response(offered, headers=HEADERS, media_type=JSON)

    @router.post(f"{ACCOUNT}/kunci")
    async def add(request: Request, visitor: SignedIn, body: Answered) -> Response:
        try:
            await door.add(request, site(request), visitor.session, body.credential)
        except BadPasskey:
            raise unknown() from None
        return JSONResponse({"to": f"{ACCOUNT}?selesai=kunci"}, headers=HEADERS)

    @router.post(f"{ACCOUNT}/kunci/{{which}}/hapus")
    async def remove(visitor: SignedIn, which: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]) -> Response:
        await door.remove(visitor.id, which)
        return RedirectResponse(f"{ACCOUNT}?selesai=kunci-hapus", 303, HEADERS)

    return router


def unknown() -> Refused:
    """The refusal of what does not hold."""
    return Refused(
        403, "bad_passkey", "Kunci sandi itu tidak dikenal di sini, atau terlalu lama. Coba lagi, atau pakai kata "
        "sandi.",
        "That passkey is not known here, or it took too long. Try again, or use the password.",
    )  # fmt: skip
