from itertools import product
from pathlib import Path
from typing import Literal, get_args

import pytest

from corong.runtime.directory import Account, Directory, Officer, Role
from corong.runtime.policy import NAMES, ROLE_NAMES, ROLES, TABLE, Action, Actor, Forbidden, Scope, allowed, authorise
from corong_contracts.case import CaseKind

ASAHAN = Path(__file__).parents[3] / "examples" / "asahan"

OWN, OTHER = "dinas-kesehatan", "dinas-sosial"
SUPERIORS = [Action.CASE_APPROVE, Action.CASE_DISPUTE]
MAIN_ALONE = [Action.CASE_RECLASSIFY_REQUEST, Action.CASE_PUBLISH_ANSWER]
CASE_WORK = [a for a in Action if a.value.startswith("case.") and a not in (Action.CASE_READ, *SUPERIORS, *MAIN_ALONE)]
POST_WORK = [a for a in Action if a.value.startswith("post.")]
READS = [Action.QUEUE_LIST, Action.CASE_READ]
DEAD = [Action.DEAD_READ, Action.DEAD_RETRY, Action.DEAD_DROP]


def actor(role: Role, unit: str = OWN) -> Actor:
    return Actor.of_officer(Officer(id="petugas", name="Ade Contoh", role=role, unit=unit))


def rule_of(who: Actor, action: Action, scope: Scope) -> str:
    with pytest.raises(Forbidden) as caught:
        authorise(who, action, scope)
    return caught.value.rule


def test_every_action_has_a_row_and_names_and_every_role_a_column() -> None:
    assert set(TABLE) == set(Action) == set(NAMES)
    assert list(ROLES) == [*get_args(Role), "system"]
    assert set(ROLE_NAMES) == set(ROLES)
    assert {len(row) for row in TABLE.values()} == {len(ROLES)}


@pytest.mark.parametrize("action", [*READS, *CASE_WORK, *POST_WORK, Action.DELIVERY_RESOLVE, Action.AUDIT_READ])
def test_the_main_officer_acts_in_any_unit(action: Action) -> None:
    for unit in (OWN, OTHER, None):
        authorise(actor("main_officer", "diskominfo"), action, Scope(unit, CaseKind.INFORMATION_REQUEST))


@pytest.mark.parametrize("role", ["unit_officer", "operator", "superior"])
def test_only_the_main_officer_stops_the_laws_clock_and_makes_answers_public(role: Role) -> None:
    scope = Scope(OWN, CaseKind.INFORMATION_REQUEST)
    for action in MAIN_ALONE:
        authorise(actor("main_officer", "diskominfo"), action, scope)
        assert not allowed(actor(role), action, scope)


@pytest.mark.parametrize("action", [*READS, *CASE_WORK, *POST_WORK, Action.DELIVERY_RESOLVE])
def test_a_unit_officer_acts_in_the_own_unit_alone(action: Action) -> None:
    authorise(actor("unit_officer"), action, Scope(OWN, CaseKind.INFORMATION_REQUEST))
    for unit in (OTHER, None):
        assert rule_of(actor("unit_officer"), action, Scope(unit, CaseKind.COMPLAINT)) == "other_unit"


def test_an_operator_answers_and_drafts_but_neither_approves_nor_decides_information_requests() -> None:
    operator = actor("operator")
    for action in (*READS, Action.CASE_CLAIM, Action.CASE_REPLY, Action.CASE_NOTE, Action.POST_DRAFT, Action.POST_EDIT):
        authorise(operator, action, Scope(OWN, CaseKind.INFORMATION_REQUEST))
        assert rule_of(operator, action, Scope(OTHER, CaseKind.COMPLAINT)) == "other_unit"
    for action in (Action.CASE_CLOSE, Action.CASE_REASSIGN, Action.CASE_RETURN_NOT_OURS):
        authorise(operator, action, Scope(OWN, CaseKind.COMPLAINT))
        assert rule_of(operator, action, Scope(OTHER, CaseKind.COMPLAINT)) == "other_unit"
        for kind in (CaseKind.INFORMATION_REQUEST, CaseKind.OBJECTION, None):
            assert rule_of(operator, action, Scope(OWN, kind)) == "information_officer_only"
    for action in (Action.POST_APPROVE, Action.POST_PUBLISH_IMMEDIATE):
        assert rule_of(operator, action, Scope(OWN)) == "role_has_no_such_right"


def test_the_superior_reads_and_approves_anywhere_and_does_no_case_work() -> None:
    superior = actor("superior", "setda")
    for action in (*READS, Action.POST_READ, Action.POST_APPROVE, Action.AUDIT_READ):
        authorise(superior, action, Scope(OTHER))
    for action in SUPERIORS:
        authorise(superior, action, Scope(OTHER, CaseKind.INFORMATION_REQUEST))
        assert not allowed(actor("unit_officer"), action, Scope(OWN, CaseKind.INFORMATION_REQUEST))
    assert not allowed(actor("main_officer"), Action.CASE_APPROVE, Scope(OWN, CaseKind.INFORMATION_REQUEST))
    for action in (*CASE_WORK, Action.POST_DRAFT, Action.POST_PUBLISH_IMMEDIATE, *DEAD):
        assert not allowed(superior, action, Scope("setda", CaseKind.COMPLAINT))


SETUP = (Action.RULES_CHANGE, Action.OFFICER_CHANGE, Action.UNIT_CHANGE, Action.CALENDAR_CHANGE, Action.TARGET_SET)


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (
            "auditor",
            {
                Action.AUDIT_READ,
                Action.AUDIT_EXPORT,
                Action.FIGURES_READ,
                Action.REPORT_READ,
                Action.HOLD_READ,
                Action.OBLIGATION_READ,
                Action.SETUP_READ,
                Action.TEMPLATE_READ,
            },
        ),
        (
            "admin",
            {
                *DEAD,
                Action.RULES_CHANGE,
                Action.OFFICER_CHANGE,
                Action.OFFICER_INVITE,
                Action.UNIT_CHANGE,
                Action.CALENDAR_CHANGE,
                Action.TARGET_SET,
                Action.OBLIGATION_READ,
                Action.OBLIGATION_RECORD,
                Action.SETUP_READ,
            },
        ),
        ("system", {Action.CASE_CLOSE, Action.POST_PUBLISH}),
    ],
)
def test_who_may_these_things_and_no_more(role: Literal["auditor", "admin", "system"], may: set[Action]) -> None:
    who = Actor.system() if role == "system" else actor(role)
    granted = {a for a, unit in product(Action, (OWN, OTHER, None)) if allowed(who, a, Scope(unit, CaseKind.COMPLAINT))}
    assert granted == may


def test_reports_are_made_of_the_own_unit_and_applicants_shown_to_two_roles() -> None:
    whole: tuple[Role, ...] = ("main_officer", "superior", "auditor")
    for role in whole:
        authorise(actor(role), Action.REPORT_READ, Scope())
    authorise(actor("unit_officer"), Action.REPORT_READ, Scope(OWN))
    for unit in (OTHER, None):
        assert rule_of(actor("unit_officer"), Action.REPORT_READ, Scope(unit)) == "other_unit"
    may = {role for role in get_args(Role) if allowed(actor(role), Action.REPORT_OPEN, Scope(OWN))}
    assert may == {"main_officer", "superior"}


def test_a_channel_account_and_a_former_officer_may_nothing() -> None:
    account = Actor.of_account(Account(id="web", channel="web", unit=OWN, name="Formulir", receipts=True))
    former = Officer(id="petugas", name="Ade Contoh", role="main_officer", unit=OWN, active=False)
    for action in Action:
        assert rule_of(account, action, Scope(OWN, CaseKind.COMPLAINT)) == "no_role"
        assert rule_of(Actor.of_officer(former), action, Scope(OWN, CaseKind.COMPLAINT)) == "not_active"


def test_only_some_role_sees_each_thing() -> None:
    everybody = [*map(actor, get_args(Role)), Actor.system()]
    for action in Action:
        mays = [allowed(who, action, Scope(OWN, CaseKind.COMPLAINT)) for who in everybody]
        assert any(mays), action
        assert not all(mays), action


def test_a_refusal_is_told_in_both_languages_and_names_nobody() -> None:
    with pytest.raises(Forbidden) as caught:
        authorise(actor("operator"), Action.POST_APPROVE, Scope(OWN))
    assert caught.value.pesan == "Peran operator tidak boleh menyetujui unggahan"
    assert caught.value.detail == "the role operator may not approve a post"
    assert "Ade" not in str(caught.value)
    assert "petugas" not in str(caught.value)


def test_actors_are_written_as_the_events_write_them() -> None:
    directory = Directory.load(ASAHAN)
    assert str(Actor.of_officer(directory.officer("ppid-utama"))) == "officer:ppid-utama"
    assert str(Actor.of_account(directory.account("web"))) == "account:web"
    assert str(Actor.system()) == "system"
