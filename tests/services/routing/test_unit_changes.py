"""Units are changed by events; a closed one hands everything over, and nothing is left that nobody answers for."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corong.routing import state, unit_rules
from corong.runtime.directory import Directory
from corong.runtime.edition_rows import newest_query
from corong.runtime.installation import example_folder
from corong.runtime.policy import Actor, Forbidden
from corong.runtime.refusal import Refused
from corong.runtime.roster import Roster
from corong.runtime.sealing import sealed_field
from corong.runtime.unit_chart import UnitChart, UnitEdition, Units
from corong.runtime.unit_entry import KnownUnit, unit_problems
from corong.runtime.unit_rows import edition_of, unit_id
from corong_contracts.case import CaseKind
from tests.services.routing.town import OTHER, UNIT, Day

LISTED = Directory.load(example_folder()).units
ADMIN = Actor("officer", "admin-hub", "admin", "diskominfo")


def changed(day: Day) -> list[Any]:
    return [event for event in day.events if event.type == "id.corong.unit.changed.v1"]


def does(day: Day, who: str, command: str, **asked: Any) -> list[Any]:
    return list(day.does(who, command, reason="SK Bupati 14/2026.", **asked))


def content(unit: str = UNIT, **other: Any) -> dict[str, Any]:
    whole = next(one for one in LISTED if one.id == unit).content.model_dump(mode="json")
    return {**whole, **other}


def newest(day: Day) -> dict[str, KnownUnit]:
    rows = day.unit.rows.query(newest_query(state.unit_edition))
    return {row["unit"]: edition_of(dict(row)).unit for row in rows}


def takes_effect(day: Day) -> None:
    """What a commit does last."""
    for job in day.unit.after:
        job()


@pytest.fixture
def own_chart(day: Day) -> Iterator[Day]:
    """The town is a module's; what a test changes of its units and officers goes with the test."""
    directory = day.town.directory
    before = directory._chart, directory._roster
    directory._chart, directory._roster = UnitChart(directory.listed_units), Roster(directory.listed)
    yield day
    directory._chart, directory._roster = before


def test_a_change_writes_what_the_file_said_before_and_what_is_in_force_now(day: Day) -> None:
    does(day, "admin-hub", "unit.change", unit=UNIT, content=content(name="Dinas Bina Marga"), after=0)
    before, after = changed(day)
    assert (before.actor, before.data.by, before.data.edition) == ("system", None, 1)
    assert before.data.content.name == "Dinas Pekerjaan Umum dan Penataan Ruang"
    assert (after.actor, after.data.by, after.data.edition) == ("officer:admin-hub", "admin-hub", 2)
    assert after.subject == f"unit/{unit_id(UNIT)}"
    assert newest(day)[UNIT].name == "Dinas Bina Marga"
    for late in (0, 1):
        with pytest.raises(Refused) as refused:
            does(day, "main", "unit.change", unit=UNIT, content=content(name="Lain"), after=late)
        assert (refused.value.code, refused.value.status) == ("unit_changed_meanwhile", 409)
    assert not does(day, "main", "unit.change", unit=UNIT, content=content(name="Dinas Bina Marga"), after=2)


def test_a_new_unit_takes_cases_and_a_taken_topic_or_id_is_refused(own_chart: Day) -> None:
    day = own_chart
    new = {**content(), "name": "Dinas Jalan", "topics": []}
    (added,) = does(day, "admin-hub", "unit.add", unit="dinas-jalan", content=new)
    assert (added.data.edition, added.data.successor) == (1, None)
    for unit, asked, code in (
        ("dinas-jalan", new, "unit_exists"),
        ("dinas-lain", {**new, "topics": ["jalan"]}, "units_contradict"),
        ("dinas-lain", {**new, "kind": "main"}, "units_contradict"),
        ("dinas-lain", {**new, "opening_days": ["mon", "mon"]}, "bad_unit"),
    ):
        with pytest.raises(Refused) as refused:
            does(day, "admin-hub", "unit.add", unit=unit, content=asked)
        assert refused.value.code == code
    takes_effect(day)
    case = day.arrives(CaseKind.COMPLAINT, unit=UNIT)
    day.does("main", "case.assign", case, unit="dinas-jalan", instruction="Mohon ditangani.")
    assert day.case(case).unit == "dinas-jalan"


def test_a_topic_goes_from_one_to_another_only_when_the_first_let_go_and_none_is_left_alone(day: Day) -> None:
    with pytest.raises(Refused) as refused:
        does(day, "main", "unit.change", unit=UNIT, content=content(topics=["saluran-air"]), after=0)
    assert refused.value.code == "rules_do_not_fit"
    assert "jalan" in refused.value.english
    assert not changed(day)


def test_closing_moves_topics_officers_and_open_cases_and_the_closed_one_takes_nothing(own_chart: Day) -> None:
    day = own_chart
    open_one, closed_one = day.arrives(CaseKind.COMPLAINT, unit=UNIT), day.arrives(CaseKind.QUESTION, unit=UNIT)
    day.does("unit", "case.claim", closed_one)
    day.does("unit", "case.close", closed_one, outcome="no_answer_needed")
    tried = day.asks("main", "unit.try", unit=UNIT, successor=OTHER, cases=[])
    assert sum(tried["open_cases"].values()) == 1
    assert set(tried["officers"]) == {f"petugas-{UNIT}", f"operator-{UNIT}"}
    assert [one["unit"] for one in tried["changes"]] == [UNIT, OTHER]
    assert not changed(day), "trying changes nothing"
    does(day, "admin-hub", "unit.close", unit=UNIT, successor=OTHER, after=0)
    now = newest(day)
    assert now[UNIT].successor == OTHER
    assert {"jalan", "saluran-air", "kesehatan"} <= set(now[OTHER].topics)
    changes: list[Any] = [event.data for event in day.events if event.type == "id.corong.officer.changed.v1"]
    moved = [one for one in changes if one.by]
    assert {(one.officer, one.unit) for one in moved} == {(f"petugas-{UNIT}", OTHER), (f"operator-{UNIT}", OTHER)}
    takes_effect(day)
    day.hands_over()
    assert (day.case(open_one).unit, day.case(closed_one).unit) == (OTHER, UNIT)
    assigned: Any
    (assigned,) = [event for event in day.events if event.type == "id.corong.case.assigned.v1"]
    assert (assigned.actor, assigned.data.from_unit) == ("officer:admin-hub", UNIT)
    assert "SK Bupati" in day.unit.sealer.open_text(sealed_field(assigned, "instruction"))
    day.hands_over()
    assert len([event for event in day.events if event.type == "id.corong.case.assigned.v1"]) == 1
    auditor: dict[str, Any] = {"officer": "auditor-inspektorat", "unit": UNIT, "after": 0, "reason": "Pindah."}
    moves: dict[str, Any] = {"case_id": open_one, "unit": UNIT, "instruction": "Ke sana."}
    for who, command, asked in (
        ("main", "case.assign", moves),
        ("admin-hub", "officer.change", auditor),
    ):
        with pytest.raises(Refused) as refused:
            day.does(who, command, **asked)
        assert refused.value.code == "unit_closed"
        assert "Kesehatan" in refused.value.indonesian
    late = day.arrives(CaseKind.QUESTION, unit=UNIT)
    assert day.case(late).unit == OTHER, "what was meant for it goes to its successor"
    with pytest.raises(Refused) as refused:
        does(day, "main", "unit.close", unit=UNIT, successor="setda", after=2)
    assert (refused.value.code, refused.value.status) == ("unit_closed", 409)


def test_who_may_not_changes_nothing_and_what_cannot_be_closed_is_told(day: Day) -> None:
    for who in ("unit", "operator", "superior", "auditor"):
        with pytest.raises(Forbidden):
            does(day, who, "unit.close", unit=UNIT, successor=OTHER, after=0)
    for asked, code in (
        ({"unit": "diskominfo", "successor": OTHER}, "main_unit"),
        ({"unit": UNIT, "successor": UNIT}, "bad_successor"),
        ({"unit": UNIT, "successor": "siapa"}, "bad_successor"),
        ({"unit": "siapa", "successor": UNIT}, "no_such_unit"),
    ):
        with pytest.raises(Refused) as refused:
            does(day, "main", "unit.close", after=0, **asked)
        assert refused.value.code == code
    with pytest.raises(Refused) as refused:
        does(day, "main", "unit.change", unit="diskominfo", content=content("diskominfo", kind="agency"), after=0)
    assert refused.value.code == "main_unit"
    with pytest.raises(Refused) as refused:
        day.asks("main", "unit.try", unit=UNIT, cases=[])
    assert refused.value.code == "one_of_both"
    with pytest.raises(Refused) as refused:
        unit_rules.closed(Units(LISTED), Actor("officer", "a", "admin", UNIT), UNIT, OTHER)
    assert refused.value.code == "own_unit"
    assert not changed(day)


@given(st.lists(st.tuples(*[st.sampled_from([one.id for one in LISTED])] * 2), max_size=12))
def test_however_units_are_closed_each_topic_has_one_open_owner_and_each_unit_an_heir(pairs: Any) -> None:
    units = Units(LISTED)
    topics = set(units.topic_owners)
    for identity, successor in pairs:
        try:
            changes = unit_rules.closed(units, ADMIN, identity, successor)
        except Refused:
            continue
        for one in changes:  # also for who hears of them one by one
            units = units.having([one])
            assert not list(unit_problems(units.all, example_folder()))
    assert set(units.topic_owners) == topics
    assert units.main.id == "diskominfo"
    for one in units.all:
        assert not units.by_id[units.serving(one.id)].closed
        if one.within is not None and not one.closed:
            assert not units.by_id[one.within].closed


def test_an_older_edition_changes_nothing_and_a_ring_ends_at_the_main_office() -> None:
    chart = UnitChart(LISTED)
    now, then = (KnownUnit.of(UNIT, LISTED[1].content, heir) for heir in (OTHER, None))
    chart.take([UnitEdition(3, now), UnitEdition(2, then)])
    assert (chart.edition(UNIT), chart.now.serving(UNIT)) == (3, OTHER)
    chart.take([UnitEdition(1, KnownUnit.of(OTHER, LISTED[1].content, UNIT))])
    assert chart.now.serving(UNIT) == "diskominfo"
    assert chart.now.serving("siapa") == "siapa"
