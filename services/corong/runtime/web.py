"""The HTTP side that all processes share: problem details, limits, security headers, health and metrics."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import corong
from corong.runtime.committer import Closed
from corong.runtime.database import may_pass
from corong.runtime.field_reasons import not_json, problems_of
from corong.runtime.installation import Installation
from corong.runtime.language import language_of, wants_html
from corong.runtime.metrics import all_metrics
from corong.runtime.pages import Pages
from corong.runtime.policy import Actor, Forbidden
from corong.runtime.refusal import Refused, busy, invalid, refusal_of
from corong.runtime.tokens import BadToken, Principal, TokenKind, verify

log = structlog.get_logger()

__all__ = ["Bearer", "Checked", "Guard", "language_of", "make_app", "problem", "too_big"]

READY_SECONDS = 1.0
"""How long `/readyz` waits for what it asks."""
PROBLEM = "application/problem+json"
SECURITY_HEADERS = {
    b"content-security-policy": (
        b"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
        b"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"DENY",
    b"cross-origin-opener-policy": b"same-origin",
}


def problem(request: Request, refused: Refused) -> Response:
    """RFC 9457, in the reader's language; a page where a browser asks in a process that has pages."""
    pages: Pages | None = getattr(request.app.state, "pages", None)
    if pages is not None and wants_html(request):
        page = pages.refusal(request, refused)
        for name, value in _headers().items():
            page.headers.setdefault(name, value)
        return page
    detail = refused.told(language_of(request))
    content: dict[str, Any] = {
        "type": f"urn:corong:problem:{refused.code}",
        "title": refused.code.replace("_", " "),
        "status": refused.status,
        "code": refused.code,
        "detail": detail,
    }
    if refused.fields:
        content["fields"] = refused.fields
    if refused.errors:
        language = language_of(request)
        content["errors"] = [
            {"field": error.field, "pointer": error.pointer, "reason": error.reason[language]}
            for error in refused.errors
        ]
    if refused.allowed:
        content["allowed"] = refused.allowed
    headers = _headers()
    if refused.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if refused.status == 503:
        headers["Retry-After"] = "5"
    return JSONResponse(content, refused.status, headers, PROBLEM)


def _headers() -> dict[str, str]:
    """On the answer itself: a fault and a body that is too big go past the middlewares."""
    return {name.decode(): value.decode() for name, value in SECURITY_HEADERS.items()}


class Guard:
    """Refuses bodies that are too big before they are read whole, and sets the security headers."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not length.isdigit() or int(length) > self._most:
            await _too_big(scope, self._most)(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:  # a chunked body tells no length before
                raise HTTPException(413)
            return message

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                extra = [(name, value) for name, value in SECURITY_HEADERS.items() if name not in present]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        await self._app(scope, counted, with_headers)


def _too_big(scope: Scope, most: int) -> Response:
    return problem(Request(scope), too_big(most))


def too_big(most: int) -> Refused:
    """The refusal of a body over `most` bytes."""
    size = f"{most / 1_048_576:.0f} MB" if most >= 1_048_576 else f"{most // 1024} kB"
    return Refused(
        413, "too_big", f"Kiriman terlalu besar; paling banyak {size}.", f"The request is too big; at most {size}."
    )  # fmt: skip


class Bearer:
    """Who a request's token belongs to."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def principal(self, request: Request, kind: TokenKind) -> Principal:
        """The holder of the request's token. Raises `Refused` (401)."""
        return self.holder(request.headers.get("authorization", ""), kind)

    def holder(self, authorization: str, kind: TokenKind) -> Principal:
        """The holder of the token in such a header. Raises `Refused` (401)."""
        scheme, _, token = authorization.partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise BadToken("malformed")
            found = self._verified(token.strip())
            if found.kind != kind:
                raise BadToken("malformed")
        except (BadToken, ValueError):
            raise Refused(
                401, "unauthenticated", "Token tidak ada atau tidak berlaku.", "The token is missing or not valid."
            ) from None  # fmt: skip
        return found

    def _verified(self, token: str) -> Principal:
        """Under the deployment's key, or one that is just being changed. Raises `BadToken`."""
        refused = BadToken("mac")
        for key in self._installation.key.derive_all("tokens"):
            try:
                return verify(
                    key, token, now=int(time.time()), current=self._installation.directory.token_generation
                )  # fmt: skip
            except BadToken as error:
                refused = error if refused.reason == "mac" else refused
        raise refused

    def officer(self, request: Request) -> Actor:
        """The officer who asks. Raises `Refused` (401)."""
        return Actor.of_officer(self._installation.directory.officer(self.principal(request, "officer").id))


class Checked(Protocol):
    """A part of the process that `/readyz` asks."""

    @property
    def name(self) -> str:
        """As it is shown."""

    async def ready(self) -> dict[str, str]:
        """What is not ready; empty when it works."""


async def missing_parts(services: Sequence[Checked], wait: float) -> dict[str, dict[str, str]]:
    """What each service lacks, all asked at once; one that does not say so within `wait` seconds is not ready.

    A broker that is stopped keeps its connections and answers nothing.
    """
    asked = {service.name: asyncio.create_task(service.ready()) for service in services}
    if asked:
        await asyncio.wait(asked.values(), timeout=wait)
    missing = {}
    for name, task in asked.items():
        if not task.done():
            task.cancel()
            missing[name] = {"answer": f"none within {wait:g} s"}
        elif (error := task.exception()) is not None:
            missing[name] = {"answer": type(error).__name__}
        elif found := task.result():
            missing[name] = found
    await asyncio.gather(*asked.values(), return_exceptions=True)
    return missing


def make_app(
    services: Sequence[Checked],
    most_bytes: int,
    title: str = "Corong",
    ready_seconds: float = READY_SECONDS,
    beside: Callable[[], Awaitable[str]] | None = None,
) -> FastAPI:
    """An application with health, metrics and error pages; the caller includes the routers.

    `beside` gives the metrics of a second process, which are shown among those of this one.
    """
    app = FastAPI(
        title=title, version=corong.__version__, docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json"
    )
    app.add_middleware(Guard, most=most_bytes)

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok\n")

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> JSONResponse:
        missing = await missing_parts(services, ready_seconds)
        return JSONResponse({"ready": not missing, "missing": missing}, 503 if missing else 200)

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(await all_metrics(beside, ready_seconds), media_type=CONTENT_TYPE_LATEST)

    _handlers(app, most_bytes)
    return app


def add_routes(app: FastAPI, router: APIRouter) -> None:
    """Add a router's routes as they are.

    FastAPI's own `include_router` makes each of them a second time, a third of a hub's start, and asks at each request
    whether any was added since. Prefix, tags and dependencies are the router's own.
    """
    app.router.routes.extend(router.routes)


def _handlers(app: FastAPI, most_bytes: int) -> None:
    @app.exception_handler(Exception)
    async def fault(request: Request, error: Exception) -> Response:
        refused = refusal_of(error) or Refused(
            500, "fault", "Terjadi kesalahan pada sistem.", "A fault of the system."
        )  # fmt: skip
        return problem(request, refused)

    # Without a handler of its own it would go past every middleware, and be logged as a fault.
    @app.exception_handler(Forbidden)
    async def forbid(request: Request, error: Forbidden) -> Response:
        return problem(
            request, Refused(403, error.rule, error.pesan, error.detail, allowed=list(error.allowed))
        )  # fmt: skip

    # The citizen's program must know that trying again helps.
    @app.exception_handler(SQLAlchemyError)
    @app.exception_handler(Closed)
    async def away(request: Request, error: Exception) -> Response:
        if isinstance(error, Closed) or may_pass(error):
            log.error("the database is away", error=type(error).__name__)
            return problem(request, busy())
        raise error  # a fault

    @app.exception_handler(Refused)
    async def refuse(request: Request, error: Refused) -> Response:
        return problem(request, error)

    @app.exception_handler(RequestValidationError)
    async def not_as_it_should_be(request: Request, error: RequestValidationError) -> Response:
        found = error.errors()
        for item in found:
            if item["type"] == "json_invalid" and isinstance(error.body, str) and isinstance(item["loc"][-1], int):
                (indonesian, english), told = not_json(error.body, item["loc"][-1])
                refused = Refused(422, "invalid", indonesian, english, ["body"], [told])
                return problem(request, refused)
        return problem(request, invalid(problems_of((item["loc"][1:], item) for item in found)))

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        if error.status_code == 413:
            return problem(request, too_big(most_bytes))
        if error.status_code == 400:  # a body that is no text, say
            return problem(
                request,
                Refused(
                    422,
                    "invalid",
                    "Isi kiriman tidak terbaca: bukan JSON dalam UTF-8, atau bersarang terlalu dalam.",
                    "The body can't be read: it is no JSON in UTF-8, or nested too deeply.",
                    ["body"],
                ),
            )
        known = {
            404: ("not_found", "Halaman itu tidak ada.", "There is no such page."),
            405: ("method_not_allowed", "Cara itu tidak dapat dipakai di sini.", "That method can't be used here."),
        }
        code, indonesian, english = known.get(
            error.status_code, ("refused", "Permintaan ditolak.", "The request was refused.")
        )
        response = problem(request, Refused(error.status_code, code, indonesian, english))
        response.headers.update(error.headers or {})  # Allow, with 405
        return response
