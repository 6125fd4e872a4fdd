"""A sample of what `python -m tests.openapi` tries: every operation, a few requests each, by this run's seed."""

from collections.abc import Iterator

import pytest

from tests.openapi.trying import DOCUMENT, Outcome, Town, operations, try_all
from tests.processes import HubProcess

EACH = 5
pytestmark = pytest.mark.timeout(400)
"""Most of it is the making of the outcome, for the first test that asks."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A hub with something in it."""
    with HubProcess(tmp_path_factory.mktemp("hub") / "data", CORONG_SETTLE_SECONDS="1") as hub:
        hub.wait_ready()
        yield Town(hub)


@pytest.fixture(scope="module")
def outcome(town: Town, seed: int) -> Outcome:
    found = Outcome()
    try_all(town, operations(town.hub), EACH, seed, found)
    return found


def test_no_answer_is_a_fault_or_outside_of_its_schema(outcome: Outcome) -> None:
    assert outcome.lines() == []


def test_every_operation_was_tried(town: Town, outcome: Outcome) -> None:
    assert set(outcome.statuses) == {operation.label for operation in operations(town.hub)}
    answered = {status for statuses in outcome.statuses.values() for status in statuses}
    assert {200, 202, 401, 403, 404, 422} <= answered


def test_an_answer_outside_of_the_document_is_found(town: Town, seed: int) -> None:
    """Against a document that promises what the hub does not say, and does not know of a missing token."""
    document = town.hub.call(DOCUMENT)
    me = document["paths"]["/api/v1/me"]["get"]
    del me["responses"]["401"]
    document["components"]["schemas"]["Me"]["required"].append("shoe_size")
    found = Outcome()
    try_all(town, [one for one in operations(town.hub, document) if one.label.endswith("/me")], 100, seed, found)
    assert {one.title for one in found.found.values()} == {"Undocumented status code", "Response violates schema"}
