"""Rules of routing are tried on what citizens wrote, changed by an event, and those in force come from the log."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete

from corong.routing import state
from corong.routing.rule_editions import RuleEdition, RuleEditions
from corong.routing.rulefile import RulebookError, text_of_rules
from corong.runtime.installation import example_folder
from corong.runtime.policy import Forbidden
from corong.runtime.refusal import Refused
from corong.runtime.rows import Rows
from corong.runtime.sealing import sealed_field
from corong_contracts.case import CaseKind
from corong_contracts.catalogue import decode
from corong_contracts.message import MessageReceived
from corong_contracts.rules_command import FirstMessage, ShowRules, TryRules
from tests.services.routing.town import Day, Town

FILE = text_of_rules(example_folder() / "rules.toml")
MORE = """
[[rule]]
id = "beruang"
weight = 300
when = { words = ["beruang"] }
then = { unit = "dinas-kesehatan", priority = "high" }
"""
CHANGED = FILE.replace("\n[[rule]]\n", f"{MORE}\n[[rule]]\n", 1)
WRITTEN = "Ada beruang di jalan depan rumah"


def words(day: Day) -> list[FirstMessage]:
    """The citizens' first messages, sealed as the desk keeps them."""
    return [
        FirstMessage(case_id=event.data.case_id, sealed=sealed_field(event, "content"))
        for event in day.unit.recorded
        if isinstance(event.data, MessageReceived)
    ]


def tries(day: Day, who: str, content: str, cases: list[FirstMessage]) -> dict[str, Any]:
    day.unit.rows.flush()
    asked = TryRules(content=content, cases=cases)
    found: dict[str, Any] = day.town.handlers.commands[TryRules](day.unit.connection, day.town.actor(who), asked)
    return found


def unit_of(day: Day, case_id: UUID) -> str:
    return day.case(case_id).unit


def changed(day: Day) -> list[Any]:
    return [event for event in day.events if event.type == "id.corong.rules.changed.v1"]


def test_what_would_move_is_told_with_units_and_reasons_and_nothing_changes(day: Day) -> None:
    moved = day.arrives(CaseKind.COMPLAINT, text=WRITTEN)
    stays = day.arrives(CaseKind.COMPLAINT, text="Jalan berlubang")
    before = len(day.unit.recorded)
    told = tries(day, "main", CHANGED, words(day))
    assert (told["tried"], told["unreadable"], told["edition"]) == (2, 0, 0)
    assert told["digest"] == RuleEdition(0, CHANGED).digest
    (one,) = told["differences"]
    assert (one["case_id"], one["moves"]) == (str(moved), True)
    assert (one["old"]["unit"], one["new"]["unit"]) == (unit_of(day, moved), "dinas-kesehatan")
    assert (one["new"]["rule"], one["new"]["priority"]) == ("beruang", "high")
    assert [reason["matched"] for reason in one["new"]["reasons"]] == [["beruang"]]
    assert len(day.unit.recorded) == before
    assert tries(day, "main", FILE, words(day))["differences"] == []
    assert unit_of(day, stays) != "dinas-kesehatan"


def test_another_priority_alone_is_no_move(day: Day) -> None:
    day.arrives(CaseKind.COMPLAINT, text=WRITTEN)
    other = CHANGED.replace('{ unit = "dinas-kesehatan", priority = "high" }', '{ priority = "urgent" }')
    (one,) = tries(day, "admin-hub", other, words(day))["differences"]
    assert (one["moves"], one["new"]["priority"]) == (False, "urgent")


def test_what_does_not_open_is_counted_and_what_is_no_message_is_not_opened(day: Day) -> None:
    case = day.arrives(CaseKind.COMPLAINT, text=WRITTEN)
    (whole,) = words(day)
    sender = next(sealed_field(e, "sender") for e in day.unit.recorded if isinstance(e.data, MessageReceived))
    strange = [
        FirstMessage(case_id=case, sealed=whole.sealed.replace("message.received", "case.noted")),
        FirstMessage(case_id=case, sealed="{}"),
        FirstMessage(case_id=case, sealed=sender),
        FirstMessage(case_id=UUID(int=7), sealed=whole.sealed),
    ]
    told = tries(day, "main", CHANGED, strange)
    assert (told["tried"], told["unreadable"], told["differences"]) == (0, 4, [])


def test_rules_that_cannot_be_used_are_refused_with_what_is_wrong(day: Day) -> None:
    wrong = CHANGED.replace('unit = "dinas-kesehatan", priority', 'unit = "dinas-sihir", priority')
    for content, told in ((wrong, "there is no unit 'dinas-sihir'"), ("[[rule", "it isn't TOML")):
        with pytest.raises(Refused) as refused:
            tries(day, "main", content, [])
        assert (refused.value.code, refused.value.status) == ("bad_rules", 422)
        assert told in refused.value.english
        with pytest.raises(Refused):
            day.does("main", "rules.set", content=content, after=0, reason="Beruang.")
    assert not changed(day)


def test_changed_rules_route_from_then_on_and_what_was_before_stands_in_the_log(day: Day) -> None:
    before = day.arrives(CaseKind.COMPLAINT, text=WRITTEN)
    was = unit_of(day, before)
    day.does("admin-hub", "rules.set", content=CHANGED, after=0, reason="Beruang ke Dinas Kesehatan.")
    after = day.arrives(CaseKind.COMPLAINT, text=WRITTEN)
    assert (unit_of(day, before), unit_of(day, after)) == (was, "dinas-kesehatan")
    first, second = changed(day)
    assert (first.actor, first.data.edition, first.data.content) == ("system", 1, FILE)
    assert (second.actor, second.data.edition, second.data.content) == ("officer:admin-hub", 2, CHANGED)
    assert second.data.reason == "Beruang ke Dinas Kesehatan."
    assert second.data.digest == RuleEdition(0, CHANGED).digest
    day.does("main", "rules.set", content=CHANGED, after=2, reason="Sekali lagi.")
    assert len(changed(day)) == 2, "it says so already"
    day.does("main", "rules.set", content=FILE, after=2, reason="Kembali.")
    assert unit_of(day, day.arrives(CaseKind.COMPLAINT, text=WRITTEN)) == was
    assert changed(day)[-1].data.edition == 3


def test_of_two_who_change_them_at_once_the_second_is_told(day: Day) -> None:
    day.does("admin-hub", "rules.set", content=CHANGED, after=0, reason="Beruang.")
    with pytest.raises(Refused) as refused:
        day.does("main", "rules.set", content=FILE + "\n# lain\n", after=0, reason="Lain.")
    assert (refused.value.status, refused.value.code) == (409, "rules_changed_meanwhile")
    assert "admin-hub changed the rules meanwhile: edition 2" in refused.value.english
    assert len(changed(day)) == 2


def test_who_has_no_right_neither_tries_nor_changes(day: Day) -> None:
    for who in ("unit", "operator", "superior", "auditor"):
        with pytest.raises(Forbidden):
            tries(day, who, CHANGED, [])
        with pytest.raises(Forbidden):
            day.does(who, "rules.set", content=CHANGED, after=0, reason="Beruang.")
    with pytest.raises(Forbidden):
        day.town.handlers.commands[ShowRules](day.unit.connection, day.town.actor("unit"), ShowRules())


def test_all_editions_are_shown_the_one_in_force_first(day: Day) -> None:
    show = day.town.handlers.commands[ShowRules]
    auditor = day.town.actor("auditor")
    told = show(day.unit.connection, auditor, ShowRules())
    assert (told["edition"]["edition"], told["content"]) == (0, FILE)
    day.does("main", "rules.set", content=CHANGED, after=0, reason="Beruang.")
    day.unit.rows.flush()
    told = show(day.unit.connection, auditor, ShowRules())
    assert [one["edition"] for one in told["editions"]] == [2, 1]
    assert (told["content"], told["edition"]["officer"]) == (CHANGED, "ppid-utama")
    assert show(day.unit.connection, auditor, ShowRules(edition=1))["content"] == FILE
    with pytest.raises(Refused):
        show(day.unit.connection, auditor, ShowRules(edition=9))


def test_the_same_events_fold_to_the_same_editions(day: Day) -> None:
    day.does("main", "rules.set", content=CHANGED, after=0, reason="Beruang.")
    live = day.rows(state.rules)
    bodies = [row["body"] for row in day.unit.outbox]
    day.unit.connection.execute(delete(state.rules))
    again = Rows(day.unit.connection)
    for body in bodies:
        state.apply(decode(body), again)
    again.flush()
    assert [dict(row) for row in again.query(state.rules.select())] == live
    assert [row["edition"] for row in live] == [1, 2]


def test_a_hub_does_not_start_with_rules_that_no_longer_fit_its_units(day: Day, town: Town) -> None:
    day.does("main", "rules.set", content=CHANGED, after=0, reason="Beruang.")
    (row,) = (one for one in day.rows(state.rules) if one["edition"] == 2)
    editions = RuleEditions(town.handlers)  # type: ignore[arg-type]  # as much of a service as it asks of it
    edition = RuleEdition(2, row["content"].replace("dinas-kesehatan", "dinas-lama"))
    with pytest.raises(RulebookError) as refused:
        editions.book(edition)
    assert "rules.toml, edition 2" in str(refused.value)
    assert "there is no unit 'dinas-lama'" in str(refused.value)
