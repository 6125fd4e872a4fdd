"""Officers are changed by events; what officers.toml said before stands in the log, and somebody can always do it."""

from typing import Any

import pytest

from corong.routing import state
from corong.runtime.edition_rows import newest_of
from corong.runtime.officer_entry import Officer
from corong.runtime.officer_rows import edition_of, officer_id
from corong.runtime.policy import Forbidden
from corong.runtime.refusal import Refused
from corong.runtime.roster import OfficerEdition, Roster
from corong.runtime.unit import Unit
from corong_contracts.catalogue import encode
from tests.services.routing.town import Day

OPERATOR, NAME = "operator-dinas-pupr", "Arif Peraga"


def changed(day: Day) -> list[Any]:
    return [event for event in day.events if event.type == "id.corong.officer.changed.v1"]


def does(day: Day, who: str, command: str, **asked: Any) -> list[Any]:
    return list(day.does(who, command, **asked))


def newest(unit: Unit) -> dict[str, Officer]:
    unit.rows.flush()
    rows = newest_of(unit.connection, state.officer)
    return {row["officer"]: edition_of(unit.sealer, row).officer for row in rows}


def test_a_change_writes_what_the_file_said_before_and_what_is_in_force_now(day: Day) -> None:
    change = {"officer": OPERATOR, "role": "unit_officer", "after": 0, "reason": " Ditunjuk sebagai PPID Pelaksana. "}
    does(day, "admin-hub", "officer.change", **change)
    before, after = changed(day)
    assert (before.actor, before.data.by, before.data.edition, before.data.role) == ("system", None, 1, "operator")
    assert (after.actor, after.data.by, after.data.edition) == ("officer:admin-hub", "admin-hub", 2)
    assert (after.data.role, after.data.unit, after.data.active) == ("unit_officer", "dinas-pupr", True)
    assert after.data.reason == "Ditunjuk sebagai PPID Pelaksana."
    assert after.subject == f"officer/{officer_id(OPERATOR)}"
    assert after.correlationid == before.correlationid, "one partition decides who is the last of a role"
    assert NAME.encode() not in encode(after), "the name is sealed"
    assert newest(day.unit)[OPERATOR].name == NAME
    does(day, "main", "officer.change", officer=OPERATOR, unit="dinas-kesehatan", after=2, reason="Pindah.")
    assert (newest(day.unit)[OPERATOR].unit, newest(day.unit)[OPERATOR].role) == ("dinas-kesehatan", "unit_officer")
    assert [event.data.edition for event in changed(day)] == [1, 2, 3]


def test_what_was_changed_meanwhile_is_not_overwritten_and_the_same_again_is_no_event(day: Day) -> None:
    change = {"officer": OPERATOR, "called": "Arif P.", "reason": "Nama."}
    does(day, "main", "officer.change", after=0, **change)
    with pytest.raises(Refused) as refused:
        does(day, "main", "officer.change", after=0, **{**change, "called": "Arif"})
    assert (refused.value.code, refused.value.status) == ("officer_changed_meanwhile", 409)
    assert not does(day, "main", "officer.change", after=2, **change)
    assert len(changed(day)) == 2


def test_somebody_new_and_an_id_is_never_anothers(day: Day) -> None:
    new = {"officer": "petugas-baru", "called": "Budi Contoh", "role": "operator", "unit": "dinas-pupr", "reason": "."}
    (added,) = does(day, "admin-hub", "officer.add", **new)
    assert (added.data.edition, added.data.generation, added.data.active) == (1, 1, True)
    for again in (new, {**new, "officer": OPERATOR}):
        with pytest.raises(Refused) as refused:
            does(day, "admin-hub", "officer.add", **again)
        assert refused.value.code == "officer_exists"
    with pytest.raises(Refused) as refused:
        does(day, "admin-hub", "officer.add", **{**new, "officer": "lain", "unit": "dinas-sihir"})
    assert refused.value.code == "unknown_unit"


def test_who_is_shut_out_has_no_generation_and_the_old_one_never_comes_back(day: Day) -> None:
    was = day.town.directory.officer(OPERATOR).token_generation
    (_, shut) = does(day, "admin-hub", "officer.deactivate", officer=OPERATOR, reason="Pindah tugas.")
    assert (shut.data.active, shut.data.generation) == (False, was + 1)
    assert not does(day, "admin-hub", "officer.deactivate", officer=OPERATOR, reason="Lagi.")
    (back,) = does(day, "admin-hub", "officer.reactivate", officer=OPERATOR, reason="Kembali.")
    assert (back.data.active, back.data.generation) == (True, was + 1)


def test_the_last_of_a_role_stays_and_nobody_changes_their_own_rights(day: Day) -> None:
    for asked in (
        ("officer.deactivate", {"officer": "admin-hub"}),
        ("officer.change", {"officer": "admin-hub", "role": "auditor", "after": 0}),
    ):
        with pytest.raises(Refused) as refused:
            does(day, "main", asked[0], **asked[1], reason="Coba.")
        assert (refused.value.code, refused.value.status) == ("last_of_role", 409)
    for asked in (
        ("officer.deactivate", {"officer": "ppid-utama"}),
        ("officer.change", {"officer": "ppid-utama", "role": "admin", "after": 0}),
        ("officer.change", {"officer": "ppid-utama", "unit": "setda", "after": 0}),
    ):
        with pytest.raises(Refused) as refused:
            does(day, "main", asked[0], **asked[1], reason="Coba.")
        assert (refused.value.code, refused.value.status) == ("own_rights", 403)
    does(day, "main", "officer.change", officer="ppid-utama", called="Ade C.", after=0, reason="Nama sendiri boleh.")
    does(day, "admin-hub", "officer.deactivate", officer="ppid-utama-2", reason="Pensiun.")
    with pytest.raises(Refused) as refused:
        does(day, "admin-hub", "officer.deactivate", officer="ppid-utama", reason="Pensiun juga.")
    assert refused.value.code == "last_of_role"


def test_who_may_not_changes_nobody_and_who_is_unknown_is_told(day: Day) -> None:
    for who in ("unit", "operator", "superior", "auditor"):
        with pytest.raises(Forbidden):
            does(day, who, "officer.deactivate", officer=OPERATOR, reason="Coba.")
    with pytest.raises(Refused) as refused:
        does(day, "main", "officer.reactivate", officer="siapa", reason="Coba.")
    assert (refused.value.code, refused.value.status) == ("no_such_officer", 404)
    assert not changed(day)


def test_of_the_file_identity_and_a_higher_generation_count_still() -> None:
    listed = Officer(
        id="a", name="File", role="operator", unit="setda", token_generation=7, identity="a@asahan.example"
    )
    staff = Roster([listed])
    later = Officer(id="a", name="Log", role="auditor", unit="setda", token_generation=2)
    staff.take([OfficerEdition(3, later), OfficerEdition(2, listed)])
    now = staff.get("a")
    assert now is not None
    assert (now.name, now.role, now.token_generation, now.identity) == ("Log", "auditor", 7, "a@asahan.example")
    assert staff.edition("a") == 3
    assert staff.identified("A@asahan.example") == now
