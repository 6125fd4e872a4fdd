"""`corong calendar` and `corong clock`, as typed: in both languages, with the files of an installation."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert

from corong.__main__ import main
from corong.cli.words import language
from corong.desk.tables import metadata, registered
from corong.runtime.settings import Settings
from corong_contracts.case import CaseKind
from tests.services.routing.town import NOW, UNIT, Day, Town
from tests.services.stores import Store

REQUEST = CaseKind.INFORMATION_REQUEST
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


class Typed:
    """Commands as typed, run in this process: they only read files."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str, config: Path = ASAHAN, code: int = 0, lang: str = "id") -> str:
        """What it printed, without the columns' spaces; on the error output where another exit code is expected."""
        self._monkeypatch.setenv("CORONG_CONFIG", str(config))
        self._monkeypatch.setenv("CORONG_LANG", lang)
        self._monkeypatch.setattr(sys, "argv", ["corong", "--lang", lang, *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        done = self._capsys.readouterr()
        assert (ended.value.code or 0) == code, done.out + done.err
        return " ".join((done.out if code == 0 else done.err).split())

    def json(self, *arguments: str, config: Path = ASAHAN) -> Any:
        """With --json, read."""
        return json.loads(self(*arguments, "--json", config=config))


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Typed]:
    """Runs a command."""
    yield Typed(monkeypatch, capsys)
    language.cache_clear()


def test_versions_and_days_are_listed(typed: Typed) -> None:
    versions = typed.json("calendar", "list")
    assert [version["number"] for version in versions] == list(range(1, len(versions) + 1))
    assert versions[4]["decree"].startswith("SKB Menag 933/2025")
    shown = typed("calendar", "list")
    assert "Kamis, 7 Agustus 2025" in shown
    assert versions[4]["digest"][:12] in shown
    days = typed.json("calendar", "list", "--year", "2025", "--calendar", "4")
    assert "2025-08-18" not in {day["date"] for day in days}
    assert "Senin, 18 Agustus 2025 cuti bersama: Proklamasi Kemerdekaan" in typed("calendar", "list", "--year", "2025")
    assert "2040" in typed("calendar", "list", "--year", "2040", code=2)


def test_a_difference_is_told_by_number_digest_and_date(typed: Typed) -> None:
    digest = typed.json("calendar", "list")[4]["digest"]
    expected = typed.json("calendar", "diff", "4", "5")
    assert [(day["date"], day["old"], day["moves_work"]) for day in expected] == [("2025-08-18", None, True)]
    assert typed.json("calendar", "diff", "2025-08-06", digest[:10]) == expected
    assert "menjadi hari libur" in typed("calendar", "diff", "4", "5")
    assert "becomes a working day" in typed("calendar", "diff", "5", "4", lang="en")
    assert "Tidak ada versi kalender 'x'" in typed("calendar", "diff", "4", "x", code=2)


def test_a_decree_is_tried_before_it_is_used(typed: Typed, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    file.write_text(DECREE, encoding="utf-8")
    before = typed.json("calendar", "list", config=folder)
    (change,) = typed.json("calendar", "check", str(file), config=folder)
    assert change["date"] == "2026-12-03"
    assert change["new"] == {
        "date": "2026-12-03", "kind": "local_holiday", "name": "Hari Jadi", "decree": "SK Bupati 9/2026",
    }  # fmt: skip
    assert typed.json("calendar", "list", config=folder) == before
    shutil.copy(file, folder / "decrees.toml")
    assert typed.json("calendar", "list", config=folder)[-1]["decree"] == "SK Bupati 9/2026"
    explained = typed.json("clock", "explain", "request_notice", "--from", "2026-12-02T10:00", config=folder)
    assert explained["explanation"][1] == {
        "date": "2026-12-03", "was": "local_holiday", "number": 0, "because": "Hari Jadi",
        "decree": "SK Bupati 9/2026", "told": "libur daerah: Hari Jadi (SK Bupati 9/2026)",
    }  # fmt: skip


def test_a_decree_that_does_not_fit_is_told_with_what_to_do(typed: Typed, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    file.write_text(DECREE.replace("2026-12-03", "2026-12-25"), encoding="utf-8")
    told = typed("calendar", "check", str(file), config=folder, code=1)
    assert "2026-12-25 is off already" in told
    assert "mend the date" in told
    assert "tidak ada" in typed("calendar", "check", str(tmp_path / "none.toml"), code=2)


ENTERED = (
    "calendar", "add", "SK Bupati 9/2026", "--title", "Hari jadi", "--in-force", "2026-03-27", "--source", "arsip",
    "--off", "2026-04-07 Hari Jadi: peringatan",
)  # fmt: skip


@pytest.fixture
def open_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A hub's own data on this machine, where a request of 17 March is open; its case."""
    monkeypatch.setenv("CORONG_DATABASE_URL", f"sqlite:///{tmp_path}")
    store = Store(f"sqlite:///{tmp_path}")
    store.schema = "routing"
    town = Town(store, tmp_path)
    try:
        return UUID(str(town.works.commit(lambda unit: Day(town, unit).arrives(REQUEST, unit=UNIT), NOW)))
    finally:
        town.close()


def test_a_decree_is_entered_and_says_which_deadlines_move(typed: Typed, folder: Path, open_clock: UUID) -> None:
    before = (folder / "decrees.toml").read_text(encoding="utf-8")
    tried = typed.json(*ENTERED, "--dry-run", config=folder)
    assert (folder / "decrees.toml").read_text(encoding="utf-8") == before
    done = typed.json(*ENTERED, config=folder)
    assert (tried["written"], done["written"]) == (False, True)
    assert (tried["changes"], tried["moves"]) == (done["changes"], done["moves"])
    assert [change["date"] for change in done["changes"]] == ["2026-04-07"]
    assert done["moves"] == [
        {"case": str(open_clock), "clock": "request_notice", "before": "2026-04-08", "after": "2026-04-09"}
    ], "and not the clock for completion, which was over before that day"
    assert typed.json("calendar", "list", config=folder)[-1]["decree"] != "", "the file can be used"
    assert "SK Bupati 9/2026" in typed("calendar", "list", config=folder)
    assert (folder / "decrees.toml").read_text(encoding="utf-8").startswith(before.rstrip("\n"))
    again = typed(*ENTERED, config=folder, code=1)
    assert "stands there already" in again


def test_entering_a_decree_is_told_to_people(
    typed: Typed, folder: Path, tmp_path: Path, open_clock: UUID
) -> None:  # fmt: skip
    desk = Store(f"sqlite:///{tmp_path}")
    with desk.make(metadata, schema="desk").write() as connection:
        row = {column.name: "x" for column in registered.c} | {"demo": False, "related_case": None}
        number = {"case_id": str(open_clock), "registration": "PI/2026/000001"}
        connection.execute(insert(registered), [row | number])
    desk.close()
    shown = typed(*ENTERED, config=folder)
    assert "Selasa, 7 April 2026 bukan hari libur libur daerah: Hari Jadi (SK Bupati 9/2026)" in shown
    assert "PI/2026/000001 request_notice Rabu, 8 April 2026 Kamis, 9 April 2026" in shown


def test_a_day_is_made_a_day_of_work_and_no_hub_is_needed(
    typed: Typed, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORONG_DATABASE_URL", f"sqlite:///{tmp_path / 'none'}")
    given = (*ENTERED[:-2], "--work", "2026-12-24: dibatalkan", "--off", "2026-12-28 Cuti: pengganti")
    done = typed.json(*given, "--kind", "joint_leave", "--verified", "v", config=folder)
    assert done["moves"] is None
    assert [(day["date"], day["new"] and day["new"]["kind"]) for day in done["changes"]] == [
        ("2026-12-24", None), ("2026-12-28", "joint_leave"),
    ]  # fmt: skip
    assert done["decree"]["verified"] == "v"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("given", "code", "told"),
    [
        ((*ENTERED[:-1], "besok Hari Jadi: peringatan"), 2, "'besok' bukan tanggal"),
        ((*ENTERED[:-1], "2026-04-07 Hari Jadi"), 2, "salah tulis"),
        ((*ENTERED[:-2], "--work", "2026-12-24"), 2, "salah tulis"),
        ((*ENTERED[:-1], "2026-12-25 Hari Jadi: peringatan"), 1, "2026-12-25 is off already"),
        (ENTERED[:-2], 1, "a decree adds days, takes days away, or both"),
    ],
)
def test_what_can_not_be_entered_is_told(
    typed: Typed, folder: Path, given: tuple[str, ...], code: int, told: str
) -> None:
    before = (folder / "decrees.toml").read_bytes()
    assert told in typed(*given, config=folder, code=code)
    assert (folder / "decrees.toml").read_bytes() == before


def test_the_examples_own_decrees_are_never_changed(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corong.cli.calendar_add.read_settings", lambda: Settings(config=None))
    assert "CORONG_CONFIG" in typed(*ENTERED, code=1)


def test_clocks_are_listed_with_the_installations_targets(typed: Typed, folder: Path) -> None:
    (folder / "clocks.toml").write_text("[targets]\nrequest_notice = 7\n", encoding="utf-8")
    rules = {rule["name"]: rule for rule in typed.json("clock", "list", config=folder)}
    assert (rules["request_notice"]["amount"], rules["request_notice"]["target"]) == (10, 7)
    assert "10 working days + 7" in typed("clock", "list", config=folder, lang="en")
    assert "Sasaran setempat" in typed("clock", "explain", "request_notice", "--from", "2026-03-17", config=folder)
    (folder / "clocks.toml").write_text("[targets]\nrequest_notice = 12\n", encoding="utf-8")
    told = typed("clock", "list", config=folder, code=1)
    assert "laxer than the law: at most 10 by UU 14/2008 Pasal 22 ayat (7)" in told


def test_the_worked_example_is_explained_day_by_day(typed: Typed) -> None:
    shown = typed("clock", "explain", "request_notice", "--from", "2026-03-17T23:59", "--zone", "WIB")
    assert "Hari terakhir Rabu, 8 April 2026" in shown
    assert "Terlambat sejak Kamis, 9 April 2026, 00.00 WIB" in shown
    assert "Rabu, 25 Maret 2026 1 hari kerja ke-1" in shown
    assert "Jumat, 3 April 2026 7 libur nasional: Wafat Yesus Kristus (SKB Menag 1497/2025" in shown
    english = typed(
        "clock", "explain", "request_notice", "--from", "2026-03-17T23:59", "--zone", "WIT", "--extended", lang="en"
    )
    assert "Last day Friday, 17 April 2026" in english
    assert "Late from Saturday, 18 April 2026, 00:00 WIT" in english
    assert "working day 17" in english


def test_pauses_and_offsets_are_taken_as_typed(typed: Typed) -> None:
    explained = typed.json(
        "clock", "explain", "request_notice", "--from", "2026-11-02T09:00+07:00", "--pause", "2026-11-04..2026-11-10"
    )
    assert explained["last_day"] == "2026-11-20"
    assert explained["inputs"]["pauses"] == [["waiting_for_applicant", "2026-11-04", "2026-11-10"]]
    moved = typed.json("clock", "explain", "request_completion", "--from", "2026-11-02T23:59+07:00", "--zone", "WIT")
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
def test_wrong_usage_says_what_to_write(typed: Typed, arguments: tuple[str, ...], told: str) -> None:
    assert told in typed("clock", "explain", *arguments, code=2)
