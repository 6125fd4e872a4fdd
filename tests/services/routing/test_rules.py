"""Every command in every state of a case, by everybody: what follows, or which rule refuses it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from corong.routing import rules
from corong.routing.case_guards import Asked
from corong.routing.rulebook import Routing
from corong.routing.rules import MOST_ANSWER_BYTES, Case
from corong.runtime.policy import Actor, Forbidden
from corong.runtime.refusal import Refused
from corong.runtime.unit import Draft
from corong_contracts.case import CaseKind, CaseState, Priority, Reason
from tests.services.routing.cases import BOTH_UNITS, CASE, CAUSE, LEASE, MAIN, NOW, OTHER, UNIT, case, held

GONE = timedelta(0)
"""A lease that ends at this very moment is over."""

STATES: dict[str, Case] = {
    "free": case(),
    "mine": held("unit"),
    "another's": held("colleague"),
    "mine, over": held("unit", left=GONE),
    "another's, over": held("colleague", left=GONE),
    "answered": case(state=CaseState.ANSWERED),
    "mine, answered": held("unit", state=CaseState.ANSWERED),
    "closed": case(state=CaseState.CLOSED),
}
Command = Callable[[Case, Actor], list[Draft]]
COMMANDS: dict[str, Command] = {
    "claim": lambda case, officer: rules.claim(case, officer, NOW, LEASE),
    "hand back": lambda case, officer: rules.hand_back(case, officer, NOW),
    "assign": lambda case, officer: rules.assign(case, officer, NOW, OTHER, None, "tolong"),
    "return": lambda case, officer: rules.send_back(case, officer, NOW, MAIN, "bukan kami"),
    "prioritise": lambda case, officer: rules.prioritise(case, officer, NOW, Priority.HIGH),
    "note": lambda case, officer: rules.note(case, officer, NOW, CAUSE, "catatan"),
    "answer": lambda case, officer: rules.answer(case, officer, NOW, CAUSE, "jawaban", False),
    "answer and close": lambda case, officer: rules.answer(case, officer, NOW, CAUSE, "jawaban", True),
    "close answered": lambda case, officer: rules.close(case, officer, NOW, "answered", Asked()),
    "close as spam": lambda case, officer: rules.close(case, officer, NOW, "spam", Asked()),
}
# For an officer of the unit, by the case's state in the order of STATES.
# fmt: off
TABLE: dict[str, str] = {
    #                   free        mine        another's   mine,over   other's,over answered    mine,answered closed
    "claim":            "claimed     claimed     HBA         claimed     TAKEN        claimed     claimed       closed",
    "hand back":        "not_held    released    not_held    not_held    not_held     not_held    released      closed",
    "assign":           "assigned    assigned    assigned    assigned    assigned     assigned    assigned      closed",
    "return":           "returned    returned    returned    returned    returned     returned    returned      closed",
    "prioritise":       "prioritised prioritised prioritised prioritised prioritised  prioritised prioritised   closed",
    "note":             "noted       noted       noted       noted       noted        noted       noted         noted",
    "answer":           "not_held    answered    not_held    not_held    not_held     not_held    answered      closed",
    "answer and close": "not_held    ANSWERED    not_held    not_held    not_held     not_held    ANSWERED      closed",
    "close answered":   "NOT         NOT         NOT         NOT         NOT          closed      closed        closed",
    "close as spam":    "closed      closed      HBA         closed      closed       ANSWERED_   ANSWERED_     closed",
}
# fmt: on
SHORT = {
    "HBA": "held_by_another",
    "NOT": "not_answered",
    "TAKEN": "released claimed",
    "ANSWERED": "answered closed",
    "ANSWERED_": "answered_already",
}
ROWS = [
    (command, state, SHORT.get(word, word))
    for command, row in TABLE.items()
    for state, word in zip(STATES, row.split(), strict=True)
]


def outcome(command: str, state: Case, officer: Actor) -> tuple[str, str]:
    """`events` and their verbs, or `refused` and the rule."""
    try:
        drafts = COMMANDS[command](state, officer)
    except Refused as error:
        return ("refused" if error.status == 409 and error.indonesian and error.english else "unclear"), error.code
    except Forbidden as error:
        return "forbidden", error.rule
    return "events", " ".join(draft.payload.verb for draft in drafts)


@pytest.mark.parametrize(("command", "state", "expected"), ROWS)
def test_the_units_officer(command: str, state: str, expected: str) -> None:
    kind, found = outcome(command, STATES[state], BOTH_UNITS["unit"])
    assert found == expected
    verbs = {"claimed", "released", "assigned", "returned", "prioritised", "noted", "answered"}
    if expected.split()[0] in verbs:
        assert kind == "events"
    elif expected == "closed":
        assert kind == ("events" if command.startswith("close") and state != "closed" else "refused")
    else:
        assert kind == "refused"


EVERYBODY = {
    "unit": "",
    "main": "",
    "operator": "",
    "stranger": "other_unit",
    "superior": "role_has_no_such_right",
    "auditor": "role_has_no_such_right",
    "admin": "role_has_no_such_right",
    "former": "not_active",
    "program": "no_role",
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_else(command: str, who: str) -> None:
    officer = BOTH_UNITS[who]
    kind, found = outcome(command, answered_by(officer, command), officer)
    assert (kind, found) == ("forbidden", EVERYBODY[who]) if EVERYBODY[who] else kind == "events"


def answered_by(officer: Actor, command: str, **other: Any) -> Case:
    """A case that the officer holds, in a state in which the command is possible."""
    closes = command == "close answered"
    statutory = other.get("kind") in (CaseKind.INFORMATION_REQUEST, CaseKind.OBJECTION)
    done = CaseState.DECIDED if statutory else CaseState.ANSWERED
    if statutory and command == "answer and close":
        closes = True
    return held(officer.id, state=done if closes else CaseState.IN_PROGRESS, **other)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "close as spam"])
@pytest.mark.parametrize("kind", [CaseKind.INFORMATION_REQUEST, CaseKind.OBJECTION])
def test_what_the_law_lays_on_the_information_officer(command: str, kind: CaseKind) -> None:
    operator = BOTH_UNITS["operator"]
    found = outcome(command, answered_by(operator, command, kind=kind), operator)
    closes = command in ("assign", "return", "answer and close", "close answered")
    assert found == (("forbidden", "information_officer_only") if closes else ("events", found[1]))
    unit = BOTH_UNITS["unit"]
    assert outcome(command, answered_by(unit, command, kind=kind), unit)[0] == "events"


@pytest.mark.parametrize("kind", [CaseKind.INFORMATION_REQUEST, CaseKind.OBJECTION])
def test_requests_and_objections_do_not_end_without_a_decision(kind: CaseKind) -> None:
    for name, rule in (("close as spam", "not_for_this_kind"), ("close answered", "not_answered")):
        assert outcome(name, held("unit", kind=kind), BOTH_UNITS["unit"]) == ("refused", rule)
    assert outcome("answer and close", held("unit", kind=kind), BOTH_UNITS["unit"]) == ("refused", "not_answered")


@pytest.mark.parametrize("state", [name for name in STATES if name != "closed"])
def test_a_forbidden_one_learns_nothing_of_the_state(state: str) -> None:
    for command in COMMANDS:
        assert outcome(command, STATES[state], BOTH_UNITS["stranger"]) == ("forbidden", "other_unit")


@pytest.mark.parametrize(
    ("left", "holder"),
    [(timedelta(microseconds=1), "a"), (GONE, None), (timedelta(seconds=-1), None), (LEASE, "a")],
)
def test_a_claim_ends_with_its_lease(left: timedelta, holder: str | None) -> None:
    assert held("a", left=left).held_by(NOW) == holder
    assert case(holder="a").held_by(NOW) is None
    expired = rules.expire(held("a", left=left), NOW)
    assert [draft.data["reason"] for draft in expired] == ([] if holder else ["lease_expired"])
    assert rules.expire(case(), NOW) == []


def data(drafts: list[Draft]) -> dict[str, Any]:
    return dict(drafts[-1].data)


def test_what_a_claim_says() -> None:
    drafts = rules.claim(STATES["another's, over"], BOTH_UNITS["unit"], NOW, LEASE)
    assert dict(drafts[0].data) == {"case_id": CASE, "unit": UNIT, "officer": "colleague", "reason": "lease_expired"}
    assert drafts[0].actor == "system"
    assert data(drafts) == {
        "case_id": CASE,
        "unit": UNIT,
        "officer": "unit",
        "lease_until": NOW + LEASE,
        "state": "in_progress",
    }
    assert drafts[1].actor == "officer:unit"


def test_words_are_sealed_under_the_citizens_key() -> None:
    for command, name, words in (
        ("assign", "instruction", "tolong"),
        ("return", "reason", "bukan kami"),
        ("note", "note", "catatan"),
        ("answer", "text", "jawaban"),
    ):
        (draft,) = COMMANDS[command](held("unit"), BOTH_UNITS["unit"])
        assert {field: (secret.key, secret.words) for field, secret in draft.sealed.items()} == {
            name: ("k" * 32, words)
        }
        assert words not in str(draft.data)


def test_ids_come_of_the_cause() -> None:
    for command, name in (("note", "note_id"), ("answer", "answer_id")):
        first, again = (COMMANDS[command](held("unit"), BOTH_UNITS["unit"])[0].data[name] for _ in range(2))
        assert first == again
        assert first not in (CAUSE, CASE)


def test_the_same_again() -> None:
    unit = BOTH_UNITS["unit"]
    assert rules.prioritise(case(), unit, NOW, Priority.NORMAL) == []
    with pytest.raises(Refused) as same:
        rules.assign(case(), unit, NOW, UNIT, None, "x")
    assert same.value.code == "same_unit"
    assert data(rules.assign(case(), unit, NOW, UNIT, "colleague", "x"))["to_officer"] == "colleague"
    with pytest.raises(Refused) as there:
        rules.send_back(case(unit=MAIN), BOTH_UNITS["main"], NOW, MAIN, "x")
    assert there.value.code == "already_main"


def test_an_answer_fits_into_its_event() -> None:
    unit = BOTH_UNITS["unit"]
    assert rules.answer(held("unit"), unit, NOW, CAUSE, "x" * MOST_ANSWER_BYTES, False)
    for words in ("x" * (MOST_ANSWER_BYTES + 1), "字" * 14_000):
        with pytest.raises(Refused) as long:
            rules.answer(held("unit"), unit, NOW, CAUSE, words, False)
        assert (long.value.status, long.value.code, long.value.fields) == (422, "too_long", ["text"])


def test_a_refusal_names_who_holds_it_and_what_to_do() -> None:
    with pytest.raises(Refused) as refused:
        rules.claim(STATES["another's"], BOTH_UNITS["unit"], NOW, LEASE)
    assert "colleague" in refused.value.english
    assert "colleague" in refused.value.indonesian


def test_a_case_does_not_show_its_key() -> None:
    assert "k" * 32 not in repr(case())


def test_the_rulebooks_decision() -> None:
    routing = Routing(
        unit=UNIT, kind=CaseKind.COMPLAINT, priority=Priority.HIGH, rule="jalan", topics=("jalan",),
        reasons=(Reason(rule="jalan", because="topic", matched=("jalan",)),),
    )  # fmt: skip
    draft = rules.route(CASE, routing)
    assert draft.payload(**draft.data).model_dump(mode="json") == {
        "case_id": str(CASE),
        "unit": UNIT,
        "kind": "complaint",
        "priority": "high",
        "rule": "jalan",
        "topics": ["jalan"],
        "reasons": [{"rule": "jalan", "because": "topic", "matched": ["jalan"]}],
        "state": "registered",
        "tier": "without_oversight",
    }
