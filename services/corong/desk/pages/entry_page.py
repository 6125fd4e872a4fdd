"""Entering what came by hand: the form, and the receipt that the citizen takes along."""

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from segno import make as make_qr
from starlette.exceptions import HTTPException
from starlette.responses import Response

from corong.desk.acts.form import FORM, Filled, problems
from corong.desk.cases import Cases
from corong.desk.entering import files
from corong.desk.entering.counters import kept_by
from corong.desk.entering.form import FOR_OBJECTIONS, FOR_REQUESTS, Entry, fields
from corong.desk.pages.act_forms import ONCE, new_key
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.frame import Frame
from corong.desk.pages.places import ENTRY, case_address
from corong.desk.pages.words import channel_word
from corong.runtime.commands import ask
from corong.runtime.directory import Account
from corong.runtime.kind_names import Translate
from corong.runtime.language import language_of
from corong.runtime.policy import Action, Forbidden
from corong.runtime.refusal import Refused
from corong_contracts.command import EnterMessage

_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")

Clerk = Annotated[Visitor, Depends(may(Action.MESSAGE_ENTER))]


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    cases = Cases(desk)

    def accounts(visitor: Visitor) -> list[Account]:
        return kept_by(visitor.actor, desk.directory)

    @router.get(ENTRY)
    async def form(request: Request, visitor: Clerk, akun: str = "") -> Response:
        own = accounts(visitor)
        chosen = next((one for one in own if one.id == akun), own[0] if own else None)
        return page(request, visitor, chosen, own)

    @router.post(ENTRY)
    async def enter(request: Request, visitor: Clerk) -> Response:
        _ = frame.pages.texts(request).gettext
        language, own = language_of(request), accounts(visitor)
        try:
            given = await request.form()
        except HTTPException as error:
            raise HTTPException(413 if error.status_code == 413 else 422) from None
        account = next((one for one in own if one.id == given.get("akun")), None)
        if account is None:
            raise Refused(
                403, "other_unit", "Akun itu bukan milik unit Anda.", "That account is not your unit's."
            )  # fmt: skip
        asked = fields(account.channel, desk.now().astimezone(desk.directory.hub.zone), _)
        filled = Filled.of(asked, given.multi_items())
        sent = given.get(ONCE)
        key = sent if isinstance(sent, str) and _KEY.fullmatch(sent) else new_key()

        def again(found: Mapping[str, str], status: int = 422) -> Response:
            return page(request, visitor, account, own, filled=filled, found=found, status=status, key=key)

        if missing := filled.missing(asked, language):
            return again(missing)
        try:
            entry = filled.as_a(Entry, asked)
        except ValidationError as error:
            return again(_own_words(problems(error, asked, language), _))
        if numbers := entry.numbers():
            told = _("Di sini ada nomor 16 angka, seperti NIK atau nomor KK. Hapus nomor itu: kami tidak memintanya.")
            return again(dict.fromkeys(numbers, told))
        given_files = await files.read(given)
        if told := files.complaint(given_files, _, language):
            return again({files.NAME: told}, 413)
        try:
            about, number = await named(visitor, entry)
            staged = await files.stage(desk.installation.objects, given_files)
            message = entry.message(account, f"{visitor.id}-{key}", staged, number)
            command = EnterMessage(message=message, received=entry.received(desk.directory.hub.zone), related=about)
            receipt = await ask(desk.service.broker, command, visitor.id)
        except Refused as refused:
            return again({refused.fields[0] if refused.fields else FORM: refused.told(language)}, refused.status)
        except Forbidden as forbidden:
            return again({FORM: forbidden.pesan if language == "id" else forbidden.detail}, 403)
        return receipt_page(request, visitor, receipt, account, entry)

    async def named(visitor: Visitor, entry: Entry) -> tuple[UUID | None, str]:
        """The request that an objection is about, which the officer may read. Raises `Refused`, `Forbidden`."""
        if entry.kind != "objection":
            return None, ""
        identity = await cases.identify(entry.request)
        row = await desk.read(lambda connection: cases.load(connection, visitor.actor, identity))
        return identity, str(row["registration"])

    def page(
        request: Request, visitor: Visitor, account: Account | None, own: list[Account], *,
        filled: Filled | None = None, found: Mapping[str, str] | None = None, status: int = 200, key: str = "",
    ) -> Response:  # fmt: skip
        _ = frame.pages.texts(request).gettext
        now = desk.now().astimezone(desk.directory.hub.zone)
        asked = fields(account.channel, now, _) if account else []
        filled, errors = filled or Filled({}), dict(found or {})

        def touched(names: tuple[str, ...]) -> bool:
            return any(name in errors or filled.words.get(name) for name in names)

        return frame.render(
            request, visitor, "desk/entry.html", status, account=account, accounts=own,
            channel_word=lambda channel: channel_word(channel, _), by_name={one.name: one for one in asked},
            labels={**{one.name: one.id for one in asked}, files.NAME: files.NAME}, filled=filled, errors=errors,
            for_requests=FOR_REQUESTS, requests_open=touched(FOR_REQUESTS), for_objections=FOR_OBJECTIONS,
            objections_open=touched(FOR_OBJECTIONS), key=key or new_key(), once=ONCE, address=ENTRY,
        )  # fmt: skip

    def receipt_page(
        request: Request, visitor: Visitor, receipt: dict[str, str], account: Account, entry: Entry
    ) -> Response:
        _ = frame.pages.texts(request).gettext
        number = receipt["registration"] or ""
        address = f"{frame.pages.base_url(request)}/cek?nomor={quote(number, safe='')}"
        qr = make_qr(address, error="m", micro=False).svg_data_uri(border=3, dark="#000000", light="#ffffff")
        return frame.render(
            request, visitor, "desk/entry_receipt.html", 201, receipt=receipt, account=account,
            received=entry.received(desk.directory.hub.zone), at=desk.now(), address=address.partition("?")[0], qr=qr,
            channel=channel_word(account.channel, _), again=f"{ENTRY}?akun={account.id}",
            case=case_address(receipt["case_id"]) if cases.sees_all(visitor.actor) else "",
        )  # fmt: skip

    return router


def _own_words(found: dict[str, str], _: Translate) -> dict[str, str]:
    """The two problems that are this form's own, in words that say what to do."""
    if "contact" in found:
        found["contact"] = _("Tulis alamat surel seperti nama@contoh.id atau nomor telepon seperti 0812 3456 7890.")
    if FORM in found:
        found = {**found, "request": _("Isi nomor permohonan dan pilih paling sedikit satu alasan.")}
        del found[FORM]
    return found
