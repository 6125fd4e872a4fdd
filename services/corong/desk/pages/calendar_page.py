"""The calendar of days off on the setup's pages: its decrees, and entering one, whose effect is looked at first."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from corong.desk.acts.form import Field, Filled, problems, refusal
from corong.desk.calendar_api import Calendars, DecreeTrial, NewDecree
from corong.desk.pages.act_forms import ONCE, new_key
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.frame import HEADERS, Frame
from corong.desk.pages.places import CALENDAR, SETUP
from corong.runtime.kind_names import Translate
from corong.runtime.language import language_of
from corong.runtime.policy import Action, Scope, allowed, authorise
from corong.runtime.refusal import Refused
from corong_contracts.decree_command import EnterDecree

Reader = Annotated[Visitor, Depends(may(Action.SETUP_READ))]
Changer = Annotated[Visitor, Depends(may(Action.CALENDAR_CHANGE))]
SHOWN = 50
"""So many deadlines that would move stand on the page; the API names more."""
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\s+(.*)")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})\s+(.*)")


class BadLine(ValueError):
    """A line that is no date with words."""


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    calendars = Calendars(desk)

    async def page(
        request: Request, visitor: Visitor, filled: Filled | None = None, errors: dict[str, str] | None = None,
        found: DecreeTrial | None = None, status: int = 200,
    ) -> Response:  # fmt: skip
        _ = frame.pages.texts(request).gettext
        asked = request.query_params.get("tahun", "")
        year = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == 4 and int(asked) else None
        shown = await calendars.shown(visitor.actor, year)
        years = sorted({one for v in shown.versions for one in range(v.first_year, v.last_year + 1)})
        fields = decree_fields(_)
        return frame.render(
            request, visitor, "desk/calendar.html", status, calendar=shown, years=years, fields=fields,
            filled=filled or Filled({}), errors=errors or {}, labels={one.name: one.id for one in fields}, found=found,
            back=SETUP, here_at=CALENDAR, kinds=dict(kinds(_)), key=new_key(), once=ONCE, most=SHOWN,
            may_change=allowed(visitor.actor, Action.CALENDAR_CHANGE, Scope()),
            done=request.query_params.get("tersimpan") == "ya",
        )  # fmt: skip

    @router.get(CALENDAR)
    async def shown(request: Request, visitor: Reader) -> Response:
        authorise(visitor.actor, Action.SETUP_READ, Scope())
        return await page(request, visitor)

    @router.post(CALENDAR)
    async def tried_or_entered(request: Request, visitor: Changer) -> Response:
        authorise(visitor.actor, Action.CALENDAR_CHANGE, Scope())
        _ = frame.pages.texts(request).gettext
        language = language_of(request)
        fields = decree_fields(_)
        form = await request.form()
        filled = Filled.of(fields, form.multi_items())
        if missing := filled.missing(fields, language):
            return await page(request, visitor, filled, missing, status=422)
        try:
            decree = NewDecree.model_validate(_body(filled, fields, _))
            if form.get("simpan") != "ya":
                found = await calendars.tried(visitor.actor, decree.content(), language)
                return await page(request, visitor, filled, found=found)
            key = form.get(ONCE)
            await desk.ask(
                visitor.actor, EnterDecree(decree=decree.content()), None, key if isinstance(key, str) else None
            )  # fmt: skip
        except _Wrong as wrong:
            return await page(request, visitor, filled, wrong.told, status=422)
        except ValidationError as error:
            return await page(request, visitor, filled, problems(error, fields, language), status=422)
        except Refused as refused:
            told = refusal(refused, fields, language)
            return await page(request, visitor, filled, told, status=refused.status)
        return RedirectResponse(f"{CALENDAR}?tersimpan=ya", 303, HEADERS)

    return router


class _Wrong(Exception):
    def __init__(self, told: dict[str, str]) -> None:
        super().__init__("lines that are not written well")
        self.told = told


def kinds(_: Translate) -> list[tuple[str, str]]:
    """The kinds of days off, in words."""
    return [
        ("local_holiday", _("libur daerah")), ("joint_leave", _("cuti bersama")),
        ("national_holiday", _("libur nasional")), ("estimated_holiday", _("perkiraan")),
    ]  # fmt: skip


def decree_fields(_: Translate) -> list[Field]:
    """The form."""
    each = _("Satu hari di tiap baris, dengan tanggal di depan, misalnya: 3-12-2026 Hari Jadi Kabupaten")
    return [
        Field("number", _("Nomor keputusan"), hint=_("Seperti dikutip, misalnya SK Bupati 9/2026."), most=300),
        Field("title", _("Tentang"), most=300),
        Field("in_force", _("Berlaku sejak"), "date"),
        Field("source", _("Sumber"), hint=_("Di mana dibaca, misalnya salinan di bagian hukum."), most=300),
        Field("kind", _("Jenis hari libur"), "choice", choices=kinds(_)[:3], value="local_holiday"),
        Field("added", _("Hari yang menjadi libur"), "lines", each, required=False, most=5_000, rows=3),
        Field(
            "taken_away", _("Hari libur yang menjadi hari kerja"), "lines",
            _("Juga satu di tiap baris: tanggal, lalu alasannya."), required=False, most=5_000, rows=3,
        ),
    ]  # fmt: skip


def _body(filled: Filled, fields: Sequence[Field], _: Translate) -> dict[str, Any]:
    """The decree of the form. Raises `_Wrong` naming the first line that is not written well."""
    words = dict(filled.words)
    title, kind = words["title"], words.pop("kind")
    wrong: dict[str, str] = {}
    for one in fields:
        if one.widget != "lines":
            continue
        days = []
        for line in words[one.name]:
            try:
                days.append(dated(line))
            except BadLine:
                told = _("tulis tanggal lalu keterangannya, seperti 3-12-2026 Hari Jadi")
                wrong.setdefault(one.name, f"{one.label}: {line[:60]}: {told}.")
        if one.name == "added":
            words[one.name] = [{"date": day, "kind": kind, "name": name, "reason": title} for day, name in days]  # type: ignore[misc]  # days of the decree in the place of lines
        else:
            words[one.name] = [{"date": day, "reason": reason} for day, reason in days]  # type: ignore[misc]  # as above
    if not wrong and not words["added"] and not words["taken_away"]:
        wrong["added"] = _("Isi paling sedikit satu hari.")
    if wrong:
        raise _Wrong(wrong)
    return dict(words)


def dated(line: str) -> tuple[date, str]:
    """A day and the words behind it: `2026-12-03 …` or `3-12-2026 …`. Raises `BadLine`."""
    found = _YEAR_FIRST.fullmatch(line)
    parts = found and (found[1], found[2], found[3])
    if found is None:
        found = _DAY_FIRST.fullmatch(line)
        parts = found and (found[3], found[2], found[1])
    if found is None or parts is None:
        raise BadLine
    try:
        return date(*map(int, parts)), found[4].strip()
    except ValueError:
        raise BadLine from None
