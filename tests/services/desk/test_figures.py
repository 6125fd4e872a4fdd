"""The figures and the queues' numbers: sums that no order of the writers' events changes; months of each zone."""

import random
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from alembic.script import ScriptDirectory
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, delete, event, select

from corong.desk import figure_cases, figures, queue, state
from corong.desk.months import bucket_of, buckets_of, month_of_bucket, months_between
from corong.desk.tables import BANDS, QUEUE_NUMBERS, case, metadata, queue_sum, tally, written
from corong.runtime.clock import stamp
from corong.runtime.migrate import config_of
from corong.runtime.rebuild import state_hash
from corong.runtime.rows import Rows
from corong.working_days.zones import ZONES, Zone
from corong_contracts.base import AnyEvent, Payload, Sealed, event_id, schema_uri, writer_name
from corong_contracts.case import (
    CaseAnswered,
    CaseAssigned,
    CaseClaimed,
    CaseClosed,
    CaseKind,
    CasePrioritised,
    CaseRegistered,
    CaseRouted,
    CaseState,
    Priority,
)
from corong_contracts.case_life import CaseReopened
from corong_contracts.catalogue import event_class
from corong_contracts.message import MessageReceived
from tests.services.stores import BACKENDS, Store

SPACE = UUID("6a1f7a0e-5d5b-5a0c-9f0e-2f3c6d7e8a91")
BEGIN = datetime(2026, 10, 31, 12, tzinfo=UTC)
UNITS = ("dinas-pupr", "dinas-kesehatan", "diskominfo")
MONTHS = ("2026-10", "2026-11", "2026-12")
SEAL = Sealed(key="k", box="AAAA")


class Telling:
    """Makes events of the two writers, numbered as they would be."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def say(self, payload: type[Payload], case_id: UUID, at: datetime, **data: Any) -> AnyEvent:
        """One event."""
        partition = case_id.int % 4
        writer = writer_name(payload.writer, partition)
        number = self.numbers[writer] = self.numbers.get(writer, 0) + 1
        cause = uuid5(case_id, f"{writer}/{number}")
        return event_class(payload.type)(
            id=event_id(cause, payload.type, 0), source=f"/corong/{payload.writer}/{partition:02d}", type=payload.type,
            subject=f"case/{case_id}", time=at, recordedtime=at, dataschema=schema_uri(payload), correlationid=case_id,
            causationid=cause, actor="system", writer=writer, number=number, traceparent=None,
            data=payload.model_construct(**{"case_id": case_id, **data}),
        )  # fmt: skip

    def life(self, chance: random.Random, number: int) -> tuple[list[AnyEvent], list[AnyEvent]]:
        """What intake and what routing tells of one case."""
        case_id = uuid5(SPACE, str(number))
        at = BEGIN + timedelta(hours=chance.randrange(0, 24 * 40), minutes=chance.randrange(60))
        demo, public = chance.random() < 0.1, chance.random() < 0.3
        begun = self.say(
            CaseRegistered, case_id, at, registration=f"PM/2026/{number:06d}", channel=chance.choice(("web", "email")),
            account="a", visibility="public" if public else "private", person="p", related_case=None, demo=demo,
        )  # fmt: skip
        unit = chance.choice(UNITS)
        led = [
            self.say(
                CaseRouted, case_id, at, unit=unit, kind=chance.choice([*CaseKind]), priority=Priority.NORMAL, rule="r",
                topics=(), reasons=(), state=None, tier=None,
            )
        ]  # fmt: skip
        if chance.random() < 0.5:
            other = chance.choice(UNITS)
            assigned = self.say(
                CaseAssigned, case_id, at, from_unit=unit, unit=other, to_officer=None, officer="o", instruction=SEAL
            )
            led.append(assigned)
            unit = other
        if chance.random() < 0.7:
            later = at + timedelta(hours=chance.choice((0.5, 5, 60, 120, 300, 600, 1000)))
            led.append(
                self.say(
                    CaseAnswered, case_id, later, conversation_id=case_id, answer_id=case_id, unit=unit, officer="o",
                    text=SEAL, state=None, group_id=None, decision_id=None, outcome=None,
                )
            )  # fmt: skip
        if chance.random() < 0.4:
            outcome = chance.choice(("answered", "duplicate", "no_answer_needed"))
            led.append(self.say(CaseClosed, case_id, at, unit=unit, officer=None, outcome=outcome, state=None))
        return [begun, *self.written(chance, case_id, at)], [*led, *self.handled(chance, case_id, at)]

    def written(self, chance: random.Random, case_id: UUID, at: datetime) -> list[AnyEvent]:
        """What the citizen wrote, and a robot."""
        return [
            self.say(
                MessageReceived, case_id, at + timedelta(hours=chance.choice((0, 4, 400, 2000))), message_id=case_id,
                channel="web", account="a", visibility="private", follow_up=False, automatic=chance.random() < 0.3,
                content=SEAL, sender=SEAL, attachments=(),
            )
            for _ in range(chance.choice((1, 1, 2)))
        ]  # fmt: skip

    def handled(self, chance: random.Random, case_id: UUID, at: datetime) -> list[AnyEvent]:
        """What no figure hangs on, and the queue's numbers do; at last it may be opened again."""
        found = []
        if chance.random() < 0.2:
            before = Priority.NORMAL
            found.append(self.say(CasePrioritised, case_id, at, before=before, priority=Priority.URGENT, officer="o"))
        if chance.random() < 0.1:
            found.append(self.say(CaseReopened, case_id, at, undone="closed", state=CaseState.IN_PROGRESS, reason=SEAL))
        if chance.random() < 0.3:
            until = BEGIN + timedelta(hours=chance.choice((-1, 1)))
            found.append(self.say(CaseClaimed, case_id, at, officer="o", lease_until=until, state=None))
        return found


def some(seed: int, many: int) -> list[list[AnyEvent]]:
    """The lines of events of all writers; only within each is there an order."""
    chance, telling = random.Random(seed), Telling()  # a test's cases
    lines: dict[str, list[AnyEvent]] = {}
    for number in range(many):
        for part in telling.life(chance, number):
            for told in part:
                lines.setdefault(told.writer, []).append(told)
    return list(lines.values())


def shuffled(lines: Sequence[Sequence[AnyEvent]], seed: int) -> list[AnyEvent]:
    """One interleaving of the lines."""
    chance, rest, found = random.Random(seed), [list(line) for line in lines], []  # an order
    while rest:
        line = chance.choice(rest)
        found.append(line.pop(0))
        rest = [one for one in rest if one]
    return found


def fold(connection: Connection, events: Sequence[AnyEvent], at_once: int = 7, *, foreseen: bool = True) -> None:
    """As the desk does, so many events in a commit; `foreseen`: what they ask for is read together."""
    for start in range(0, len(events), at_once):
        rows, part = Rows(connection), events[start : start + at_once]
        for told in part if foreseen else ():
            for table, key in state.asked(told):
                rows.expect(table, [key])
        for told in part:
            state.apply(told, rows)
        rows.flush()


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_sums_are_those_of_the_cases_in_any_order(backend: str, store: Store) -> None:
    del backend
    lines = some(seed=5, many=70)
    hashes = set()
    for seed in range(2):
        database = store.make(metadata, schema=f"{store.schema}order{seed}")
        with database.write() as connection:
            fold(connection, shuffled(lines, seed), at_once=(3, 1000)[seed], foreseen=seed == 0)
            hashes.add(state_hash(connection, metadata))
            # No row of nothing is left: it would tell which way a case went.
            assert not connection.execute(select(tally).where(tally.c.received <= 0)).first()
            _compare(connection)
            _compare_queues(connection)
    assert len(hashes) == 1


def _compare_queues(connection: Connection) -> None:
    """The overview of all queues against their cases."""
    last = {row.case_id: row.last_at for row in connection.execute(select(written))}
    expected: dict[str, Counter[str]] = {}
    for row in connection.execute(select(case)):
        numbers = expected.setdefault(row.unit, Counter(dict.fromkeys((*QUEUE_NUMBERS, "held"), 0)))
        numbers[row.state] += 1
        if row.state != "closed":
            numbers["urgent"] += row.urgency == 0
            numbers["held"] += row.holder is not None and row.lease_until > stamp(BEGIN)
            numbers["unanswered"] += row.answered_at is None or (last[row.case_id] or "") > row.answered_at
    assert queue.counts(connection, None, stamp(BEGIN)) == expected
    assert queue.counts(connection, [UNITS[0]], stamp(BEGIN)) == {UNITS[0]: expected[UNITS[0]]}
    assert queue.counts(connection, [], stamp(BEGIN)) == {}
    everything = sum(expected.values(), Counter())
    assert min(everything[name] for name in (*QUEUE_NUMBERS, "held")) > 0
    # Some wait though they were answered: the citizen wrote again.
    assert everything["unanswered"] > everything["open"]
    # No row of nothing is left, and an older desk's cases are counted as the fold counts.
    ordered = select(queue_sum).order_by(queue_sum.c.unit, queue_sum.c.partition)
    folded = connection.execute(ordered).all()
    version = ScriptDirectory.from_config(config_of("desk")).get_revision("0017")
    assert version is not None
    connection.execute(delete(queue_sum))
    connection.exec_driver_sql(version.module.COUNT)
    assert connection.execute(ordered).all() == folded


def _compare(connection: Connection) -> None:
    """Every figure against the list of its cases."""
    begin, end = stamp(datetime(2026, 9, 30, 17, tzinfo=UTC)), stamp(datetime(2026, 12, 31, 17, tzinfo=UTC))
    for unit in (None, *UNITS):
        found = figures.figures(connection, unit, MONTHS, "WIB")
        for figure in figure_cases.FIGURES:
            wanted = figure_cases.Wanted(begin, end, figure, unit)
            rows = figure_cases.page(connection, wanted, None, 500)
            assert len(rows) == _number(found.whole, figure), (unit, figure)
            kinds = Counter(row["kind"] for row in rows)
            assert kinds == {
                kind: many for kind, measured in found.kinds.items() if (many := _number(measured, figure))
            }
            if unit == UNITS[0]:
                narrow = figure_cases.Wanted(begin, end, figure, unit, "complaint")
                assert len(figure_cases.page(connection, narrow, None, 500)) == kinds["complaint"]
        assert sum((one for one in found.channels.values()), figures.Measured()) == found.whole
    everything = figures.figures(connection, None, MONTHS, "WIB")
    assert sum((one for one in everything.units.values()), figures.Measured()) == everything.whole
    assert everything.whole.received > 40
    assert 0 < everything.comments.answered < everything.comments.needed
    assert figures.figures(connection, None, MONTHS, "WIB", demo=True).whole.received > 0


def _number(measured: figures.Measured, figure: str) -> int:
    if figure.startswith("band"):
        return measured.bands[int(figure.removeprefix("band"))]
    return int(getattr(measured, figure))


def test_a_list_goes_on_where_its_page_ended(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/list.sqlite")
    with engine.begin() as connection:
        metadata.create_all(connection)
        fold(connection, shuffled(some(seed=2, many=80), 1))
        wanted = figure_cases.Wanted("2026-01-01", "2027-01-01", "answered")
        whole = [row["case_id"] for row in figure_cases.page(connection, wanted, None, 500)]
        assert len(whole) > 20
        found: list[str] = []
        after: tuple[str, str] | None = None
        while True:
            rows = figure_cases.page(connection, wanted, after, 7)
            found += [row["case_id"] for row in rows[:7]]
            if len(rows) <= 7:
                break
            after = (rows[6]["registered_at"], rows[6]["case_id"])
        assert found == whole
    engine.dispose()


@settings(max_examples=100)
@given(at=st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)), zone=st.sampled_from(sorted(ZONES)))
def test_months_begin_at_midnight_of_each_zone(at: datetime, zone: Zone) -> None:
    there = at.replace(tzinfo=UTC).astimezone(ZONES[zone])
    bucket = bucket_of(at.replace(tzinfo=UTC))
    assert month_of_bucket(bucket, zone) == f"{there:%Y-%m}"
    assert bucket in buckets_of([f"{there:%Y-%m}"], zone)
    others = [month for month in months_between("2024-12", "2028-01") if month != f"{there:%Y-%m}"]
    assert bucket not in buckets_of(others, zone)


def test_a_page_of_figures_reads_sums_by_their_key_and_no_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    store = Store(f"sqlite:///{tmp_path}")
    database = store.make(metadata)
    said: list[tuple[str, Any]] = []
    event.listen(
        database.reading, "before_cursor_execute",
        lambda _connection, _cursor, statement, parameters, _context, _many: said.append((statement, parameters)),
    )  # fmt: skip
    with database.read() as connection:
        figures.figures(connection, "dinas-pupr", MONTHS, "WIB")
        ((statement, parameters),) = said
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
        assert re.search(
            r"SEARCH tally USING (PRIMARY KEY|INDEX sqlite_autoindex_tally_1) \(demo=\? AND scope=\? AND month=\?",
            plan[0],
        ), plan
        assert "case" not in statement
        said.clear()
        monkeypatch.setattr(figure_cases, "FEW", -1)  # there are more of them than few
        figure_cases.page(connection, figure_cases.Wanted("2026", "2027", "overdue", kind="complaint"), None, 50)
        statement, parameters = said[-1]
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    assert any("registered USING INDEX registered_when (registered_at>? AND registered_at<?)" in line for line in plan)
    assert not any("TEMP B-TREE" in line for line in plan), plan
    store.close()


def test_as_many_rows_however_many_cases(tmp_path: Path) -> None:
    """What is read for a year of one unit: buckets, kinds and channels, in each partition."""
    engine = create_engine(f"sqlite:///{tmp_path}/many.sqlite")
    with engine.begin() as connection:
        metadata.create_all(connection)
        fold(connection, shuffled(some(seed=9, many=900), 1), at_once=2000)
        rows = connection.execute(select(tally).where(tally.c.scope == "", tally.c.sort != "unit")).all()
        received = sum(row.received for row in rows if row.sort == "kind" and not row.demo)
    engine.dispose()
    assert received > 700
    buckets, partitions = 5, 4
    assert len(rows) <= 2 * buckets * partitions * (len(CaseKind) + 4)
    assert len({len(one) for one in (figures.Measured().bands,)}) == 1
    assert len(figures.Measured().bands) == BANDS
