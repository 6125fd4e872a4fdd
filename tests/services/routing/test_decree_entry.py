"""A decree entered into a file of decrees: what was there stays, and what does not fit changes nothing."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corong.routing.calendar_versions import Calendars
from corong.routing.decree_entry import checked, enter, with_decree, written
from corong.routing.decrees import AddedDay, Decree, DecreeError, TakenDay

LOCAL = Decree(
    number="SK Bupati 9/2026", title="Hari Jadi", in_force=date(2026, 10, 1), source="bagian hukum",
    added=(AddedDay(date=date(2026, 12, 3), kind="local_holiday", name="Hari Jadi", reason="peringatan"),),
)  # fmt: skip
TAKEN = Decree(
    number='SKB "1"/2026', title="Perubahan", in_force=date(2026, 11, 1), source="arsip", verified="v",
    taken_away=(TakenDay(date=date(2026, 12, 24), reason="cuti bersama dibatalkan"),),
)  # fmt: skip
WORDS = st.text(min_size=1, max_size=40).filter(lambda text: text.strip() == text != "")


def test_decrees_are_appended_and_notes_stay(tmp_path: Path) -> None:
    file = tmp_path / "decrees.toml"
    file.write_text("# catatan bagian hukum\n", encoding="utf-8")
    file.chmod(0o640)
    enter(file, LOCAL)
    after = enter(file, TAKEN)
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# catatan bagian hukum\n")
    assert file.stat().st_mode & 0o777 == 0o640
    assert after.versions == Calendars.load(tmp_path).versions
    assert date(2026, 12, 3) in after.latest.days
    assert date(2026, 12, 24) not in after.latest.days
    assert [entry.name for entry in tmp_path.iterdir()] == ["decrees.toml"], "nothing else is left"


def test_a_file_that_is_not_there_is_made(tmp_path: Path) -> None:
    enter(tmp_path / "decrees.toml", LOCAL)
    assert Calendars.load(tmp_path).latest.decree == "SK Bupati 9/2026"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_text("", encoding="utf-8")
    (tmp_path / "decrees.toml").symlink_to("real.toml")
    enter(tmp_path / "decrees.toml", LOCAL)
    assert (tmp_path / "decrees.toml").is_symlink()
    assert "SK Bupati" in (tmp_path / "real.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"added": (LOCAL.added[0].model_copy(update={"date": date(2026, 12, 25)}),)}, "2026-12-25 is off already"),
        ({"added": (), "taken_away": (TakenDay(date=date(2026, 12, 1), reason="x"),)}, "2026-12-01"),
    ],
)
def test_what_does_not_fit_changes_nothing(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    file = tmp_path / "decrees.toml"
    enter(file, TAKEN)
    before = file.read_bytes()
    with pytest.raises(DecreeError, match=told):
        enter(file, LOCAL.model_copy(update=change))
    with pytest.raises(DecreeError, match="stands there already"):
        enter(file, TAKEN)
    assert file.read_bytes() == before


def test_trying_writes_nothing(tmp_path: Path) -> None:
    assert with_decree(tmp_path / "decrees.toml", LOCAL).latest.decree == LOCAL.number
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_nothing_can_be_added_to_is_told(tmp_path: Path) -> None:
    file = tmp_path / "decrees.toml"
    day = '{ date = 2026-12-03, kind = "local_holiday", name = "x", reason = "y" }'
    file.write_text(
        f'decree = [{{ number = "1", title = "t", in_force = 2026-10-01, source = "s", added = [{day}] }}]',
        encoding="utf-8",
    )
    with pytest.raises(DecreeError, match="begin each of its entries"):
        enter(file, TAKEN)


def test_every_wrong_value_is_told_at_once() -> None:
    with pytest.raises(DecreeError) as refused:
        checked(Path("decrees.toml"), {"number": "1", "title": " ", "in_force": "besok", "source": "x"})
    assert {problem.what.split(":")[0] for problem in refused.value.problems} == {"title", "in_force"}


@given(number=WORDS, title=WORDS, reason=WORDS)
def test_any_words_read_back_as_they_were_written(number: str, title: str, reason: str) -> None:
    decree = Decree(
        number=number, title=title, in_force=date(2026, 10, 1), source="x", settles=2028,
        added=(AddedDay(date=date(2028, 1, 3), kind="joint_leave", name=title, reason=reason),),
        taken_away=(TakenDay(date=date(2026, 12, 24), reason=reason),),
    )  # fmt: skip
    assert Decree.model_validate(tomllib.loads(written(decree))["decree"][0]) == decree
