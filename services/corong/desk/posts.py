"""Posts: what an officer reads of them, and the commands that go to publishing."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import Connection, literal, select, tuple_

from corong.desk import deliveries, thread
from corong.desk.bodies import Approval, NewPost, PostWords, Release, TakenDown
from corong.desk.context import Desk, IdempotencyKey, Officer
from corong.desk.models import Delivery, Post, PostDone, Posts, PostState, PostWithSteps
from corong.desk.paging import Cursor, Key, Limit, cut, read_cursor
from corong.desk.tables import publication
from corong.runtime.policy import Action, Actor, Scope, allowed, authorise
from corong.runtime.refusal import Refused
from corong_contracts.command import ApprovePost, Command, DraftPost, EditPost, PublishPost, TakeDownPost, WithdrawPost
from corong_contracts.publication import Label

Row = dict[str, Any]
_SAME = ("publication_id", "author", "label", "immediate", "text_hash", "publish_at", "state", "drafted_at")
_POST_ACTIONS = [action for action in Action if action.value.startswith("post.") and action != Action.POST_DRAFT]


class DeskPosts:
    """What the routes do."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def unit(self, officer: Actor, unit: str | None) -> str | None:
        """The unit whose posts are asked for, None for all. Raises `Forbidden`, `Refused` (422)."""
        if unit is None and allowed(officer, Action.POST_READ, Scope()):
            return None
        wanted = unit if unit is not None else officer.unit
        authorise(officer, Action.POST_READ, Scope(wanted))
        if unit is not None:
            self.desk.check_unit(unit)
        return wanted

    def page(
        self, connection: Connection, unit: str | None, state: str | None, label: str | None, after: Key | None,
        limit: int,
    ) -> tuple[list[Post], str | None]:  # fmt: skip
        """The newest first."""
        rows = rows_of(connection, unit, state, label, after, limit)
        page, following = cut(rows, limit, lambda row: (row["drafted_at"], row["publication_id"]))
        targets = deliveries.of_posts(self.desk, connection, [row["publication_id"] for row in page])
        return [Post(**self._fields(row, targets[row["publication_id"]])) for row in page], following

    def view(self, connection: Connection, officer: Actor, publication_id: UUID) -> PostWithSteps:
        """A post with its steps. Raises `Refused` (404), `Forbidden`."""
        row = self._row(connection, publication_id)
        if row is None:
            raise Refused(404, "no_such_post", "Unggahan itu tidak ada.", "There is no such post.")
        scope = Scope(row["unit"])
        authorise(officer, Action.POST_READ, scope)
        return self._view(connection, officer, row)

    def _view(self, connection: Connection, officer: Actor, row: Row) -> PostWithSteps:
        post = row["publication_id"]
        scope = Scope(row["unit"])
        return PostWithSteps(
            **self._fields(row, deliveries.of_posts(self.desk, connection, [post])[post]),
            steps=thread.opened(self.desk, thread.rows_of(connection, post), ""),
            actions=[action.value for action in _POST_ACTIONS if allowed(officer, action, scope)],
        )

    def _row(self, connection: Connection, publication_id: UUID) -> Row | None:
        table = publication.c
        chosen = select(publication).where(table.publication_id == str(publication_id), table.kind == "post")
        found = connection.execute(chosen).mappings().first()
        return dict(found) if found is not None else None

    def _fields(self, row: Row, targets: Sequence[Delivery]) -> dict[str, Any]:
        return {
            **{name: row[name] for name in _SAME},
            "title": row["title"] or "",
            "text": row["text"] or "",
            "unit": self.desk.unit(row["unit"]),
            "approved_by": self.desk.person(row["approved_by"]),
            "deliveries": targets,
        }

    async def command(self, officer: Actor, command: Command, post: UUID | None, key: str | None) -> PostDone:
        """Send a command; the answer shows the post afterwards. `post` None: the command makes one."""
        told = await self.desk.ask(officer, command, post, key)
        identity = post or UUID(told.facts[0].subject.partition("/")[2])

        def read(connection: Connection) -> PostWithSteps | None:
            row = self._row(connection, identity)
            readable = row is not None and allowed(officer, Action.POST_READ, Scope(row["unit"]))
            return self._view(connection, officer, row) if row is not None and readable else None

        return PostDone(**told.as_done(), publication_id=identity, post=await self.desk.read(read))


def rows_of(
    connection: Connection, unit: str | None, state: str | None, label: str | None, after: Key | None, limit: int
) -> list[Row]:
    """Posts, the newest first; one row more than `limit` where there are more."""
    table = publication.c
    place = (table.drafted_at, table.publication_id)
    chosen = select(publication).where(table.kind == "post")
    for column, value in ((table.unit, unit), (table.state, state), (table.label, label)):
        if value is not None:
            chosen = chosen.where(column == value)
    if after is not None:
        chosen = chosen.where(tuple_(*place) < tuple_(*map(literal, after)))
    ordered = chosen.order_by(*(column.desc() for column in place)).limit(limit + 1)
    return [dict(row) for row in connection.execute(ordered).mappings()]


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("posts")
    posts = DeskPosts(desk)

    @router.get("/posts")
    async def many(
        officer: Officer,
        unit: Annotated[str | None, Query(max_length=63, description="By default all that one may read.")] = None,
        state: PostState | None = None,
        label: Label | None = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Posts:
        """Posts, the newest first."""
        wanted = posts.unit(officer, unit)
        after = read_cursor(cursor, (str, str))
        page, following = await desk.read(
            lambda connection: posts.page(connection, wanted, state, label, after, limit)
        )  # fmt: skip
        return Posts(posts=page, next=following)

    @router.post("/posts", status_code=201)
    async def draft(officer: Officer, body: NewPost, key: IdempotencyKey = None) -> PostDone:
        """Write a post; nothing goes out before it is approved and published."""
        return await posts.command(officer, DraftPost(**body.model_dump()), None, key)

    @router.get("/posts/{publication_id}")
    async def one(officer: Officer, publication_id: UUID) -> PostWithSteps:
        """A post with its targets and what happened to it."""
        return await desk.read(lambda connection: posts.view(connection, officer, publication_id))

    @router.put("/posts/{publication_id}")
    async def edit(officer: Officer, publication_id: UUID, body: PostWords, key: IdempotencyKey = None) -> PostDone:
        """Another text: an approval or a time set for the earlier one is void."""
        command = EditPost(publication_id=publication_id, **body.model_dump())
        return await posts.command(officer, command, publication_id, key)

    @router.post("/posts/{publication_id}/approve")
    async def approve(officer: Officer, publication_id: UUID, body: Approval, key: IdempotencyKey = None) -> PostDone:
        """Approve exactly the text that one read; 409 where it was changed since."""
        command = ApprovePost(publication_id=publication_id, text_hash=body.text_hash)
        return await posts.command(officer, command, publication_id, key)

    @router.post("/posts/{publication_id}/publish")
    async def publish(officer: Officer, publication_id: UUID, body: Release, key: IdempotencyKey = None) -> PostDone:
        """Publish an approved post, or immediate information (serta-merta), now or at a time."""
        command = PublishPost(publication_id=publication_id, at=body.at)
        return await posts.command(officer, command, publication_id, key)

    @router.post("/posts/{publication_id}/withdraw")
    async def withdraw(officer: Officer, publication_id: UUID, key: IdempotencyKey = None) -> PostDone:
        """Keep a post that has not gone out from going out."""
        return await posts.command(officer, WithdrawPost(publication_id=publication_id), publication_id, key)

    @router.post("/posts/{publication_id}/take-down")
    async def take_down(
        officer: Officer, publication_id: UUID, body: TakenDown, key: IdempotencyKey = None
    ) -> PostDone:  # fmt: skip
        """Take a post that is out back, as far as its channels can; its targets tell what each network answered."""
        command = TakeDownPost(publication_id=publication_id, reason=body.reason)
        return await posts.command(officer, command, publication_id, key)

    return router
