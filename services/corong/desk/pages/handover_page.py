"""Answers that wait for an officer: those to bring, and those of which nobody knows whether they arrived."""

import asyncio
from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from corong.desk import deliveries, snippets
from corong.desk.acts.form import FORM, Field, Filled, problems
from corong.desk.cases import Cases
from corong.desk.documents import pdf
from corong.desk.handing_over import answer, paper
from corong.desk.handing_over.answer import Answer
from corong.desk.handing_over.form import Brought, Seen, brought, seen
from corong.desk.letters import Letters
from corong.desk.models import Delivery
from corong.desk.pages.act_forms import ONCE, new_key
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.frame import HEADERS, Frame
from corong.desk.pages.given_words import given
from corong.desk.pages.places import HANDOVERS, case_address, handover_address
from corong.desk.pages.words import channel_word
from corong.desk.paging import cut, read_cursor
from corong.desk.snippets import Snippet
from corong.runtime.clock import moment
from corong.runtime.language import language_of
from corong.runtime.policy import Action, Forbidden
from corong.runtime.refusal import Refused
from corong_contracts.command import ResolveDelivery
from corong_contracts.delivery import BY_HAND

ON_A_PAGE = 30

Carrier = Annotated[Visitor, Depends(may(Action.DELIVERY_RESOLVE))]


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    letters = Letters(Cases(desk))

    @router.get(HANDOVERS)
    async def waiting(request: Request, visitor: Carrier, selesai: str = "") -> Response:
        _ = frame.pages.texts(request).gettext
        unit = deliveries.unit_asked(desk, visitor.actor, None)
        after = read_cursor(request.query_params.get("lanjut"), (str, str))

        def read(connection: Connection) -> tuple[list[Delivery], dict[str, Snippet], str | None]:
            rows, following = cut(
                deliveries.page_of(connection, unit, "held", after, ON_A_PAGE), ON_A_PAGE,
                lambda row: (row["changed_at"], row["delivery_id"]),
            )  # fmt: skip
            words = snippets.of_cases(desk, connection, [row["case_id"] for row in rows if row["case_id"]])
            return [deliveries.shown(desk, row) for row in rows], words, following

        found, words, following = await desk.read(read)
        return frame.render(
            request, visitor, "desk/handovers.html", found=found, by_hand=BY_HAND, address_of=handover_address,
            snippet_of=lambda one: words.get(str(one.case_id), Snippet()),
            channel_word=lambda channel: channel_word(channel, _), several=unit is None,
            next=f"{HANDOVERS}?lanjut={following}" if following else "", done=bool(selesai),
        )  # fmt: skip

    async def of(visitor: Visitor, delivery: UUID) -> Answer:
        return await desk.read(lambda connection: answer.of(desk, connection, visitor.actor, delivery))

    @router.get(f"{HANDOVERS}/{{delivery}}")
    async def one(request: Request, visitor: Carrier, delivery: UUID) -> Response:
        return page(request, visitor, await of(visitor, delivery))

    @router.get(f"{HANDOVERS}/{{delivery}}/surat")
    async def as_paper(visitor: Carrier, delivery: UUID) -> Response:
        found = await of(visitor, delivery)
        name = f"jawaban-{(found.delivery.registration or str(delivery)).replace('/', '-')}.pdf"
        case = found.delivery.case_id
        if found.letter is not None and case is not None:
            content, _row = await letters.file(visitor.actor, case, found.letter)
            return pdf(content, name)
        if found.text is None:
            raise Refused(410, "erased", "Isi jawaban ini sudah dihapus.", "The words of this answer are gone.")
        return pdf(await asyncio.to_thread(paper.pages, desk, found, moment(found.drafted_at)), name)

    @router.post(f"{HANDOVERS}/{{delivery}}")
    async def say(request: Request, visitor: Carrier, delivery: UUID) -> Response:
        found, language = await of(visitor, delivery), language_of(request)
        asked = fields(request, found)
        form = await request.form()
        filled = Filled.of(asked, form.multi_items())
        key = form.get(ONCE)

        def again(told: Mapping[str, str], status: int = 422) -> Response:
            return page(request, visitor, found, filled=filled, errors=told, status=status)

        if found.delivery.state != "held":  # somebody else was quicker, or this is an old page
            return page(request, visitor, found, status=409)
        if missing := filled.missing(asked, language):
            return again(missing)
        try:
            command = _command(delivery, filled, asked, found)
        except ValidationError as error:
            return again(problems(error, asked, language))
        try:
            await desk.ask(visitor.actor, command, delivery, key if isinstance(key, str) and key else None)
        except Refused as refused:
            place = {"at": "brought_on"}.get(refused.fields[0], FORM) if refused.fields else FORM
            return again({place: refused.told(language)}, refused.status)
        except Forbidden as forbidden:
            return again({FORM: forbidden.pesan if language == "id" else forbidden.detail}, 403)
        return RedirectResponse(f"{HANDOVERS}?selesai=ya", 303, HEADERS)

    def _command(delivery: UUID, filled: Filled, asked: list[Field], found: Answer) -> ResolveDelivery:
        if found.delivery.code != BY_HAND:
            return ResolveDelivery(delivery_id=delivery, outcome=filled.as_a(Seen, asked).outcome)
        done = filled.as_a(Brought, asked)
        at = done.at(desk.directory.hub.zone)
        return ResolveDelivery(delivery_id=delivery, outcome="sent", native_id=done.receipt, how=done.how, at=at)

    def fields(request: Request, found: Answer) -> list[Field]:
        _ = frame.pages.texts(request).gettext
        if found.delivery.code != BY_HAND:
            return seen(_)
        return brought(found.delivery.channel, desk.now().astimezone(desk.directory.hub.zone), _)

    def page(
        request: Request, visitor: Visitor, found: Answer, *, filled: Filled | None = None,
        errors: Mapping[str, str] | None = None, status: int = 200,
    ) -> Response:  # fmt: skip
        _ = frame.pages.texts(request).gettext
        asked = fields(request, found)
        return frame.render(
            request, visitor, "desk/handover.html", status, answer=found, one=found.delivery, fields=asked,
            labels={field.name: field.id for field in asked}, filled=filled or Filled({}), errors=dict(errors or {}),
            waits=found.delivery.state == "held", by_hand=found.delivery.code == BY_HAND,
            citizen=found.citizen, given=given(found.citizen, _, language_of(request)) if found.citizen else [],
            channel=channel_word(found.delivery.channel, _), key=new_key(), once=ONCE, back=HANDOVERS,
            address=handover_address(found.delivery.delivery_id),
            case=case_address(found.delivery.case_id) if found.delivery.case_id else "",
        )  # fmt: skip

    return router
