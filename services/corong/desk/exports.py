"""Exports of the log: made here from auditing's pages, recorded in the log, and only then handed out."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4, uuid5

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import Field

from corong.desk.bodies import Body
from corong.desk.cases import Cases
from corong.desk.context import Desk, IdempotencyKey, Officer
from corong.desk.exporting.making import Making, Page
from corong.desk.exporting.texts import Asked
from corong.desk.exporting.workplace import sweep, workplace
from corong.desk.parts import PARTS, Steps, blocks, in_parts, wants_parts
from corong.runtime.commands import ask
from corong.runtime.logs import where
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.refusal import Refused, busy
from corong_contracts.audit import ExportFilter, ExportReason
from corong_contracts.base import Slug, Time
from corong_contracts.command import ProveEntry, ReadExport, RecordExport

log = structlog.get_logger()

ZIP = "application/zip"
AT_ONCE = 2
"""Exports that a process makes at a time."""
PROVEN_SECONDS = 30.0
"""How long to wait until the signed log holds what was recorded."""
LARGEST = 2**53 - 1
NAMESPACE = UUID("a7c5b1de-54b7-5c3c-9a42-3f7a7f0f5b86")


class ExportBody(Body):
    """What is asked for."""

    reason: ExportReason
    case: str | None = Field(default=None, max_length=60, description="Its id or registration number; or a post's id.")
    type: str | None = Field(default=None, pattern=r"^[a-z0-9_.]{1,80}$", description="Or a part of it.")
    actor: str | None = Field(
        default=None, pattern=r"^(citizen|system|(officer|account):[a-z0-9][a-z0-9-]{0,62})$",
        description="Such as `officer:ppid-utama`.",
    )  # fmt: skip
    unit: Slug | None = Field(default=None, description="All about cases and posts that ever were with it.")
    since: Time | None = Field(default=None, description="From this moment on.")
    until: Time | None = Field(default=None, description="Before this moment.")
    first: Annotated[int, Field(ge=0, le=LARGEST, description="From this position on.")] = 0
    before: Annotated[int | None, Field(ge=0, le=LARGEST, description="Up to this position.")] = None
    public: bool = Field(default=False, description="Only hashes of what is not for the public.")
    open: bool = Field(default=False, description="Open citizens' words in the tables; takes the right to read cases.")
    checkpoint: str = Field(default="", max_length=20_000, description="An older one of this log; else the newest.")


class Exports:
    """Makes exports for one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._broker = desk.service.broker
        self._folder = desk.service.settings.exports or desk.service.settings.data / "exporting"
        self._places = asyncio.Semaphore(AT_ONCE)
        sweep(self._folder)

    async def begin(self, officer: Actor, body: ExportBody, case: UUID | None) -> tuple[Asked, ReadExport, Page]:
        """Everything that can be refused is refused here; the first page. Raises `Forbidden`, `Refused`."""
        if self._places.locked():
            raise Refused(
                503, "export_busy", "Ekspor lain sedang dibuat. Coba lagi nanti.",
                "Other exports are being made. Try again later.",
            )  # fmt: skip
        given = body.model_dump(include={"type", "actor", "unit", "since", "until", "first", "before"})
        wanted = ExportFilter(case=case, **given)
        person = self._desk.directory.officer(officer.id)
        asked = Asked(
            hub=self._desk.directory.hub.name, zone=self._desk.directory.hub.zone, officer=officer.id,
            name=person.name, role=person.role, reason=body.reason, wanted=wanted, public=body.public,
            opened=body.open,
        )  # fmt: skip
        question = ReadExport(
            filter=wanted, checkpoint=body.checkpoint, public=body.public, opened=body.open, reason=body.reason
        )
        return asked, question, await ask(self._broker, question, officer.id)

    async def make(
        self, request: Request, officer: Actor, asked: Asked, question: ReadExport, first: Page, key: str | None
    ) -> Steps:
        """How far it is, again and again, and at last the archive, which has no name any more. Raises `Refused`."""

        async def following(page: Page) -> Page:
            wanted = question.filter.model_copy(update={"first": page["next"]})
            rest = question.model_copy(update={"filter": wanted, "checkpoint": first["checkpoint"]})
            return await ask(self._broker, rest, officer.id)

        async with self._places, _writable():
            with workplace(self._folder) as folder:
                making = Making(folder, asked, self._desk.installation.sealer)
                async with contextlib.aclosing(making.make(first, following)) as steps:
                    async for step in steps:
                        if await request.is_disconnected():
                            return
                        done, size = step
                        yield {"done": done, "size": size}
                record = await self._record(officer, asked, making, key)
                path: Path = await asyncio.to_thread(making.pack, record)
                archive = path.open("rb")
        yield archive

    async def _record(self, officer: Actor, asked: Asked, making: Making, key: str | None) -> str:
        """Write the export into the log, and wait until the signed log holds that; the proof. Raises `Refused`."""
        made = making.made
        command = RecordExport(
            filter=asked.wanted, public=asked.public, opened=asked.opened, count=made.count, withheld=made.withheld,
            size=made.head.size, root=made.head.root, files=made.digests, reason=asked.reason,
        )  # fmt: skip
        # Other files are another export, whatever key the request has.
        same = "\n".join((officer.id, key or str(uuid4()), *made.digests.values()))
        done = await ask(self._broker, command, officer.id, request_id=uuid5(NAMESPACE, same))
        event = UUID(done["events"][0]["id"])
        loop = asyncio.get_running_loop()
        until, wait = loop.time() + PROVEN_SECONDS, 0.05
        while True:
            try:
                found = await ask(self._broker, ProveEntry(event=event, with_event=True), officer.id)
            except Refused as refused:
                if refused.code not in ("not_in_the_log", "busy") or loop.time() > until:
                    raise busy() from None
                await asyncio.sleep(wait)
                wait = min(2 * wait, 1.0)
            else:
                return str(found["proof"])


@contextlib.asynccontextmanager
async def _writable() -> AsyncIterator[None]:
    """A full disk, or a key store that is away, is told, and nothing is handed out."""
    try:
        yield
    except OSError as error:
        log.error("an export could not be made", error=type(error).__name__, errno=error.errno, where=where(error))
        raise Refused(
            503, "export_not_made", "Ekspor tidak dapat dibuat: tempatnya penuh atau tidak dapat ditulis.",
            "The export could not be made: its place is full or can't be written.",
        ) from None  # fmt: skip


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("audit")
    exports = Exports(desk)
    cases = Cases(desk)

    @router.post(
        "/audit/exports",
        response_class=Response,
        responses={
            200: {
                "description": "The archive; its README.txt tells what is in it and how it is checked.",
                "content": {ZIP: {"schema": {"type": "string", "format": "binary"}},
                            PARTS: {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    )  # fmt: skip
    async def export(request: Request, officer: Officer, body: ExportBody, key: IdempotencyKey = None) -> Response:
        """Entries of the log with their proofs, as tables, and with a cover sheet; the log tells who took them and why.

        With `Accept: multipart/mixed` it tells how far it is: parts of JSON (`done`, `size`), and in the last part the
        archive, or problem details where nothing is handed out.
        """
        authorise(officer, Action.AUDIT_EXPORT, Scope())
        case = await cases.identify(body.case) if body.case is not None else None
        asked, question, first = await exports.begin(officer, body, case)
        steps = exports.make(request, officer, asked, question, first, key)
        if wants_parts(request):
            return in_parts(request, steps, ZIP)
        async with contextlib.aclosing(steps):
            async for step in steps:
                if not isinstance(step, dict):
                    size = step.seek(0, 2)
                    name = f"corong-log-{first['size']}.zip"
                    headers = {
                        "Content-Length": str(size), "Content-Disposition": f'attachment; filename="{name}"',
                        "Cache-Control": "no-store",
                    }  # fmt: skip
                    return StreamingResponse(blocks(step), media_type=ZIP, headers=headers)
        raise busy()  # whoever asked has gone

    return router
