"""`corong calendar` and `corong clock`, as typed: in both languages, with the files of an installation."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.processes import clean_environment, corong

ASAHAN = Path(__file__).parents[2] / "examples" / "asahan"
DECREE = """
[[decree]]
number = "SK Bupati 9/2026"
title = "Hari jadi"
in_force = 2026-10-01
source = "arsip"
[[decree.added]]
date = 2026-12-03
kind = "local_holiday"
name = "Hari Jadi"
reason = "peringatan"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The configuration of an installation, to be changed."""
    shutil.copytree(ASAHAN, tmp_path / "config")
    return tmp_path / "config"


def _run(*arguments: str, config: Path = ASAHAN, code: int = 0, lang: str = "id") -> str:
    done = corong(*arguments, env=clean_environment(CORONG_CONFIG=str(config), CORONG_LANG=lang))
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def _json(*arguments: str, config: Path = ASAHAN) -> Any:
    return json.loads(_run(*arguments, "--json", config=config))


def test_versions_and_days_are_listed() -> None:
    versions = _json("calendar", "list")
    assert [version["number"] for version in versions] == list(range(1, len(versions) + 1))
    assert versions[4]["decree"].startswith("SKB Menag 933/2025")
    shown = _run("calendar", "list")
    assert "Kamis, 7 Agustus 2025" in shown
    assert versions[4]["digest"][:12] in shown
    days = _json("calendar", "list", "--year", "2025", "--calendar", "4")
    assert {"date": "2025-08-18"}.items() not in [day.items() for day in days]
    assert "2025-08-18" not in {day["date"] for day in days}
    assert "Senin, 18 Agustus 2025   cuti bersama: Proklamasi Kemerdekaan" in _run("calendar", "list", "--year", "2025")
    assert "2040" in _run("calendar", "list", "--year", "2040", code=2)


def test_a_difference_is_told_by_number_digest_and_date() -> None:
    digest = _json("calendar", "list")[4]["digest"]
    expected = _json("calendar", "diff", "4", "5")
    assert [(day["date"], day["old"], day["moves_work"]) for day in expected] == [("2025-08-18", None, True)]
    assert _json("calendar", "diff", "2025-08-06", digest[:10]) == expected
    assert "menjadi hari libur" in _run("calendar", "diff", "4", "5")
    assert "becomes a working day" in _run("calendar", "diff", "5", "4", lang="en")
    assert "Tidak ada versi kalender 'x'" in _run("calendar", "diff", "4", "x", code=2)


def test_a_decree_is_tried_before_it_is_used(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    file.write_text(DECREE, encoding="utf-8")
    before = _json("calendar", "list", config=folder)
    (change,) = _json("calendar", "check", str(file), config=folder)
    assert change["date"] == "2026-12-03"
    assert change["new"] == {
        "date": "2026-12-03", "kind": "local_holiday", "name": "Hari Jadi", "decree": "SK Bupati 9/2026",
    }  # fmt: skip
    assert _json("calendar", "list", config=folder) == before
    shutil.copy(file, folder / "decrees.toml")
    assert _json("calendar", "list", config=folder)[-1]["decree"] == "SK Bupati 9/2026"
    explained = _json("clock", "explain", "request_notice", "--from", "2026-12-02T10:00", config=folder)
    assert explained["explanation"][1] == {
        "date": "2026-12-03", "was": "local_holiday", "number": 0, "because": "Hari Jadi",
        "decree": "SK Bupati 9/2026", "told": "libur daerah: Hari Jadi (SK Bupati 9/2026)",
    }  # fmt: skip


def test_a_decree_that_does_not_fit_is_told_with_what_to_do(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    file.write_text(DECREE.replace("2026-12-03", "2026-12-25"), encoding="utf-8")
    told = _run("calendar", "check", str(file), config=folder, code=1)
    assert "2026-12-25 is off already" in told
    assert "mend the date" in told
    assert "tidak ada" in _run("calendar", "check", str(tmp_path / "none.toml"), code=2)


def test_clocks_are_listed_with_the_installations_targets(folder: Path) -> None:
    (folder / "clocks.toml").write_text("[targets]\nrequest_notice = 7\n", encoding="utf-8")
    rules = {rule["name"]: rule for rule in _json("clock", "list", config=folder)}
    assert (rules["request_notice"]["amount"], rules["request_notice"]["target"]) == (10, 7)
    assert "10 working days + 7" in _run("clock", "list", config=folder, lang="en")
    assert "Sasaran setempat" in _run("clock", "explain", "request_notice", "--from", "2026-03-17", config=folder)
    (folder / "clocks.toml").write_text("[targets]\nrequest_notice = 12\n", encoding="utf-8")
    told = _run("clock", "list", config=folder, code=1)
    assert "laxer than the law: at most 10 by UU 14/2008 Pasal 22 ayat (7)" in told


def test_the_worked_example_is_explained_day_by_day() -> None:
    shown = _run("clock", "explain", "request_notice", "--from", "2026-03-17T23:59", "--zone", "WIB")
    assert "Hari terakhir    Rabu, 8 April 2026" in shown
    assert "Terlambat sejak  Kamis, 9 April 2026, 00.00 WIB" in shown
    assert "Rabu, 25 Maret 2026     1          hari kerja ke-1" in shown
    assert "Jumat, 3 April 2026     7          libur nasional: Wafat Yesus Kristus (SKB Menag 1497/2025" in shown
    english = _run(
        "clock", "explain", "request_notice", "--from", "2026-03-17T23:59", "--zone", "WIT", "--extended", lang="en"
    )
    assert "Last day      Friday, 17 April 2026" in english
    assert "Late from     Saturday, 18 April 2026, 00:00 WIT" in english
    assert "working day 17" in english


def test_pauses_and_offsets_are_taken_as_typed() -> None:
    explained = _json(
        "clock", "explain", "request_notice", "--from", "2026-11-02T09:00+07:00", "--pause", "2026-11-04..2026-11-10"
    )
    assert explained["last_day"] == "2026-11-20"
    assert explained["inputs"]["pauses"] == [["waiting_for_applicant", "2026-11-04", "2026-11-10"]]
    moved = _json("clock", "explain", "request_completion", "--from", "2026-11-02T23:59+07:00", "--zone", "WIT")
    assert moved["explanation"][0]["date"] == "2026-11-03"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("tomorrow", "--from", "2026-03-17"), "Tidak ada tenggat 'tomorrow'"),
        (("request_extension", "--from", "2026-03-17"), "corong clock explain request_notice --extended"),
        (("request_notice", "--from", "besok"), "'besok' bukan waktu"),
        (("request_notice", "--from", "2026-03-17", "--zone", "GMT"), "'GMT' bukan zona waktu Indonesia"),
        (("request_notice", "--from", "2026-03-17", "--pause", "2026-03-26"), "salah tulis"),
        (("request_notice", "--from", "2026-03-17", "--pause", "2026-03-26..2026-03-25"), "salah tulis"),
        (("lapor_plan", "--from", "2026-03-17", "--extended"), "tidak dapat diperpanjang"),
        (("lapor_plan", "--from", "2026-03-17", "--pause", "2026-03-18..2026-03-19"), "tidak dapat berhenti"),
        (("request_notice", "--from", "2020-03-17"), "di luar kalender"),
    ],
)
def test_wrong_usage_says_what_to_write(arguments: tuple[str, ...], told: str) -> None:
    assert told in _run("clock", "explain", *arguments, code=2)
