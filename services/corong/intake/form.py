"""The public form: intake's door for people. It takes messages while the broker is away, as the other doors do."""

from urllib.parse import quote

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from segno import make as make_qr
from starlette.exceptions import HTTPException

from corong.intake import form_entry
from corong.intake.accept import Intake
from corong.intake.form_entry import Entry, complaints
from corong.intake.form_key import COOKIE, LIFETIME, FormKeys
from corong.intake.rules import Conflict
from corong.runtime.installation import Installation
from corong.runtime.language import language_of
from corong.runtime.logs import where
from corong.runtime.pages import NOTHING_KEPT, Pages
from corong_contracts.case import CaseKind
from corong_contracts.channel import InboundMessage, Party, Receipt

log = structlog.get_logger()

CHANNEL = "web"

KEPT_FOR_GOING_BACK = {"Cache-Control": "private, no-cache", "Vary": "Accept-Language"}
"""Without `Cookie`: the page itself sets one, and would not be found again."""


def routes(intake: Intake, installation: Installation, pages: Pages) -> APIRouter:
    """The router; empty where the installation has no account on the channel `web`."""
    router = APIRouter(include_in_schema=False)
    accounts = installation.directory.enabled_accounts(CHANNEL)
    if not accounts:
        return router
    account = accounts[0]
    keys = FormKeys(installation.key.derive("form"))

    def show(
        request: Request, entry: Entry, errors: dict[str, str], status: int, *, key: str | None = None
    ) -> Response:
        """The form, with a new key where the old one can't be used again.

        Empty, it may be kept by the browser: who goes back after sending finds the same key, and can't send twice.
        """
        if entry.files:
            again = pages.texts(request).gettext("Pilih lagi berkas lampirannya: peramban tidak menyimpannya.")
            errors["attachments"] = f"{errors['attachments']} {again}" if "attachments" in errors else again
        browser = keys.browser(request.cookies.get(COOKIE))
        response = pages.render(
            request,
            "form.html",
            status,
            NOTHING_KEPT if errors else KEPT_FOR_GOING_BACK,
            entry=entry,
            errors=errors,
            key=key or keys.make(browser),
            kinds=form_entry.KINDS,
            limits=form_entry,
        )
        # Lax, not Strict: who comes by a link from elsewhere keeps the forms open in other windows.
        response.set_cookie(
            COOKIE, browser, max_age=LIFETIME, httponly=True, samesite="lax", secure=pages.secure(request)
        )
        return response

    @router.get("/tulis")
    async def empty(request: Request, jenis: str = "") -> Response:
        return show(request, Entry(kind=jenis if jenis in form_entry.KINDS else ""), {}, 200)

    @router.get("/tanda-terima")
    async def gone(request: Request) -> Response:
        return RedirectResponse("/cek", 303)

    @router.post("/tanda-terima")
    async def take(request: Request) -> Response:
        _ = pages.texts(request).gettext
        try:
            async with request.form(max_files=30, max_fields=30, max_part_size=1_048_576) as form:
                entry = await form_entry.read(form)
        except HTTPException as error:
            # Starlette's 400 is about a part that nobody could have typed or chosen here.
            raise HTTPException(413 if error.status_code == 413 else 422) from None
        errors = complaints(entry, _, language_of(request))
        native_id = keys.native_id(entry.key, request.cookies.get(COOKIE))
        if native_id is None:
            errors["form"] = _(
                "Halaman ini sudah terlalu lama terbuka, atau peramban menolak kuki. Isian Anda masih ada: tekan Kirim "
                "sekali lagi."
            )
        if entry.trap:
            errors["form"] = _("Isian tersembunyi ikut terisi. Tekan Kirim sekali lagi.")
        if errors:
            big = any(len(file.content) > form_entry.MOST_FILE_BYTES for file in entry.files)
            return show(request, entry, errors, 413 if big else 422, key=entry.key if native_id else None)
        assert native_id is not None  # an error otherwise
        try:
            receipt = await intake.accept(_message(entry, native_id), strict=True)
        except Conflict:
            errors = {
                "form": _(
                    "Halaman ini sudah mengirim pesan dengan isi lain. "
                    "Bila yang ini pesan baru, tekan Kirim sekali lagi."
                )
            }
            return show(request, entry, errors, 409)
        except Exception as error:  # whatever it was, the citizen's words must not be lost with it
            log.error("the form could not be taken", error=where(error))
            errors = {"form": _("Pesan belum tersimpan karena gangguan pada sistem. Tekan Kirim sekali lagi.")}
            return show(request, entry, errors, 503, key=entry.key)
        return _receipt_page(request, receipt)

    def _message(entry: Entry, native_id: str) -> InboundMessage:
        return InboundMessage(
            channel=CHANNEL,
            account=account.id,
            native_id=native_id,
            # Without a contact everybody is a person of their own.
            sender=Party(address=entry.address or f"anonim-{native_id}", name=entry.name),
            text=entry.text,
            subject=entry.subject,
            declared_kind=CaseKind(entry.kind),
            attachments=entry.attachments(),
            demo=installation.settings.demo,
        )

    def _receipt_page(request: Request, receipt: Receipt) -> Response:
        address = f"{pages.base_url(request)}/cek?nomor={quote(receipt.registration or '', safe='')}"
        # The address has the number alone: the secret must not come into histories and servers' logs.
        qr = make_qr(address, error="m", micro=False).svg_data_uri(border=3, dark="#000000", light="#ffffff")
        return pages.render(
            request, "receipt.html", 201, NOTHING_KEPT, receipt=receipt, address=address.partition("?")[0], qr=qr,
            at=installation.clock(),
        )  # fmt: skip

    return router
