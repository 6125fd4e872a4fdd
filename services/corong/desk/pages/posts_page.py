"""Posts in the browser: written, seen as each account will show them, approved as exactly that text, published."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from corong.desk.acts.form import FORM
from corong.desk.models import Post, PostWithSteps
from corong.desk.pages.act_forms import ONCE, new_key
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.frame import HEADERS, Frame
from corong.desk.pages.places import POSTS, handover_address, post_address
from corong.desk.pages.post_words import delivery_shown, label_word, post_state_shown, post_step
from corong.desk.pages.words import channel_word
from corong.desk.paging import read_cursor
from corong.desk.posting.form import OWN, TEXT, TITLE, Fit, Writing, fits
from corong.desk.posts import DeskPosts
from corong.runtime.field_reasons import reason_of
from corong.runtime.kind_names import Translate
from corong.runtime.language import language_of
from corong.runtime.policy import Action, Forbidden, Scope, allowed
from corong.runtime.refusal import Refused
from corong_contracts.command import (
    ApprovePost,
    Command,
    DraftPost,
    EditPost,
    MeasurePost,
    PublishPost,
    TakeDownPost,
    WithdrawPost,
)  # fmt: skip

ON_A_PAGE = 30
MOST_REASON = 300
STATES = ("draft", "approved", "scheduled", "released", "withdrawn", "taken_down")
LABELS = ("layanan", "seremonial")

Reader = Annotated[Visitor, Depends(may(Action.POST_READ))]
Writer = Annotated[Visitor, Depends(may(Action.POST_DRAFT))]
Editor = Annotated[Visitor, Depends(may(Action.POST_EDIT))]
Approver = Annotated[Visitor, Depends(may(Action.POST_APPROVE))]
Publisher = Annotated[Visitor, Depends(may(Action.POST_PUBLISH))]


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    posts = DeskPosts(desk)

    @router.get(POSTS)
    async def many(request: Request, visitor: Reader, keadaan: str = "", label: str = "") -> Response:
        _ = frame.pages.texts(request).gettext
        unit = posts.unit(visitor.actor, None)
        state, kind = keadaan if keadaan in STATES else None, label if label in LABELS else None
        after = read_cursor(request.query_params.get("lanjut"), (str, str))
        found, following = await desk.read(
            lambda connection: posts.page(connection, unit, state, kind, after, ON_A_PAGE)
        )  # fmt: skip
        views = [(POSTS, _("Semua"), not state and not kind)]
        views += [(f"{POSTS}?keadaan={one}", post_state_shown(one, _).text, state == one) for one in STATES[:4]]
        views += [(f"{POSTS}?label={one}", label_word(one, _), kind == one) for one in LABELS]
        return frame.render(
            request, visitor, "desk/posts.html", found=found, views=views, address_of=post_address,
            state_of=lambda post: post_state_shown(post.state, _), label_of=lambda post: label_word(post.label, _),
            troubles=_troubles, may_write=allowed(visitor.actor, Action.POST_DRAFT, Scope(visitor.officer.unit)),
            new=f"{POSTS}/baru", several=unit is None,
            next=f"{POSTS}?lanjut={following}&keadaan={state or ''}&label={kind or ''}" if following else "",
        )  # fmt: skip

    @router.get(f"{POSTS}/baru")
    async def new(request: Request, visitor: Writer, ralat: str = "") -> Response:
        writing = Writing(unit=visitor.officer.unit)
        if ralat:
            writing = await correction(visitor, ralat)
        return await form(request, visitor, writing, None)

    @router.post(f"{POSTS}/baru")
    async def draft(request: Request, visitor: Writer) -> Response:
        given = await request.form()
        writing = Writing.of(given.multi_items())
        if given.get("langkah") != "simpan":
            return await form(request, visitor, writing, None, preview=True)
        try:
            command = DraftPost(**writing.new().model_dump())
        except ValidationError as error:
            return await form(request, visitor, writing, None, found=problems_of(request, error))
        return await sent(request, visitor, command, None, writing, given.get(ONCE))

    @router.get(f"{POSTS}/{{post}}")
    async def one(request: Request, visitor: Reader, post: UUID, selesai: str = "") -> Response:
        return await page(request, visitor, post, done=bool(selesai))

    @router.get(f"{POSTS}/{{post}}/ubah")
    async def change(request: Request, visitor: Editor, post: UUID) -> Response:
        found = await view(visitor, post)
        return await form(request, visitor, _as_written(found), found)

    @router.post(f"{POSTS}/{{post}}/ubah")
    async def edit(request: Request, visitor: Editor, post: UUID) -> Response:
        found, given = await view(visitor, post), await request.form()
        kept = _as_written(found)
        items = [*given.multi_items(), *(("accounts", account) for account in kept.accounts)]
        writing = Writing.of([*items, ("unit", kept.unit), ("label", kept.label)])
        if given.get("langkah") != "simpan":
            return await form(request, visitor, writing, found, preview=True)
        try:
            command = EditPost(publication_id=post, **writing.changed().model_dump())
        except ValidationError as error:
            return await form(request, visitor, writing, found, found=problems_of(request, error))
        return await sent(request, visitor, command, found, writing, given.get(ONCE))

    @router.post(f"{POSTS}/{{post}}/setujui")
    async def approve(request: Request, visitor: Approver, post: UUID) -> Response:
        given = await request.form()
        found = await view(visitor, post)
        if _last_writer(found) == visitor.id:
            return await page(request, visitor, post, told=Refused(
                403, "own_text", "Teks ini tulisan Anda: petugas lain yang menyetujuinya.",
                "You wrote this text: another officer approves it.",
            ))  # fmt: skip
        return await done(
            request, visitor, post, ApprovePost(publication_id=post, text_hash=str(given.get("hash", "")))
        )

    @router.post(f"{POSTS}/{{post}}/tayangkan")
    async def publish(request: Request, visitor: Publisher, post: UUID) -> Response:
        given = await request.form()
        on, at = str(given.get("on", "")), str(given.get("at", ""))
        when: datetime | None = None
        if given.get("langkah") == "jadwal":
            try:
                when = datetime.fromisoformat(f"{on}T{at}").replace(tzinfo=desk.directory.hub.zone)
            except ValueError:
                return await page(request, visitor, post, told=Refused(
                    422, "invalid", "Isi tanggal dan jam tayang.", "Give the date and the time.", ["on"]
                ))  # fmt: skip
        return await done(request, visitor, post, PublishPost(publication_id=post, at=when))

    @router.post(f"{POSTS}/{{post}}/tarik")
    async def withdraw(request: Request, visitor: Editor, post: UUID) -> Response:
        return await done(request, visitor, post, WithdrawPost(publication_id=post))

    @router.post(f"{POSTS}/{{post}}/turunkan")
    async def take_down(request: Request, visitor: Approver, post: UUID) -> Response:
        reason = str((await request.form()).get("reason", "")).strip()
        if not 0 < len(reason) <= MOST_REASON:
            return await page(request, visitor, post, told=Refused(
                422, "invalid", f"Isi alasannya, paling banyak {MOST_REASON} tanda.",
                f"Say why, in {MOST_REASON} characters at most.", ["reason"],
            ))  # fmt: skip
        return await done(request, visitor, post, TakeDownPost(publication_id=post, reason=reason))

    def problems_of(request: Request, error: ValidationError) -> dict[str, str]:
        return _problems(error, request, frame.pages.texts(request).gettext)

    async def view(visitor: Visitor, post: UUID) -> PostWithSteps:
        return await desk.read(lambda connection: posts.view(connection, visitor.actor, post))

    async def correction(visitor: Visitor, post: str) -> Writing:
        """A new post that corrects one that is out. Raises `Refused`, `Forbidden`."""
        try:
            found = await view(visitor, UUID(post))
        except ValueError:
            raise Refused(404, "no_such_post", "Unggahan itu tidak ada.", "There is no such post.") from None
        before = _as_written(found)
        title = f"Ralat: {before.title}"[:TITLE] if before.title else ""
        text = before.text if title else f"Ralat: {before.text}"
        return Writing(before.unit, before.label, title, text, before.accounts)

    async def done(request: Request, visitor: Visitor, post: UUID, command: Command) -> Response:
        key = (await request.form()).get(ONCE)
        try:
            await posts.command(visitor.actor, command, post, key if isinstance(key, str) and key else None)
        except Refused as refused:
            return await page(request, visitor, post, told=refused)
        except Forbidden as forbidden:
            told = Refused(403, forbidden.rule, forbidden.pesan, forbidden.detail)
            return await page(request, visitor, post, told=told)
        return RedirectResponse(f"{post_address(post)}?selesai=ya", 303, HEADERS)

    async def sent(
        request: Request, visitor: Visitor, command: Command, found: PostWithSteps | None, writing: Writing, key: object
    ) -> Response:
        about = found.publication_id if found else None
        try:
            made = await posts.command(visitor.actor, command, about, key if isinstance(key, str) and key else None)
        except Refused as refused:
            words = refused.told(language_of(request))
            place = refused.fields[0] if refused.fields else FORM
            return await form(request, visitor, writing, found, found={place: words}, status=refused.status)
        except Forbidden as forbidden:
            words = forbidden.pesan if language_of(request) == "id" else forbidden.detail
            return await form(request, visitor, writing, found, found={FORM: words}, status=403)
        return RedirectResponse(f"{post_address(made.publication_id)}?selesai=ya", 303, HEADERS)

    async def measured(visitor: Visitor, writing: Writing, *, chosen: bool) -> list[Fit]:
        """How it stands on the accounts that were chosen, or on all; none where publishing doesn't answer."""
        if chosen and not writing.accounts:
            return []
        asked = MeasurePost(
            title=writing.title[:TITLE], text=writing.text[:TEXT],
            texts={account: text[:TEXT] for account, text in writing.texts.items()},
            accounts=list(writing.accounts)[:200] if chosen else [],
        )  # fmt: skip
        try:
            told = await desk.ask(visitor.actor, asked, None, None, wait=False)
        except Refused:
            return []
        return fits(told.result["accounts"])

    async def form(
        request: Request, visitor: Visitor, writing: Writing, post: PostWithSteps | None, *, preview: bool = False,
        found: Mapping[str, str] | None = None, status: int = 422,
    ) -> Response:  # fmt: skip
        _ = frame.pages.texts(request).gettext
        everywhere = await measured(visitor, writing, chosen=False)
        own = [one for one in everywhere if one.unit == visitor.officer.unit]
        others = [one for one in everywhere if one.unit != visitor.officer.unit]
        sees_all = allowed(visitor.actor, Action.POST_DRAFT, Scope())
        units = desk.directory.open_units if sees_all else [desk.directory.unit(visitor.officer.unit)]
        return frame.render(
            request, visitor, "desk/post_form.html", status if found else 200, writing=writing, post=post, own=own,
            others=others, units=sorted(units, key=lambda unit: unit.name), labels=[
                (one, label_word(one, _)) for one in LABELS
            ], errors=dict(found or {}), anchors={
                "text": "text", "title": "title", "accounts": "accounts", "label": "label", "unit": "unit"
            }, preview=[one for one in everywhere if one.account in writing.accounts] if preview else None,
            channel_word=lambda channel: channel_word(channel, _), own_name=OWN, most_title=TITLE, most_text=TEXT,
            at_once=allowed(visitor.actor, Action.POST_PUBLISH_IMMEDIATE, Scope(visitor.officer.unit)),
            key=new_key(), once=ONCE, back=post_address(post.publication_id) if post else POSTS,
            unit_name=lambda unit: desk.directory.unit(unit).name,
        )  # fmt: skip

    async def page(
        request: Request, visitor: Visitor, post: UUID, *, told: Refused | None = None, done: bool = False
    ) -> Response:
        texts = frame.pages.texts(request)
        _ = texts.gettext
        found = await view(visitor, post)
        writing = _as_written(found)
        stands = {one.account: one for one in await measured(visitor, writing, chosen=True)}
        now = desk.now().astimezone(desk.directory.hub.zone)
        waits = found.state in ("draft", "approved", "scheduled")
        language = language_of(request)
        approved, own = found.approved_by is not None, _last_writer(found) == visitor.id
        return frame.render(
            request, visitor, "desk/post.html", told.status if told else 200, post=found, done=done,
            told=(told.indonesian if language == "id" else told.english) if told else "",
            state=post_state_shown(found.state, _), label=label_word(found.label, _),
            targets=[(one, delivery_shown(one, _), stands.get(one.account)) for one in found.deliveries],
            account_name=_account_name, channel_word=lambda channel: channel_word(channel, _),
            steps=[(post_step(step.kind, _), step) for step in found.steps], handover=handover_address,
            may_approve=waits and not approved and not own and "post.approve" in found.actions,
            own_text=own and waits and not approved,
            may_publish=waits and "post.publish" in found.actions and (
                approved or (found.immediate and "post.publish_immediate" in found.actions)
            ), may_edit=waits and "post.edit" in found.actions,
            may_correct=found.state in ("released", "taken_down") and "post.edit" in found.actions,
            may_take_down=found.state in ("released", "taken_down") and "post.approve" in found.actions and any(
                one.state in ("sent", "ready", "stays") for one in found.deliveries
            ), most_reason=MOST_REASON,
            address=post_address(post), correct=f"{POSTS}/baru?ralat={post}", back=POSTS, key=new_key(), once=ONCE,
            today=now.date().isoformat(), clock=now.strftime("%H:%M"),
        )  # fmt: skip

    def _account_name(account: str) -> str:
        try:
            return desk.directory.account(account).name
        except KeyError:
            return account

    return router


def _as_written(post: PostWithSteps) -> Writing:
    return Writing(
        unit=post.unit.id if post.unit else "",
        label=post.label or "",
        title=post.title,
        text=post.text,
        accounts=tuple(one.account for one in post.deliveries),
        texts={one.account: one.text for one in post.deliveries if one.text},
        immediate=post.immediate,
    )


def _last_writer(post: PostWithSteps) -> str | None:
    """Who wrote the text as it stands."""
    writers = [step.officer for step in post.steps if step.kind in ("publication.drafted", "publication.edited")]
    return writers[-1].id if writers and writers[-1] else None


def _troubles(post: Post) -> int:
    """Targets of which somebody has to know."""
    return sum(one.state in ("failed", "held", "unknown", "stays") for one in post.deliveries)


def _problems(error: ValidationError, request: Request, _: Translate) -> dict[str, str]:
    column = 0 if language_of(request) == "id" else 1
    names = {
        "unit": _("Unit kerja"), "label": _("Label"), "title": _("Judul"), "text": _("Isi"), "accounts": _("Akun"),
    }  # fmt: skip
    found: dict[str, str] = {}
    for item in error.errors(include_url=False, include_input=False):
        place = str(item["loc"][0]) if item["loc"] else FORM
        found.setdefault(place, f"{names.get(place, place)}: {reason_of(item)[column]}.")
    return found
