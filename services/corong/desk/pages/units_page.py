"""Units on the setup's pages: adding, changing, closing one; what would move is looked at before it is saved."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from corong.desk.acts.form import Field, Filled, problems, refusal
from corong.desk.pages.act_forms import ONCE, new_key
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.frame import HEADERS, Frame
from corong.desk.pages.places import NEW_UNIT, SETUP, UNITS, unit_address
from corong.desk.pages.words import unit_kind_name
from corong.desk.units_api import UnitId, Units, UnitTrial, UnitWithEditions
from corong.runtime.kind_names import Translate
from corong.runtime.language import language_of
from corong.runtime.opening import OFFICE_DAYS, WEEKDAYS, written_days
from corong.runtime.policy import Action, Scope, allowed, authorise
from corong.runtime.refusal import Refused
from corong.runtime.unit_entry import KnownUnit
from corong_contracts.command_base import Command
from corong_contracts.unit import UnitContent, UnitKind
from corong_contracts.unit_command import AddUnit, ChangeUnit, CloseUnit

Reader = Annotated[Visitor, Depends(may(Action.SETUP_READ))]
Changer = Annotated[Visitor, Depends(may(Action.UNIT_CHANGE))]
KINDS: tuple[UnitKind, ...] = ("agency", "subdistrict", "clinic")
"""What a unit may be made; the main office is one and stays it."""
SHOWN = 100
"""So many cases that would go elsewhere stand on the page."""
CHANGING, CLOSING = "ubah", "tutup"


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    units = Units(desk)

    @router.get(UNITS)
    async def many(request: Request, visitor: Reader) -> Response:
        language = language_of(request)
        return frame.render(
            request, visitor, "desk/units.html", units=units.many(visitor.actor), back=SETUP, unit_at=unit_address,
            kind_of=lambda kind: unit_kind_name(kind, language),
            new_at=NEW_UNIT if allowed(visitor.actor, Action.UNIT_CHANGE, Scope()) else None,
        )  # fmt: skip

    @router.get(NEW_UNIT)
    async def new(request: Request, visitor: Changer) -> Response:
        authorise(visitor.actor, Action.UNIT_CHANGE, Scope())
        return new_page(request, visitor)

    @router.post(NEW_UNIT)
    async def add(request: Request, visitor: Changer) -> Response:
        authorise(visitor.actor, Action.UNIT_CHANGE, Scope())
        form = await request.form()
        fields = new_fields(request, tried=True)
        filled = Filled.of(fields, form.multi_items())
        saves = form.get("simpan") == "ya"

        def command() -> AddUnit:
            return AddUnit(unit=_word(filled, "id"), content=_content(filled), reason=_word(filled, "reason") or "-")

        wrong, status, found = await done(request, visitor, fields, filled, command, form.get(ONCE), saves=saves)
        if wrong or found:
            return new_page(request, visitor, filled, wrong, found, status)
        return saved(_word(filled, "id"))

    @router.get(f"{UNITS}/{{unit_id}}")
    async def one(request: Request, visitor: Reader, unit_id: UnitId) -> Response:
        return page(request, visitor, await units.one(visitor.actor, unit_id))

    @router.post(f"{UNITS}/{{unit_id}}")
    async def change(request: Request, visitor: Changer, unit_id: UnitId) -> Response:
        authorise(visitor.actor, Action.UNIT_CHANGE, Scope())
        before = await units.one(visitor.actor, unit_id)
        form = await request.form()
        act = str(form.get("hal"))
        if act not in (CHANGING, CLOSING):
            raise HTTPException(422)
        fields = (change_fields if act == CHANGING else close_fields)(request, before, tried=True)
        filled = Filled.of(fields, form.multi_items())
        saves = form.get("simpan") == "ya"

        def command() -> Command:
            named: dict[str, Any] = {
                "unit": unit_id, "after": _word(filled, "edition") or 0, "reason": _word(filled, "reason") or "-",
            }  # fmt: skip
            if act == CLOSING:
                return CloseUnit.model_validate({**named, "successor": _word(filled, "successor")})
            content = _content(filled, "main" if before.kind == "main" else None)
            return ChangeUnit.model_validate({**named, "content": content})

        wrong, status, found = await done(request, visitor, fields, filled, command, form.get(ONCE), saves=saves)
        if wrong or found:
            return page(request, visitor, before, act, filled, wrong, found, status)
        return saved(unit_id)

    async def done(
        request: Request, visitor: Visitor, fields: list[Field], filled: Filled, command: Any, key: object, *,
        saves: bool,
    ) -> tuple[dict[str, str], int, UnitTrial | None]:  # fmt: skip
        """Do what the form asks, or look what it would move; what is wrong with it, the status, what was found."""
        language = language_of(request)
        needed = [one for one in fields if saves or one.name != "reason"]
        if missing := filled.missing(needed, language):
            return missing, 422, None
        try:
            asked = command()
            if not saves:
                what = asked.successor if isinstance(asked, CloseUnit) else asked.content
                return {}, 200, await units.tried(visitor.actor, asked.unit, what, language)
            await units.command(visitor.actor, asked, asked.unit, key if isinstance(key, str) else None)
        except ValidationError as error:
            return problems(error, fields, language), 422, None
        except Refused as refused:
            if refused.code == "unit_exists":
                return {"id": refused.told(language)}, refused.status, None
            return refusal(refused, fields, language), refused.status, None
        return {}, 200, None

    def saved(identity: str) -> Response:
        return RedirectResponse(f"{unit_address(identity)}?tersimpan=ya", 303, HEADERS)

    def about(request: Request, before: UnitWithEditions | None, *, tried: bool) -> list[Field]:
        _ = frame.pages.texts(request).gettext
        language = language_of(request)
        areas = [("", _("Tidak ada")), *_named(one for one in desk.directory.open_units if one.kind == "subdistrict")]
        kinds = [(kind, unit_kind_name(kind, language)) for kind in KINDS]
        fields = [Field("name", _("Nama"), most=120, value=before.name if before else "")]
        if before is None or before.kind != "main":
            fields.append(
                Field("kind", _("Jenis"), "choice", choices=kinds, value=before.kind if before else "agency")
            )  # fmt: skip
        hint = _("Satu topik pada setiap baris, dengan namanya dalam aturan penyaluran; setiap topik satu pemilik.")
        places = _("Satu nama pada setiap baris: sebutan orang untuk wilayahnya.")
        fields += [
            Field("topics", _("Topik"), "lines", hint=hint, required=False, most=4000,
                  value="\n".join(before.topics) if before else ""),
            Field("places", _("Nama tempat"), "lines", hint=places, required=False, most=8000,
                  value="\n".join(before.places) if before else ""),
            Field("within", _("Kecamatan yang dilayani"), "choice", choices=areas, required=False,
                  hint=_("Hanya untuk puskesmas."), value=(before.within or "") if before else ""),
            Field("opening_days", _("Hari buka"), "many",
                  choices=[(day, written_days([day], language)) for day in WEEKDAYS]),
        ]  # fmt: skip
        return [*fields, *([why(_)] if tried else [])]

    def new_fields(request: Request, *, tried: bool) -> list[Field]:
        _ = frame.pages.texts(request).gettext
        hint = _("Huruf kecil, angka dan tanda hubung, misalnya dinas-pupr. Tidak dapat diubah lagi.")
        return [Field("id", _("Id unit"), hint=hint, most=63), *about(request, None, tried=tried)]

    def change_fields(request: Request, before: UnitWithEditions, *, tried: bool) -> list[Field]:
        return [*about(request, before, tried=tried), _edition(before)]

    def close_fields(request: Request, before: UnitWithEditions, *, tried: bool) -> list[Field]:
        _ = frame.pages.texts(request).gettext
        heirs = _named(one for one in desk.directory.open_units if one.id != before.id)
        hint = _("Topik, perkara yang masih terbuka dan petugasnya pindah ke sana.")
        fields = [
            Field("successor", _("Unit pengganti"), "choice", choices=[("", _("Pilih unit")), *heirs], hint=hint),
            _edition(before),
        ]
        return [*fields, *([why(_)] if tried else [])]

    def new_page(
        request: Request, visitor: Visitor, filled: Filled | None = None, errors: Mapping[str, str] | None = None,
        found: UnitTrial | None = None, status: int = 200,
    ) -> Response:  # fmt: skip
        fields = new_fields(request, tried=found is not None or "reason" in (errors or {}))
        return frame.render(
            request, visitor, "desk/unit_new.html", status, fields=fields, errors=dict(errors or {}), found=found,
            labels={one.name: one.id for one in fields}, filled=filled or _untouched(OFFICE_DAYS), key=new_key(),
            once=ONCE, back=UNITS, here_at=NEW_UNIT, shown=SHOWN,
        )  # fmt: skip

    def page(
        request: Request, visitor: Visitor, one: UnitWithEditions, act: str = "", filled: Filled | None = None,
        errors: Mapping[str, str] | None = None, found: UnitTrial | None = None, status: int = 200,
    ) -> Response:  # fmt: skip
        language = language_of(request)
        again = found is not None or "reason" in (errors or {})
        changes = change_fields(request, one, tried=again and act == CHANGING)
        closes = close_fields(request, one, tried=again and act == CLOSING)
        fields = closes if act == CLOSING else changes
        may_change = allowed(visitor.actor, Action.UNIT_CHANGE, Scope()) and one.successor is None
        return frame.render(
            request, visitor, "desk/unit.html", status, one=one, act=act, changes=changes,
            closes=closes if one.kind != "main" and visitor.actor.unit != one.id else None, errors=dict(errors or {}),
            labels={field.name: field.id for field in fields}, filled=filled or Filled({}),
            nothing=_untouched(one.opening_days),
            found=found, key=new_key(), once=ONCE, back=UNITS, here_at=unit_address(one.id), unit_at=unit_address,
            may_change=may_change, kind_of=lambda kind: unit_kind_name(kind, language), shown=SHOWN,
            days_of=lambda days: written_days(days, language), saved=request.query_params.get("tersimpan") == "ya",
            officers=[person for person in desk.directory.officers if person.unit == one.id and person.active],
        )  # fmt: skip

    return router


def why(_: Translate) -> Field:
    """The reason, asked for when the effect was looked at."""
    return Field("reason", _("Alasan"), hint=_("Tercatat di log untuk selamanya; tanpa data pribadi."), most=300)


def _edition(before: UnitWithEditions) -> Field:
    return Field("edition", "", "hidden", required=False, value=str(before.edition))


def _named(units: Iterable[KnownUnit]) -> list[tuple[str, str]]:
    return [(unit.id, unit.name) for unit in sorted(units, key=lambda unit: unit.name)]


def _untouched(days: Sequence[str]) -> Filled:
    """A form that nobody filled in yet: what is not ticked can't be told from a field's own value."""
    return Filled({"opening_days": list(days)})


def _word(filled: Filled, name: str) -> str:
    value = filled.words.get(name, "")
    return value if isinstance(value, str) else ""


def _content(filled: Filled, kind: str | None = None) -> UnitContent:
    """Raises pydantic's `ValidationError`."""
    lists = {name: filled.words.get(name) or [] for name in ("topics", "places", "opening_days")}
    return UnitContent.model_validate(
        {
            "name": _word(filled, "name"), "kind": kind or _word(filled, "kind"), **lists,
            "within": _word(filled, "within") or None,
        }
    )  # fmt: skip
