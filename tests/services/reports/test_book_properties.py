"""Any acts by anybody at any time: each case has its one place, the sums reconcile, only the log's content counts."""

import contextlib
from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corong.reports import Book, RequestFigures, may_read, rows, yearly
from corong.reports.kept import packed, unpacked
from corong.runtime.policy import Forbidden
from corong.runtime.refusal import Refused
from corong_contracts.base import AnyEvent
from corong_contracts.case import CaseKind
from corong_contracts.catalogue import encode
from corong_contracts.decision import Outcome
from tests.services.reports.yearbook import PARTLY, REFUSAL, day_of, folded, history, ring
from tests.services.routing.town import OTHER, UNIT, Day, Town

REQUEST, OBJECTION, QUESTION = CaseKind.INFORMATION_REQUEST, CaseKind.OBJECTION, CaseKind.QUESTION
YEARS = (2026, 2027, 2028)
BY_WHO_HOLDS_IT: list[tuple[str, dict[str, Any]]] = [
    ("case.grant", {"text": "t"}),
    ("case.grant", {"outcome": "not_held", "finding": {"held_by": "BPKAD"}, "text": "t"}),
    ("case.refuse", REFUSAL),
    ("case.ask_completion", {"text": "t"}),
    ("case.complete", {}),
    ("case.extend", {"reasons": "r"}),
    ("case.withdraw", {"reason": "r"}),
    ("case.reopen", {"reason": "r"}),
    ("case.close", {"outcome": "answered"}),
    ("case.reclassify", {"kind": "information_request", "reason": "r"}),
    ("case.assign", {"unit": OTHER, "instruction": "i"}),
]
SPANS = [timedelta(hours=5), timedelta(days=3), timedelta(days=16), timedelta(days=200)]
WHICH = st.integers(0, 4)
STEP = st.one_of(
    st.tuples(st.just("holder"), WHICH, st.sampled_from(BY_WHO_HOLDS_IT)),
    st.tuples(st.just("refused"), WHICH, st.sampled_from([REFUSAL, PARTLY])),
    st.tuples(st.just("passes"), st.sampled_from(SPANS)),
    st.tuples(st.just("arrives"), st.sampled_from([REQUEST, REQUEST, OBJECTION, QUESTION])),
    st.tuples(st.just("objects"), WHICH, WHICH),
    st.tuples(st.just("decides"), WHICH),
    st.tuples(st.just("merges"), WHICH, WHICH),
)
STEPS = st.lists(STEP, min_size=12, max_size=30)
TOWN = Town()


def teardown_module() -> None:
    TOWN.close()


def lived(day: Day, steps: list[tuple[Any, ...]]) -> list[AnyEvent]:
    """What came of it; whatever the table forbids is left out."""
    cases = [day.arrives(kind, unit=UNIT) for kind in (REQUEST, REQUEST, REQUEST, OBJECTION)]
    for step in steps:
        day.passes(timedelta(seconds=1))
        with contextlib.suppress(Refused, Forbidden):
            take(day, cases, *step)
    return history(day)


def take(day: Day, cases: list[UUID], verb: str, *asked: Any) -> None:
    one = cases[asked[0] % len(cases)] if asked and isinstance(asked[0], int) else cases[0]
    match verb:
        case "arrives":
            cases.append(day.arrives(asked[0], unit=UNIT))
        case "holder":
            command, body = asked[1]
            who = "main" if day.case(one).unit != UNIT else "unit"
            with contextlib.suppress(Refused):
                day.does(who, "case.claim", one)
            day.does(who, command, one, **body)
        case "refused":
            take(day, cases, "holder", asked[0], ("case.refuse", asked[1]))
            day.does("superior", "case.approve", one, text_hash=day.case(one).text_hash or "")
        case "objects":
            day.does("unit", "case.object", one, request_id=cases[asked[1] % len(cases)], ground="c")
        case "decides":
            day.does("superior", "case.decide", one, outcome="upheld", text="t")
        case "merges":
            day.does("unit", "case.merge", one, into=cases[asked[1] % len(cases)], reason="r")
        case "passes" if (day.now + asked[0]).year in YEARS:
            ring(day, asked[0])


def every_case_once(book: Book, events: list[AnyEvent]) -> None:
    registered = {event.correlationid for event in events if event.data.verb == "registered"}
    found = Counter(row.case_id for year in YEARS for row in rows(book, year))
    for year in YEARS:
        found.update(record.case_id for record in book.of_year(OBJECTION, year))
        found.update(record.case_id for record in book.of_year(QUESTION, year))
    assert found == dict.fromkeys(registered, 1)


def reconciles(figures: RequestFigures) -> None:
    assert sum(figures.standings.values()) == figures.received
    assert sum(figures.bands.values()) + figures.uncounted == figures.decided
    assert figures.in_time + figures.late == figures.decided
    assert figures.silent_open <= figures.silent <= figures.received
    refused = figures.standings[Outcome.REFUSED] + figures.standings[Outcome.PARTLY_GRANTED]
    assert max(figures.grounds.values()) <= refused <= sum(figures.grounds.values())


def add_up(parts: list[RequestFigures], whole: RequestFigures) -> None:
    for name in ("received", "decided", "uncounted", "days_total", "in_time", "late", "completed", "extended",
                 "silent", "silent_open", "objected", "cost"):  # fmt: skip
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name), name
    for name in ("standings", "grounds", "bands"):
        total: Counter[Any] = Counter()
        for part in parts:
            total.update(getattr(part, name))
        assert total == Counter(getattr(whole, name)), name


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(steps=STEPS, data=st.data())
def test_whatever_happened(steps: list[tuple[Any, ...]], data: st.DataObject) -> None:
    with day_of(TOWN) as day:
        events = lived(day, steps)
    book = folded(events)
    every_case_once(book, events)
    for year in YEARS:
        found = yearly(book, year)
        for figures in (found.whole, *found.units.values(), *found.months):
            reconciles(figures)
        add_up(list(found.units.values()), found.whole)
        add_up(list(found.months), found.whole)
        assert sum(found.objections.standings.values()) == found.objections.received
        assert sum(found.objections.grounds.values()) == found.objections.received
        assert found.requests == tuple(rows(book, year))
        for row in found.requests:
            # Counted here from the log's calendar, and by routing's clock when it rang: the same. A notice on a
            # weekend after the last day is late, and took no working day more.
            if row.working_days is not None:
                limit = 17 if row.extended_to else 10
                assert row.working_days <= limit if row.in_time else row.working_days >= limit
        assert yearly(folded(woven(events, data)), year) == found


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(steps=STEPS, data=st.data())
def test_a_kept_book_goes_on_as_one_that_never_was(steps: list[tuple[Any, ...]], data: st.DataObject) -> None:
    with day_of(TOWN) as day:
        events = lived(day, steps)
    whole = folded(events)
    place = data.draw(st.integers(0, len(events)))
    again = unpacked("WIB", packed(folded(events[:place])))
    for event in events[place:]:
        if may_read(event.type, encode(event)):
            again.add(event)
    assert again.kept() == whole.kept()
    assert [yearly(again, year) for year in YEARS] == [yearly(whole, year) for year in YEARS]


def woven(events: list[AnyEvent], data: st.DataObject) -> list[AnyEvent]:
    """The same events, each writer's in its own order, otherwise anyhow."""
    queues: dict[str, list[AnyEvent]] = defaultdict(list)
    for event in events:
        queues[event.writer].append(event)
    random = data.draw(st.randoms(use_true_random=False))
    found = []
    while queues:
        writer = random.choice(sorted(queues))
        found.append(queues[writer].pop(0))
        if not queues[writer]:
            del queues[writer]
    return found
