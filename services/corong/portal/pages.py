"""The citizens' pages: what this is, the receipt holder's view of a case, posts and their feeds."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection, Row
from starlette.exceptions import HTTPException

from corong.portal import feed, papers, posts, receipt_paper, receipt_proof
from corong.portal.case_view import known, open_case, paper_of
from corong.portal.dates import key_dates, opening_told
from corong.portal.receipt_proof import Log
from corong.portal.steps import steps
from corong.runtime.kind_names import kind_name
from corong.runtime.language import language_of
from corong.runtime.pages import NOTHING_KEPT, Pages
from corong.runtime.receipts import tidy_secret
from corong.runtime.service import Service
from corong.runtime.wrong_tries import WrongTries

T = TypeVar("T")

RECEIPT_LOOKS, RECEIPT_LOOK_SECONDS = 20, 0.25
"""How often it is looked for a receipt that is being made, before its holder is asked to come again."""
ON_A_PAGE = 20
ON_THE_FIRST_PAGE = 3


def routes(service: Service, pages: Pages) -> APIRouter:
    """The router. `pages` finds the portal's templates."""
    router = APIRouter(include_in_schema=False)
    installation = service.installation
    directory = installation.directory
    tries = WrongTries()
    log = Log(service.broker)

    async def read(query: Callable[[Connection], T]) -> T:
        def run() -> T:
            with service.database.read() as connection:
                return query(connection)

        return await asyncio.to_thread(run)

    @router.get("/")
    async def home(request: Request) -> Response:
        found = await read(lambda connection: posts.latest(connection, directory, most=ON_THE_FIRST_PAGE))
        return pages.render(request, "home.html", posts=found)

    @router.get("/cek")
    async def ask(request: Request, nomor: str = "") -> Response:
        return pages.render(request, "check.html", headers=NOTHING_KEPT, number=nomor[:40], problem=None)

    @router.post("/cek")
    async def check(request: Request, number: str = Form(""), secret: str = Form("")) -> Response:
        _ = pages.texts(request).gettext
        found = await held(request, number, lambda connection: open_case(connection, installation, number, secret))
        if isinstance(found, Response):
            return found
        return pages.render(
            request,
            "case.html",
            headers=NOTHING_KEPT,
            case=found,
            secret=tidy_secret(secret),
            kind=kind_name(found.kind, _),
            steps=steps(found, _),
            letters=found.letters,
            dates=key_dates(found.terms, _),
            opening=opening_told(found.opening, language_of(request)),
        )

    async def held(request: Request, number: str, look: Callable[[Connection], T | None]) -> T | Response:
        """What `look` finds for a receipt's holder; else the page that says why not."""
        client = request.client.host if request.client else ""
        if not tries.allowed(client):
            return wrong(request, number, allowed=False)
        found = await read(look)
        if found is None:
            tries.note(client)
            return wrong(request, number, allowed=True)
        return found

    def wrong(request: Request, number: str, *, allowed: bool) -> Response:
        _ = pages.texts(request).gettext
        if allowed:
            status, title = 404, _("Nomor dan kode itu tidak cocok")
            text = _(
                "Periksa lagi keduanya pada tanda terima. Pesan yang baru saja dikirim bisa perlu beberapa menit "
                "sampai terlihat di sini."
            )
        else:
            status, title = 429, _("Terlalu banyak percobaan")
            text = _("Tunggu sepuluh menit, lalu coba lagi dengan nomor dan kode dari tanda terima.")
        headers = NOTHING_KEPT if allowed else {**NOTHING_KEPT, "Retry-After": str(WrongTries.SECONDS)}
        problem = {"title": title, "text": text}
        return pages.render(request, "check.html", status, headers, number=number[:40], problem=problem)

    @router.get("/cek/bukti")
    async def to_check(request: Request) -> Response:
        return RedirectResponse("/cek", 303)

    @router.post("/cek/bukti")
    async def proof(request: Request, number: str = Form(""), secret: str = Form("")) -> Response:
        """The receipt's proof, for the receipt's holder."""
        _ = pages.texts(request).gettext
        found = await held(request, number, lambda connection: known(connection, number, secret))
        if isinstance(found, Response):
            return found
        made = await log.proof(UUID(found.case_id))
        if made is None:
            problem = {
                "title": _("Bukti belum tersedia"),
                "text": _("Pesan Anda tercatat, dan catatan itu sedang disahkan. Coba lagi sebentar lagi."),
            }
            return not_yet(request, number, problem)
        return receipt_proof.as_file(made, found.registration)

    @router.get("/cek/tanda-terima")
    async def to_check_again(request: Request) -> Response:
        return RedirectResponse("/cek", 303)

    @router.post("/cek/tanda-terima")
    async def receipt(request: Request, number: str = Form(""), secret: str = Form("")) -> Response:
        """The receipt as a paper, for its holder: the one that is kept, where the law wants one."""
        found = await held(request, number, lambda connection: open_case(connection, installation, number, secret))
        if isinstance(found, Response):
            return found
        try:
            row = await kept_receipt(str(found.case_id))
        except receipt_paper.BeingMade:
            _ = pages.texts(request).gettext
            problem = {
                "title": _("Tanda terima sedang dibuat"),
                "text": _("Pesan Anda terdaftar, dan tanda buktinya sedang dibuat. Coba lagi sebentar lagi."),
            }
            return not_yet(request, number, problem)
        if row is None:
            made = await asyncio.to_thread(receipt_paper.paper, installation, found, found.terms, secret)
            return receipt_paper.as_file(made, found.registration)
        content = await papers.content(installation, row)
        if content is None:
            return gone(request, number)
        return receipt_paper.as_file(content, found.registration)

    async def kept_receipt(case_id: str) -> Row[Any] | None:
        """The receipt, which whoever has just written waits for. Raises `BeingMade`."""
        looks = 0
        while True:
            try:
                return await read(lambda connection: receipt_paper.kept(connection, case_id, installation.clock()))
            except receipt_paper.BeingMade:
                looks += 1
                if looks == RECEIPT_LOOKS:
                    raise
                await asyncio.sleep(RECEIPT_LOOK_SECONDS)

    def not_yet(request: Request, number: str, problem: dict[str, str]) -> Response:
        headers = {**NOTHING_KEPT, "Retry-After": "5"}
        return pages.render(request, "check.html", 503, headers, number=number[:40], problem=problem)

    def gone(request: Request, number: str) -> Response:
        _ = pages.texts(request).gettext
        problem = {
            "title": _("Surat tidak dapat dibuka"),
            "text": _("Datanya telah dihapus, atau berkasnya sedang tidak terbaca. Hubungi pengelola."),
        }
        return pages.render(request, "check.html", 410, NOTHING_KEPT, number=number[:40], problem=problem)

    @router.get("/cek/surat")
    async def to_check_for_letter(request: Request) -> Response:
        return RedirectResponse("/cek", 303)

    @router.post("/cek/surat")
    async def letter(
        request: Request, number: str = Form(""), secret: str = Form(""), document: str = Form("")
    ) -> Response:  # fmt: skip
        """A letter that came with an answer, for the receipt's holder."""
        found = await held(request, number, lambda connection: known(connection, number, secret))
        if isinstance(found, Response):
            return found
        try:
            identity = UUID(document)
        except ValueError:
            raise HTTPException(404) from None
        row = await read(lambda connection: paper_of(connection, found.case_id, identity))
        if row is None:
            raise HTTPException(404)
        content = await papers.content(installation, row)
        if content is None:
            return gone(request, number)
        return papers.as_file(content, row.media_type, found.registration)

    @router.get("/bukti")
    async def check_proof(request: Request) -> Response:
        found = await log.described()
        command = receipt_proof.command(found)
        return pages.render(request, "proof.html", headers=NOTHING_KEPT, log=found, command=command)

    @router.get("/unggahan")
    async def list_posts(request: Request, halaman: int = Query(1, ge=1, le=10_000)) -> Response:
        skip = (halaman - 1) * ON_A_PAGE
        found = await read(lambda connection: posts.latest(connection, directory, most=ON_A_PAGE + 1, skip=skip))
        return pages.render(
            request, "posts.html", posts=found[:ON_A_PAGE], page=halaman, more=len(found) > ON_A_PAGE
        )  # fmt: skip

    @router.get("/unggahan/{publication_id}")
    async def one_post(request: Request, publication_id: str) -> Response:
        try:
            identity = UUID(publication_id)
        except ValueError:
            raise HTTPException(404) from None
        found = await read(lambda connection: posts.one(connection, directory, identity))
        if found is None:
            raise HTTPException(404)
        return pages.render(request, "post.html", post=found)

    @router.get("/umpan.atom")
    async def every_post(request: Request) -> Response:
        return await atom(request, None, directory.hub.name, feed.DEFAULT_ENTRIES)

    @router.get("/umpan/{account}.atom")
    async def posts_of_account(request: Request, account: str) -> Response:
        found = next((item for item in directory.enabled_accounts("feed") if item.id == account), None)
        if found is None:
            raise HTTPException(404)
        entries = found.settings.get("entries", feed.DEFAULT_ENTRIES)
        most = entries if isinstance(entries, int) and 1 <= entries <= 500 else feed.DEFAULT_ENTRIES
        return await atom(request, account, str(found.settings.get("title", found.name)), most)

    async def atom(request: Request, account: str | None, title: str, most: int) -> Response:
        found = await read(lambda connection: posts.latest(connection, directory, account=account, most=most))
        hub = directory.hub
        about = feed.Feed(hub.id, account or "", title, hub.name, pages.base_url(request))
        document = await asyncio.to_thread(feed.atom, about, found)
        return feed.answer(request, document, feed.changed(found))

    return router
