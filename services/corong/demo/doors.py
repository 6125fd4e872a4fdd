"""The real doors of a running hub: the JSON API and the web form by HTTP, everything else by the NATS door."""

import re
from typing import Protocol

import httpx

from corong.demo.citizens import Writing
from corong.runtime.broker import Broker
from corong.runtime.directory import Account
from corong.runtime.inbound import Submitter
from corong_contracts.case import CaseKind
from corong_contracts.channel import InboundMessage, Party
from corong_contracts.topology import inbound_subject

_KEY = re.compile(r'name="key" value="([^"]+)"')
_NUMBER = re.compile(r"[A-Z]{2,4}/\d{4}/\d{6}")
_ON_FORM = (CaseKind.INFORMATION_REQUEST, CaseKind.COMPLAINT, CaseKind.SUGGESTION, CaseKind.QUESTION)
PUBLIC_CHANNELS = ("mastodon",)
"""There citizens write where all can read it."""


class NotTaken(RuntimeError):
    """A door did not take a message; the text has no word of it."""


class Door(Protocol):
    """A way in."""

    threaded: bool
    """Whether a second message can be known as one of the same conversation."""

    async def hand_in(self, writing: Writing) -> str | None:
        """The registration number, where the door tells one. Raises `NotTaken`, `httpx.TransportError`."""


class JsonDoor:
    """`POST /api/v1/messages`, with the account's token."""

    threaded = True

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    async def hand_in(self, writing: Writing) -> str | None:
        """As a program of the account does."""
        body = {
            "text": writing.text,
            "subject": writing.subject,
            "sender": {"address": writing.citizen.mail, "name": writing.citizen.name},
            "thread": list(writing.thread),
        }
        headers = {**self._headers, "Idempotency-Key": writing.id}
        answer = await self._client.post("/api/v1/messages", json=body, headers=headers)
        if answer.status_code != 202:
            raise NotTaken(f"the JSON door said {answer.status_code}")
        number: str | None = answer.json()["registration"]
        return number


class FormDoor:
    """The public form, as a browser without scripts fills it in."""

    threaded = False

    def __init__(self, url: str) -> None:
        self._url = url

    async def hand_in(self, writing: Writing) -> str | None:
        """Fetch the form, send it, read the receipt's page."""
        # Another citizen, another browser.
        async with httpx.AsyncClient(base_url=self._url, timeout=30, trust_env=False) as client:
            return await self._fill_in(client, writing)

    async def _fill_in(self, client: httpx.AsyncClient, writing: Writing) -> str | None:
        page = await client.get("/tulis")
        key = _KEY.search(page.text)
        if page.status_code != 200 or key is None:
            raise NotTaken(f"the form is not there ({page.status_code})")
        fields = {
            "key": key[1],
            "kind": writing.kind if writing.kind in _ON_FORM else CaseKind.QUESTION,
            "subject": writing.subject,
            "text": writing.text,
            "name": writing.citizen.name,
            "contact": writing.citizen.mail,
        }
        answer = await client.post("/tanda-terima", files={name: (None, value) for name, value in fields.items()})
        if answer.status_code != 201:
            raise NotTaken(f"the form said {answer.status_code}")
        number = _NUMBER.search(answer.text)
        return number[0] if number else None


class NatsDoor:
    """The stream INBOUND, as the runner of the channels' sources uses it."""

    threaded = True

    def __init__(self, broker: Broker, account: Account) -> None:
        self._submitter = Submitter(broker)
        self._account = account

    async def hand_in(self, writing: Writing) -> str | None:
        """As a network's source hands it over."""
        account = self._account
        public = account.channel in PUBLIC_CHANNELS
        citizen = writing.citizen
        message = InboundMessage(
            channel=account.channel,
            account=account.id,
            native_id=writing.id,
            sender=Party(address=citizen.handle if public else citizen.mail, name=citizen.name),
            text=writing.text,
            subject="" if public else writing.subject,
            thread=list(writing.thread),
            visibility="public" if public else "private",
            demo=True,
        )
        subject = inbound_subject(account.channel, account.id)
        receipt = await self._submitter.submit(subject, message.model_dump_json().encode())
        return receipt.registration
