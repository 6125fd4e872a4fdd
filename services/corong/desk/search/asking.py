"""What is found: questions to the search's table and the desk's, within what the officer may read.

The walk begins where there is least: at the rarest of the words, or in the queue of the units that are asked for; each
step of it is a look into an index.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from corong.desk.search.tables import search_case, search_term, search_wait
from corong.desk.tables import case, registered
from corong.runtime.policy import Action, Actor, Scope, allowed
from corong_contracts.case import CaseKind

COUNTED = 5_000
"""So many postings are counted to find where there is least; more are as many."""


@dataclass(frozen=True)
class Reach:
    """What an officer may read: these units (None: all), of these kinds (None: all)."""

    units: Sequence[str] | None
    kinds: Sequence[str] | None = None


def reach_of(actor: Actor, unit: str | None = None) -> Reach:
    """As the policy has it, within one `unit` where that is asked for."""
    if unit is None and allowed(actor, Action.CASE_READ, Scope()):
        return Reach(None)
    within = unit if unit is not None else actor.unit
    kinds = [str(kind) for kind in CaseKind if allowed(actor, Action.CASE_READ, Scope(within, kind))]
    if within is None or not kinds:
        return Reach([], [])
    return Reach([within], None if len(kinds) == len(CaseKind) else kinds)


@dataclass(frozen=True)
class Wanted:
    """What is looked for. Moments are of the registration: from the first, before the second."""

    terms: frozenset[int]
    reach: Reach
    states: Sequence[str] | None = None
    kind: str | None = None
    since: str | None = None
    before: str | None = None


def places(connection: Connection, wanted: Wanted, after: int | None, limit: int) -> list[tuple[int, str]]:
    """(place, case) of those found, the one written last first, after a place; at most `limit`."""
    if not wanted.terms or wanted.reach.units == []:
        return []
    counts = {term: _count(connection, select(1).where(search_term.c.term == term)) for term in sorted(wanted.terms)}
    if not all(counts.values()):
        return []
    rarest = min(counts, key=lambda term: counts[term])
    chosen = _by_word(wanted, rarest, after)
    if wanted.reach.units is not None:
        theirs = _count(connection, select(1).select_from(case).where(case.c.unit.in_(wanted.reach.units)))
        if theirs < counts[rarest]:
            chosen = _by_unit(wanted, after)
    return [(int(row.place), str(row.case_id)) for row in connection.execute(chosen.limit(limit))]


def waiting(connection: Connection) -> bool:
    """Whether cases wait to be read, so that some may not be found yet."""
    return connection.execute(select(search_wait.c.case_id).limit(1)).first() is not None


def _count(connection: Connection, chosen: Select[Any]) -> int:
    some = chosen.limit(COUNTED).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def _by_word(wanted: Wanted, word: int, after: int | None) -> Select[Any]:
    """Down the cases of one word."""
    walked = search_term.alias("walked")
    its_case = select(search_case.c.case_id).where(search_case.c.place == walked.c.place).scalar_subquery()
    found = select(walked.c.place, its_case.label("case_id"))
    found = found.where(walked.c.term == word, *(_stands(term, walked.c.place) for term in wanted.terms - {word}))
    if filters := _filters(wanted):
        theirs = select(case.c.case_id).select_from(
            _cases(wanted).join(search_case, search_case.c.case_id == case.c.case_id)
        ).where(search_case.c.place == walked.c.place, *filters)  # fmt: skip
        found = found.where(theirs.scalar_subquery().is_not(None))
    if after is not None:
        found = found.where(walked.c.place < after)
    return found.order_by(walked.c.place.desc())


def _by_unit(wanted: Wanted, after: int | None) -> Select[Any]:
    """Through the cases of some units."""
    place = select(search_case.c.place).where(search_case.c.case_id == case.c.case_id).scalar_subquery()
    theirs = (
        select(place.label("place"), case.c.case_id).select_from(_cases(wanted)).where(*_filters(wanted)).subquery()
    )
    found = select(theirs.c.place, theirs.c.case_id).where(theirs.c.place.is_not(None))
    found = found.where(*(_stands(term, theirs.c.place) for term in wanted.terms))
    if after is not None:
        found = found.where(theirs.c.place < after)
    return found.order_by(theirs.c.place.desc())


def _stands(term: int, place: ColumnElement[int]) -> ColumnElement[bool]:
    """A look into the index for each row: PostgreSQL makes a join of EXISTS, and then walks from elsewhere."""
    other = search_term.alias()
    look = select(other.c.place).where(and_(other.c.term == term, other.c.place == place))
    return look.scalar_subquery().is_not(None)


def _cases(wanted: Wanted) -> Any:
    if wanted.since is None and wanted.before is None:
        return case
    return case.join(registered, registered.c.case_id == case.c.case_id)


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.reach.units is not None:
        found.append(case.c.unit.in_(wanted.reach.units))
    if wanted.reach.kinds is not None:
        found.append(case.c.kind.in_(wanted.reach.kinds))
    if wanted.states is not None:
        found.append(case.c.state.in_(wanted.states))
    if wanted.kind is not None:
        found.append(case.c.kind == wanted.kind)
    if wanted.since is not None:
        found.append(registered.c.registered_at >= wanted.since)
    if wanted.before is not None:
        found.append(registered.c.registered_at < wanted.before)
    return found
