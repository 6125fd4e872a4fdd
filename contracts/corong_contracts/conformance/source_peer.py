"""What a channel's test class tells the source's conformance tests about its network; and what stands in for intake."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from uuid import NAMESPACE_OID, uuid4, uuid5

from corong_contracts.channel import AccountConfig, Channel, InboundMessage, Receipt, Source
from corong_contracts.conformance.watching import not_offered, require, until


class MemoryCursor:
    """A cursor that outlives its source, as the runner's does."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    async def get(self, name: str) -> str | None:
        """See `corong_contracts.channel.Cursor`."""
        return self.values.get(name)

    async def put(self, name: str, value: str) -> None:
        """See `corong_contracts.channel.Cursor`."""
        self.values[name] = value


class Intake:
    """Takes messages and remembers them; holds back the receipts that it is told to hold."""

    def __init__(self) -> None:
        self.offered: list[InboundMessage] = []
        """In the order in which they were handed over."""
        self.receipted: list[InboundMessage] = []
        """Those whose receipt was given."""
        self.course: list[tuple[str, str]] = []
        """What happened: ("offered" or "receipted", text)."""
        self._held: dict[str, asyncio.Event] = {}

    def hold(self, token: str) -> None:
        """Give no receipt for the message whose text has `token`."""
        self._held[token] = asyncio.Event()

    def release(self, token: str) -> None:
        """Give the receipt that was held."""
        self._held[token].set()

    async def hand_over(self, message: InboundMessage) -> Receipt:
        """See `corong_contracts.channel.HandOver`."""
        require(isinstance(message, InboundMessage), "a source hands over InboundMessage")
        again = any(earlier.native_id == message.native_id for earlier in self.receipted)
        self.offered.append(message)
        self.course.append(("offered", message.text))
        for token, event in self._held.items():
            if token in message.text:
                await event.wait()
        await asyncio.sleep(0)
        self.receipted.append(message)
        self.course.append(("receipted", message.text))
        return Receipt(
            status="duplicate" if again else "registered",
            message_id=uuid5(NAMESPACE_OID, message.native_id),
            registration="PM/2026/000001",
            secret=uuid4().hex,
        )

    def has(self, *tokens: str) -> Callable[[], bool]:
        """Whether each of `tokens` is in a message that was handed over."""
        return lambda: all(any(token in message.text for message in self.offered) for token in tokens)

    def settled(self, *tokens: str) -> Callable[[], bool]:
        """Whether each of `tokens` is in a message whose receipt was given."""
        return lambda: all(any(token in message.text for message in self.receipted) for token in tokens)

    def moment(self, what: str, token: str) -> int:
        """The place in the course of the first time that the message with `token` was offered or receipted."""
        return next(place for place, (step, text) in enumerate(self.course) if step == what and token in text)

    def of(self, token: str) -> list[InboundMessage]:
        """Every handing over of the message whose text has `token`."""
        return [message for message in self.offered if token in message.text]


class SourcePeer:
    """The hooks. Those that raise `NotImplementedError` must be there; the others are skipped when left as they are."""

    channel: Channel
    account: AccountConfig
    patience: float = 15.0
    """Seconds in which a message that the peer has must have been handed over."""
    repeats_after_restart: int = 1
    """How many messages may come again after a restart with a kept cursor: at least once is the promise."""
    secrets: tuple[str, ...] = ()
    """Tokens and passwords in the account's settings: nothing may show them."""

    async def make_source(self) -> Source:
        """A new source for the account."""
        if self.channel.source is None:
            not_offered("a source")
        return self.channel.source(self.account)

    async def write(self, text: str, *, thread: str) -> None:
        """Have a citizen write `text` to the account, in the conversation that the test calls `thread`."""
        raise NotImplementedError

    async def write_malformed(self, token: str) -> None:
        """Have the peer hold something that is no proper message, with the word `token` in it."""
        not_offered("malformed input")

    async def write_long(self, token: str, length: int) -> None:
        """Have a citizen write a text of `length` characters that starts with `token`."""
        not_offered("texts of that length")

    async def peer_is_away(self) -> None:
        """From now on nobody listens where the peer was."""
        not_offered("a peer that goes away")

    async def peer_is_back(self) -> None:
        """The peer listens again, with all it had."""
        not_offered("a peer that goes away")

    def unworkable(self) -> AccountConfig:
        """The account with settings that can never work, such as a wrong password."""
        not_offered("settings that can't work")

    def personal(self) -> tuple[str, ...]:
        """Addresses and names of the citizens who write: nothing may log them."""
        return ()


@contextlib.asynccontextmanager
async def running(
    source: Source, intake: Intake, cursor: MemoryCursor, patience: float
) -> AsyncIterator["asyncio.Task[None]"]:
    """The source at work; at the end it is cancelled, as a runner does, and must have ended in time."""
    before = asyncio.all_tasks()
    task = asyncio.create_task(source.run(intake.hand_over, cursor))
    try:
        yield task
    finally:
        ended = task.done()
        task.cancel()
        await asyncio.wait([task], timeout=patience)
    if ended and not task.cancelled() and (error := task.exception()) is not None:
        raise AssertionError("a source runs until it is cancelled") from error
    require(not ended, "a source runs until it is cancelled")
    require(task.done(), "a cancelled source ends")
    require(task.cancelled(), "a cancelled source lets the cancellation through")
    await until(lambda: asyncio.all_tasks() <= before, patience, "a cancelled source leaves no task behind")
