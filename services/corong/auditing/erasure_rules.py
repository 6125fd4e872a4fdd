"""What auditing decides of holds and erasures: pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.refusal import Refused
from corong.runtime.unit import Draft
from corong_contracts.command import ErasePerson, PlaceHold, ReleaseHold
from corong_contracts.erasure import CaseErased, ErasureDecided, HoldPlaced, HoldReleased

_NUMBER = re.compile(r"[0-9]{7}")
"""No law and no archive schedule has so long a number; telephone and identity numbers do."""


@dataclass(frozen=True)
class Subject:
    """A person as auditing finds them when it is asked."""

    person: str
    keys: Sequence[str] = ()
    files: int = 0
    cases: Sequence[UUID] = ()
    """Those of the asked ones that the log says are the person's."""
    holds: Sequence[str] = ()
    """Ids of the holds that are not released."""
    erased: bool = False

    @property
    def entity(self) -> UUID:
        """By which the decisions about a person are serial."""
        return UUID(self.person)


def erasure_id(person: str) -> UUID:
    """A person is erased once: who writes again is another person."""
    return uuid5(UUID(person), "erasure")


def place(subject: Subject, officer: Actor, asked: PlaceHold, cause: UUID) -> list[Draft]:
    """Place a hold. Raises `Forbidden`, `Refused`."""
    authorise(officer, Action.HOLD_PLACE, Scope())
    _check_words(asked.legal_basis)
    if subject.erased:
        raise already()
    if not subject.keys:
        raise nobody()
    data = {
        "hold_id": uuid5(cause, "hold"), "person": subject.person, "case_id": asked.case_id, "reason": asked.reason,
        "legal_basis": asked.legal_basis, "officer": officer.id,
    }  # fmt: skip
    return [Draft(HoldPlaced, subject.entity, data, actor=str(officer))]


def release(held: dict[str, Any] | None, officer: Actor, asked: ReleaseHold) -> list[Draft]:
    """Release a hold, given its row. Raises `Forbidden`, `Refused`."""
    authorise(officer, Action.HOLD_RELEASE, Scope())
    _check_words(asked.legal_basis)
    if held is None:
        raise Refused(404, "no_such_hold", "Penahanan itu tidak ada.", "There is no such hold.")
    if held["released_at"] is not None:
        raise Refused(409, "hold_released", "Penahanan itu sudah dicabut.", "That hold was released already.")
    data = {
        "hold_id": asked.hold_id, "person": held["person"], "legal_basis": asked.legal_basis, "officer": officer.id
    }  # fmt: skip
    return [Draft(HoldReleased, UUID(held["person"]), data, actor=str(officer))]


def erase(subject: Subject, officer: Actor, asked: ErasePerson) -> list[Draft]:
    """Decide an erasure: the person's, and what each case shows of it. Raises `Forbidden`, `Refused`."""
    authorise(officer, Action.PERSON_ERASE, Scope())
    _check_words(asked.legal_basis)
    _check_words(asked.schedule)
    if subject.erased:
        raise already()
    if subject.holds:
        named = ", ".join(subject.holds)
        raise Refused(
            409, "on_hold", f"Ada penahanan hukum yang belum dicabut: {named}.",
            f"There is a legal hold that is not released: {named}.",
        )  # fmt: skip
    if not subject.keys:
        raise nobody()
    same = {
        "erasure_id": erasure_id(subject.person), "legal_basis": asked.legal_basis, "schedule": asked.schedule,
        "officer": officer.id,
    }  # fmt: skip
    told = {
        **same, "person": subject.person, "keys": list(subject.keys), "files": subject.files,
        "cases": len(subject.cases),
    }  # fmt: skip
    actor = str(officer)
    decided = Draft(ErasureDecided, subject.entity, told, actor=actor)
    return [decided, *(Draft(CaseErased, case, {**same, "case_id": case}, actor=actor) for case in subject.cases)]


def _check_words(text: str) -> None:
    if _NUMBER.search(text):
        raise Refused(
            422, "looks_personal", "Tulis hanya nama aturan dan pasalnya: nomor sepanjang itu bisa milik seseorang.",
            "Name only the law and its article: so long a number may be somebody's.", ["legal_basis"],
        )  # fmt: skip


def already() -> Refused:
    """The refusal."""
    return Refused(409, "already_erased", "Data orang ini sudah dihapus.", "This person's data was erased already.")


def nobody() -> Refused:
    """The refusal."""
    return Refused(404, "no_such_person", "Orang itu tidak dikenal.", "There is no such person.")
