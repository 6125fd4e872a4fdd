"""One try to deliver: what the sink is given, and what follows from how it went, as a decision to record."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from corong.publishing import looking, rules
from corong.publishing.outgoing import Letter
from corong.publishing.outlets import NoSink, Outlets
from corong.publishing.rules import Delivery
from corong.runtime.database import may_pass
from corong.runtime.metrics import DELIVERIES
from corong.runtime.rows import Row
from corong.runtime.sealing import Erased
from corong.runtime.unit import Draft, Unit
from corong_contracts.channel import Outgoing, Permanent, Sent, Sink, Transient, Unknown

MAX_NATIVE_ID = 1000
MAX_URL = 2000

Decide = Callable[[Unit, Delivery], list[Draft]]


@dataclass(frozen=True)
class Started:
    """A delivery under its fence."""

    delivery: Delivery
    fence: int
    row: Row
    publication: Row


class NotNow(Exception):
    """Something of our own is away; nobody was asked, so nothing is known that was not known before."""


class Attempts:
    """Writes letters and calls sinks."""

    def __init__(self, letter: Letter, outlets: Outlets, timeout: float, settle: timedelta) -> None:
        """`timeout` in seconds for each call; `settle` is how long after an unknown outcome the network is asked."""
        self._letter = letter
        self._outlets = outlets
        self._timeout = timeout
        self._settle = settle

    async def send(self, started: Started) -> Decide:
        """Send, and say what to record. Raises nothing but cancellation."""
        outcome, decide = await self._sent(started)
        DELIVERIES.labels(started.delivery.channel, outcome).inc()
        return decide

    def put_off(self, started: Started) -> Decide:
        """Say that nothing was sent: the service stops before the broker has the fence."""
        return self._refused(started.fence, "stopping", retry=True)

    async def _sent(self, started: Started) -> tuple[str, Decide]:
        fence = started.fence
        try:
            outgoing, sink = await self._prepare(started, attached=True)
        except Exception as error:  # nothing has gone out
            if may_pass(error):
                return "refused", self._refused(fence, "not_ready", retry=True)
            return "failed", self._refused(fence, _code(error), retry=False)
        try:
            answer = _checked(await asyncio.wait_for(sink.send(outgoing), self._timeout), outgoing)
        except Transient as error:
            return "refused", self._refused(fence, _code(error), retry=True, retry_after=error.retry_after)
        except Permanent as error:
            return "failed", self._refused(fence, _code(error), retry=False)
        except Exception as error:  # anything else may have gone out
            code = _code(error)
            return "unknown", lambda unit, delivery: rules.uncertain(delivery, fence, code, unit.now, self._settle)
        return "sent", lambda unit, delivery: rules.sent(delivery, fence, answer.native_id, answer.url, "answer")

    def _refused(self, fence: int, code: str, *, retry: bool, retry_after: float | None = None) -> Decide:
        jitter = random.random() if retry else 0.0  # noqa: S311  # spreads load, guards nothing
        return lambda unit, delivery: rules.refused(
            delivery, fence, code, unit.now, for_good=not retry, retry_after=retry_after, jitter=jitter
        )

    async def look_up(self, started: Started) -> Decide:
        """Ask the network what became of it, and say what to record. Raises `NotNow`."""
        fence = started.fence
        try:
            outgoing, sink = await self._prepare(started)
        except Exception as error:
            if may_pass(error):
                raise NotNow from error
            code = _code(error)
            return lambda unit, delivery: rules.held(delivery, fence, code)
        try:
            found = await looking.ask(sink, outgoing, self._timeout)
            there = None if found is None else _checked(found, outgoing)
        except Exception as error:  # whatever fails, the outcome stays unknown
            code = _code(error)
            return lambda unit, delivery: rules.held(delivery, fence, code)

        def decide(unit: Unit, delivery: Delivery) -> list[Draft]:
            if there is None:
                return rules.absent(delivery, fence)
            if looking.is_another(unit, delivery, there.native_id):
                return rules.held(delivery, fence, "found_another")
            return rules.sent(delivery, fence, there.native_id, there.url, "look_up")

        return decide

    async def _prepare(self, started: Started, *, attached: bool = False) -> tuple[Outgoing, Sink]:
        sink = self._outlets.sink(started.delivery.account)
        takes = attached and sink.capabilities.attachments
        return await self._letter.write(started.row, started.publication, attached=takes), sink


def _code(error: Exception) -> str:
    match error:
        case Unknown() | Permanent() | Transient():
            return error.code.replace("\0", "") or "unnamed"
        case Erased():
            return "erased"
        case NoSink():
            return "no_account"
    return type(error).__name__.lower()[:64]


def _checked(answer: Sent, outgoing: Outgoing) -> Sent:
    """What the sink said, as an event can hold it: it went out, even where a third party's sink tells nonsense."""
    native_id = str(answer.native_id or "").replace("\0", "")[:MAX_NATIVE_ID] or outgoing.carried
    url = answer.url if isinstance(answer.url, str) and len(answer.url) <= MAX_URL and "\0" not in answer.url else None
    return Sent(native_id=native_id, url=url)
