"""The HTTP door for programs: `POST /api/v1/messages`, with a channel account's token."""

import base64
import binascii
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Header, Request, Security
from fastapi.responses import Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import Base64Bytes, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from corong.intake.accept import Intake
from corong.intake.rules import Conflict
from corong.intake.short_way import FAILED, ShortWay
from corong.runtime.installation import Installation
from corong.runtime.problems import problems
from corong.runtime.refusal import Refused
from corong.runtime.said import SAID
from corong.runtime.web import Bearer, add_routes
from corong_contracts.base import Time
from corong_contracts.case import CaseKind
from corong_contracts.case_life import RequestParticulars
from corong_contracts.channel import (
    MAX_ATTACHMENTS,
    MAX_TEXT,
    InboundAttachment,
    InboundMessage,
    ObjectionGiven,
    Party,
    Receipt,
)
from corong_contracts.message import Visibility


def _whole(text: object) -> object:
    # pydantic decodes leniently: what is no base64 must not become an empty file.
    if isinstance(text, str):
        try:
            base64.b64decode(text, validate=True)
        except binascii.Error:
            raise ValueError("not base64") from None
    return text


Said = Annotated[str, SAID]
EarlierKey = Annotated[str, Field(min_length=1, max_length=255)]


class ApiParty(Party):
    """Who wrote."""

    model_config = ConfigDict(extra="forbid")

    address: Said = Field(min_length=1, max_length=320)


class ApiAttachment(BaseModel):
    """A file, in base64 (RFC 4648 section 4)."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: str = Field(default="", max_length=255)
    media_type: str = Field(default="application/octet-stream", max_length=127)
    content: Annotated[Base64Bytes, BeforeValidator(_whole)]


class ApiParticulars(RequestParticulars):
    """What an applicant gives for the register of requests, apart from the text."""

    model_config = ConfigDict(extra="forbid")


class ApiObjection(ObjectionGiven):
    """Which request an objection is about, and its grounds."""

    model_config = ConfigDict(extra="forbid")


class ApiMessage(BaseModel):
    """What a program hands in. Unknown fields are refused, so that a typing error doesn't lose anything."""

    model_config = ConfigDict(extra="forbid")

    text: Said = Field(min_length=1, max_length=MAX_TEXT)
    sender: ApiParty
    subject: str = Field(default="", max_length=998)
    thread: list[EarlierKey] = Field(default_factory=list, max_length=64)
    """Idempotency keys of earlier messages of the same conversation, the nearest first."""
    visibility: Visibility = "private"
    kind: CaseKind | None = None
    particulars: ApiParticulars | None = None
    objection: ApiObjection | None = None
    sent_at: Time | None = None
    attachments: list[ApiAttachment] = Field(default_factory=list, max_length=MAX_ATTACHMENTS)


class Accepted(BaseModel):
    """The receipt."""

    receipt: Receipt
    registration: str | None
    status_url: str


_TOKEN = HTTPBearer(
    scheme_name="account", bearerFormat="corong", auto_error=False, description="A channel account's (`corong token`)."
)
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=255)]


class MessagesDoor:
    """What both ways of a request do (`short_way.py`)."""

    def __init__(self, intake: Intake, installation: Installation) -> None:
        self._intake = intake
        self._directory = installation.directory
        self._demo = installation.settings.demo
        self.bearer = Bearer(installation)

    async def take(self, account_id: str, message: ApiMessage, key: str) -> Accepted:
        """Accept the message. Raises `Refused` (422), and what `Intake.accept` raises."""
        account = self._directory.account(account_id)
        inbound = InboundMessage(
            channel=account.channel,
            account=account.id,
            native_id=key,
            sender=message.sender,
            text=message.text,
            subject=message.subject,
            thread=message.thread,
            visibility=message.visibility,
            declared_kind=message.kind,
            particulars=message.particulars,
            objection=message.objection,
            sent_at=message.sent_at,
            attachments=[
                InboundAttachment.model_construct(
                    name=item.name, media_type=item.media_type, content=item.content, staged=None
                )
                for item in message.attachments
            ],
            demo=self._demo,
        )
        try:
            receipt = await self._intake.accept(inbound, strict=True)
        except Conflict:
            raise Refused(
                422, "key_reused", "Idempotency-Key ini sudah dipakai untuk isi yang lain.",
                "This Idempotency-Key was used for another content.", ["Idempotency-Key"],
            ) from None  # fmt: skip
        return Accepted(receipt=receipt, registration=receipt.registration, status_url="/cek")

    async def take_plain(self, authorization: str, key: str, body: bytes) -> bytes | None:
        """The same from the request's own bytes to the answer's; None where these are not as they should be.

        Raises what `take` raises.
        """
        try:
            account = self.bearer.holder(authorization, "account").id
            message = ApiMessage.model_validate_json(body)
        except (Refused, ValidationError):
            return None
        return (await self.take(account, message, key)).model_dump_json().encode()


def include(app: FastAPI, intake: Intake, installation: Installation) -> None:
    """Put the door into an application."""
    door = MessagesDoor(intake, installation)
    add_routes(app, _routes(door))
    app.add_middleware(ShortWay, take=door.take_plain, most=installation.settings.max_body_bytes)


def _routes(door: MessagesDoor) -> APIRouter:

    class TokenFirst(APIRoute):
        """Who asks is looked at before what is asked is read: nobody's body is parsed for a stranger."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def known(request: Request) -> Response:
                request.state.account = door.bearer.principal(request, "account").id
                if (failed := request.scope.get(FAILED)) is not None:
                    raise failed
                return await handle(request)

            return known

    router = APIRouter(
        prefix="/api/v1",
        tags=["messages"],
        route_class=TokenFirst,
        responses=problems(401, 409, 413, 422, 500, 503),
        dependencies=[Security(_TOKEN)],
    )

    @router.post("/messages", status_code=202, response_model=Accepted)
    async def messages(request: Request, message: ApiMessage, idempotency_key: Key) -> Accepted:
        """Hand a message in: 202 with the receipt, only after it is committed.

        The same key with the same content gives the same receipt; with another content it is refused (422).
        """
        return await door.take(request.state.account, message, idempotency_key)

    return router
