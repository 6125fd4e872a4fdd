"""Keeping what is typed into an act's form: by a script while it is typed, or by a button of the form."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from starlette.responses import RedirectResponse, Response

from corong.desk.access.form_tokens import FIELD, HEADER
from corong.desk.acts.form import Filled
from corong.desk.cases import CaseName, Cases
from corong.desk.drafts.drafts import Draft, Drafts, Overtaken, Words
from corong.desk.pages.act_forms import DRAFT, ONCE, ActForms, act_of, version_of
from corong.desk.pages.act_page import Slug
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.frame import HEADERS, Frame
from corong.desk.pages.places import act_address, case_address, draft_address
from corong.runtime import formats
from corong.runtime.language import language_of
from corong.runtime.policy import Action

Writer = Annotated[Visitor, Depends(may(Action.CASE_READ))]
_OWN = (FIELD, ONCE, DRAFT)
"""Fields of every form, which are no words of the officer."""
OVERTAKEN = "X-Corong-Draft"
"""On an answer that tells of another window's draft: other conflicts have the same status."""


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    cases, drafts, forms = Cases(desk), Drafts(desk), ActForms(frame)

    async def readable(visitor: Visitor, case: str) -> UUID:
        identity = await cases.identify(case)
        await desk.read(lambda connection: cases.load(connection, visitor.actor, identity))
        return identity

    @router.post(draft_address("{case}", "{act}"))
    async def keep(request: Request, visitor: Writer, case: CaseName, act: Slug, dari: str = "") -> Response:
        identity, wanted = await readable(visitor, case), act_of(act)
        given = await request.form()
        words: Words = tuple(
            (name, value.replace("\r\n", "\n"))
            for name, value in given.multi_items()
            if isinstance(value, str) and name not in _OWN and len(name) <= 60
        )
        by_script = HEADER in request.headers
        frame.live.presence.writing(str(identity), visitor.id, wanted.slug)
        try:
            draft = await drafts.save(visitor.id, identity, wanted.slug, words, version_of(given.get(DRAFT)))
        except Overtaken as overtaken:
            if by_script:
                return told(request, overtaken.present, 409)
            subject = await forms.subject_of(request, visitor, identity)
            return forms.page(
                request, visitor, wanted, subject, draft=overtaken.present, other=overtaken.present, status=409,
                filled=Filled.of(wanted.fields(subject), words),
            )  # fmt: skip
        if by_script:
            return told(request, draft)
        if dari == "perkara":
            return RedirectResponse(f"{case_address(identity)}?draf={wanted.slug}#{wanted.slug}", 303, HEADERS)
        return RedirectResponse(f"{act_address(identity, wanted.slug)}?draf=tersimpan", 303, HEADERS)

    @router.post(f"{draft_address('{case}', '{act}')}/buang")
    async def throw_away(visitor: Writer, case: CaseName, act: Slug, dari: str = "") -> Response:
        identity, wanted = await readable(visitor, case), act_of(act)
        await drafts.clear(visitor.id, identity, wanted.slug)
        frame.live.presence.wrote(str(identity), visitor.id, wanted.slug)
        where = case_address(identity) if dari == "perkara" else act_address(identity, wanted.slug)
        return RedirectResponse(where, 303, HEADERS)

    def told(request: Request, draft: Draft, status: int = 200) -> Response:
        """What the form's script shows; where another window was quicker, what that one wrote."""
        _ = frame.pages.texts(request).gettext
        at = formats.minute(draft.saved_at or desk.now(), language_of(request), desk.directory.hub.zone)
        if status == 200:
            words = _("Draf tersimpan %(at)s.") % {"at": at} if draft else _("Tidak ada draf.")
            return JSONResponse({"version": draft.version, "told": words}, 200, HEADERS)
        if draft:
            words = _(
                "Di jendela atau perangkat lain Anda menulis yang berbeda (%(at)s). Yang di sini belum tersimpan."
            )
        else:
            words = _("Di jendela atau perangkat lain draf ini sudah dikirim atau dibuang (%(at)s).")
        content = {"version": draft.version, "told": words % {"at": at}, "words": draft.words}
        return JSONResponse(content, status, {**HEADERS, OVERTAKEN: "yes"})

    return router
