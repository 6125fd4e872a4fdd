"""A hub's tables with many open cases and ten events of each, filled once and kept in a folder.

Events are folded by the desk's and the portal's own folds, citizens' words are sealed under keys of the key store, and
auditing's log has as many entries. Desk, portal and log are filled by a process each.
"""

import itertools
import json
import multiprocessing
import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import corong.desk.app
import corong.portal.app
from corong.auditing.state import log_metadata
from corong.cli.progress import Progress
from corong.desk import state
from corong.embedded import migrate_keys
from corong.replay.fresh_rows import FreshRows
from corong.runtime.clock import stamp, utc_now
from corong.runtime.database import Database
from corong.runtime.installation import Installation, example_folder
from corong.runtime.keys import Identity
from corong.runtime.sealing import Sealer
from corong.runtime.service import Service
from corong.runtime.settings import Settings
from corong_contracts.base import AnyEvent, event_id, partition_of, writer_name
from corong_contracts.canonical import canonical
from corong_contracts.catalogue import decode
from tests.bench import log_lists, public_lists, words
from tests.bench.replay import PARTITIONS, example
from tests.simulation.belt import NoBroker

OPEN = (
    "case.registered", "message.received", "case.routed", "clock.opened", "clock.opened", "case.noted",
    "case.claimed", "clock.reminded", "clock.ran_out", "clock.escalated",
)  # fmt: skip
"""What is known of a case that waits, and is late where its clock ran out."""
ANSWERED = (
    "case.registered", "message.received", "case.routed", "clock.opened", "case.claimed", "case.answered",
    "publication.drafted", "publication.released", "delivery.started", "delivery.sent",
)  # fmt: skip
"""And of every fifth one: its answer went out, and it is not closed."""
EVENTS = len(OPEN)
"""Of each case."""
SEALED = {"message.received": ("content", "sender"), "case.noted": ("note",), "case.answered": ("text",)}
KINDS = ("complaint", "complaint", "complaint", "information_request", "question", "suggestion", "objection")
NATIVE = ("native_key", "native_id")
CASES_OF_A_PERSON = 4
BATCH = 5000
SPACE = UUID(int=0xDE5C)


class Sealing:
    """Seals each case's words for its citizen."""

    def __init__(self, installation: Installation, count: int) -> None:
        names = [f"bench-{number}" for number in range(count // CASES_OF_A_PERSON + 1)]
        found = installation.keys.identify(names)
        self._sealer: Sealer = installation.sealer
        self._persons: list[Identity] = [found[name] for name in names]

    def person(self, index: int) -> str:
        """Whose the case of this number is."""
        return self._of(index).person

    def seal(self, index: int, event: dict[str, Any], field: str, said: str) -> dict[str, str]:
        """A field of an event of the case of this number."""
        sealed = self._sealer.seal(self._of(index).key, UUID(event["id"]), event["type"], field, said)
        return {"key": sealed.key, "box": sealed.box}

    def _of(self, index: int) -> Identity:
        return self._persons[index // CASES_OF_A_PERSON]


class _Ids(dict[str, str]):
    """A case's ids, by the name of the field that has them."""

    def __init__(self, case: UUID) -> None:
        super().__init__()
        self._case = case

    def __missing__(self, name: str) -> str:
        made = uuid5(self._case, name)
        self[name] = made.hex if name in NATIVE else str(made)
        return self[name]


@cache
def _example(name: str) -> tuple[dict[str, Any], str, frozenset[str]]:
    """An event's example; its data as JSON with marks where ids of a case go; and the names of those."""
    event, marks = example(name), set[str]()

    def marked(value: Any, field: str = "") -> Any:
        if isinstance(value, dict):
            return {key: marked(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [marked(item, field) for item in value]
        if field in NATIVE or (field.endswith("_id") and isinstance(value, str) and len(value) == 36):
            marks.add(field)
            return f"@{field}@"
        return value

    return event, json.dumps(marked(event["data"])), frozenset(marks)


def _made(name: str, ids: _Ids) -> tuple[dict[str, Any], dict[str, Any]]:
    """An event of a case, and its data: as the example's, with this case's ids."""
    event, text, marks = _example(name)
    for field in marks:
        text = text.replace(f"@{field}@", ids[field])
    data: dict[str, Any] = json.loads(text)
    return dict(event), data


def history(count: int, units: Sequence[str], officers: Sequence[str], sealing: Sealing | None) -> Iterator[AnyEvent]:
    """The events of `count` cases that are not closed, over the last year, case by case.

    Without `sealing` what is sealed stays as in the examples, and events without a place at the portal are left out.
    """
    rng, now = random.Random(5), utc_now()
    numbers: dict[str, int] = {}
    for index in range(count):
        case, at = uuid5(SPACE, str(index)), now - timedelta(days=365) * (1 - index / count)
        late, ids = rng.random() < 0.05, _Ids(case)
        said = " ".join(map(words.word, words.of_case(ids["case_id"]))) if sealing is not None else ""
        steps: tuple[str, ...] = ANSWERED if index % 5 == 0 else OPEN if late else OPEN[:-2]
        about = {"kind": rng.choice(KINDS), "unit": rng.choice(units), "officer": rng.choice(officers), "at": at,
                 "urgent": rng.random() < 0.02, "number": index + 1, "now": now, "late": late}  # fmt: skip
        if index % 100:  # an officer's lease lasts for half an hour: few cases are held at a time
            steps = tuple("case.noted" if name == "case.claimed" else name for name in steps)
        more = itertools.repeat("case.noted", EVENTS - len(steps))
        for place, name in enumerate((*steps, *more)):
            if sealing is None and name in ("case.noted", "clock.reminded", "clock.escalated"):
                continue
            event, data = _made(name, ids)
            _fits(name, data, about, place)
            entity = UUID(data.get("case_id") or data["publication_id"])
            writer = writer_name(event["writer"].split(".")[0], partition_of(entity, PARTITIONS))
            numbers[writer] = numbers.get(writer, 0) + 1
            moment = stamp(at + place * timedelta(minutes=1))
            event |= {
                "time": moment, "recordedtime": moment, "data": data, "writer": writer, "number": numbers[writer],
                "source": f"/corong/{writer.replace('.', '/')}", "correlationid": str(entity),
                "causationid": str(case), "id": str(event_id(case, event["type"], place)),
            }  # fmt: skip
            if sealing is not None:
                _seal(sealing, index, name, event, said)
            yield decode(canonical(event))


def _seal(sealing: Sealing, index: int, name: str, event: dict[str, Any], said: str) -> None:
    if "person" in event["data"]:
        event["data"]["person"] = sealing.person(index)
    for field in SEALED.get(name, ()):
        if name == "message.received":
            given = {"subject": " ".join(said.split()[:4]), "text": said, "attachment_names": ["foto.jpg"]}
            sender = {"address": f"warga-{index}", "name": "Warga"}
            event["data"][field] = sealing.seal(
                index, event, field, json.dumps(given if field == "content" else sender)
            )
        else:
            event["data"][field] = sealing.seal(index, event, field, said)


def _fits(name: str, data: dict[str, Any], about: dict[str, Any], place: int) -> None:
    """The example's data as those of this case."""
    for field in ("unit", "officer"):
        if field in data:
            data[field] = about[field]
    if name == "case.registered":
        data |= {"registration": f"PM/2026/{about['number']:06d}", "demo": False, "received": stamp(about["at"])}
        data.pop("declared_kind", None)
        data["person"] = f"{about['number'] // CASES_OF_A_PERSON:032x}"
    elif name == "case.routed":
        data["kind"] = about["kind"]
        data["priority"] = "urgent" if about["urgent"] else "normal"
        data.pop("tier", None)
    elif name == "case.claimed":
        data["lease_until"] = stamp(about["now"] + timedelta(minutes=30))
    elif name == "case.noted":
        data["note_id"] = str(uuid5(UUID(data["case_id"]), f"note/{place}"))
    elif name == "clock.opened":
        due = about["now"] + timedelta(days=-2 if about["late"] else 9)
        data["count"] |= {"rule": f"rule_{place}", "due": stamp(due)}
    elif name.startswith("clock."):
        data["rule"] = "rule_3"
        if "due" in data:
            data["due"] = stamp(about["now"] - timedelta(days=2))


def opened(folder: Path, url: str | None) -> Installation:
    """An installation; those of one folder have one key."""
    settings = Settings(data=folder / "data", config=example_folder(), state_hash_hours=0, database_url=url)
    installation = Installation.open(settings, create=True)
    migrate_keys(installation)
    return installation


def log_of(url: str) -> Database:
    """Auditing's log alone."""
    database = Database(url, "auditing")
    database.create_schema()
    with database.write() as connection:
        log_metadata.create_all(connection)
    return database


def log_url(folder: Path) -> str:
    """Where the filled log is."""
    return f"sqlite:///{folder / 'log'}"


def filled(folder: Path, count: int) -> None:
    """Fill the folder, unless that was done before."""
    done = folder / "filled"
    if done.exists():
        return
    opened(folder, None).key_database.close()
    (folder / "log").mkdir(exist_ok=True)
    context = multiprocessing.get_context("spawn")
    parts = [context.Process(target=part, args=(folder, count)) for part in (_portal_and_log, _desk)]
    for part in parts:
        part.start()
    for part in parts:
        part.join()
        if part.exitcode:
            raise RuntimeError(f"a part of the fill ended with {part.exitcode}: remove {folder} and begin again")
    done.touch()


def _named(service: Service) -> tuple[list[str], list[str]]:
    directory = service.installation.directory
    return [unit.id for unit in directory.units], [officer.id for officer in directory.officers]


def _desk(folder: Path, count: int) -> None:
    service = corong.desk.app.build(opened(folder, None), NoBroker("desk"))
    service.prepare()
    events = history(count, *_named(service), Sealing(service.installation, count))
    with service.database.write() as connection, Progress(count * EVENTS, "folding cases into the desk") as shown:
        rows = FreshRows(connection)
        for some in iter(lambda: list(itertools.islice(events, BATCH)), []):
            for event in some:
                state.apply(event, rows)
            rows.flush()
            shown.add(len(some))
    words.fill(service)
    service.database.close()


def _portal_and_log(folder: Path, count: int) -> None:
    service = corong.portal.app.build(opened(folder, None), NoBroker("portal"))
    service.prepare()
    public_lists.fill(service, history(count, *_named(service), None), BATCH)
    service.database.close()
    database = log_of(log_url(folder))
    log_lists.fill(database, count * EVENTS, utc_now())
    database.close()
