"""What the search's questions find, held against a plain reading of the same cases; and how SQLite goes about it."""

import random
import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, insert

from corong.desk.search import asking, excerpts
from corong.desk.search.asking import Reach, Wanted, reach_of
from corong.desk.search.tables import search_case, search_metadata, search_term
from corong.desk.search.words import Question, Terms, packed, stems, unpacked
from corong.desk.tables import case, metadata, registered
from corong.runtime.database import Database
from corong.runtime.deployment_key import DeploymentKey
from corong.runtime.policy import Actor
from corong.runtime.refusal import Refused
from tests.services.desk.search.rows import case_row, registered_row
from tests.services.stores import BACKENDS, Store

TERMS = Terms(DeploymentKey(b"k" * 32))
WORDS = ("jalan", "rusak", "lampu", "mati", "jembatan", "obat", "sekolah")
UNITS = ("dinas-pupr", "dinas-kesehatan", "dinas-pendidikan")
STATES = ("open", "answered", "closed")
KINDS = ("complaint", "question", "objection")


class Town:
    """Cases of random words, as rows and as plain sets."""

    def __init__(self, store: Store, many: int = 300) -> None:
        self.database = store.make(metadata, search_metadata)
        chance = random.Random(5)
        self.cases: list[dict[str, Any]] = [
            {
                "case_id": f"00000000-0000-4000-8000-{number:012d}", "place": (number * 7919 % 10_007) << 10,
                "words": frozenset(chance.sample(WORDS, chance.randint(1, 4))), "unit": chance.choice(UNITS),
                "state": chance.choice(STATES), "kind": chance.choice(KINDS),
                "registered_at": f"2026-{chance.randint(1, 12):02d}-05T00:00:00.000000Z",
            }
            for number in range(many)
        ]  # fmt: skip
        with self.database.write() as connection:
            connection.execute(insert(case), [case_row(one) for one in self.cases])
            connection.execute(insert(registered), [registered_row(one) for one in self.cases])
            rows = [(one, TERMS.of(one["words"])) for one in self.cases]
            connection.execute(
                insert(search_case),
                [{"case_id": one["case_id"], "place": one["place"], "key": "k", "terms": packed(terms)}
                 for one, terms in rows],
            )  # fmt: skip
            connection.execute(
                insert(search_term),
                [{"term": term, "place": one["place"]} for one, terms in rows for term in terms],
            )  # fmt: skip

    def found(self, wanted: Wanted, words: set[str]) -> list[tuple[int, str]]:
        """By reading every case."""
        units, kinds = wanted.reach.units, wanted.reach.kinds
        hits = [
            one for one in self.cases
            if words <= one["words"]
            and (units is None or one["unit"] in units)
            and (kinds is None or one["kind"] in kinds)
            and (wanted.states is None or one["state"] in wanted.states)
            and wanted.kind in (None, one["kind"])
            and (wanted.since is None or one["registered_at"] >= wanted.since)
            and (wanted.before is None or one["registered_at"] < wanted.before)
        ]  # fmt: skip
        return sorted(((one["place"], one["case_id"]) for one in hits), reverse=True)

    def asked(self, wanted: Wanted, after: int | None, limit: int) -> list[tuple[int, str]]:
        with self.database.read() as connection:
            return asking.places(connection, wanted, after, limit)


def wanted_of(words: set[str], reach: Reach, **more: object) -> Wanted:
    return replace(Wanted(frozenset(TERMS.of(words)), reach), **more)  # type: ignore[arg-type]  # as Wanted has them


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("counted", [5_000, 3], ids=["counted", "too-many-to-count"])
def test_it_finds_what_a_plain_reading_finds(store: Store, counted: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "COUNTED", counted)
    town = Town(store)
    everywhere, one, two = Reach(None), Reach(["dinas-pupr"]), Reach(["dinas-pupr", "dinas-kesehatan"])
    narrow = Reach(["dinas-pupr"], ["complaint", "question"])
    summer = {"since": "2026-05-01T00:00:00.000000Z", "before": "2026-09-01T00:00:00.000000Z"}
    asked: list[tuple[set[str], Reach, dict[str, object]]] = [
        ({"jalan"}, everywhere, {}), ({"jalan", "rusak"}, everywhere, {}),
        ({"jalan", "rusak", "lampu"}, everywhere, {}),
        ({"jalan"}, one, {}), ({"jalan", "rusak"}, two, {}), ({"jalan"}, narrow, {}),
        ({"jalan"}, everywhere, {"states": ["open"]}), ({"mati"}, one, {"states": ["closed", "answered"]}),
        ({"obat"}, everywhere, {"kind": "objection"}), ({"obat"}, one, {**summer}), ({"obat"}, everywhere, {**summer}),
        ({"jalan", "pulang"}, everywhere, {}), ({"jalan"}, Reach([], []), {}),
    ]  # fmt: skip
    nothing = 0
    for words, reach, more in asked:
        wanted = wanted_of(words, reach, **more)
        whole: list[tuple[int, str]] = []
        after = None
        while page := town.asked(wanted, after, 7):
            whole += page
            after = page[-1][0]
        expected = [] if reach.units == [] else town.found(wanted, words)
        assert whole == expected, (words, reach, more)
        nothing += not expected
    assert nothing == 2


def plan_of(database: Database, wanted: Wanted) -> list[str]:
    said: list[tuple[str, object]] = []
    event.listen(
        database.reading, "before_cursor_execute",
        lambda _connection, _cursor, statement, parameters, _context, _many: said.append((statement, parameters)),
    )  # fmt: skip
    with database.read() as connection:
        asking.places(connection, wanted, 1 << 40, 31)
        statement, parameters = said[-1]
        return [
            row[3]
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]  # as they were given
        ]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_the_walk_begins_at_the_rarest_word_and_sorts_nothing(store: Store) -> None:
    town = Town(store)
    plan = plan_of(town.database, wanted_of({"jalan", "rusak"}, Reach(None), states=["open"], since="2026"))
    assert re.fullmatch(r"SEARCH walked USING .*PRIMARY KEY \(term=\? AND place<\?\)", plan[0]), plan
    assert not any(line.startswith("SCAN") or "TEMP B-TREE" in line for line in plan), plan


@pytest.mark.parametrize("backend", ["sqlite"])
def test_or_at_a_unit_with_less(store: Store) -> None:
    town = Town(store, 100)
    with town.database.write() as connection:
        connection.execute(case.update().where(case.c.case_id == town.cases[0]["case_id"]).values(unit="diskominfo"))
    plan = plan_of(town.database, wanted_of({"jalan"}, Reach(["diskominfo"])))
    assert any(re.search(r"SEARCH case USING (COVERING )?INDEX case_queue \(unit=", line) for line in plan), plan
    assert not any(line.startswith("SCAN") for line in plan), plan


def test_what_a_row_keeps_is_no_word() -> None:
    kept = packed(TERMS.of(stems("Jalan di Kisaran rusak")))
    assert unpacked(kept) == TERMS.of(["jalan", "di", "kisar", "rusak"])
    other = Terms(DeploymentKey(b"o" * 32))
    assert other.made_of != TERMS.made_of
    assert not other.of(["jalan"]) & TERMS.of(["jalan"])


def test_a_question_is_stems_and_phrases() -> None:
    asked = Question.of("Perbaikan \u201cjalanan rusak\u201d lampunya")
    assert asked.stems == {"baik", "jalan", "rusak", "lampu"}
    assert asked.phrases == (("jalan", "rusak"),)
    assert asked.stands_in([stems("Mohon perbaiki jalan yang rusak"), stems("Jalannya rusak sekali")])
    assert not asked.stands_in([stems("Jalan itu rusak")])
    for text, code in (("12 / 7", "no_words"), ("", "no_words"), ("a b c d e f g h i j k l m", "too_many_words")):
        with pytest.raises(Refused) as refused:
            Question.of(text)
        assert refused.value.code == code


def test_the_policy_says_where_it_looks() -> None:
    def of(role: str, unit: str | None = None, active: bool = True) -> Reach:
        return reach_of(Actor("officer", "x", role, "dinas-pupr", active), unit)  # type: ignore[arg-type]  # a role

    assert of("main_officer") == of("superior") == Reach(None)
    assert of("main_officer", "dinas-kesehatan") == Reach(["dinas-kesehatan"])
    assert of("unit_officer") == of("operator") == Reach(["dinas-pupr"])
    nothing = Reach([], [])
    assert of("unit_officer", "dinas-kesehatan") == of("auditor") == of("admin") == nothing
    assert of("main_officer", active=False) == nothing


def test_what_stands_in_the_title_is_not_read_twice() -> None:
    wanted = frozenset(stems("perbaiki jalan"))
    said = excerpts.excerpt(["Jalan rusak\nJalan di depan pasar."], wanted, "Jalan rusak")
    assert said == [("Jalan", True), (" di depan pasar.", False)]
    assert excerpts.excerpt(["Jalan rusak"], wanted, "Jalan rusak") == []
    assert excerpts.excerpt(["Jalan rusak", "Sudah diperbaiki."], wanted, "Jalan rusak")[1] == ("diperbaiki", True)
    cut = excerpts.excerpt(["Mohon jalan kami segera diperbaiki."], wanted, "Mohon jalan kami…")
    assert cut == [("… ", False), ("segera ", False), ("diperbaiki", True), (".", False)]
    assert excerpts.excerpt(["Jalanan licin, jalan."], wanted, "Jalan")[0] == ("Jalanan", True), "a word is not cut"
    assert excerpts.marked("Jalan mana?", wanted) == [("Jalan", True), (" mana?", False)]
    assert excerpts.marked("", wanted) == []
