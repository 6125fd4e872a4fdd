"""The table of clocks against the law, one row each; what an installation may and may not set."""

from pathlib import Path

import pytest

from corong.routing.clock_rules import RULES, ClockRuleError, ClockRules
from corong.routing.life_table import FORWARDED, RECEIVED, life
from corong.routing.obligations import ANNUAL, BREACH

LAW = ClockRules.load()

# name, amount, unit, start, basis, verified: the table as the law has it, typed apart from the rules file.
TABLE = [
    ("request_notice", 10, "working_days", "request_received", "UU 14/2008 Pasal 22 ayat (7)", "v"),
    ("request_completion", 3, "working_days", "request_received", "tata kerja setempat", "v"),
    ("objection_filing", 30, "working_days", "objection_ground_found", "UU 14/2008 Pasal 36 ayat (1)", "v"),
    ("objection_decision", 30, "working_days", "objection_received", "UU 14/2008 Pasal 36 ayat (2)", "v"),
    ("dispute_filing", 14, "working_days", "objection_answered_or_silent", "UU 14/2008 Pasal 37 ayat (2)", "v"),
    ("commission_start", 14, "working_days", "dispute_received", "UU 14/2008 Pasal 38 ayat (1)", "v"),
    ("commission_finish", 100, "working_days", "dispute_received", "UU 14/2008 Pasal 38 ayat (2)", "v"),
    ("lapor_forward", 3, "working_days", "report_received", "ketentuan SP4N-LAPOR!", "v"),
    ("lapor_plan", 5, "working_days", "report_forwarded", "ketentuan SP4N-LAPOR!", "v"),
    ("lapor_close", 10, "working_days", "reply_sent", "ketentuan SP4N-LAPOR!", "v"),
    ("complaint_normative", 5, "working_days", "complaint_file_complete", "PermenPANRB 62/2018", "k"),
    ("complaint_without_oversight", 14, "working_days", "complaint_file_complete", "PermenPANRB 62/2018", "k"),
    ("complaint_with_oversight", 60, "working_days", "complaint_file_complete", "PermenPANRB 62/2018", "k"),
    ("complaint_ceiling", 60, "days", "complaint_file_complete", "Perpres 76/2013", "v"),
    ("breach_notice", 72, "hours", "breach_known", "UU 27/2022 Pasal 46", "v"),
    ("annual_report", 3, "months", "budget_year_ended", "UU 14/2008 dan peraturan Komisi Informasi", "v"),
]
OWN = """
[starts]
question_received = ["pertanyaan diterima", "the question was received"]

[[clock]]
name = "question_answer"
indonesian = "Jawaban atas pertanyaan"
english = "Answer to a question"
bound = "unit_officer"
basis = "maklumat pelayanan"
amount = 2
unit = "working_days"
start = "question_received"
verified = "k"
"""


def _load(folder: Path, text: str) -> ClockRules:
    (folder / "clocks.toml").write_text(text, encoding="utf-8")
    return ClockRules.load(folder)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_each_row_is_the_laws(row: tuple[str, int, str, str, str, str]) -> None:
    rule = LAW[row[0]]
    assert (rule.name, rule.amount, rule.unit, rule.start, rule.basis, rule.verified) == row
    assert rule.target is None


def test_no_row_is_missing_or_extra() -> None:
    assert list(LAW) == [row[0] for row in TABLE]
    assert {rule.start for rule in LAW.values()} == set(LAW.starts)


def test_every_clock_runs_in_cases_or_is_an_obligation_of_the_government_itself() -> None:
    started = {use.rule for use in life().clocks}
    owed = {name for name, rule in LAW.items() if rule.obligation}
    assert owed == {BREACH, ANNUAL}
    assert set(LAW) - started == owed
    for use in life().clocks:
        assert {RECEIVED, FORWARDED, *life().names()} & set(use.starts), use.rule


def test_only_a_request_is_extended_or_paused() -> None:
    extended = {name: rule.extension for name, rule in LAW.items() if rule.extension}
    assert set(extended) == {"request_notice"}
    more = extended["request_notice"]
    assert (more.name, more.amount, more.basis) == ("request_extension", 7, "UU 14/2008 Pasal 22 ayat (8)")
    assert {name for name, rule in LAW.items() if rule.pauses} == {"request_notice"}
    ceiling = LAW["request_notice"].ceiling
    assert ceiling is not None
    assert (ceiling.amount, ceiling.unit) == (17, "working_days")


def test_a_stricter_target_is_taken_and_the_law_stays(tmp_path: Path) -> None:
    rules = _load(tmp_path, "[targets]\nrequest_notice = 7\nlapor_forward = 3\n")
    assert (rules["request_notice"].target, rules["request_notice"].amount) == (7, 10)
    assert rules["lapor_forward"].target == 3
    assert rules["objection_decision"] == LAW["objection_decision"]
    assert rules["request_notice"].digest != LAW["request_notice"].digest


def test_a_laxer_target_is_refused_with_the_law(tmp_path: Path) -> None:
    with pytest.raises(ClockRuleError) as refused:
        _load(tmp_path, "[targets]\nrequest_notice = 11\nlapor_plan = 6\nbreach_notice = 73\n")
    told = str(refused.value)
    assert len(refused.value.problems) == 3
    assert "11 working_days, is laxer than the law: at most 10 by UU 14/2008 Pasal 22 ayat (7)" in told
    assert "set 1 to 5 working_days" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[targets]\nno_such = 1\n", "no such clock"),
        ("[targets]\nrequest_notice = 0\n", "greater than or equal to 1"),
        ("[targets]\nrequest_notice = 'x'\n", "integer"),
        (OWN.replace("question_answer", "request_notice"), "the law has it"),
        (OWN.replace('start = "question_received"', 'start = "tomorrow"'), "no start 'tomorrow'"),
        (OWN.replace('verified = "k"', 'verified = "k"\npauses = ["rain"]'), "no pause 'rain'"),
        (OWN.replace('verified = "k"', 'verified = "k"\ntarget = 3'), "laxer"),
        (OWN.replace('"working_days"', '"weeks"'), "unit"),
        (OWN.replace('unit = "working_days"', 'unit = "hours"\npauses = ["waiting_for_applicant"]'), "no pauses"),
        (OWN.replace("amount = 2", "amount = 2\nceiling = {amount = 1, unit = 'working_days', basis = 'x'}"), "above"),
        ("[target]\nrequest_notice = 3\n", "Extra inputs"),
        ("[targets", "isn't TOML"),
    ],
)
def test_what_is_wrong_in_an_installations_file_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ClockRuleError, match=told) as refused:
        _load(tmp_path, text)
    assert all(problem.remedy and problem.file.name == "clocks.toml" for problem in refused.value.problems)


def test_an_installation_has_clocks_of_its_own(tmp_path: Path) -> None:
    rules = _load(tmp_path, OWN)
    assert list(rules) == [*LAW, "question_answer"]
    assert rules.starts["question_received"][0] == "pertanyaan diterima"


def test_a_digest_names_what_decides_and_not_its_words(tmp_path: Path) -> None:
    changed = tmp_path / "rules.toml"
    text = RULES.read_text(encoding="utf-8")
    changed.write_text(text.replace('english = "Written notice', 'english = "A written notice'), encoding="utf-8")
    assert ClockRules.load(file=changed)["request_notice"].digest == LAW["request_notice"].digest
    changed.write_text(text.replace("amount = 10\n", "amount = 9\n"), encoding="utf-8")
    assert ClockRules.load(file=changed)["request_notice"].digest != LAW["request_notice"].digest
    assert len({rule.digest for rule in LAW.values()}) == len(LAW)
