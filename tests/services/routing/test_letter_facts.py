"""What letters say of decisions: the law's letters in words, and no word where nothing is known."""

from datetime import date

import pytest

from corong.documents import VARIABLES, DocumentKind
from corong.routing import letter_facts
from corong.routing.letter_facts import Paper, Signer
from corong.routing.papers import OUTCOMES
from corong_contracts.case_life import ObjectionGround
from corong_contracts.decision import ExemptGround, Finding, Outcome

PAPER = Paper("Dinas PUPR", date(2026, 4, 8), date(2026, 3, 17), Signer("PPID Pelaksana, Dinas PUPR", "Siti Aminah"))
SUPERIOR = Signer("Atasan PPID", "Rahmat Contoh")
TEST = {"number": "UK/3/2026", "held_on": "2026-03-20", "exempt_until": "2031-03-20"}
FINDING = Finding.model_validate({"grounds": ["h", "i"], "test": TEST, "form": "soft_copy", "cost": 12500})
REQUEST = [outcome for outcome, kind in OUTCOMES.items() if kind is not DocumentKind.OBJECTION_DECISION]


def words(outcome: Outcome, approver: Signer | None = SUPERIOR) -> letter_facts.Decided:
    return letter_facts.decision(
        PAPER, outcome, FINDING, ["kolom NIK"], "Rahasia pribadi.", "Terlampir.", approver, date(2026, 5, 25)
    )


@pytest.mark.parametrize("outcome", REQUEST)
def test_every_decision_has_its_words_and_no_letter_speaks_of_others(outcome: Outcome) -> None:
    said = words(outcome)
    assert said["decision"]
    kind = OUTCOMES[outcome]
    told = {name for name, value in said.items() if value}
    required = {name for name, variable in VARIABLES[kind].items() if variable.required}
    given_elsewhere = {"government", "place", "registration", "name", "subject", "follow", "write"}
    assert required - given_elsewhere <= told
    assert ("consequence" in told) == (outcome in (Outcome.PARTLY_GRANTED, Outcome.REFUSED))
    assert ("cost" in told) == (outcome in (Outcome.GRANTED, Outcome.PARTLY_GRANTED))


def test_a_refusal_names_ground_test_and_approval() -> None:
    said = words(Outcome.REFUSED)
    assert said["grounds"] == [
        "Pasal 17 huruf h: rahasia pribadi",
        "Pasal 17 huruf i: surat antarbadan atau intrabadan publik yang dirahasiakan",
    ]
    assert said["consequence"] == "Nomor UK/3/2026, 20 Maret 2026.\nRahasia pribadi."
    assert said["exempt_until"] == "sampai 20 Maret 2031"
    assert (said["approved_by"], said["approved_on"]) == ("Rahmat Contoh, Atasan PPID", "8 April 2026")
    assert words(Outcome.REFUSED, None)["approved_by"] == letter_facts.WAITING


def test_what_is_not_held_says_who_holds_it() -> None:
    said = letter_facts.decision(
        PAPER, Outcome.NOT_HELD, Finding(held_by="BPKAD"), (), "", "Ada di BPKAD.", None, None
    )  # fmt: skip
    assert (said["held"], said["holder"], said["object_until"]) == ("tidak dikuasai", "BPKAD", "")


def test_money_and_days() -> None:
    assert words(Outcome.GRANTED)["cost"] == "Rp12.500"
    free = letter_facts.decision(PAPER, Outcome.GRANTED, Finding(days_to_deliver=3), (), "", "x", None, None)
    assert (free["cost"], free["delivery"]) == ("tidak dipungut biaya", "dalam 3 hari")
    assert free["received"] == "Selasa, 17 Maret 2026"


def test_every_letter_of_the_law_has_its_words() -> None:
    for ground in ExemptGround:
        finding = Finding(grounds=(ground,))
        said = letter_facts.decision(PAPER, Outcome.REFUSED, finding, (), "x", "x", None, None)
        assert str(said["grounds"]).startswith(f"['Pasal 17 huruf {ground}: ")
    told_of = {
        letter_facts.objection(PAPER, Outcome.REJECTED, ground, "x", None)["ground"] for ground in ObjectionGround
    }
    assert len(told_of) == len(ObjectionGround)
