"""Who is mentioned in internal notes, and what of it was read: questions to the desk's tables."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, Subquery, and_, func, or_, select

from corong.desk.context import Desk
from corong.desk.paging import Key
from corong.desk.preferences.tables import mention_seen
from corong.desk.tables import case as cases
from corong.desk.tables import entry, mention, registered
from corong.runtime.unit import Unit

MOST = 100
"""So many of the newest are looked at for unread ones."""
ORDER = (str, str)
"""The shape of the place after a row: when it was written, and of which note."""

_SEEN = and_(mention_seen.c.officer == mention.c.officer, mention_seen.c.event_id == mention.c.event_id)


def unread(connection: Connection, officer: str) -> int:
    """How many of the newest the officer has not read."""
    listed, seen = _newest(officer, None, MOST)
    chosen = select(func.count()).select_from(listed.outerjoin(mention_seen, seen))
    return int(connection.execute(chosen.where(mention_seen.c.event_id.is_(None))).scalar_one())


def page(connection: Connection, officer: str, after: Key | None, limit: int) -> list[dict[str, Any]]:
    """The newest first, and one more than `limit`: with their case's place and the note as it is kept."""
    listed, seen = _newest(officer, after, limit + 1)
    chosen = (
        select(
            *listed.columns, mention_seen.c.event_id.is_not(None).label("seen"), registered.c.registration,
            cases.c.unit, cases.c.kind, entry.c.sealed,
        )
        .select_from(
            listed.outerjoin(mention_seen, seen)
            .join(cases, cases.c.case_id == listed.c.case_id)
            .outerjoin(registered, registered.c.case_id == listed.c.case_id)
            .outerjoin(entry, and_(entry.c.case_id == listed.c.case_id, entry.c.event_id == listed.c.event_id))
        )
        .order_by(listed.c.at.desc(), listed.c.event_id.desc())
    )  # fmt: skip
    return [dict(row) for row in connection.execute(chosen).mappings()]


def _newest(officer: str, after: Key | None, most: int) -> tuple[Subquery, ColumnElement[bool]]:
    """Those that are listed, found by their index before anything is joined, and what joins that one was seen."""
    chosen = select(mention).where(mention.c.officer == officer)
    if after is not None:
        at, event_id = after
        before = or_(mention.c.at < at, mention.c.event_id < event_id)
        chosen = chosen.where(mention.c.at <= at, before)
    listed = chosen.order_by(mention.c.at.desc(), mention.c.event_id.desc()).limit(most).subquery()
    return listed, and_(mention_seen.c.officer == officer, mention_seen.c.event_id == listed.c.event_id)


async def read(desk: Desk, officer: str, case_id: UUID) -> None:
    """The officer has opened the case: what mentions the officer there is read."""
    found = await desk.read(lambda connection: list(connection.execute(_ids(officer, case_id)).scalars()))

    def see(unit: Unit) -> None:
        for event_id in found:
            unit.rows.put(mention_seen, {"officer": officer, "event_id": event_id})

    if found:
        await desk.service.committer.run(see)


def _ids(officer: str, case_id: UUID) -> Select[Any]:
    chosen = select(mention.c.event_id).select_from(mention.outerjoin(mention_seen, _SEEN))
    return chosen.where(mention.c.case_id == str(case_id), *_unread(officer))


def _unread(officer: str) -> tuple[Any, ...]:
    return mention.c.officer == officer, mention_seen.c.event_id.is_(None)
