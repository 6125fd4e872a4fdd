"""Every operation of the OpenAPI document, tried with what fits its schema and with what does not, by every role.

No answer may be a 5xx, and none may lie outside of what the document says of it: its status, media type, headers, body.
"""

import contextlib
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.peers.waiting import wait_for
from tests.processes import HubProcess

DOCUMENT = "/api/v1/openapi.json"
SECONDS = 60
"""The longest to wait for one answer."""
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OFFICERS = (
    "ppid-utama", "petugas-dinas-pupr", "operator-dinas-pupr", "atasan-ppid", "auditor-inspektorat", "admin-hub",
)  # fmt: skip
"""One of each role."""
ACCOUNT = "api-contoh"
ROAD = "Jalan di depan pasar Kisaran rusak parah, mohon diperbaiki."


Operation = APIOperation[Any, Any, Any, Any]
Tried = Case[Operation]
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """An answer that may not be."""

    operation: str
    title: str
    status: int
    message: str
    call: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.status}, {self.title}: {self.message}\n    {self.call}"


@dataclass
class Outcome:
    """What was tried."""

    cases: int = 0
    statuses: dict[str, dict[int, int]] = field(default_factory=dict)
    """How often each operation answered with each status."""
    found: dict[tuple[str, str, int], Found] = field(default_factory=dict)
    """One example of each kind."""

    def count(self, operation: str, status: int) -> None:
        """One more answer."""
        self.cases += 1
        answers = self.statuses.setdefault(operation, {})
        answers[status] = answers.get(status, 0) + 1

    def lines(self) -> list[str]:
        """What was found, to be read."""
        return [str(found) for found in self.found.values()]


class Town:
    """A running hub with something in it: cases of two units, a claimed one, an answered one, a draft of a post."""

    def __init__(self, hub: HubProcess) -> None:
        self.hub = hub
        self.tokens = [hub.token("officer", officer) for officer in OFFICERS]
        self.account = hub.token("account", ACCOUNT)
        self.cases = [self._case(f"{ROAD} ({number})", f"warga-{number}") for number in range(6)]
        self.posts = [self._post(number) for number in range(2)]
        for case in self.cases[:2]:
            self.hub.call(f"/api/v1/cases/{case}/claim", {}, officer=OFFICERS[1], key=f"ambil {case}")
        self.hub.call(f"/api/v1/cases/{self.cases[1]}/answer", {"text": "Sudah."}, officer=OFFICERS[1], key="jawab")

    def _case(self, text: str, sender: str) -> str:
        case: str = self.hub.message(text, sender, f"pesan {sender}")["case_id"]
        address = f"/api/v1/cases/{case}"
        wait_for(address, lambda: self._there(address))
        return case

    def _there(self, address: str) -> bool:
        headers = {"Authorization": f"Bearer {self.tokens[0]}"}
        return requests.get(f"{self.hub.url}{address}", headers=headers, timeout=SECONDS).ok

    def _post(self, number: int) -> str:
        body = {"text": f"Posko {number} dibuka.", "label": "layanan", "accounts": ["feed"], "unit": "diskominfo"}
        made = self.hub.call("/api/v1/posts", body, officer="operator-diskominfo", key=f"unggahan {number}", status=201)
        post: str = made["publication_id"]
        return post

    def known(self, name: str, chance: random.Random) -> str | None:
        """What a parameter of a path may name that is truly there."""
        there = {"case": self.cases, "publication_id": self.posts}.get(name)
        return chance.choice(there) if there else None


def operations(hub: HubProcess, document: dict[str, Any] | None = None) -> list[Operation]:
    """All of the document, as the hub serves it unless another one is given."""
    schema = schemathesis.openapi.from_dict(document or hub.call(DOCUMENT))
    schema.config.update(base_url=hub.url)
    return [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]


def try_all(
    town: Town,
    tried: Sequence[Operation],
    each: int,
    number: int,
    outcome: Outcome,
    told: Callable[[str, int], None] | None = None,
) -> None:
    """`each` cases of every operation, half of them fitting; `number` is the seed. `told` hears of each one's end.

    What came of it is added to `outcome`.
    """
    for operation in tried:
        _try(town, operation, each, number, outcome)
        if told is not None:
            told(operation.label, outcome.cases)


def _try(town: Town, operation: Operation, each: int, number: int, outcome: Outcome) -> None:
    fitting = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    unfit = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    modes = [fitting, unfit] if _takes_something(operation) else [fitting]
    chance = random.Random(f"{number} {operation.label}")  # not the same draws for all, or none might lack a token
    with requests.Session() as session:
        for mode in modes:

            @seed(number)
            @settings(
                max_examples=max(1, each // len(modes)), database=None, deadline=None, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck), print_blob=False,
            )  # fmt: skip
            @given(case=mode)
            def ask(case: Tried) -> None:
                _ask(town, session, case, chance, outcome)

            # Where any text fits, nothing is unfit.
            with contextlib.suppress(Unsatisfiable) if mode is unfit else contextlib.nullcontext():
                ask()


def _takes_something(operation: Operation) -> bool:
    return bool(operation.path_parameters or operation.query or operation.headers or operation.body)


def _ask(town: Town, session: requests.Session, case: Tried, chance: random.Random, outcome: Outcome) -> None:
    for name in list(case.path_parameters or {}):
        if chance.random() < 0.7 and (known := town.known(name, chance)) is not None:
            case.path_parameters[name] = known
    token = town.account if case.path.endswith("/messages") else chance.choice(town.tokens)
    case.body = _known_in(case.body, town, chance)
    case.headers.pop("Authorization", None)
    request = case.as_transport_kwargs(headers={"Accept-Language": chance.choice(("id", "en"))})
    if chance.random() < 0.95:
        request["headers"]["Authorization"] = f"Bearer {token}"
    answer = session.request(**request, timeout=SECONDS)
    outcome.count(case.operation.label, answer.status_code)
    for failure in _failures(case, answer):
        kind = (case.operation.label, failure.title, answer.status_code)
        call = case.as_curl_command().replace(token, "…")
        outcome.found.setdefault(
            kind, Found(case.operation.label, failure.title, answer.status_code, failure.message, call)
        )


def _known_in(body: Any, town: Town, chance: random.Random) -> Any:
    """The body with half of its ids replaced by those of cases that are there."""
    if isinstance(body, dict):
        return {name: _known_in(value, town, chance) for name, value in body.items()}
    if isinstance(body, list):
        return [_known_in(value, town, chance) for value in body]
    if isinstance(body, str) and UUID.fullmatch(body) and chance.random() < 0.5:
        return chance.choice(town.cases)
    return body


def _failures(case: Tried, answer: Any) -> Iterator[Failure]:
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as group:
        yield from group.exceptions
