"""What is missing, doubled or unfit becomes an event of auditing's own, once; nothing about its own numbers does."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from corong.auditing import findings, ledger, state
from corong.runtime import tables
from corong.runtime.coverage import START, chained, leaf_of
from corong_contracts.audit import AuditConflictFound, AuditEntryRefused, AuditGapFilled, AuditGapFound
from corong_contracts.catalogue import decode
from tests.services.auditing.facts import arrival, body
from tests.services.auditing.logs import Log
from tests.services.stores import BACKENDS, Store

both = pytest.mark.parametrize("backend", BACKENDS)


@pytest.fixture
def log(store: Store, tmp_path: Path) -> Log:
    return Log(store, tmp_path)


def told(log: Log) -> list[Any]:
    """What auditing's own events say, as they were written."""
    return [decode(row["body"]).data for row in log.rows(tables.outbox)]


@both
def test_a_gap_is_told_once_and_again_when_it_is_filled(log: Log) -> None:
    log.append(arrival(body(1), 1))
    for last in (3, 3, 4):
        log.works.commit(lambda unit, last=last: findings.gap(unit, "routing.00", 2, last))  # type: ignore[misc]
    (found,) = told(log)
    assert isinstance(found, AuditGapFound)
    assert (found.of_writer, found.first, found.last, found.done) == ("routing.00", 2, 3, "asked_again")
    log.append(arrival(body(2), 2))
    assert len(told(log)) == 1
    log.append(arrival(body(3), 3))
    filled = [item for item in told(log) if isinstance(item, AuditGapFilled)]
    assert [(item.audit_id, item.first, item.last) for item in filled] == [(found.audit_id, 2, 3)]
    log.append(arrival(body(4), 4))
    assert len(told(log)) == 2
    (row,) = log.rows(state.finding)
    assert row["filled_at"] is not None


@both
def test_a_gap_that_was_filled_meanwhile_is_none(log: Log) -> None:
    log.append(arrival(body(1), 1))
    log.works.commit(lambda unit: findings.gap(unit, "routing.00", 1, 1))
    assert told(log) == []


@both
def test_a_gap_in_auditings_own_numbers_makes_no_event(log: Log) -> None:
    """Or every lost event about a gap would make another."""
    log.works.commit(lambda unit: findings.gap(unit, "auditing.03", 1, 7))
    assert told(log) == []
    assert log.rows(state.finding) == []


@both
def test_a_writer_that_tells_nonsense_makes_a_finding_all_the_same(log: Log) -> None:
    log.works.commit(lambda unit: findings.gap(unit, "routing.00", 1, 9_999_999_999))
    (found,) = told(log)
    assert (found.first, found.last) == (1, 2**31 - 1)


@both
def test_a_known_id_with_other_bytes_is_told(log: Log) -> None:
    identity = UUID(int=0x77)
    good, bad = body(1, identity=identity), body(2, identity=identity, actor="officer:lain")
    log.append(arrival(good, 1), arrival(bad, 2))
    (found,) = told(log)
    assert isinstance(found, AuditConflictFound)
    assert (found.contradicts, found.of_writer, found.number, found.event_id) == ("id", "routing.00", 2, identity)
    assert (found.position, found.known, found.found) == (0, findings.digest_of(good), findings.digest_of(bad))


@both
def test_a_number_used_again_is_told_and_a_plain_repeat_is_not(log: Log) -> None:
    log.append(*(arrival(body(number), number) for number in (1, 2, 3)))
    repeats = [arrival(body(2), 2), arrival(body(3), 3)]
    log.works.commit(lambda unit: findings.repeated(unit, repeats))
    assert told(log) == []
    other = body(2, identity=UUID(int=0x99))
    for _ in range(2):
        log.works.commit(lambda unit: findings.repeated(unit, [*repeats, arrival(other, 2)]))
    (found,) = told(log)
    assert isinstance(found, AuditConflictFound)
    assert (found.contradicts, found.number, found.position) == ("number", 2, 1)
    assert (found.event_id, found.found) == (UUID(int=0x99), findings.digest_of(other))
    assert [row["body"] for row in log.rows(state.conflict)] == [other]
    assert log.bodies() == [body(1), body(2), body(3)]


@both
def test_garbage_under_a_known_number_is_told(log: Log) -> None:
    log.append(arrival(body(1), 1))
    log.works.commit(lambda unit: findings.repeated(unit, [arrival(b"ZqRusak", 1)]))
    (found,) = told(log)
    assert found.event_id is None
    assert found.found == findings.digest_of(b"ZqRusak")


@both
def test_what_cannot_stand_in_the_log_is_told_and_its_repeat_is_not(log: Log) -> None:
    log.append(arrival(body(1), 1), arrival(b"ZqRusak", 2), arrival(body(3), 3))
    log.works.commit(lambda unit: findings.repeated(unit, [arrival(b"ZqRusak", 2)]))
    (found,) = told(log)
    assert isinstance(found, AuditEntryRefused)
    assert (found.of_writer, found.number, found.found) == ("routing.00", 2, findings.digest_of(b"ZqRusak"))
    assert found.reason == "not JSON"


@both
def test_the_repeat_of_a_conflict_is_no_second_conflict(log: Log) -> None:
    identity = UUID(int=0x77)
    bad = arrival(body(2, identity=identity), 2)
    log.append(arrival(body(1, identity=identity), 1), bad)
    log.works.commit(lambda unit: findings.repeated(unit, [bad]))
    assert len(told(log)) == 1


@both
def test_findings_read_back_stand_in_the_log_and_make_no_others(log: Log) -> None:
    log.append(arrival(body(1), 1), arrival(b"?", 2))
    written = log.rows(tables.outbox)
    for row in written:
        writer = f"auditing.{row['partition']:02d}"
        again = arrival(row["body"], row["number"], writer)
        log.append(again)
        log.works.commit(lambda unit, item=again: findings.repeated(unit, [item]))  # type: ignore[misc]
        log.works.commit(  # its own number with other bytes: told in the logs alone
            lambda unit, item=again: findings.repeated(unit, [arrival(b"!", item.number, item.writer)])  # type: ignore[misc]
        )
    assert log.bodies() == [body(1), *(row["body"] for row in written)]
    assert len(log.rows(tables.outbox)) == len(written)


@both
def test_a_parked_one_that_is_appended_later_makes_no_conflict(log: Log) -> None:
    log.append(arrival(b"?", 1))
    log.works.commit(lambda unit: ledger.append_again(log.tree, unit, body(1), "routing.00", 1))
    log.works.commit(lambda unit: findings.repeated(unit, [arrival(body(1), 1)]))
    assert len(told(log)) == 1


@both
def test_the_chain_is_that_of_the_writers_rows_only_where_all_of_them_stand_in_the_log(log: Log) -> None:
    log.append(arrival(body(1), 1), arrival(body(2), 2))
    log.append(arrival(body(3), 3), arrival(body(1, "intake.03"), 1, "intake.03"))
    chains = {row["writer"]: (row["number"], row["digest"]) for row in log.rows(state.chain)}
    assert chains == {
        "routing.00": (3, chained(START, (leaf_of(body(number)) for number in (1, 2, 3)))),
        "intake.03": (1, chained(START, [leaf_of(body(1, "intake.03"))])),
    }
    log.append(arrival(b"?", 4), arrival(body(5), 5))
    (row,) = (row for row in log.rows(state.chain) if row["writer"] == "routing.00")
    assert row["number"] == 5
    rows = [body(1), body(2), body(3), b"?", body(5)]
    assert row["digest"] != chained(START, map(leaf_of, rows)), "the writer keeps what the log has not"
