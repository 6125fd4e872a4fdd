"""How a post would stand on each account: counted as the account's channel counts, before anything is written."""

from typing import Any

from sqlalchemy import Connection

from corong.publishing.lengths import length
from corong.publishing.outlets import Outlets
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.service import Service
from corong_contracts.channel import Capabilities
from corong_contracts.command import MeasurePost


class Measuring:
    """Answers the question."""

    def __init__(self, service: Service, outlets: Outlets) -> None:
        self._directory = service.installation.directory
        self._outlets = outlets
        service.query(MeasurePost, self.measure)

    def measure(self, _connection: Connection, officer: Actor, asked: MeasurePost) -> dict[str, Any]:
        """Every account that can post, or those that are asked for. Raises `Forbidden`."""
        authorise(officer, Action.POST_READ, Scope(officer.unit))
        found = []
        for account in self._directory.enabled_accounts():
            if asked.accounts and account.id not in asked.accounts:
                continue
            capabilities = self._outlets.capabilities(account.id)
            if capabilities is None or not capabilities.can_post:
                continue
            text = as_posted(capabilities, asked.title, asked.texts.get(account.id, asked.text))
            found.append(
                {
                    "account": account.id, "name": account.name, "channel": account.channel, "unit": account.unit,
                    "text": text, "counted": length(text, capabilities.text_unit), "most": capabilities.max_text,
                    "in_bytes": capabilities.text_unit == "bytes",
                }
            )  # fmt: skip
        return {"accounts": found}


def as_posted(capabilities: Capabilities, title: str, text: str) -> str:
    """The words as they count: with the title, where it has no place of its own on the network."""
    if capabilities.title_in_text and title and not text.startswith(title):
        return f"{title}\n\n{text}"
    return text
