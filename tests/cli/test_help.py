"""Every command explains itself, in Indonesian and in English, with an example that can be typed."""

import re
import shlex
from typing import get_args

import pytest

from corong.cli import choices
from corong.cli.trouble import CODES
from corong.routing.decrees import AddedDay, Verified
from corong_contracts.answer import Because
from corong_contracts.base import SERVICES
from corong_contracts.case import CaseKind, ComplaintTier, Priority
from corong_contracts.case_life import ObjectionGround
from corong_contracts.command import CloseCase
from corong_contracts.decision import Outcome
from corong_contracts.dispute import Result
from corong_contracts.document import DocumentKind
from corong_contracts.erasure import HoldReason
from corong_contracts.life_command import DecideObjection
from corong_contracts.publication import Label
from corong_contracts.topology import USERS
from tests.cli.tree import Command, commands
from tests.processes import clean_environment, corong

INDONESIAN = commands("id")
ENGLISH = commands("en")
LISTS = {
    "officers", "units", "accounts", "queue list", "queue counts", "post list", "delivery list", "audit log",
    "audit diff", "document list", "document template list", "unit list", "target list",
    "dead list", "quarantine list", "audit hold list", "calendar list", "clock list",
}  # fmt: skip


def _name(command: Command) -> str:
    return " ".join(command.path)


@pytest.mark.parametrize("command", [*INDONESIAN, *ENGLISH], ids=_name)
def test_a_command_has_help_and_an_example_that_is_one(command: Command) -> None:
    assert command.help
    label, example = re.fullmatch(r"(Contoh|Example): (.+)", command.epilog).groups()  # type: ignore[union-attr]
    assert label == ("Contoh" if command in INDONESIAN else "Example")
    words = shlex.split(re.sub(r"^export \w+=\$\((.*)\)$", r"\1", example))
    words = words[words.index("corong") + 1 :]
    assert tuple(words[: len(command.path)]) == command.path
    for word in words[len(command.path) :]:
        if word.startswith("--"):
            assert word in command.options
    assert all(text for name, text in command.options.items() if name != "--help")


def test_both_languages_have_the_same_commands_and_other_words() -> None:
    assert [command.path for command in INDONESIAN] == [command.path for command in ENGLISH]
    for indonesian, english in zip(INDONESIAN, ENGLISH, strict=True):
        assert indonesian.help != english.help


def test_every_list_has_json() -> None:
    assert {_name(command) for command in INDONESIAN} >= LISTS
    for command in INDONESIAN:
        if _name(command) in LISTS or command.path[-1] in ("list", "log", "show"):
            assert "--json" in command.options, _name(command)


def test_the_exit_codes_are_told() -> None:
    shown = corong("--help", env=clean_environment(COLUMNS="200", CORONG_LANG="en"))
    assert shown.returncode == 0
    for code, _, meaning in CODES:
        assert f"{code} {meaning}" in " ".join(shown.stdout.split())


def test_a_help_page_is_in_the_readers_language() -> None:
    indonesian = corong("queue", "reply", "--help").stdout
    assert all(word in indonesian for word in ("Argumen", "Opsi", "[wajib]", "Contoh: corong queue reply"))
    english = corong("--lang", "en", "queue", "reply", "--help").stdout
    assert all(word in english for word in ("Arguments", "Options", "[required]", "Example: corong queue reply"))


def test_wrong_usage_ends_with_2() -> None:
    assert corong("queue", "priority", "X", "perhaps").returncode == 2
    assert corong("--lang", "fr", "units").returncode == 2
    assert corong("audit", "log", "--since", "kemarin").returncode == 2


def test_choices_are_those_of_the_contracts() -> None:
    assert set(get_args(choices.CaseKind)) == set(CaseKind)
    assert set(get_args(choices.Priority)) == set(Priority)
    assert set(get_args(choices.Label)) == set(Label)
    assert get_args(choices.Outcome) == get_args(CloseCase.model_fields["outcome"].annotation)
    assert set(get_args(choices.Tier)) == set(ComplaintTier)
    assert set(get_args(choices.Ground)) == set(ObjectionGround)
    assert set(get_args(choices.DocumentKind)) == set(DocumentKind)
    assert set(get_args(choices.DecisionOutcome)) == set(Outcome)
    assert set(get_args(choices.DisputeResult)) == set(get_args(Result))
    assert set(get_args(choices.TakenBack)) == set(get_args(Because))
    assert get_args(choices.ObjectionOutcome) == get_args(DecideObjection.model_fields["outcome"].annotation)
    assert set(get_args(choices.DayOffKind)) == set(get_args(AddedDay.model_fields["kind"].annotation))
    assert set(get_args(choices.Verified)) == set(get_args(Verified))
    assert set(get_args(choices.HoldReason)) == set(get_args(HoldReason))
    assert set(get_args(choices.ServiceName)) == set(SERVICES)
    assert set(get_args(choices.ProcessName)) == set(USERS) - {"deploy"}
    assert set(get_args(choices.DatabaseName)) == {*SERVICES, "channels", "keys"}


def test_choices_are_those_of_the_api() -> None:
    from corong.desk import models
    from corong.desk.reports import RegisterBody, YearlyBody

    assert get_args(choices.CaseState) == get_args(models.CaseState)
    assert get_args(choices.PostState) == get_args(models.PostState)
    assert get_args(choices.DeliveryState) == get_args(models.DeliveryState)
    assert get_args(choices.RegisterFormat) == get_args(RegisterBody.model_fields["format"].annotation)
    assert get_args(choices.YearlyFormat) == get_args(YearlyBody.model_fields["format"].annotation)
