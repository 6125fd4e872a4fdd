"""Routes of letters: which ones a case can have, and what one would say, before it is used."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from corong.desk.cases import FILES_HEADERS, CaseId, CaseName, Cases
from corong.desk.context import Desk, InLanguage, Officer
from corong.desk.document_bodies import Documents, Draft, Form, Possible
from corong.desk.letters import Letters, Words
from corong.runtime.refusal import Refused
from corong_contracts.document import DocumentKind

LETTER: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {}, "text/plain": {}}, "description": "The letter."}
}

AsForm = Annotated[Form, Query(alias="format", description="Its pages, or the words for a channel.")]


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("documents")
    cases = Cases(desk)
    letters = Letters(cases)

    async def answered(kind: DocumentKind, words: Words, form: Form) -> Response:
        if form == "text":
            text = await asyncio.to_thread(letters.text, kind, words)
            return Response(text, media_type="text/plain", headers=FILES_HEADERS)
        content = await asyncio.to_thread(letters.pdf, kind, words)
        name = f"konsep-{kind}-{words.asker.registration.replace('/', '-')}.pdf"
        return pdf(content, name)

    @router.get("/cases/{case:path}/documents")
    async def possible(officer: Officer, case_id: CaseId, language: InLanguage) -> Documents:
        """The letters that went out, those that the case can have, and what each of these still needs."""
        found = []
        for kind in DocumentKind:
            try:
                words = await letters.words(officer, case_id, kind, Draft())
            except Refused as refused:
                if refused.code not in ("no_such_letter", "erased"):
                    raise
                continue
            missing = letters.missing(kind, words)
            told = "" if missing is None else missing.english if language == "en" else missing.indonesian
            found.append(
                Possible(
                    kind=kind, title=words.template.title, template=words.template.digest,
                    missing=list(missing.missing) if missing else [], told=told,
                )
            )  # fmt: skip
        return Documents(made=await letters.made(officer, case_id), possible=found)

    @router.get("/cases/{case:path}/documents/made/{document_id}", response_class=Response, responses=LETTER)
    async def made(officer: Officer, case: CaseName, document_id: UUID) -> Response:
        """A letter as it went out; 410 where the citizen's data was erased."""
        content, row = await letters.file(officer, await cases.identify(case), document_id)
        return pdf(content, f"{row['kind']}-{row['made_at'][:10]}.pdf")

    @router.get("/cases/{case:path}/documents/{kind}", response_class=Response, responses=LETTER)
    async def as_it_stands(officer: Officer, case: CaseName, kind: DocumentKind, form: AsForm = "pdf") -> Response:
        """A letter filled from the case as it stands, marked as a draft; nothing is sent."""
        case_id = await cases.identify(case)
        return await answered(kind, await letters.words(officer, case_id, kind, Draft()), form)

    @router.post("/cases/{case:path}/documents/{kind}", response_class=Response, responses=LETTER)
    async def drafted(
        officer: Officer, case: CaseName, kind: DocumentKind, body: Draft, form: AsForm = "pdf"
    ) -> Response:  # fmt: skip
        """The same with a decision that isn't made yet."""
        case_id = await cases.identify(case)
        return await answered(kind, await letters.words(officer, case_id, kind, body), form)

    return router


def pdf(content: bytes, name: str) -> Response:
    """A PDF to be saved."""
    headers = {
        **FILES_HEADERS,
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type="application/pdf", headers=headers)
