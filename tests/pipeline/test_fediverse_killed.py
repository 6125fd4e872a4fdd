"""The hub is killed while posts are on their way: each is on the network once afterwards, or an officer is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from corong.channels.mastodon.status_text import plain_text
from tests.channels.mastodon.line import Line, line_to
from tests.peers.mastodon_mock import MastodonMock
from tests.peers.waiting import wait_for
from tests.pipeline.fediverse import ACCOUNT, OPERATOR, SUPERIOR, regency
from tests.processes import HubProcess

pytestmark = [pytest.mark.peers, pytest.mark.faults, pytest.mark.slow]

MAIN = "ppid-utama"


@dataclass
class Killed:
    """A hub as a process, the network that its posts go to, and the line between."""

    hub: HubProcess
    mock: MastodonMock
    line: Line

    def api(self, officer: str, method: str, path: str, **body: Any) -> Any:
        """One request to the officers' API."""
        headers = {"Authorization": f"Bearer {self.hub.token('officer', officer)}"}
        answer = httpx.request(
            method, f"{self.hub.url}/api/v1/{path}", headers=headers, timeout=30, json=body or None
        )  # fmt: skip
        return answer.raise_for_status().json()

    def publish(self, text: str) -> str:
        """A post for the network alone; its id."""
        words = {"text": text, "unit": "diskominfo", "label": "layanan", "accounts": [ACCOUNT]}
        post = self.api(OPERATOR, "POST", "posts", **words)["post"]
        identity: str = post["publication_id"]
        self.api(SUPERIOR, "POST", f"posts/{identity}/approve", text_hash=post["text_hash"])
        self.api(OPERATOR, "POST", f"posts/{identity}/publish", at=None)
        return identity

    def delivered(self, post: str, state: str = "sent") -> dict[str, Any]:
        """Wait until the post's delivery is in a state."""

        def there() -> dict[str, Any] | None:
            delivery: dict[str, Any] = self.api(MAIN, "GET", f"posts/{post}")["deliveries"][0]
            return delivery if delivery["state"] == state else None

        return wait_for(f"a delivery that is {state}", there)

    def uncertain(self, post: str) -> list[str]:
        """Why the log says that a delivery's outcome was unknown, for each time."""
        log = self.api("auditor-inspektorat", "GET", "audit/log?type=delivery.uncertain")
        events = (entry["event"]["data"] for entry in log["events"])
        return [data["code"] for data in events if data["publication_id"] == post]

    def shown(self, text: str) -> int:
        """How many statuses of the office on the network have these words."""
        return len(self.statuses(text))

    def statuses(self, text: str) -> list[Any]:
        """The office's statuses with these words."""
        client = self.mock.client("asahan")
        every = client.account_statuses(client.account_verify_credentials()["id"], limit=40)
        return [status for status in every if text in plain_text(status["content"])]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Killed]:
    with MastodonMock(["asahan"]) as mock, line_to(mock.port) as line:
        config = regency(tmp_path, f"http://127.0.0.1:{line.port}", mock.token("asahan"))
        with HubProcess(tmp_path / "data", CORONG_CONFIG=str(config), CORONG_SETTLE_SECONDS="1") as hub:
            hub.wait_ready()
            yield Killed(hub, mock, line)


def test_killed_while_posts_are_on_their_way(town: Killed) -> None:
    before, taken, lost = "Sebelum mati", "Diambil jaringan", "Hilang di jalan"
    first = town.publish(before)
    town.delivered(first)

    town.line.trouble = "silence"
    second = town.publish(taken)
    wait_for("the network has it", lambda: town.shown(taken))
    town.hub.kill()
    town.line.trouble = "none"
    (gone,) = town.statuses(before)
    town.mock.client("asahan").status_delete(gone["id"])
    town.hub.start()
    town.hub.wait_ready()
    town.delivered(second)
    assert town.uncertain(second) == ["crash"]
    assert (town.shown(taken), town.line.sends) == (1, 2)

    town.line.trouble = "lost"
    third, again = town.publish(lost), town.publish(taken)
    for post in (third, again):
        town.delivered(post, "unknown")
    town.hub.kill()
    town.line.trouble = "none"
    town.hub.start()
    town.hub.wait_ready()
    town.delivered(third)
    assert town.shown(lost) == 1
    # The same words went out a moment before: whether these are they, nobody but an officer can say.
    held = town.delivered(again, "held")
    # The earlier one lies before this one's beginning, or within the two seconds by which the network rounds times.
    assert held["code"] in ("same_words_before", "found_another")
    assert town.shown(taken) == 1
    town.api(MAIN, "POST", f"deliveries/{held['delivery_id']}/resolve", outcome="again")
    town.delivered(again)
    assert town.shown(taken) == 2
    # What somebody deleted on the network stays deleted.
    assert (town.delivered(first)["fence"], town.shown(before)) == (1, 0)
