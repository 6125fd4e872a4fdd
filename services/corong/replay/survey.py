"""One quick pass over a log before anything is folded: how far it goes, its state hashes, which cases are meant."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from corong.replay.envelope import Envelope, cause, envelope, opened, place_of
from corong.replay.fold import PUT_ASIDE
from corong.replay.logs import Log
from corong_contracts.audit import AuditStateHashed
from corong_contracts.base import Payload
from corong_contracts.case import CaseAssigned, CaseRegistered, CaseReturned, CaseRouted
from corong_contracts.catalogue import CATALOGUE, BadEvent
from corong_contracts.message import MessageMoved
from corong_contracts.publication import PublicationDrafted

UNIT_TELLING = {payload.type for payload in (CaseRouted, CaseAssigned, CaseReturned, PublicationDrafted)}


@dataclass(frozen=True)
class Committed:
    """A state hash that the log itself holds."""

    position: int
    said: AuditStateHashed


@dataclass
class Survey:
    """What a log holds up to some point."""

    size: int = 0
    """How many entries count."""
    vector: dict[str, int] = field(default_factory=dict)
    """Writer → its last number among them."""
    hashes: list[Committed] = field(default_factory=list)
    entities: set[str] = field(default_factory=set)
    """Cases and posts that were asked for."""
    orderly: bool = True
    """Whether each writer's numbers stand in their order from 1 without a hole, in canonical envelopes of known types,
    and nothing was put aside: then shares of it can be folded apart. Not known where something was chosen."""
    crossed: set[str] = field(default_factory=set)
    """Cases whose rows hang on events of several cases."""
    marks: list[tuple[int, dict[str, int]]] = field(default_factory=list, compare=False)
    """Before which position each writer had come how far; at the end of every stretch that was looked over."""


@dataclass(frozen=True)
class Asked:
    """Which cases: by id or registration number, by who did something to them, or by a unit that had them."""

    case: str | None = None
    actor: str | None = None
    unit: str | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is chosen."""
        return self.case is None and self.actor is None and self.unit is None


WHOLE = Asked()
"""Everything."""


@dataclass
class Part:
    """What a stretch of a log holds; parts are joined by `joined`."""

    size: int = 0
    highest: dict[str, int] = field(default_factory=dict)
    past: dict[str, int] = field(default_factory=dict)
    """Writer → its first number that was recorded too late to count."""
    hashes: list[Committed] = field(default_factory=list)
    entities: set[str] = field(default_factory=set)
    first: dict[str, int] = field(default_factory=dict)
    """Writer → the first of its numbers."""
    orderly: bool = True
    crossed: set[str] = field(default_factory=set)


def survey(
    log: Log,
    asked: Asked = WHOLE,
    *,
    before: int | None = None,
    recorded: str | None = None,
    told: Callable[[int], None] = lambda count: None,
) -> Survey:
    """Read the log once.

    `before`: only the entries before this position. `recorded`: only what was recorded up to this moment, as events
    write it; a writer's clock may have gone back, so of each writer nothing counts from its first event past that on.
    """
    return joined([look_over(log, 0, before, asked, recorded, told)])


def look_over(
    log: Log,
    start: int,
    end: int | None,
    asked: Asked,
    recorded: str | None = None,
    told: Callable[[int], None] = lambda count: None,
) -> Part:
    """Read the entries from `start` to before `end`; up to the last one where that is None."""
    quick = asked.whole and recorded is None
    found = Part(orderly=quick)
    highest, past, kinds = found.highest, found.past, set[str]()
    for position, body in log.entries(start):
        if end is not None and position >= end:
            break
        if position % 1000 == 999:
            told(1000)
        found.size = position + 1
        place = place_of(body) if quick else None
        if place is not None:
            writer, number, kind = place
        else:
            found.orderly = False
            try:
                head = envelope(body)
            except BadEvent:
                continue  # told where it is folded
            writer, number, kind = head.writer, head.number, head.type
            if not asked.whole and (entity := _meant(asked, head, body)):
                found.entities.add(entity)
            if recorded is not None and head.recorded > recorded:
                past[writer] = min(number, past.get(writer, number))
                continue
        kinds.add(kind)
        before = highest.get(writer)
        if before is None:
            found.first[writer] = highest[writer] = number
        elif number == before + 1:
            highest[writer] = number
        else:
            found.orderly = False
            highest[writer] = max(number, before)
        if kind == MessageMoved.type:
            _cross(found, body)
        elif kind == AuditStateHashed.type:
            event = opened(body, kind)
            if isinstance(event.data, AuditStateHashed):
                found.hashes.append(Committed(position, event.data))
    found.orderly &= kinds <= CATALOGUE.keys() and kinds.isdisjoint(PUT_ASIDE)
    return found


def _cross(found: Part, body: bytes) -> None:
    """A message that goes from one case to another counts in both."""
    try:
        event = opened(body, MessageMoved.type)
    except BadEvent:
        found.orderly = False
        return
    if isinstance(event.data, MessageMoved):
        cases = (event.correlationid, event.data.from_case, event.data.case_id, event.data.before)
        found.crossed.update(str(case) for case in cases if case is not None)


def joined(parts: Sequence[Part]) -> Survey:
    """Of parts in their order, what the log holds."""
    found = Survey(size=max((part.size for part in parts), default=0))
    past: dict[str, int] = {}
    for part in parts:
        found.orderly &= part.orderly and all(
            number == found.vector.get(writer, 0) + 1 for writer, number in part.first.items()
        )
        found.crossed |= part.crossed
        for writer, number in part.highest.items():
            found.vector[writer] = max(number, found.vector.get(writer, 0))
        found.marks.append((part.size, dict(found.vector)))
        for writer, number in part.past.items():
            past[writer] = min(number, past.get(writer, number))
        found.hashes += part.hashes
        found.entities |= part.entities
    for writer, number in past.items():
        found.vector[writer] = min(found.vector.get(writer, 0), number - 1)
    found.vector = {writer: last for writer, last in sorted(found.vector.items()) if last > 0}
    return found


def _meant(asked: Asked, head: Envelope, body: bytes) -> str | None:
    known = cause(body)
    if asked.case is not None:
        if head.type == CaseRegistered.type and asked.case.encode() in body:
            event = opened(body, head.type)
            if isinstance(event.data, CaseRegistered) and event.data.registration == asked.case:
                return known.entity
        return known.entity if known.entity == _identity(asked.case) else None
    if asked.actor is not None:
        return known.entity if known.actor == asked.actor else None
    if head.type in UNIT_TELLING and asked.unit is not None and asked.unit.encode() in body:
        data: Payload = opened(body, head.type).data
        return known.entity if asked.unit in (getattr(data, "unit", None), getattr(data, "from_unit", None)) else None
    return None


def _identity(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return text
