"""What becomes of a post when its network fails, forgets or refuses: out once, or visibly not.

mastodon-mock is the network (it knows idempotency keys, deletion and rate limits); the line to it can be spoiled.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from corong.channels.mastodon.status_text import plain_text
from tests.channels.mastodon.line import Line, Trouble, line_to
from tests.hubs import RunningHub, running_hub
from tests.peers.mastodon_mock import MastodonMock
from tests.pipeline.fediverse import ACCOUNT, case, delivered, queue, regency, steps, words
from tests.pipeline.fediverse import publish as publish_to

pytestmark = [pytest.mark.peers, pytest.mark.asyncio(loop_scope="module")]

ROAD_OFFICER = "petugas-dinas-pupr"


@dataclass
class Town:
    """A hub, the network that its posts go to, and the line between."""

    hub: RunningHub
    mock: MastodonMock
    line: Line

    async def publish(self, text: str) -> str:
        """A post for the network alone; its id."""
        return await publish_to(self.hub, "", text, [ACCOUNT])

    def told(self, delivery: dict[str, Any]) -> list[tuple[str, Any]]:
        """The log on a delivery: each step, with what it was known by or the code."""
        return [
            (step["type"], step.get("known_by") or step.get("code"))
            for step in steps(self.hub, delivery["delivery_id"])
        ]


def on_the_network(mock: MastodonMock, text: str) -> list[Any]:
    """The office's statuses with these words."""
    me = mock.client("asahan").account_verify_credentials()["id"]
    every = mock.client("asahan").account_statuses(me, limit=40)
    return [status for status in every if text in plain_text(status["content"])]


@pytest.fixture(scope="module")
def mock() -> Iterator[MastodonMock]:
    with MastodonMock(["asahan", "budi"]) as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(mock: MastodonMock, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    folder = tmp_path_factory.mktemp("faults")
    with line_to(mock.port) as line:
        config = regency(folder, f"http://127.0.0.1:{line.port}", mock.token("asahan"), timeout_seconds=2)
        async with running_hub(folder / "data", config=config) as hub:
            yield Town(hub, mock, line)


@pytest.fixture
def town(running: Town) -> Iterator[Town]:
    yield running
    running.line.trouble = "none"
    running.line.rewrites.clear()
    running.mock.heal()


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        ("cut", "broken_off"),
        ("silence", "time_out"),
        ("server_error", "http_500"),
        ("nonsense", "unreadable_answer"),
    ],
)
async def test_taken_without_an_answer_is_found_and_not_sent_again(town: Town, trouble: Trouble, code: str) -> None:
    text, sends = f"Jembatan ditutup ({trouble})", town.line.sends
    town.line.trouble = trouble
    delivery = await delivered(town.hub, await town.publish(text))
    await town.hub.settled()
    assert town.told(delivery) == [
        ("delivery.started", None), ("delivery.uncertain", code), ("delivery.sent", "look_up"),
    ]  # fmt: skip
    assert [status["uri"] for status in on_the_network(town.mock, text)] == [delivery["native_id"]]
    assert town.line.sends == sends + 1


async def test_taken_and_not_shown_is_sent_again_under_the_same_key(town: Town) -> None:
    """A network that is slow to list what it took: its idempotency key keeps a second try from being a second post."""
    text, sends = "Vaksinasi di Puskesmas Air Batu", town.line.sends
    town.line.trouble = "cut"
    town.line.rewrites["Vaksinasi"] = lambda status: status.update(content="<p>tersembunyi</p>")
    post = await town.publish(text)
    await delivered(town.hub, post, "unknown")
    town.line.trouble = "none"
    delivery = await delivered(town.hub, post)
    await town.hub.settled()
    assert town.told(delivery) == [
        ("delivery.started", None), ("delivery.uncertain", "broken_off"), ("delivery.readied", "look_up"),
        ("delivery.started", None), ("delivery.sent", "answer"),
    ]  # fmt: skip
    assert [status["uri"] for status in on_the_network(town.mock, text)] == [delivery["native_id"]]
    assert town.line.sends == sends + 2


async def test_lost_on_the_way_is_proved_absent_and_sent_again(town: Town) -> None:
    text = "Pemadaman listrik hari Kamis"
    town.line.trouble = "lost"
    post = await town.publish(text)
    await delivered(town.hub, post, "unknown")
    town.line.trouble = "none"
    delivery = await delivered(town.hub, post)
    assert delivery["fence"] == 2
    assert len(on_the_network(town.mock, text)) == 1


async def test_too_many_requests_waits_as_long_as_asked(town: Town) -> None:
    text = "Pendaftaran sekolah dibuka"
    town.mock.fault("POST", "/api/v1/statuses", "ratelimit", headers={"Retry-After": "2"})
    delivery = await delivered(town.hub, await town.publish(text))
    await town.hub.settled()
    assert town.told(delivery) == [
        ("delivery.started", None), ("delivery.refused", "rate_limited"),
        ("delivery.started", None), ("delivery.sent", "answer"),
    ]  # fmt: skip
    _, refused, again, _ = steps(town.hub, delivery["delivery_id"])
    assert refused["time"] < refused["retry_at"] <= again["time"]
    assert len(on_the_network(town.mock, text)) == 1


async def test_refused_for_good_fails_where_officers_see_it(town: Town) -> None:
    text, sends = "Yang tidak dapat tayang", town.line.sends
    town.mock.fault("POST", "/api/v1/statuses", "status", status=422)
    post = await town.publish(text)
    delivery = await delivered(town.hub, post, "failed")
    await town.hub.settled()
    assert town.told(delivery) == [("delivery.started", None), ("delivery.refused", "invalid")]
    async with town.hub.client("officer", "ppid-utama") as officer:
        failed = (await officer.get("/api/v1/deliveries", params={"state": "failed"})).raise_for_status().json()
        shown = [item for item in failed["deliveries"] if item["publication_id"] == post]
        assert [(item["code"], item["account"]) for item in shown] == [("invalid", ACCOUNT)]
    await delivered(town.hub, await town.publish("Yang berikutnya tayang"))
    assert (town.line.sends, on_the_network(town.mock, text)) == (sends + 2, [])


async def test_a_comment_that_its_writer_deleted_stays_a_case(town: Town) -> None:
    """What was said to the office stays said; an answer that the network refuses then is shown, not lost."""
    budi, text = town.mock.client("budi"), "Jalan Cokroaminoto rusak parah."
    comment = budi.status_post(f"@asahan {text}")

    async def queued() -> list[dict[str, Any]]:
        return await queue(town.hub, ROAD_OFFICER)

    (opened,) = await town.hub.until(queued)
    receipt = await delivered(town.hub, _publication(town.hub, opened["case_id"], "receipt"))
    budi.status_delete(comment["id"])
    assert await words(town.hub, ROAD_OFFICER, opened["case_id"]) == [text]

    town.mock.fault("POST", "/api/v1/statuses", "status", status=404)  # as Mastodon says it, unlike the mock
    async with town.hub.client("officer", ROAD_OFFICER) as officer:
        base = f"/api/v1/cases/{opened['case_id']}"
        (await officer.post(f"{base}/claim")).raise_for_status()
        (await officer.post(f"{base}/answer", json={"text": "Akan kami perbaiki."})).raise_for_status()
    await town.hub.settled()
    await delivered(town.hub, _publication(town.hub, opened["case_id"], "reply"), "failed")
    await town.hub.settled()
    shown = (await case(town.hub, ROAD_OFFICER, opened["case_id"]))["deliveries"]
    assert [(item["kind"], item["state"], item["code"]) for item in shown] == [
        ("receipt", "sent", None), ("reply", "failed", "not_found"),
    ]  # fmt: skip
    notes = [plain_text(note["status"]["content"]) for note in budi.notifications() if note["type"] == "mention"]
    assert len(notes) == 1
    assert opened["registration"] in notes[0]
    assert receipt["native_id"]


def _publication(hub: RunningHub, case_id: str, kind: str) -> str:
    sql = "SELECT publication_id FROM publication WHERE case_id = :case AND kind = :kind"
    found: str = hub.rows("publishing", sql, case=case_id, kind=kind)[0]["publication_id"]
    return found
