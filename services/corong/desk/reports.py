"""The statutory register and the yearly report: made at a position of the log, recorded there, then handed out."""

import asyncio
import contextlib
import io
from collections.abc import Awaitable
from typing import Any, BinaryIO, Literal
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import Field

from corong.desk.bodies import Body
from corong.desk.context import Desk, IdempotencyKey, Officer
from corong.desk.parts import PARTS, Steps, blocks, in_parts, wants_parts
from corong.desk.reporting.kept_books import KeptBook, KeptBooks
from corong.desk.reporting.making import MEDIA_TYPES, Hub, Making
from corong.runtime.commands import ask
from corong.runtime.policy import Action, Actor, Scope, allowed, authorise
from corong.runtime.refusal import Refused, busy
from corong.working_days.zones import zone_named
from corong_contracts.audit import ReportAsked, ReportWords, ReportYear
from corong_contracts.base import Slug
from corong_contracts.command import ReadReport, ReadReportWords, RecordReport

AT_ONCE = 2
"""Reports that a process makes at a time."""
LARGEST = 2**53 - 1
NAMESPACE = UUID("5f1f8a54-2d3c-5d0d-9d6a-7a3c4f6e2b18")
JSON_PART = "application/vnd.corong.report+json"
"""The media type of a report for programs where it comes in parts, whose other parts are JSON too."""
_BINARY = {"schema": {"type": "string", "format": "binary"}}


class ReportBody(Body):
    """Which year, and as of which log."""

    year: ReportYear = Field(description="Of the receipt, in the government's time zone.")
    unit: Slug | None = Field(default=None, description="By default all that one may see.")
    at: int | None = Field(
        default=None, ge=1, le=LARGEST,
        description="So many entries of the log count, from the first on; all that are signed by default.",
    )  # fmt: skip
    language: Literal["id", "en"] = Field(default="id", description="Of headings and words; JSON has codes.")
    demo: bool = Field(default=False, description="Of synthetic citizens (`corong demo`), and of nobody else.")


class RegisterBody(ReportBody):
    """The register of requests."""

    format: Literal["csv", "xlsx", "json"] = "xlsx"
    open: bool | None = Field(
        default=None,
        description="Open the columns about the applicants; by default where one may. Otherwise they say withheld.",
    )


class YearlyBody(ReportBody):
    """The yearly report of the information service."""

    format: Literal["pdf", "json"] = "pdf"
    obstacles: ReportWords = Field(default="", description="What hindered the service; it stays in the log.")
    plan: ReportWords = Field(default="", description="What is planned against it; it stays in the log.")


class Reports:
    """Makes reports for one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._broker = desk.service.broker
        self._places = asyncio.Semaphore(AT_ONCE)
        self._kept = KeptBooks(desk.service, zone_named(desk.directory.hub.time_zone))

    def unit(self, officer: Actor, unit: str | None) -> str | None:
        """Of which unit, None for all. Raises `Forbidden`, `Refused` (422)."""
        if unit is None and not allowed(officer, Action.REPORT_READ, Scope()):
            unit = officer.unit
        authorise(officer, Action.REPORT_READ, Scope(unit))
        if unit is not None:
            self._desk.check_unit(unit)
        return unit

    def opened(self, officer: Actor, unit: str | None, wanted: bool | None) -> bool:
        """Whether the applicants' columns are opened. Raises `Forbidden`."""
        if wanted is None:
            return allowed(officer, Action.REPORT_OPEN, Scope(unit))
        if wanted:
            authorise(officer, Action.REPORT_OPEN, Scope(unit))
        return wanted

    async def answer(
        self, request: Request, officer: Actor, asked: ReportAsked, at: int | None, key: str | None
    ) -> Response:
        """The file; what can be refused is refused before anything is made. Raises `Forbidden`, `Refused`."""
        if self._places.locked():
            raise Refused(
                503, "report_busy", "Laporan lain sedang dibuat. Coba lagi nanti.",
                "Other reports are being made. Try again later.",
            )  # fmt: skip
        first = await ask(self._broker, ReadReport(asked=asked, at=at), officer.id)
        steps = self._make(request, officer, asked, first, key)
        if wants_parts(request):
            return in_parts(request, steps, JSON_PART if asked.format == "json" else MEDIA_TYPES[asked.format])
        told: dict[str, Any] = {}
        async with contextlib.aclosing(steps):
            async for step in steps:
                if isinstance(step, dict):
                    told = step.get("made", told)
                else:
                    return _handed_out(asked, told, step)
        raise busy()  # whoever asked has gone

    async def _make(
        self, request: Request, officer: Actor, asked: ReportAsked, first: dict[str, Any], key: str | None
    ) -> Steps:
        """How far it is, then what was recorded of it, then the file. Raises `Refused`."""
        at = first["size"]
        async with self._places:
            making = Making(asked, self._hub(), self._desk.installation.sealer)

            def following(first: int) -> Awaitable[dict[str, Any]]:
                return ask(self._broker, ReadReport(asked=asked, at=at, first=first), officer.id)

            begun = await self._begun(officer, asked, at)
            steps = making.make(
                first,
                following,
                lambda wanted: ask(self._broker, ReadReportWords(asked=asked, at=at, wanted=wanted), officer.id),
                begun,
            )
            async with contextlib.aclosing(steps):
                async for done, size in steps:
                    if await request.is_disconnected():
                        return
                    yield {"done": done, "size": size}
            await self._kept.keep(KeptBook(making.book, at, first["root"]), begun.size if begun else 0)
            made = making.made
            command = RecordReport(asked=asked, count=made.count, size=made.size, root=made.root, file=made.digest)
            # Another file is another report, whatever key the request has.
            same = uuid5(NAMESPACE, "\n".join((officer.id, key or str(uuid4()), made.digest)))
            recorded = await ask(self._broker, command, officer.id, request_id=same)
            event = recorded["events"][0]["id"]
            yield {"made": {"event": event, "count": made.count, "size": made.size, "root": made.root,
                            "sha256": made.digest, "opened": asked.opened}}  # fmt: skip
            file: BinaryIO = io.BytesIO(made.data)
            yield file

    async def _begun(self, officer: Actor, asked: ReportAsked, at: int) -> KeptBook | None:
        """What an earlier report left, where the log still has the root of which it came."""
        kept = await self._kept.of(at)
        if kept is None:
            return None
        there = await ask(self._broker, ReadReport(asked=asked, at=kept.size, first=kept.size), officer.id)
        if there["root"] == kept.root:
            return kept
        await self._kept.drop()
        return None

    def _hub(self) -> Hub:
        directory = self._desk.directory
        return Hub(
            government=directory.hub.name,
            office=directory.main_unit.name,
            units={unit.id: unit.name for unit in directory.units},
            zone=zone_named(directory.hub.time_zone),
            time_zone=directory.hub.zone,
        )


def _handed_out(asked: ReportAsked, told: dict[str, Any], file: BinaryIO) -> Response:
    name = {"register": "buku-register", "yearly": "laporan-tahunan"}[asked.report]
    headers = {
        "Content-Length": str(file.seek(0, 2)),
        "Content-Disposition": f'attachment; filename="{name}-{asked.year}.{asked.format}"',
        "Cache-Control": "no-store",
        "Corong-Event": told["event"],
        "Corong-Log-Size": str(told["size"]),
        "Corong-Log-Root": told["root"],
    }
    return StreamingResponse(blocks(file), media_type=MEDIA_TYPES[asked.format], headers=headers)


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("reports")
    reports = Reports(desk)

    @router.post("/reports/register", response_class=Response, responses=_answers("csv", "xlsx", "json"))
    async def register(request: Request, officer: Officer, body: RegisterBody, key: IdempotencyKey = None) -> Response:
        """The statutory register (buku register) of a year's requests, as the log had it at a position.

        The log tells who had it made. The columns about the applicants are opened for the main officer and the
        superior alone; of the erased they say so. The headers `Corong-Log-Size` and `Corong-Log-Root` name the
        position: asked again with it as `at`, the bytes are the same, unless somebody was erased in between.
        """
        unit = reports.unit(officer, body.unit)
        asked = ReportAsked(
            report="register", year=body.year, unit=unit, format=body.format, language=body.language,
            opened=reports.opened(officer, unit, body.open), demo=body.demo,
        )  # fmt: skip
        return await reports.answer(request, officer, asked, body.at, key)

    @router.post("/reports/yearly", response_class=Response, responses=_answers("pdf", "json"))
    async def yearly(request: Request, officer: Officer, body: YearlyBody, key: IdempotencyKey = None) -> Response:
        """The yearly report of the information service: figures by unit and month, obstacles, plan, the time for each.

        The log tells who had it made, with the obstacles and the plan. Nobody's personal data is in it.
        """
        unit = reports.unit(officer, body.unit)
        asked = ReportAsked(
            report="yearly", year=body.year, unit=unit, format=body.format, language=body.language, demo=body.demo,
            obstacles=body.obstacles.replace("\r\n", "\n").strip(), plan=body.plan.replace("\r\n", "\n").strip(),
        )  # fmt: skip
        return await reports.answer(request, officer, asked, body.at, key)

    return router


def _answers(*formats: str) -> dict[int | str, dict[str, Any]]:
    content: dict[str, Any] = {MEDIA_TYPES[name].partition(";")[0]: _BINARY for name in formats if name != "json"}
    content["application/json"] = {"schema": {"type": "object"}}
    content[PARTS] = _BINARY
    return {
        200: {
            "description": "The file. With `Accept: multipart/mixed` parts of JSON tell how far it is, then `made`.",
            "content": content,
        }
    }
