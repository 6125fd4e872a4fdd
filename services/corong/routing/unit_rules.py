"""What may be made of a unit, decided on which units there are: pure. What the change is stands in the result."""

from pathlib import Path
from uuid import UUID

from pydantic import ValidationError

from corong.routing.cases import Case
from corong.runtime.policy import Actor
from corong.runtime.refusal import Refused
from corong.runtime.unit import Draft, Secret
from corong.runtime.unit_chart import Units
from corong.runtime.unit_entry import KnownUnit, unit_problems
from corong_contracts.case import CaseAssigned
from corong_contracts.unit import UnitContent

__all__ = ["added", "changed", "closed", "handed_over"]


def added(units: Units, identity: str, content: UnitContent) -> list[KnownUnit]:
    """A new unit. Raises `Refused` (409, 422)."""
    if identity in units.by_id:
        raise Refused(
            409, "unit_exists", "Id itu sudah dipakai; id unit tidak pernah dipakai lagi oleh unit lain.",
            "That id is taken; a unit's id is never another unit's afterwards.", ["unit"],
        )  # fmt: skip
    return _fitting(units, [_unit(identity, content)])


def changed(units: Units, identity: str, content: UnitContent) -> list[KnownUnit]:
    """The unit as asked; none where nothing differs. Raises `Refused` (404, 409, 422)."""
    now = _open(units, identity)
    new = _unit(identity, content)
    if "main" in (now.kind, new.kind) and now.kind != new.kind:
        raise Refused(
            422, "main_unit", "Kantor utama tetap kantor utama, dan hanya ada satu.",
            "The main office stays the main office, and there is one alone.", ["kind"],
        )  # fmt: skip
    return [] if new == now else _fitting(units, [new])


def closed(units: Units, by: Actor, identity: str, successor: str) -> list[KnownUnit]:
    """The closed unit, its successor with what it takes over, and clinics that served its area; in this order.

    Who hears of them one by one never sees a topic with two owners. Raises `Refused` (403, 404, 409, 422).
    """
    now = _open(units, identity)
    if now.kind == "main":
        raise Refused(
            409, "main_unit", "Kantor utama tidak dapat ditutup: yang tidak dijawab unit lain datang ke sana.",
            "The main office can't be closed: what no other unit answers comes there.",
        )  # fmt: skip
    if by.unit == identity:
        raise Refused(
            403, "own_unit", "Unit sendiri hanya dapat ditutup oleh petugas dari unit lain.",
            "One's own unit is an officer of another unit's to close.",
        )  # fmt: skip
    heir = units.by_id.get(successor)
    if heir is None or heir.closed or successor == identity:
        raise Refused(
            422, "bad_successor", "Penggantinya harus unit lain yang masih buka.",
            "The successor must be another unit that is open.", ["successor"],
        )  # fmt: skip
    topics = (*heir.topics, *(topic for topic in now.topics if topic not in heir.topics))
    known = {place.casefold() for place in heir.places}
    moved = tuple(place for place in now.places if place.casefold() not in known) if heir.kind == now.kind else ()
    after = heir.model_copy(update={"topics": topics, "places": (*heir.places, *moved)})
    area = successor if heir.kind == "subdistrict" else None
    clinics = [
        unit.model_copy(update={"within": area})
        for unit in units.open
        if unit.within == identity and unit.id not in (identity, successor)
    ]
    if after.within == identity:
        after = after.model_copy(update={"within": None})
    changes = [now.model_copy(update={"successor": successor}), *([after] if after != heir else []), *clinics]
    return _fitting(units, changes)


def handed_over(case: Case, unit: str, by: str, key: str, words: str) -> Draft:
    """An open case of a closed unit goes on with the unit that took over; `key` seals the words of the disposisi."""
    data: dict[str, UUID | str | None] = {
        "case_id": case.case_id, "from_unit": case.unit, "unit": unit, "to_officer": None, "officer": by,
    }  # fmt: skip
    return Draft(CaseAssigned, case.case_id, data, {"instruction": Secret(key, words)}, f"officer:{by}")


def _open(units: Units, identity: str) -> KnownUnit:
    found = units.by_id.get(identity)
    if found is None:
        raise Refused(404, "no_such_unit", "Unit itu tidak ada.", "There is no such unit.")
    if found.closed:
        raise Refused(409, "unit_closed", "Unit itu sudah ditutup.", "That unit is closed.")
    return found


def _unit(identity: str, content: UnitContent) -> KnownUnit:
    try:
        return KnownUnit.of(identity, content)
    except ValidationError as error:
        fields = sorted({str(detail["loc"][0]) for detail in error.errors()})
        raise Refused(
            422, "bad_unit", "Isian unit tidak dapat dipakai: sebuah hari tidak boleh tertulis dua kali, nama tidak "
            "boleh kosong.", "The unit can't be so: a day must not stand twice, a name must not be empty.", fields,
        ) from None  # fmt: skip


def _fitting(units: Units, changes: list[KnownUnit]) -> list[KnownUnit]:
    """The same, where all fit together. Raises `Refused` (422)."""
    problems = list(unit_problems(units.having(changes).all, Path("unit")))
    if problems:
        told = "; ".join(f"{one.entry}: {one.what} ({one.remedy})" for one in problems[:20])
        raise Refused(
            422, "units_contradict", f"Unit-unit tidak cocok satu sama lain. {told}",
            f"The units don't fit together. {told}",
        )  # fmt: skip
    return changes
