"""Deliveries: where publications went, and the word of an officer on one whose outcome nobody knows."""

from collections.abc import Sequence
from typing import Annotated, Any, get_args
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import Connection, Select, literal, select, tuple_, union_all

from corong.desk.bodies import Resolution
from corong.desk.context import Desk, IdempotencyKey, Officer
from corong.desk.models import Deliveries, Delivery, DeliveryDone, DeliveryState
from corong.desk.paging import Cursor, Key, Limit, cut, read_cursor
from corong.desk.tables import delivery, publication, registered
from corong.runtime.policy import Action, Actor, Scope, allowed, authorise
from corong_contracts.command import ResolveDelivery

Row = dict[str, Any]
STATES: tuple[str, ...] = get_args(DeliveryState)
_SAME = ("delivery_id", "publication_id", "kind", "case_id", "registration", "cause", "channel", "account", "state",
         "fence", "carried", "code", "url", "text", "changed_at")  # fmt: skip


def of_case(desk: Desk, connection: Connection, case_id: str) -> list[Delivery]:
    """What goes or went out because of a case, the oldest first."""
    chosen = _chosen().where(delivery.c.case_id == case_id)
    return [shown(desk, row) for row in _rows(connection, chosen.order_by(publication.c.drafted_at))]


def of_posts(desk: Desk, connection: Connection, posts: Sequence[str]) -> dict[str, list[Delivery]]:
    """Post → its deliveries, by account."""
    chosen = _chosen().where(delivery.c.publication_id.in_(posts)).order_by(delivery.c.account)
    found: dict[str, list[Delivery]] = {post: [] for post in posts}
    for row in _rows(connection, chosen):
        found[row["publication_id"]].append(shown(desk, row))
    return found


def shown(desk: Desk, row: Row) -> Delivery:
    """A delivery as the API gives it."""
    return Delivery(**{name: row[name] for name in _SAME}, unit=desk.unit(row["unit"]))


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("deliveries")

    @router.get("/deliveries")
    async def many(
        officer: Officer,
        state: Annotated[DeliveryState | None, Query(description="`held` are those that wait for an officer.")] = None,
        unit: Annotated[str | None, Query(max_length=63)] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Deliveries:
        """Deliveries that the officer may decide on, the one that waits longest first."""
        units = unit_asked(desk, officer, unit)
        after = read_cursor(cursor, (str, str))
        rows = await desk.read(lambda connection: page_of(connection, units, state, after, limit))
        page, following = cut(rows, limit, lambda row: (row["changed_at"], row["delivery_id"]))
        return Deliveries(deliveries=[shown(desk, row) for row in page], next=following)

    @router.post("/deliveries/{delivery_id}/resolve")
    async def resolve(
        officer: Officer, delivery_id: UUID, body: Resolution, key: IdempotencyKey = None
    ) -> DeliveryDone:
        """A held delivery: the officer looked on the network (`sent` or `again`), or says how they brought it."""
        command = ResolveDelivery(delivery_id=delivery_id, **body.model_dump())
        told = await desk.ask(officer, command, delivery_id, key)
        row = await desk.read(lambda connection: one(connection, delivery_id))
        seen = [row] if row and allowed(officer, Action.DELIVERY_RESOLVE, Scope(row["unit"])) else []
        return DeliveryDone(**told.as_done(), delivery=shown(desk, seen[0]) if seen else None)

    return router


def unit_asked(desk: Desk, officer: Actor, unit: str | None) -> str | None:
    """The unit whose deliveries are asked for, None for all. Raises `Forbidden`, `Refused` (422)."""
    if unit is None and allowed(officer, Action.DELIVERY_RESOLVE, Scope()):
        return None
    wanted = unit if unit is not None else officer.unit
    authorise(officer, Action.DELIVERY_RESOLVE, Scope(wanted))
    if unit is not None:
        desk.check_unit(unit)
    return wanted


def page_of(connection: Connection, unit: str | None, state: str | None, after: Key | None, limit: int) -> list[Row]:
    """Deliveries of one unit or of all, the one that waits longest first, and one more than the page has."""
    # The first ones of each state are found by an index that has them in this order, and joined afterwards.
    place = (delivery.c.changed_at, delivery.c.delivery_id)
    firsts = [_first(unit, one_state, after, limit + 1) for one_state in ([state] if state else STATES)]
    found = union_all(*firsts).subquery()
    chosen = _chosen().where(delivery.c.delivery_id.in_(select(found.c.delivery_id)))
    return _rows(connection, chosen.order_by(*place).limit(limit + 1))


def _first(unit: str | None, state: str, after: Key | None, most: int) -> Select[Any]:
    place = (delivery.c.changed_at, delivery.c.delivery_id)
    chosen = select(delivery.c.delivery_id).where(delivery.c.state == state)
    if unit is not None:
        chosen = chosen.where(delivery.c.unit == unit)
    if after is not None:
        chosen = chosen.where(tuple_(*place) > tuple_(*map(literal, after)))
    return select(chosen.order_by(*place).limit(most).subquery())


def one(connection: Connection, delivery_id: UUID) -> Row | None:
    """A delivery; None where there is none."""
    found = _rows(connection, _chosen().where(delivery.c.delivery_id == str(delivery_id)))
    return found[0] if found else None


def _chosen() -> Select[Any]:
    own = list(delivery.columns)
    return (
        select(*own, publication.c.cause, registered.c.registration)
        .select_from(
            delivery.join(publication, publication.c.publication_id == delivery.c.publication_id).outerjoin(
                registered, registered.c.case_id == delivery.c.case_id
            )
        )
    )  # fmt: skip


def _rows(connection: Connection, chosen: Select[Any]) -> list[Row]:
    return [dict(row) for row in connection.execute(chosen).mappings()]
