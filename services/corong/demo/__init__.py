"""`corong demo`: a hub for training, and synthetic citizens who write to it through its real doors."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from uuid import uuid4

import httpx
import structlog

from corong.demo.citizens import Citizens, Writing
from corong.demo.doors import Door, FormDoor, JsonDoor, NatsDoor, NotTaken
from corong.embedded import Hub
from corong.runtime.tokens import issue

__all__ = ["Citizens", "Feeder", "Handed", "NotForTraining", "Writing"]

log = structlog.get_logger()

AT_ONCE = 8
"""Citizens who write at the same moment, in the burst at the start."""
WITHOUT_WAY_IN = ("feed", "counter", "phone", "letter")


class NotForTraining(RuntimeError):
    """Synthetic citizens write to demo hubs alone."""


@dataclass(frozen=True)
class Handed:
    """A message that a door has taken."""

    number: int
    writing: Writing
    registration: str | None


class Feeder:
    """Writes to a started hub; use it as a context."""

    def __init__(self, hub: Hub, seed: int) -> None:
        """Raises `NotForTraining`."""
        if not hub.settings.demo:
            raise NotForTraining("this hub is not for training: start it with `corong demo`")
        self._hub = hub
        self._run = uuid4()
        self.taken = 0
        self.refused = 0
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(hub.settings.host, hub.settings.host)  # noqa: S104  # compared
        self._url = f"http://{host}:{hub.port}"
        self._client = httpx.AsyncClient(base_url=self._url, timeout=30, trust_env=False)
        self._broker = hub.broker("channels")
        self._doors = self._open()
        self.citizens = Citizens(
            hub.installation.directory, {name: door.threaded for name, door in self._doors.items()}, seed
        )

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._broker.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go."""
        await self._client.aclose()
        await self._broker.stop()

    def _open(self) -> dict[str, Door]:
        doors: dict[str, Door] = {}
        key = self._hub.installation.key.tokens
        forms = [a.id for a in self._hub.installation.directory.enabled_accounts("web")][:1]
        for account in self._hub.installation.directory.accounts:
            if account.channel == "web":
                if account.id in forms:
                    doors[account.id] = FormDoor(self._url)
            elif account.channel == "api":
                if account.enabled:
                    token = issue(key, "account", account.id, generation=account.token_generation)
                    doors[account.id] = JsonDoor(self._client, token)
            elif account.channel not in WITHOUT_WAY_IN:
                doors[account.id] = NatsDoor(self._broker, account)
        return doors

    async def feed(self, count: int | None, per_minute: float, burst: int, told: Callable[[Handed], None]) -> None:
        """Hand in `count` messages, or without end: the first `burst` at once, the others so many a minute."""
        given = 0
        while count is None or given < count:
            many = min(AT_ONCE, burst - given) if given < burst else 1
            if count is not None:
                many = min(many, count - given)
            if given >= burst and per_minute > 0:
                await asyncio.sleep(self.citizens.pause(per_minute))
            writings = [self.citizens.next(self._run) for _ in range(many)]
            # One citizen's messages go in one after the other, as they were written.
            if len({writing.citizen for writing in writings}) == many and not any(w.thread for w in writings):
                await asyncio.gather(*(self._hand_in(writing, told) for writing in writings))
            else:
                for writing in writings:
                    await self._hand_in(writing, told)
            given += many

    @property
    def first_door(self) -> str:
        """An account whose door tells registration numbers, and takes a message of any kind."""
        return next(name for name, door in self._doors.items() if isinstance(door, JsonDoor))

    async def hand_in(self, writing: Writing) -> str | None:
        """One message; its registration number, None where the door did not take it."""
        try:
            return await self._doors[writing.account].hand_in(writing)
        except (NotTaken, httpx.HTTPError) as error:
            log.warning("a door did not take a message", account=writing.account, error=str(error)[:200])
            return None

    async def _hand_in(self, writing: Writing, told: Callable[[Handed], None]) -> None:
        try:
            registration = await self._doors[writing.account].hand_in(writing)
        except (NotTaken, httpx.HTTPError) as error:
            self.refused += 1
            log.warning("a door did not take a message", account=writing.account, error=str(error)[:200])
            return
        self.taken += 1
        told(Handed(self.taken, writing, registration))
