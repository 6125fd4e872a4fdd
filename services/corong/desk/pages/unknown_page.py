"""What is asked for below the desk and is no page: told to who is signed in; others come to the door first."""

from fastapi import APIRouter
from starlette.responses import Response

from corong.desk.pages.admission import SignedIn
from corong.desk.pages.frame import HOME, Frame
from corong.runtime.refusal import Refused


def routes(frame: Frame) -> APIRouter:
    """The router; it stands after all others."""
    router = frame.router()

    @router.get(f"{HOME}/{{rest:path}}")
    async def unknown(visitor: SignedIn) -> Response:
        raise Refused(404, "not_found", "Halaman itu tidak ada di meja petugas.", "The desk has no such page.")

    return router
