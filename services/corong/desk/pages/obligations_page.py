"""What the government itself owes: the list, recording a breach, and each with its days and that it was done."""

from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from corong.desk.acts.form import FORM, Field, Filled, problems, refusal
from corong.desk.bodies import Body
from corong.desk.obligations_api import Obligation, OwedBooks
from corong.desk.pages.act_forms import ONCE, new_key
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.frame import HEADERS, Frame
from corong.desk.pages.places import OBLIGATIONS, obligation_address
from corong.runtime.kind_names import Translate
from corong.runtime.language import language_of
from corong.runtime.policy import Action, Scope, allowed, authorise
from corong.runtime.refusal import Refused
from corong_contracts.command import Command
from corong_contracts.obligation import (
    EndObligation,
    LogPosition,
    MeetObligation,
    ObligationWords,
    RecordBreach,
    ReportDigest,
)

Reader = Annotated[Visitor, Depends(may(Action.OBLIGATION_READ))]
Recorder = Annotated[Visitor, Depends(may(Action.OBLIGATION_RECORD))]
Meeter = Annotated[Visitor, Depends(may(Action.OBLIGATION_MEET))]


class Dated(Body):
    """A day and a time of the government's clock."""

    day: date
    hour: time


class BreachForm(Dated):
    """A breach."""

    subject: ObligationWords


class DoneForm(Dated):
    """That something was done."""

    how: ObligationWords
    digest: ReportDigest | None = None
    position: LogPosition | None = None


class MistakenForm(Body):
    """That nothing is owed."""

    reason: ObligationWords


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    books = OwedBooks(desk)
    zone = desk.directory.hub.zone

    def texts(request: Request) -> Translate:
        return frame.pages.texts(request).gettext

    def told(error: Exception, fields: list[Field], request: Request) -> tuple[dict[str, str], int]:
        if isinstance(error, ValidationError):
            return problems(error, fields, language_of(request)), 422
        assert isinstance(error, Refused)
        given = refusal(error, fields, language_of(request))
        if error.fields and FORM in given and set(error.fields) & {"known_at", "at"}:
            given = {"day": given[FORM]}
        return given, error.status

    async def send(visitor: Visitor, command: Command, about: UUID | None, key: object) -> None:
        await desk.ask(visitor.actor, command, about, key if isinstance(key, str) else None, wait=False)

    async def page(
        request: Request, visitor: Visitor, filled: Filled | None = None, errors: dict[str, str] | None = None,
        status: int = 200,
    ) -> Response:  # fmt: skip
        fields = breach_fields(desk.now().astimezone(zone), texts(request))
        return frame.render(
            request, visitor, "desk/obligations.html", status, fields=fields, filled=filled or Filled({}),
            errors=errors or {}, labels={one.name: one.id for one in fields}, here_at=OBLIGATIONS, key=new_key(),
            once=ONCE, owed=await books.listed(visitor.actor, language_of(request)), address=obligation_address,
            state_of=states(texts(request)), to_of=owed_to(texts(request)),
            may_record=allowed(visitor.actor, Action.OBLIGATION_RECORD, Scope()),
            done=request.query_params.get("tersimpan") == "ya",
        )  # fmt: skip

    async def one_page(
        request: Request, visitor: Visitor, identity: UUID, filled: Filled | None = None,
        errors: dict[str, str] | None = None, status: int = 200, *, ends: bool = False,
    ) -> Response:  # fmt: skip
        one = await books.one(visitor.actor, identity, language_of(request))
        now, _ = desk.now().astimezone(zone), texts(request)
        owed = one.state in ("running", "ran_out")
        done, mistaken = done_fields(one, now, _), mistaken_fields(_)
        return frame.render(
            request, visitor, "desk/obligation.html", status, one=one, here_at=obligation_address(identity),
            back=OBLIGATIONS, done_fields=done, end_fields=mistaken, filled=filled or Filled({}), ends=ends,
            errors=errors or {}, labels={field.name: field.id for field in [*done, *mistaken]}, key=new_key(),
            once=ONCE, state_of=states(_), to_of=owed_to(_), nothing=Filled({}),
            may_meet=owed and allowed(visitor.actor, Action.OBLIGATION_MEET, Scope()),
            may_end=owed and one.year is None and allowed(visitor.actor, Action.OBLIGATION_RECORD, Scope()),
            done=request.query_params.get("tersimpan") == "ya",
        )  # fmt: skip

    @router.get(OBLIGATIONS)
    async def listed(request: Request, visitor: Reader) -> Response:
        authorise(visitor.actor, Action.OBLIGATION_READ, Scope())
        return await page(request, visitor)

    @router.post(OBLIGATIONS)
    async def record(request: Request, visitor: Recorder) -> Response:
        authorise(visitor.actor, Action.OBLIGATION_RECORD, Scope())
        form = await request.form()
        fields = breach_fields(desk.now().astimezone(zone), texts(request))
        filled = Filled.of(fields, form.multi_items())
        if missing := filled.missing(fields, language_of(request)):
            return await page(request, visitor, filled, missing, status=422)
        try:
            body = filled.as_a(BreachForm, fields)
            known_at = datetime.combine(body.day, body.hour, zone)
            await send(visitor, RecordBreach(known_at=known_at, subject=body.subject), None, form.get(ONCE))
        except (ValidationError, Refused) as error:
            errors, status = told(error, fields, request)
            return await page(request, visitor, filled, errors, status)
        return RedirectResponse(f"{OBLIGATIONS}?tersimpan=ya", 303, HEADERS)

    @router.get(OBLIGATIONS + "/{identity}")
    async def shown(request: Request, visitor: Reader, identity: UUID) -> Response:
        authorise(visitor.actor, Action.OBLIGATION_READ, Scope())
        return await one_page(request, visitor, identity)

    @router.post(OBLIGATIONS + "/{identity}")
    async def meet(request: Request, visitor: Meeter, identity: UUID) -> Response:
        authorise(visitor.actor, Action.OBLIGATION_MEET, Scope())
        form = await request.form()
        one = await books.one(visitor.actor, identity, language_of(request))
        fields = done_fields(one, desk.now().astimezone(zone), texts(request))
        filled = Filled.of(fields, form.multi_items())
        if missing := filled.missing(fields, language_of(request)):
            return await one_page(request, visitor, identity, filled, missing, status=422)
        try:
            body = filled.as_a(DoneForm, fields)
            given = body.model_dump(include={"how", "digest", "position"})
            at = datetime.combine(body.day, body.hour, zone)
            await send(visitor, MeetObligation(obligation_id=identity, at=at, **given), identity, form.get(ONCE))
        except (ValidationError, Refused) as error:
            errors, status = told(error, fields, request)
            return await one_page(request, visitor, identity, filled, errors, status)
        return RedirectResponse(f"{obligation_address(identity)}?tersimpan=ya", 303, HEADERS)

    @router.post(OBLIGATIONS + "/{identity}/keliru")
    async def end(request: Request, visitor: Recorder, identity: UUID) -> Response:
        authorise(visitor.actor, Action.OBLIGATION_RECORD, Scope())
        form = await request.form()
        fields = mistaken_fields(texts(request))
        filled = Filled.of(fields, form.multi_items())
        if missing := filled.missing(fields, language_of(request)):
            return await one_page(request, visitor, identity, filled, missing, status=422, ends=True)
        try:
            reason = filled.as_a(MistakenForm, fields).reason
            await send(visitor, EndObligation(obligation_id=identity, reason=reason), identity, form.get(ONCE))
        except (ValidationError, Refused) as error:
            errors, status = told(error, fields, request)
            return await one_page(request, visitor, identity, filled, errors, status, ends=True)
        return RedirectResponse(f"{obligation_address(identity)}?tersimpan=ya", 303, HEADERS)

    return router


def breach_fields(now: datetime, _: Translate) -> list[Field]:
    """The form of a breach; `now` in the office's own zone."""
    return [
        Field(
            "day", _("Diketahui pada tanggal"), "date", value=now.date().isoformat(),
            hint=_("72 jam dihitung sejak kegagalan itu diketahui, bukan sejak dicatat."),
        ),
        Field("hour", _("Pukul"), "time", value=now.strftime("%H:%M")),
        Field(
            "subject", _("Apa yang terjadi"), most=300,
            hint=_("Tercatat di log untuk selamanya; tanpa data pribadi."),
        ),
    ]  # fmt: skip


def done_fields(one: Obligation, now: datetime, _: Translate) -> list[Field]:
    """The form of what was done."""
    fields = [
        Field("day", _("Dipenuhi pada tanggal"), "date", value=now.date().isoformat()),
        Field("hour", _("Pukul"), "time", value=now.strftime("%H:%M")),
        Field(
            "how", _("Bagaimana"), most=300,
            hint=_("Misalnya nomor surat dan kepada siapa. Tercatat di log untuk selamanya; tanpa data pribadi."),
        ),
    ]  # fmt: skip
    if one.year is not None:
        fields += [
            Field(
                "digest", _("Sidik berkas laporan"), required=False, most=64,
                hint=_("SHA-256 berkas yang diserahkan, bila ada."),
            ),
            Field(
                "position", _("Posisi log"), required=False, most=16, hint=_("Yang tertulis di laporan buatan Corong.")
            ),
        ]  # fmt: skip
    return fields


def mistaken_fields(_: Translate) -> list[Field]:
    """The form of a breach that was none."""
    return [Field("reason", _("Alasan"), most=300, hint=_("Tercatat di log untuk selamanya; tanpa data pribadi."))]


def states(_: Translate) -> dict[str, str]:
    """State → words."""
    return {
        "running": _("Belum dipenuhi"), "ran_out": _("Lewat tenggat"), "met": _("Dipenuhi"),
        "ended": _("Dicatat keliru"),
    }  # fmt: skip


def owed_to(_: Translate) -> dict[str, str]:
    """To whom → words."""
    return {
        "persons": _("kepada orang yang datanya terkena"), "agency": _("kepada lembaga pelindungan data pribadi"),
        "commission": _("kepada Komisi Informasi"),
    }  # fmt: skip
