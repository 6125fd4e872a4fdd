"""What is wrong with an installation after a storm: each broken promise by name, with some of what breaks it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import MetaData

import corong.auditing.state
import corong.desk.state
import corong.intake.state
import corong.portal.state
import corong.publishing.state
import corong.routing.state
from corong.runtime.rebuild import BrokenLog, rebuild, state_hash
from corong.runtime.unit import Apply
from corong_contracts.base import SERVICES, AnyEvent, Payload
from corong_contracts.case import CaseAnswered, CaseRegistered
from corong_contracts.catalogue import decode
from corong_contracts.delivery import DeliverySent
from corong_contracts.message import MessageReceived
from tests.faults.citizens import Accepted
from tests.faults.places import Place
from tests.faults.storm import Storm

STATES: dict[str, tuple[MetaData, Apply, frozenset[type[Payload]]]] = {
    module.__name__.split(".")[1]: (module.metadata, module.apply, module.FOLDS)
    for module in (
        corong.intake.state, corong.routing.state, corong.publishing.state, corong.desk.state, corong.portal.state,
        corong.auditing.state,
    )
}  # fmt: skip
"""Service → its tables, and how they are folded; auditing's findings, beside the log itself."""


def message_ids(place: Place) -> Callable[[str, str], str]:
    """(account, native id) → the id that the message has for ever, or one that none has.

    Account and channel have one name here.
    """
    rows = place.rows("intake", "SELECT lookup.key, message_id FROM lookup JOIN seen USING (native_key)")
    known = {row["key"]: row["message_id"] for row in rows}

    def find(account: str, native_id: str) -> str:
        channel = {"api-contoh": "api"}.get(account, account)
        return str(known.get(place.key.pseudonym("native", channel, account, native_id), f"none of {native_id}"))

    return find


def read_log(place: Place) -> list[AnyEvent]:
    """Every event, in the log's order."""
    rows = place.rows("auditing", "SELECT body FROM entry ORDER BY position")
    return [decode(bytes(row["body"])) for row in rows]


def findings(place: Place, storm: Storm, counted: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that is wrong; empty when all promises were kept. `counted` is what the board counts."""
    log = read_log(place)
    found = {
        "late": storm.late,
        **_messages(place, log, storm.citizens.accepted),
        **_registrations(log),
        **_answers(log, storm.officers.answered),
        **_deliveries(place, log, counted),
        **_completeness(place, log),
        **states(place, log),
    }
    return defaultdict(list, {name: what for name, what in found.items() if what})


def _messages(place: Place, log: list[AnyEvent], accepted: Accepted) -> dict[str, Any]:
    message_id = message_ids(place)
    wanted = {message_id(*identity): receipt for identity, receipt in accepted.messages.items()}
    received = Counter(str(event.data.message_id) for event in log if isinstance(event.data, MessageReceived))
    cases: dict[str, set[UUID]] = defaultdict(set)
    for event in log:
        if isinstance(event.data, MessageReceived | CaseRegistered):
            cases[str(event.data.message_id)].add(event.data.case_id)
    registered = Counter(event.data.case_id for event in log if isinstance(event.data, CaseRegistered))
    wrongly_told = [
        receipt["message_id"]
        for identity, receipt in wanted.items()
        if receipt and receipt["case_id"] and {str(case) for case in cases[identity]} != {str(receipt["case_id"])}
    ]
    return {
        "lost": sorted(wanted.keys() - received.keys())[:20],
        "strange": sorted(received.keys() - wanted.keys())[:20],
        "doubled": [message for message, count in received.items() if count > 1]
        + [str(case) for case, count in registered.items() if count > 1]
        + [message for message, ids in cases.items() if len(ids) > 1],
        "wrongly_told": wrongly_told[:20],
        "told_otherwise": accepted.told_otherwise[:20],
    }


def _answers(log: list[AnyEvent], taken: set[str]) -> dict[str, Any]:
    """`taken` are the cases of which an officer was told that the answer stands."""
    answers = Counter(str(event.data.case_id) for event in log if isinstance(event.data, CaseAnswered))
    return {
        "answer_lost": sorted(taken - answers.keys())[:20],
        "answered_twice": [case for case, times in answers.items() if times > 1][:20],
    }


def _registrations(log: list[AnyEvent]) -> dict[str, Any]:
    numbers: dict[tuple[str, int], list[int]] = defaultdict(list)
    for event in log:
        if isinstance(event.data, CaseRegistered):
            numbers[event.data.book, event.data.year].append(event.data.sequence)
    return {
        "register_gaps": [
            book for book, given in numbers.items() if sorted(given) != list(range(1, len(given) + 1))
        ]
    }  # fmt: skip


def _deliveries(place: Place, log: list[AnyEvent], counted: Mapping[str, Any]) -> dict[str, Any]:
    twice = [key for key, times in counted["by_key"].items() if times > 1]
    sent = Counter(event.data.delivery_id for event in log if isinstance(event.data, DeliverySent))
    answered = {event.id for event in log if isinstance(event.data, CaseAnswered)}
    replies = place.rows(
        "publishing",
        "SELECT d.state, p.text_hash, p.publication_id FROM delivery d JOIN publication p"
        " ON p.publication_id = d.publication_id WHERE p.kind = 'reply'",
    )
    known = {row["publication_id"]: row["state"] for row in replies}
    expected = {str(uuid5(identity, "reply")) for identity in answered}
    texts = Counter(counted["by_text"])
    return {
        "sent_twice": twice + [text for text, times in texts.items() if times > 1][:5],
        "sent_recorded_twice": [str(delivery) for delivery, times in sent.items() if times > 1],
        "unanswered": sorted(expected - known.keys())[:20],
        "undelivered": [
            identity for identity in expected & known.keys() if known[identity] not in ("sent", "held", "failed")
        ][:20],
        "failed": [identity for identity, state in known.items() if state == "failed"][:20],
    }


def _completeness(place: Place, log: list[AnyEvent]) -> dict[str, Any]:
    numbers: dict[str, list[int]] = defaultdict(list)
    for event in log:
        numbers[event.writer].append(event.number)
    written = {
        f"{service}.{row['partition']:02d}": row["last"]
        for service in SERVICES
        for row in place.rows(service, 'SELECT partition, "last" FROM writer WHERE "last" > 0')
    }
    parked = {service: place.rows(service, "SELECT reason, writer, number FROM parked") for service in SERVICES}
    return {
        "log_holes": [
            writer for writer, last in written.items() if numbers.get(writer, []) != list(range(1, last + 1))
        ],
        "log_strangers": sorted(numbers.keys() - written.keys()),
        "conflicts": place.rows("auditing", "SELECT id FROM conflict"),
        "parked": {service: letters for service, letters in parked.items() if letters},
    }  # fmt: skip


def states(place: Place, log: list[AnyEvent]) -> dict[str, Any]:
    """Services whose tables are not what their log makes of them."""
    differing = []
    for service, (metadata, apply, folds) in STATES.items():
        with place.open(service) as connection:
            live = state_hash(connection, metadata)
        try:
            differs = rebuild(metadata, apply, folds, service, log) != live
        except BrokenLog:
            differs = True
        if differs:
            differing.append(service)
    return {"state_is_not_log": differing}
