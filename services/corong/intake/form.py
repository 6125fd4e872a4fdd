"""The public form: intake's door for people. It takes messages while the broker is away, as the other doors do."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from segno import make as make_qr
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from corong.intake import form_entry, form_steps
from corong.intake.accept import Intake
from corong.intake.form_complaints import complaints
from corong.intake.form_entry import Entry
from corong.intake.form_key import COOKIE, FormKeys
from corong.intake.form_view import FormView
from corong.intake.proof_of_work import ProofOfWork
from corong.intake.rules import Conflict
from corong.intake.similar import SimilarAnswer, SimilarAnswers
from corong.runtime.installation import Installation
from corong.runtime.language import language_of
from corong.runtime.logs import where
from corong.runtime.no_contact import address_without_contact
from corong.runtime.pages import NOTHING_KEPT, Pages
from corong.runtime.wrong_tries import WrongTries
from corong_contracts.case import CaseKind
from corong_contracts.channel import InboundMessage, ObjectionGiven, Party, Receipt

log = structlog.get_logger()

CHANNEL = "web"


def routes(
    intake: Intake, installation: Installation, pages: Pages, similar: SimilarAnswers | None = None
) -> APIRouter:  # fmt: skip
    """The router; empty where the installation has no account on the channel `web`.

    `similar` finds published answers, where this process can: they are shown before the citizen goes on.
    """
    router = APIRouter(include_in_schema=False)
    accounts = installation.directory.enabled_accounts(CHANNEL)
    if not accounts:
        return router
    account = accounts[0]
    keys = FormKeys(installation.key.derive("form"))

    work = ProofOfWork(installation.key.derive("work"))
    view = FormView(keys, work, pages)
    lane = WrongTries(installation.settings.form_unproved)
    tries = WrongTries()

    @router.get("/tulis")
    async def begin(request: Request, jenis: str = "") -> Response:
        """The first question; the second one where a link has answered it."""
        if jenis in form_entry.KINDS:
            return view.step(request, form_steps.after("kind", jenis), Entry(kind=jenis))
        return view.step(request, "kind", Entry())

    @router.post("/tulis")
    async def go_on(request: Request) -> Response:
        """From one question to the next, or to the one that is asked for: nothing is kept here between them."""
        _ = pages.texts(request).gettext
        entry, form = await sent(request)
        browser = view.browser(request)
        key = entry.key if keys.native_id(entry.key, request.cookies.get(COOKIE)) else None
        step, go = str(form.get("step", "")), str(form.get("go", ""))
        if step not in form_steps.FIELDS:
            return view.step(request, "kind", entry, key=key, browser=browser)
        if go in form_steps.steps(entry.kind):  # back, or to something that is to be changed
            return view.step(request, go, entry, key=key, browser=browser)
        entry, wrong = await named(request, entry, browser) if step == "request" else (entry, "")
        found = complaints(entry, _, language_of(request))
        if wrong:
            found["number"] = wrong
        errors = {name: told for name, told in found.items() if name in form_steps.FIELDS[step]}
        shown = step if errors else form_steps.after(step, entry.kind)
        if step == form_steps.TEXT and not errors and (answered := await answers_to(entry)):
            return view.step(request, form_steps.ANSWERED, entry, key=key, browser=browser, answered=answered)
        return view.step(request, shown, entry, errors, key=key, browser=browser)

    async def answers_to(entry: Entry) -> Sequence[SimilarAnswer]:
        """Published answers to what was asked; none where they can't be found: the form does not wait for them."""
        if similar is None or entry.kind == CaseKind.OBJECTION:
            return ()
        try:
            return await similar(f"{entry.subject}\n{entry.text}")
        except Exception as error:  # whatever it was, the citizen's message must not be lost with it
            log.error("similar answers could not be found", error=where(error))
            return ()

    async def named(request: Request, entry: Entry, browser: str) -> tuple[Entry, str]:
        """The entry with the request that it objects to, and what is wrong with number and secret."""
        _ = pages.texts(request).gettext
        client = request.client.host if request.client else ""
        if not tries.allowed(client):
            return entry, _("Terlalu banyak percobaan. Tunggu sepuluh menit, lalu coba lagi.")
        if not entry.number and entry.about:
            return entry, ""  # named before
        shown = await asyncio.to_thread(intake.shown_receipt, entry.number, entry.secret)
        if shown is None:
            tries.note(client)
            return replace(entry, about=""), _(
                "Nomor dan kode itu tidak cocok. Periksa lagi keduanya pada tanda terima permohonan Anda."
            )
        about = keys.name_request(shown.case_id, shown.registration, browser)
        return replace(entry, about=about), ""

    async def sent(request: Request) -> tuple[Entry, FormData]:
        """What came, without a request's name that is not ours. Raises `HTTPException` (413, 422)."""
        try:
            async with request.form(max_files=30, max_fields=60, max_part_size=1_048_576) as form:
                entry = await form_entry.read(form)
        except HTTPException as error:
            # Starlette's 400 is about a part that nobody could have typed or chosen here.
            raise HTTPException(413 if error.status_code == 413 else 422) from None
        if keys.named_request(entry.about, request.cookies.get(COOKIE)) is None:
            entry = replace(entry, about="")
        return entry, form

    @router.get("/tanda-terima")
    async def gone(request: Request) -> Response:
        return RedirectResponse("/cek", 303)

    @router.post("/tanda-terima")
    async def take(request: Request) -> Response:
        _ = pages.texts(request).gettext
        entry, _form = await sent(request)
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
            return view.whole(request, entry, errors, 413 if big else 422, key=entry.key if native_id else None)
        assert native_id is not None  # an error otherwise
        client = request.client.host if request.client else ""
        proved = work.solved(entry.key, entry.work) or installation.settings.demo
        if not proved and not lane.allowed(client):
            errors = {
                "form": _(
                    "Terlalu banyak pesan baru dari jaringan Anda dalam sepuluh menit. Isian Anda masih ada: tunggu "
                    "beberapa saat, lalu tekan Kirim sekali lagi."
                )
            }
            return view.whole(request, entry, errors, 429, key=entry.key)
        try:
            about = keys.named_request(entry.about, request.cookies.get(COOKIE))
            message = _message(entry, native_id, about[1] if about else "")
            receipt = await intake.accept(message, strict=True, related=about[0] if about else None)
        except Conflict:
            errors = {
                "form": _(
                    "Halaman ini sudah mengirim pesan dengan isi lain. "
                    "Bila yang ini pesan baru, tekan Kirim sekali lagi."
                )
            }
            return view.whole(request, entry, errors, 409)
        except Exception as error:  # whatever it was, the citizen's words must not be lost with it
            log.error("the form could not be taken", error=where(error))
            errors = {"form": _("Pesan belum tersimpan karena gangguan pada sistem. Tekan Kirim sekali lagi.")}
            return view.whole(request, entry, errors, 503, key=entry.key)
        if not proved and receipt.status != "duplicate":
            lane.note(client)
        return _receipt_page(request, receipt, entry.kind)

    def _message(entry: Entry, native_id: str, request_number: str) -> InboundMessage:
        return InboundMessage(
            channel=CHANNEL,
            account=account.id,
            native_id=native_id,
            # Without a contact everybody is a person of their own.
            sender=Party(address=entry.address or address_without_contact(native_id), name=entry.name),
            text=entry.text,
            subject=entry.subject,
            declared_kind=CaseKind(entry.kind),
            particulars=entry.particulars(),
            objection=ObjectionGiven.model_validate({"request": request_number, "grounds": entry.grounds})
            if request_number
            else None,
            attachments=entry.attachments(),
            demo=installation.settings.demo,
        )

    def _receipt_page(request: Request, receipt: Receipt, kind: str) -> Response:
        address = f"{pages.base_url(request)}/cek?nomor={quote(receipt.registration or '', safe='')}"
        # The address has the number alone: the secret must not come into histories and servers' logs.
        qr = make_qr(address, error="m", micro=False).svg_data_uri(border=3, dark="#000000", light="#ffffff")
        return pages.render(
            request, "receipt.html", 201, NOTHING_KEPT, receipt=receipt, address=address.partition("?")[0], qr=qr,
            at=installation.clock(), kind=kind,
        )  # fmt: skip

    return router
