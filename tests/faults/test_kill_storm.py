"""2,000 messages by two doors while broker and hub are killed sixty times: nothing lost, nothing twice."""

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.check import Books
from tests.faults.storm import Size, Storm

pytestmark = [pytest.mark.faults, pytest.mark.slow]


def wrong(storm: Storm) -> list[str]:
    """Everything that is not as promised."""
    books = Books(storm.hub.data)
    messages = storm.size.notes + storm.size.requests
    found = [*books.wrong_cases(messages), *books.wrong_log(), *books.wrong_parked(), *wrong_outside(storm, books)]
    return found or books.wrong_state()


def wrong_outside(storm: Storm, books: Books) -> list[str]:
    """What citizens hold in their hands agrees with the books."""
    found = []
    registered = dict(books.ask("intake", 'SELECT case_id, registration FROM "case"'))
    for key, receipt in storm.seen.receipts.items():
        if registered.get(receipt["case_id"]) != receipt["registration"]:
            found.append(f"the receipt of {key} is not in the register")
            break
    counted = storm.peer.counted()
    twice = {key: times for key, times in counted["by_key"].items() if times > 1}
    if twice:
        found.append(f"{len(twice)} deliveries went out twice")
    texts = Counter(answer["text"] for answer in storm.peer.answers() if answer["text"].startswith("Sudah"))
    if any(times > 1 for times in texts.values()):
        found.append("an answer went out twice")
    states = dict(books.ask("publishing", "SELECT state, count(*) FROM delivery GROUP BY state"))
    if set(states) - {"sent"}:
        found.append(f"deliveries ended as {states}")
    due = storm.size.notes + len(storm.seen.answered & papan_cases(books))
    if counted["total"] != due:
        found.append(f"{counted['total']} of {due} receipts and answers are on the board")
    answers = books.ask("desk", "SELECT count(*) FROM delivery WHERE kind = 'reply' AND state = 'sent'")[0][0]
    if answers != len(storm.seen.answered):
        found.append(f"{answers} replies for {len(storm.seen.answered)} answers")
    return found


def papan_cases(books: Books) -> set[str]:
    """The cases that came from the board."""
    return {case for (case,) in books.ask("desk", "SELECT case_id FROM registered WHERE channel = 'papan'")}


@pytest.mark.timeout(600)
async def test_nothing_is_lost_and_nothing_twice(tmp_path: Path, rng: random.Random) -> None:
    storm = Storm(tmp_path, rng, Size())
    try:
        await storm.run()
        await storm.settle()
        assert sum(storm.seen.kills.values()) >= 60
        assert wrong(storm) == []
    finally:
        storm.hub.kill()
        storm.peer.stop()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("sabotage", ["ack_before_commit", "no_inbox", "no_settle"])
async def test_its_twins_go_red(tmp_path: Path, rng: random.Random, sabotage: str) -> None:
    storm = Storm(tmp_path, rng, Size(notes=150, requests=150, answers=60, kills=12), sabotage)
    storm.peer.trouble(seed=1, shares={"hang_after": 0.1, "fail_after": 0.1}, remembers_keys=False)
    try:
        try:
            await storm.run()
            await storm.settle(20)
        except (AssertionError, BaseExceptionGroup):
            return  # the hub did not even stand it
        assert wrong(storm) != []
    finally:
        storm.hub.kill()
        storm.peer.stop()
