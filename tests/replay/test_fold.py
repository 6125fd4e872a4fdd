"""Random histories by the real rules: whatever the interleaving of the writers, the same hash; changes are found."""

import json
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from corong.replay.envelope import cause, envelope, opened
from corong.replay.fold import Fold, scratch
from corong.replay.foldings import FOLDINGS, REACTING
from corong.replay.logs import FolderLog, NotALog
from corong.replay.survey import WHOLE, Asked, Survey, joined, look_over, survey
from corong.replay.work import Job, run
from corong.routing import rules
from corong.routing import state as routing
from corong.routing.case_guards import Asked as Guarded
from corong.routing.rules import Case
from corong.runtime.clock import moment
from corong.runtime.policy import Actor
from corong.runtime.refusal import refusal_of
from corong.runtime.rows import Rows
from corong.runtime.unit import Draft
from corong_contracts.base import AnyEvent, Sealed, about, event_id, partition_of, schema_uri, writer_name
from corong_contracts.case import CaseKind, CaseRegistered, CaseState, Priority
from corong_contracts.catalogue import CATALOGUE, decode, encode, event_class
from corong_contracts.message import MessageReceived
from tests.bench.replay import example, made_of
from tests.contracts.golden import event_examples
from tests.replay.runs import changed, publish

NOW = datetime(2026, 3, 9, 1, 30, tzinfo=UTC)
PARTITIONS = 4
OFFICERS = [
    Actor("officer", "petugas-satu", "unit_officer", "dinas-pupr"),
    Actor("officer", "ppid-utama", "main_officer", "diskominfo"),
]
VERBS = ("claim", "hand_back", "assign", "send_back", "prioritise", "note", "answer", "close", "expire")
STEPS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(
            ["claim", "hand_back", "assign", "send_back", "prioritise", "note", "answer", "close", "expire"]
        ),
        st.sampled_from(OFFICERS),
        st.integers(0, 45),
    ),
    max_size=30,
)


class History:
    """Cases that come in, and what officers do to them as far as the rules let them."""

    def __init__(self) -> None:
        self.now = NOW
        self.events: list[AnyEvent] = []
        self._numbers: dict[str, int] = defaultdict(int)
        self.folder = TemporaryDirectory()
        self._cases: dict[UUID, Case] = {}
        connection = create_engine("sqlite://").connect()
        routing.metadata.create_all(connection)
        self._rows = Rows(connection)

    def write(self, kind: str, entity: UUID, data: dict[str, object], actor: str = "system") -> AnyEvent:
        payload = CATALOGUE[kind]
        writer = writer_name(payload.writer, partition_of(entity, PARTITIONS))
        self._numbers[writer] += 1
        made = payload(**data)
        caused = uuid5(entity, str(len(self.events)))
        event = event_class(kind)(
            id=event_id(caused, kind, 0), source=f"/corong/{writer.replace('.', '/')}", type=kind, subject=about(made),
            time=self.now, recordedtime=self.now, dataschema=schema_uri(payload), correlationid=entity,
            causationid=caused, actor=actor, writer=writer, number=self._numbers[writer], data=made,
        )  # fmt: skip
        self.events.append(event)
        routing.apply(event, self._rows)
        return event

    def comes_in(self, index: int) -> UUID:
        case = uuid5(UUID(int=9), str(index))
        for payload in (CaseRegistered, MessageReceived):
            data = made_of(example(f"{payload.noun}.{payload.verb}")["data"], case) | {"case_id": case}
            self.write(payload.type, case, data | ({"sequence": index + 1} if payload is CaseRegistered else {}))
        routed = made_of(example("case.routed")["data"], case) | {
            "case_id": case,
            "unit": "dinas-pupr",
            "kind": "complaint",
        }
        self.write("id.corong.case.routed.v1", case, routed)
        self._cases[case] = Case(
            case_id=case, conversation_id=case, unit="dinas-pupr", kind=CaseKind.COMPLAINT, priority=Priority.NORMAL,
            holder=None, lease_until=None, key="kunci",
        )  # fmt: skip
        return case

    def step(self, case: UUID, what: str, officer: Actor, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        known = self._read(case)
        cause_id = uuid5(case, f"{what}/{len(self.events)}")
        rule: dict[str, Callable[[], list[Draft]]] = {
            "claim": lambda: rules.claim(known, officer, self.now, timedelta(minutes=30)),
            "hand_back": lambda: rules.hand_back(known, officer, self.now),
            "assign": lambda: rules.assign(known, officer, self.now, "diskominfo", None, "tolong"),
            "send_back": lambda: rules.send_back(known, officer, self.now, "diskominfo", "bukan kami"),
            "prioritise": lambda: rules.prioritise(known, officer, self.now, Priority.HIGH),
            "note": lambda: rules.note(known, officer, self.now, cause_id, "catatan"),
            "answer": lambda: rules.answer(known, officer, self.now, cause_id, "jawaban", False),
            "close": lambda: rules.close(known, officer, self.now, "answered", Guarded()),
            "expire": lambda: rules.expire(known, self.now) if known.lease_until else [],
        }
        try:
            drafts = rule[what]()
        except Exception as error:
            if refusal_of(error) is None:
                raise
            return
        for draft in drafts:
            seals = {name: Sealed(key="kunci", box="AAAA") for name in draft.sealed}
            self.write(draft.payload.type, draft.entity, {**draft.data, **seals}, draft.actor)

    def _read(self, case: UUID) -> Case:
        """The case as routing's own fold has it."""
        row = self._rows.get(routing.case, str(case))
        assert row is not None
        return replace(
            self._cases[case], unit=row["unit"], priority=Priority(row["priority"]), holder=row["holder"],
            lease_until=moment(row["lease_until"]) if row["lease_until"] else None,
            state=CaseState(row["state"]),
        )  # fmt: skip

    @property
    def bodies(self) -> list[bytes]:
        return [encode(event) for event in self.events]


def interleaved(bodies: list[bytes], rng: random.Random) -> list[bytes]:
    """Each writer's events in its own order, the writers in any."""
    queues: dict[str, list[bytes]] = defaultdict(list)
    for body in bodies:
        queues[envelope(body).writer].append(body)
    mixed = []
    while queues:
        writer = rng.choice(sorted(queues))
        mixed.append(queues[writer].pop(0))
        if not queues[writer]:
            del queues[writer]
    return mixed


def folded(service: str, bodies: list[bytes], folder: Path) -> tuple[str, dict[str, list[int]], dict[int, str]]:
    folding = FOLDINGS[service]
    path = folder / f"{service}.sqlite"
    path.unlink(missing_ok=True)
    upto: dict[str, int] = defaultdict(int)
    for body in bodies:
        head = envelope(body)
        if head.service in folding.writers:
            upto[head.writer] = max(head.number, upto[head.writer])
    with scratch(path) as connection:
        folding.metadata.create_all(connection)
        fold = Fold(folding, connection)
        fold.take(enumerate(bodies), upto)
        lacking = fold.finish()
        return fold.hash(), lacking, fold.broken


@given(steps=STEPS, rng=st.randoms(use_true_random=False))
@settings(max_examples=12, deadline=None)
def test_any_interleaving_gives_the_same_hash(steps: list[tuple[int, str, Actor, int]], rng: random.Random) -> None:
    history = History()
    cases = [history.comes_in(index) for index in range(4)]
    for which, what, officer, minutes in steps:
        history.step(cases[which], what, officer, minutes)
    bodies = history.bodies
    folder = Path(history.folder.name)
    first = {name: folded(name, bodies, folder) for name in FOLDINGS}
    mixed = interleaved(bodies, rng)
    assert {name: folded(name, mixed, folder) for name in FOLDINGS} == first
    # What had been a dead letter stands later than its neighbours: its place in its writer's numbers counts.
    late = mixed.copy()
    late.append(late.pop(rng.randrange(len(late))))
    assert {name: folded(name, late, folder) for name in FOLDINGS} == first
    history.folder.cleanup()


@pytest.mark.parametrize("file", event_examples(), ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_an_envelope_and_a_quick_opening_are_what_decoding_says(file: Path) -> None:
    body = file.read_bytes().rstrip(b"\n")
    event, head = decode(body), envelope(body)
    raw = json.loads(body)
    assert (head.id, head.number, head.writer, head.type) == (str(event.id), event.number, event.writer, raw["type"])
    assert (head.recorded, head.time) == (raw["recordedtime"], raw["time"])
    assert (cause(body).cause, cause(body).entity, cause(body).actor) == (
        raw["causationid"], raw["correlationid"], raw["actor"],
    )  # fmt: skip
    assert opened(body, head.type) == event
    spaced = json.dumps(raw).encode()
    assert (envelope(spaced), cause(spaced)) == (head, cause(body)), "of bytes in another form too"


def test_words_can_not_pass_for_an_envelope() -> None:
    """Quotes inside of texts are escaped; a field of the data that ends like an envelope is not at the end."""
    case = uuid5(UUID(int=9), "0")
    history = History()
    history.comes_in(0)
    body = history.bodies[0]
    fake = body[body.index(b',"datacontenttype"') :].decode()
    assert envelope(changed(body, account=fake)) == envelope(body)
    inner = json.loads("{" + fake.removeprefix(",").replace('"number":1', '"number":77'))
    assert envelope(changed(body, zz=inner)).number == envelope(body).number
    assert cause(body).entity == str(case)


def test_unknown_types_and_contradictions_are_told(tmp_path: Path) -> None:
    history = History()
    case = history.comes_in(0)
    newer = json.loads(history.bodies[2])
    newer |= {"type": "id.corong.case.celebrated.v1", "number": 2, "id": str(uuid5(case, "newer"))}
    strange = json.dumps(newer, sort_keys=True, separators=(",", ":")).encode()
    log = FolderLog(publish(tmp_path / "log", [*history.bodies, strange]))
    outcome = run(Job("desk", log, survey(log).vector))
    assert outcome.unknown == {"id.corong.case.celebrated.v1": 1}
    assert not outcome.broken
    other = History()
    other.comes_in(0)
    other.comes_in(4)  # the same registration number for another case
    doubled = [changed(body, registration="X/1") if b"case.registered" in body else body for body in other.bodies]
    log = FolderLog(publish(tmp_path / "log", doubled))
    with pytest.raises(NotALog, match="contradict"):
        run(Job("portal", log, survey(log).vector))
    (tmp_path / "log" / "tile" / "entries" / "000.p" / "6").unlink()
    with pytest.raises(NotALog, match="missing"):
        survey(log)


@pytest.mark.parametrize("contradicts", ["id", "number"])
def test_a_number_whose_bytes_were_kept_apart_is_not_waited_for(tmp_path: Path, contradicts: str) -> None:
    history = History()
    case = history.comes_in(0)
    for _ in range(2):
        history.step(case, "prioritise", OFFICERS[1], 1)
        history.step(case, "note", OFFICERS[1], 1)
    at, lost = next((at, event) for at, event in enumerate(history.events) if event.type == "id.corong.case.noted.v1")
    told = {
        "audit_id": uuid5(case, "conflict"), "contradicts": contradicts, "of_writer": lost.writer,
        "number": lost.number, "found": "0" * 64, "done": "kept_apart",
    }  # fmt: skip
    history.write("id.corong.audit.conflict_found.v1", case, told)
    bodies = [body for place, body in enumerate(history.bodies) if place != at]
    lacking = folded("routing", bodies, tmp_path)[1]
    assert lacking == ({} if contradicts == "id" else {lost.writer: [lost.number]})


def test_cases_are_found_by_number_actor_and_unit(tmp_path: Path) -> None:
    history = History()
    cases = [history.comes_in(index) for index in range(3)]
    history.step(cases[1], "claim", OFFICERS[0], 1)
    history.step(cases[2], "claim", OFFICERS[1], 1)
    history.step(cases[2], "assign", OFFICERS[1], 1)
    log = FolderLog(publish(tmp_path / "log", history.bodies))
    assert survey(log, Asked(actor="officer:petugas-satu")).entities == {str(cases[1])}
    assert survey(log, Asked(unit="diskominfo")).entities == {str(cases[2])}
    assert survey(log, Asked(unit="dinas-pupr")).entities == set(map(str, cases))
    assert survey(log, Asked(case=str(cases[0]))).entities == {str(cases[0])}
    assert survey(log, Asked(case="tidak ada")).entities == set()


def test_those_who_react_are_known(tmp_path: Path) -> None:
    """Where reading goes on after a restore hangs on it."""
    from corong.assembly import assemble
    from corong.runtime.broker import Broker
    from corong.runtime.installation import Installation
    from corong.runtime.settings import Settings
    from corong_contracts.base import SERVICES

    installation = Installation.open(Settings(data=tmp_path), create=True)
    parts = assemble(installation, SERVICES, lambda user: Broker("nats://127.0.0.1:1", user, ""))
    # The desk's open pages hear of what was folded; it decides nothing.
    assert {service.name for service in parts.services if service._reactions} - {"desk"} == set(REACTING)
    for service in parts.services:
        service.database.close()
    installation.key_database.close()


def test_stretches_of_a_log_together_hold_what_the_log_holds(tmp_path: Path) -> None:
    history = History()
    for index in range(3):
        history.step(history.comes_in(index), "claim", OFFICERS[0], 1)
    log = FolderLog(publish(tmp_path / "log", history.bodies))
    size = log.size()
    recorded = envelope(history.bodies[size // 2]).recorded
    for asked, until in ((WHOLE, None), (Asked(unit="dinas-pupr"), None), (WHOLE, recorded)):
        parts = [look_over(log, start, min(start + 2, size), asked, until) for start in range(0, size, 2)]
        assert joined(parts) == survey(log, asked, recorded=until)
    assert joined([]) == Survey()
