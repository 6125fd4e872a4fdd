"""What may be made of an officer, decided on who all of them are: pure. What the change is stands in the result."""

from corong.runtime.directory import Directory
from corong.runtime.officer_entry import Officer
from corong.runtime.open_unit import check_open_unit
from corong.runtime.policy import ROLE_NAMES, Actor
from corong.runtime.refusal import Refused
from corong.runtime.roster import Roster
from corong_contracts.officer import Role
from corong_contracts.officer_command import AddOfficer, ChangeOfficer

KEPT_ROLES: tuple[Role, ...] = ("admin", "main_officer")
"""Without one of each at work nobody could give rights again, or see what came for no unit."""


def added(staff: Roster, directory: Directory, asked: AddOfficer) -> Officer:
    """Somebody new. Raises `Refused` (409, 422)."""
    if staff.get(asked.officer) is not None:
        raise Refused(
            409, "officer_exists", "Id itu sudah dipakai; id petugas tidak pernah dipakai lagi oleh orang lain.",
            "That id is taken; an officer's id is never another person's afterwards.", ["officer"],
        )  # fmt: skip
    check_open_unit(directory, asked.unit)
    return Officer(id=asked.officer, name=asked.called, role=asked.role, unit=asked.unit)


def changed(staff: Roster, directory: Directory, by: Actor, asked: ChangeOfficer) -> Officer:
    """The officer as asked; equal to what there was, where nothing differs. Raises `Refused` (403, 404, 409, 422)."""
    now = _known(staff, asked.officer)
    found = staff.edition(asked.officer)
    if found != asked.after:
        raise Refused(
            409, "officer_changed_meanwhile",
            f"Petugas ini sudah diubah: yang berlaku edisi {found}, Anda mulai dari edisi {asked.after}. Lihat dulu "
            "yang berlaku, lalu ulangi.",
            f"This officer was changed meanwhile: edition {found} is in force, and you began with {asked.after}. Look "
            "at it, then do it again.", ["edition"],
        )  # fmt: skip
    given = {"name": asked.called.strip() if asked.called else None, "role": asked.role, "unit": asked.unit}
    new = now.model_copy(update={name: value for name, value in given.items() if value is not None})
    if asked.unit is not None:
        check_open_unit(directory, asked.unit)
    if (new.role, new.unit) != (now.role, now.unit):
        _check_self(by, now)
    _check_last(staff, now, new)
    return new


def deactivated(staff: Roster, by: Actor, identity: str) -> Officer:
    """Shut out; what was given out before is good no longer. Raises `Refused` (403, 404, 409)."""
    now = _known(staff, identity)
    if not now.active:
        return now
    _check_self(by, now)
    new = now.model_copy(update={"active": False, "token_generation": now.token_generation + 1})
    _check_last(staff, now, new)
    return new


def reactivated(staff: Roster, identity: str) -> Officer:
    """Let in again, by a new link. Raises `Refused` (404)."""
    return _known(staff, identity).model_copy(update={"active": True})


def invited(staff: Roster, by: Actor, identity: str) -> Officer:
    """Who comes in by the new link. Raises `Refused` (403, 404, 409)."""
    now = _known(staff, identity)
    if not now.active:
        raise Refused(
            409, "officer_not_active", "Petugas ini tidak aktif: aktifkan dulu, baru buat tautannya.",
            "This officer is not active: let them in again first, then make the link.",
        )  # fmt: skip
    if by.id == now.id:  # a stolen session would outlive its password by it
        raise Refused(
            403, "own_link", "Tautan untuk diri sendiri dibuat petugas lain; kata sandi diganti di Akun saya.",
            "A link for oneself is another officer's to make; the password is changed under My account.",
        )  # fmt: skip
    return now


def _known(staff: Roster, identity: str) -> Officer:
    found = staff.get(identity)
    if found is None:
        raise Refused(404, "no_such_officer", "Petugas itu tidak ada.", "There is no such officer.")
    return found


def _check_self(by: Actor, officer: Officer) -> None:
    if by.id == officer.id:
        raise Refused(
            403, "own_rights", "Peran, unit dan keadaan diri sendiri hanya dapat diubah oleh petugas lain.",
            "One's own role, unit and state are another officer's to change.",
        )  # fmt: skip


def _check_last(staff: Roster, now: Officer, new: Officer) -> None:
    for role in KEPT_ROLES:
        if not (now.active and now.role == role) or (new.active and new.role == role):
            continue
        if not any(one.active and one.role == role for one in staff.all if one.id != now.id):
            raise Refused(
                409, "last_of_role",
                f"Ini {ROLE_NAMES[role]} terakhir yang aktif: tunjuk dulu yang lain.",
                f"This is the last active {role.replace('_', ' ')}: appoint another one first.",
            )  # fmt: skip
