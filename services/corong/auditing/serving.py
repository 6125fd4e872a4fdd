"""The log as files over HTTP (C2SP tlog-tiles): to anybody with the private entries left empty, to auditors whole."""

import asyncio
from pathlib import Path
from typing import Protocol

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from corong.auditing.public import public
from corong.auditing.publisher import content, snapshot
from corong.auditing.standalone import corong_verify
from corong.auditing.tiles import ENTRIES, BadPath, Tile, encode_bundle, parse_path
from corong.auditing.tree import Tree, read_entries, read_head
from corong.auditing.witnesses import Cosigned, Witnesses
from corong.runtime.database import Database
from corong.runtime.installation import Installation
from corong.runtime.policy import Action, Scope, authorise
from corong.runtime.problems import problems
from corong.runtime.refusal import Refused
from corong.runtime.web import Bearer, too_big

VERIFIER = Path(corong_verify.__file__).read_bytes()
FOR_EVER = "public, max-age=31536000, immutable"
MINUTES = "public, max-age=300"
"""Of bundles in which something is withheld: a post in it may be released."""
SECONDS = "public, max-age=2, must-revalidate"
TO_ONE = "private, max-age=31536000, immutable"


MOST_BYTES = 100_000
"""Of a cosigned checkpoint that is handed in."""


class Cosigner(BaseModel):
    """A witness that the hub knows."""

    name: str
    time: int = Field(description="When it signed, in seconds since 1970.")


class Witnessed(BaseModel):
    """What was handed in, and is given out with the log from now on."""

    origin: str
    size: int
    witnesses: list[Cosigner]


class HasLog(Protocol):
    """What of the service is needed here."""

    database: Database
    installation: Installation
    tree: Tree
    witnesses: Witnesses

    async def cosigned(self, data: bytes) -> Cosigned:
        """Raises `Refused`."""


def routes(service: HasLog) -> APIRouter:
    """The router: `/log/checkpoint`, `/log/tile/…`, and what witnesses bring and get."""
    router = APIRouter(prefix="/log", tags=["log"])
    bearer = Bearer(service.installation)

    @router.get(
        "/checkpoint",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}, **problems(404, 500, 503)},
    )
    async def checkpoint() -> Response:
        """The signed head of the log (C2SP tlog-checkpoint)."""
        kept = service.tree.kept  # never one that an old backup could take back
        if not kept.note:
            raise _nothing()
        return _note(service.witnesses.dressed(kept))

    @router.get(
        "/checkpoint.witnessed",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}, **problems(404, 500, 503)},
    )
    async def witnessed() -> Response:
        """What witnesses have cosigned last (C2SP tlog-cosignature); the log may have gone on since."""
        if service.witnesses.best is None:
            raise _nothing()
        return _note(service.witnesses.best.note)

    @router.post(
        "/cosignatures",
        responses=problems(409, 413, 422, 500, 503),
        openapi_extra={"requestBody": {"content": {"text/plain": {"schema": {"type": "string"}}}, "required": True}},
    )
    async def cosignatures(request: Request) -> Witnessed:
        """Hand in a checkpoint that a witness has cosigned, as `corong audit witness` writes it.

        It needs no token: the signatures prove it, of this log's key and of a witness whose key the hub was given.
        """
        data = bytearray()
        async for block in request.stream():
            data += block
            if len(data) > MOST_BYTES:
                raise too_big(MOST_BYTES)
        given = await service.cosigned(bytes(data))
        by = [Cosigner(name=name, time=moment) for name, moment in given.times.items()]
        return Witnessed(origin=given.checkpoint.origin, size=given.checkpoint.size, witnesses=by)

    @router.get("/corong_verify.py", include_in_schema=False)
    async def verifier() -> Response:
        """The stand-alone verifier, for whoever wants to check without this server's word."""
        return Response(VERIFIER, media_type="text/x-python", headers={"Cache-Control": MINUTES})

    @router.get(
        "/tile/{path:path}",
        response_class=Response,
        responses={200: {"content": {"application/octet-stream": {}}}, **problems(401, 403, 404, 422, 500, 503)},
    )
    async def tile(request: Request, path: str) -> Response:
        """Hashes, or with `entries/…` the entries. An officer's token of that right gives them whole."""
        whole = False
        if "authorization" in request.headers:
            authorise(bearer.officer(request), Action.AUDIT_READ, Scope())
            whole = True
        try:
            asked = parse_path(f"tile/{path}")
        except BadPath:
            raise _nothing() from None
        data, cache = await asyncio.to_thread(read, asked, whole)
        headers = {"Cache-Control": cache, "Vary": "Authorization"}
        return Response(data, media_type="application/octet-stream", headers=headers)

    def read(asked: Tile, whole: bool) -> tuple[bytes, str]:
        with snapshot(service.database) as connection:
            if (asked.start + (asked.width if asked.level <= 0 else 1)) > read_head(connection).size:
                raise _nothing()
            try:
                if asked.level != ENTRIES or whole:
                    return content(connection, asked), TO_ONE if asked.level == ENTRIES else FOR_EVER
                entries = read_entries(connection, asked)
            except LookupError:
                raise _nothing() from None
            given = public(connection, entries)
        return encode_bundle(given), FOR_EVER if b"" not in given else MINUTES

    return router


def _note(note: bytes) -> Response:
    return Response(note, media_type="text/plain; charset=utf-8", headers={"Cache-Control": SECONDS})


def _nothing() -> Refused:
    return Refused(404, "not_in_the_log", "Bagian log itu tidak ada.", "There is no such part of the log.")
