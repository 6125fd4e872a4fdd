"""The log itself: exact bytes, once, in order; what contradicts is kept apart; pages are the whole log and no more."""

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from corong.auditing import ledger, state
from corong.auditing.rules import NotAnEntry
from corong.runtime import tables
from corong.runtime.arrivals import Arrived
from corong.runtime.clock import stamp
from corong.runtime.unit import Unit
from corong_contracts.command import ReadLog, Reply
from tests.services.auditing.facts import CASE, arrival, body
from tests.services.auditing.logs import Log
from tests.services.stores import BACKENDS, Store

both = pytest.mark.parametrize("backend", BACKENDS)
PER_EXAMPLE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def log(store: Store, tmp_path: Path) -> Log:
    return Log(store, tmp_path)


@both
def test_exact_bytes_in_the_order_of_their_coming(log: Log) -> None:
    first = [arrival(body(number), number) for number in (1, 2)]
    second = [arrival(body(1, "intake.03"), 1, "intake.03"), arrival(body(3), 3)]
    log.append(*first)
    log.append(*second)
    assert log.bodies() == [item.body for item in (*first, *second)]
    assert [row["position"] for row in log.rows(state.entry)] == [0, 1, 2, 3]
    assert {row["writer"]: row["taken"] for row in log.rows(tables.inbox)} == {"routing.00": 3, "intake.03": 1}


@both
def test_repeats_are_passed_over(log: Log) -> None:
    batch = [arrival(body(number), number) for number in (1, 2, 3)]
    log.append(*batch)
    log.append(*batch)
    log.append(batch[2], arrival(body(4), 4), batch[0])
    assert log.bodies() == [body(number) for number in (1, 2, 3, 4)]
    assert log.rows(state.conflict) == []


@both
def test_a_gap_is_not_taken(log: Log) -> None:
    with pytest.raises(ValueError, match="does not follow"):
        log.append(arrival(body(1), 1), arrival(body(3), 3))
    assert log.bodies() == []


@both
@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
def test_a_known_id_with_other_bytes_is_kept_apart_and_told(log: Log, together: bool) -> None:
    identity = UUID(int=0x77)
    good = arrival(body(1, identity=identity), 1)
    bad = arrival(body(2, identity=identity, actor="officer:lain"), 2)
    same = arrival(body(1, "intake.00", identity=identity), 1, "intake.00")
    with capture_logs() as lines:
        if together:
            log.append(good, bad, same, arrival(body(3), 3))
        else:
            log.append(good)
            log.append(bad, same, arrival(body(3), 3))
    assert log.bodies() == [good.body, body(3)]
    found = log.rows(state.conflict)
    assert sorted(row["body"] for row in found) == sorted([bad.body, same.body])
    assert {row["id"] for row in found} == {str(identity)}
    told = [line for line in lines if line["log_level"] == "error"]
    assert [line["event_id"] for line in told] == [str(identity)] * 2
    assert log.rows(tables.parked) == []


@both
def test_what_cannot_stand_in_the_log_is_parked_under_its_number(log: Log) -> None:
    bad = json.dumps(json.loads(body(2))).encode()
    with capture_logs() as lines:
        log.append(arrival(body(1), 1), arrival(bad, 2), arrival(b"ZqRusak", 3), arrival(body(4), 4))
    assert log.bodies() == [body(1), body(4)]
    assert [row["position"] for row in log.rows(state.entry)] == [0, 1]
    parked = sorted(log.rows(tables.parked), key=lambda row: row["number"])
    assert [(row["writer"], row["number"], row["state"], row["body"]) for row in parked] == [
        ("routing.00", 2, "parked", bad),
        ("routing.00", 3, "parked", b"ZqRusak"),
    ]
    assert all(row["reason"].startswith("NotAnEntry: ") for row in parked)
    assert "ZqRusak" not in str([row["reason"] for row in parked]) + str(lines)
    log.append(arrival(body(5), 5))
    assert len(log.bodies()) == 3


@both
def test_a_parked_one_can_be_appended_later(log: Log) -> None:
    log.append(arrival(body(1), 1), arrival(b"?", 2))
    with pytest.raises(NotAnEntry):
        log.works.commit(lambda unit: ledger.append_again(log.tree, unit, b"?", "routing.00", 2))
    log.works.commit(lambda unit: ledger.append_again(log.tree, unit, body(2), "routing.00", 2))
    assert log.bodies() == [body(1), body(2)]


@both
def test_unknown_types_are_kept(log: Log) -> None:
    newer = body(1, type="id.corong.poll.opened.v7", data={"a": "é"})
    log.append(arrival(newer, 1))
    assert log.bodies() == [newer]
    assert log.page(type="poll.opened")["events"] == [{"position": 0, "event": json.loads(newer)}]


@both
def test_more_than_the_database_takes_in_one_question(log: Log) -> None:
    many = [arrival(body(number), number) for number in range(1, 1202)]
    log.append(*many)
    assert log.bodies() == [item.body for item in many]
    with log.works.database.read() as connection:
        assert len(ledger.page(connection, ReadLog(limit=500))["events"]) == 500


@pytest.mark.parametrize("backend", ["sqlite"])
@PER_EXAMPLE
@given(data=st.data())
def test_batches_in_any_cut_and_with_any_repeats_give_the_same_log(log: Log, data: st.DataObject) -> None:
    """Work done again after a crash appends nothing twice and loses nothing."""
    log.clear()
    total = data.draw(st.integers(1, 12))
    stream = [arrival(body(number), number) for number in range(1, total + 1)]
    reached = 0
    while reached < total:
        start = data.draw(st.integers(0, reached))
        end = data.draw(st.integers(reached + 1, total))
        fails = data.draw(st.booleans())
        if fails:
            with pytest.raises(LookupError):
                log.works.commit(failing(log, stream[start:end]))
        else:
            log.append(*stream[start:end])
            reached = end
        assert log.bodies() == [item.body for item in stream[:reached]]


def failing(log: Log, batch: list[Arrived]) -> Callable[[Unit], None]:
    """A unit that appends and does not come to its end."""

    def job(unit: Unit) -> None:
        ledger.append(log.tree, unit, batch)
        raise LookupError("before the commit")

    return job


TYPES = ("id.corong.case.claimed.v1", "id.corong.case.closed.v1", "id.corong.message.received.v1", "x%_\\y")
CASES = (CASE, UUID(int=0x51))
ACTORS = ("system", "officer:a", "officer:ab")
START = datetime(2026, 7, 1, tzinfo=UTC)
MINUTES = st.integers(0, 5)
FACTS = st.lists(
    st.tuples(st.sampled_from(TYPES), st.sampled_from(CASES), st.sampled_from(ACTORS), MINUTES), max_size=25
)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["case", "claimed", "CASE", "%", "_", "\\", "x%_\\y", "id.corong.case.closed.v1"]),
        "case": st.sampled_from(CASES),
        "actor": st.sampled_from(ACTORS),
        "since": MINUTES.map(lambda minutes: START + timedelta(minutes=minutes)),
        "until": MINUTES.map(lambda minutes: START + timedelta(minutes=minutes)),
    },
)


@both
@PER_EXAMPLE
@given(facts=FACTS, asked=FILTERS, limit=st.integers(1, 7))
@example(facts=[(TYPES[0], CASE, "system", 0)] * 3, asked={"type": "CASE"}, limit=2)
@example(facts=[(kind, CASE, "system", 0) for kind in TYPES], asked={"type": "%"}, limit=1)
def test_pages_put_together_are_the_log_filtered(
    log: Log, facts: list[tuple[str, UUID, str, int]], asked: dict[str, Any], limit: int
) -> None:
    log.clear()
    written = [
        {"type": kind, "correlationid": str(case), "actor": actor, "time": stamp(START + timedelta(minutes=minutes))}
        for kind, case, actor, minutes in facts
    ]
    log.append(*(arrival(body(number, **other), number) for number, other in enumerate(written, 1)))
    expected = [
        number
        for number, (kind, case, actor, minutes) in enumerate(facts, 1)
        if asked.get("type", "").lower() in kind
        and asked.get("case", case) == case
        and asked.get("actor", actor) == actor
        and asked.get("since", START) <= START + timedelta(minutes=minutes)
        and ("until" not in asked or START + timedelta(minutes=minutes) < asked["until"])
    ]
    found = log.pages(limit=limit, **asked)
    assert [item["event"]["number"] for item in found] == expected
    assert [item["position"] + 1 for item in found] == expected


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_page_stays_under_the_brokers_largest_message(log: Log) -> None:
    for number, sign in zip(range(1, 41), itertools.cycle(["x", "é", "😀", '"', "\\", "\x01", "\n"]), strict=False):
        size = 0
        content = b""
        while len(content) < 58_000:
            size += 500
            content = body(number, data={"text": sign * size})
        log.append(arrival(content, number))
    page = log.page(limit=500)
    assert 1 < len(page["events"]) < 40
    assert len(Reply(result=page).model_dump_json().encode()) < 1_000_000
    assert [item["event"]["number"] for item in log.pages(limit=500)] == list(range(1, 41))


@pytest.mark.parametrize("backend", ["sqlite"])
def test_an_empty_log_and_one_past_its_end(log: Log) -> None:
    assert log.page() == {"events": [], "next": None}
    log.append(arrival(body(1), 1))
    assert log.page(after=5) == {"events": [], "next": None}
    assert log.page(after=2**80) == {"events": [], "next": None}
    assert len(log.page(after=-(2**80))["events"]) == 1
