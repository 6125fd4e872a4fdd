"""The example regency with an account on a server of the Mastodon API: how its posts go out, what its officers see."""

import json
import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

from corong_contracts.command import AnswerCase, ApprovePost, ClaimCase, DraftPost, PublishPost
from corong_contracts.publication import Label
from tests.hubs import RunningHub
from tests.programs import ROOT

ACCOUNT = "mastodon-asahan"
OPERATOR, SUPERIOR = "operator-diskominfo", "atasan-ppid"

_SWITCHED_OFF = f"""\
id = "{ACCOUNT}"
channel = "mastodon"
unit = "diskominfo"
name = "@asahan di jejaring Mastodon"
receipts = false
enabled = false
"""


def regency(folder: Path, base_url: str, token: str, **settings: object) -> Path:
    """The configuration in `folder`: examples/asahan, its Mastodon account switched on, with receipts."""
    config = folder / "config"
    shutil.copytree(ROOT / "examples" / "asahan", config)
    (config / "secrets").mkdir()
    (config / "secrets" / ACCOUNT).write_text(f"{token}\n")
    switched_on = _SWITCHED_OFF.replace("receipts = false\nenabled = false", "receipts = true\n\n[account.settings]")
    lines = [f'base_url = "{base_url}"', f'token = {{ file = "secrets/{ACCOUNT}" }}']
    lines += [f"{name} = {value}" for name, value in {"poll_seconds": 0.2, **settings}.items()]
    accounts = (config / "accounts.toml").read_text()
    assert accounts.count(_SWITCHED_OFF) == 1
    (config / "accounts.toml").write_text(accounts.replace(_SWITCHED_OFF, switched_on + "\n".join(lines) + "\n"))
    return config


async def publish(hub: RunningHub, title: str, text: str, accounts: list[str]) -> str:
    """Draft, approve and publish a post by commands; its id."""
    draft = DraftPost(unit="diskominfo", title=title, text=text, label=Label.SERVICE, accounts=accounts)
    drafted = await hub.command(draft, OPERATOR)
    post = UUID(drafted["publication_id"])
    await hub.command(ApprovePost(publication_id=post, text_hash=drafted["text_hash"]), SUPERIOR)
    await hub.command(PublishPost(publication_id=post), OPERATOR)
    return str(post)


async def delivered(hub: RunningHub, publication: str, state: str = "sent", account: str = ACCOUNT) -> dict[str, Any]:
    """Wait until a publication's delivery to an account is in a state; its row at publishing."""

    def there() -> dict[str, Any] | None:
        rows = hub.rows(
            "publishing",
            "SELECT * FROM delivery WHERE publication_id = :id AND account = :account AND state = :state",
            id=publication, account=account, state=state,
        )  # fmt: skip
        return rows[0] if rows else None

    row: dict[str, Any] = await hub.until(there, 30)
    return row


async def answer(hub: RunningHub, case_id: str, officer: str, text: str) -> dict[str, Any]:
    """Claim and answer a case; the row of the reply's delivery, once it is sent."""
    await hub.command(ClaimCase(case_id=UUID(case_id)), officer)
    before = {row["publication_id"] for row in _replies(hub, case_id)}
    await hub.command(AnswerCase(case_id=UUID(case_id), text=text), officer)

    def drafted() -> list[str]:
        return [row["publication_id"] for row in _replies(hub, case_id) if row["publication_id"] not in before]

    return await delivered(hub, (await hub.until(drafted))[0])


def _replies(hub: RunningHub, case_id: str) -> list[dict[str, Any]]:
    sql = "SELECT publication_id FROM publication WHERE case_id = :case AND kind = 'reply'"
    return hub.rows("publishing", sql, case=case_id)


async def queue(hub: RunningHub, officer: str) -> list[dict[str, Any]]:
    """The officer's queue, as the API gives it."""
    async with hub.client("officer", officer) as client:
        found = (await client.get("/api/v1/queue")).raise_for_status().json()
    cases: list[dict[str, Any]] = found["cases"]
    return cases


async def case(hub: RunningHub, officer: str, case_id: str) -> dict[str, Any]:
    """A case with its thread, as the API gives it."""
    async with hub.client("officer", officer) as client:
        found: dict[str, Any] = (await client.get(f"/api/v1/cases/{case_id}")).raise_for_status().json()
    return found


async def words(hub: RunningHub, officer: str, case_id: str) -> list[str | None]:
    """What the citizens of a case wrote, the oldest first."""
    thread = (await case(hub, officer, case_id))["thread"]
    return [entry["text"] for entry in thread if entry["kind"] == "message.received"]


def steps(hub: RunningHub, delivery_id: str) -> list[dict[str, Any]]:
    """What the log says of a delivery, in order: `type`, `time` and the event's data."""
    found = []
    for entry in hub.rows("auditing", "SELECT type, body FROM entry ORDER BY position"):
        event = json.loads(entry["body"])
        if event["data"].get("delivery_id") == delivery_id:
            short = entry["type"].removeprefix("id.corong.").removesuffix(".v1")
            found.append({"type": short, "time": event["time"], **event["data"]})
    return found


def nothing_parked(hub: RunningHub) -> bool:
    """Whether no service has put anything aside."""
    services = ("intake", "routing", "publishing", "auditing", "desk", "portal")
    return not any(hub.rows(service, "SELECT 1 FROM parked") for service in services)
