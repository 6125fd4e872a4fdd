"""A service's own connection to the broker, as its own user. FastStream's broker owns the connection."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator

import structlog
from faststream.nats import NatsBroker
from faststream.security import SASLPlaintext
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from corong.runtime.wire import hasten
from corong_contracts.topology import inbox_of

log = structlog.get_logger()


class Broker:
    """Connects for ever: a broker that is away is waited for, at the start too."""

    def __init__(self, servers: str, user: str, password: str) -> None:
        self.user = user
        self.refused: list[str] = []
        """Permission violations that the broker reported: subjects, for `/readyz` and the tests."""
        self._when_back: list[Callable[[], None]] = []
        self.app = NatsBroker(
            servers.split(","),
            security=SASLPlaintext(user, password),
            inbox_prefix=inbox_of(user),
            name=f"corong-{user}",
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.25,  # type: ignore[arg-type]  # nats-py sleeps for it: fractions are fine
            connect_timeout=2,
            ping_interval=5,
            max_outstanding_pings=2,
            pending_size=-1,
            error_cb=self._on_error,
            reconnected_cb=self._on_reconnect,
            logger=None,
            apply_types=False,
            serializer=None,  # handlers take bytes: no model is made for each of them
        )
        self._jetstream: JetStreamContext | None = None
        self._connecting = asyncio.Lock()

    async def _on_error(self, error: Exception) -> None:
        text = str(error)
        if "permissions violation" in text.lower():
            self.refused.append(text[:300])
            log.error("the broker refused a subject", user=self.user, what=text[:300])

    async def _on_reconnect(self) -> None:
        for call in tuple(self._when_back):
            call()

    @contextlib.contextmanager
    def when_back(self, call: Callable[[], None]) -> Iterator[None]:
        """Inside of it, `call` is called whenever the connection is a new one: what the old one was asked is lost."""
        self._when_back.append(call)
        try:
            yield
        finally:
            self._when_back.remove(call)

    @property
    def connection(self) -> Client:
        """The nats-py client. Raises `faststream.exceptions.IncorrectState` before `start`."""
        return self.app.connection

    @property
    def jetstream(self) -> JetStreamContext:
        """JetStream on this connection."""
        if self._jetstream is None:
            self._jetstream = self.connection.jetstream()
        return self._jetstream

    @property
    def connected(self) -> bool:
        """Whether the broker is there now."""
        try:
            return bool(self.connection.is_connected)
        except Exception:  # before the first connection FastStream raises a state error of its own
            return False

    async def connect(self) -> None:
        """Connect; waits until the broker is there. Whoever calls it meanwhile waits too."""
        # Two at once would make two connections, and the broker takes a reply only on the one that got the request.
        async with self._connecting:
            hasten(await self.app.connect())

    async def tell(self, subject: str, body: bytes) -> bool:
        """Say something to whoever listens now; False where the broker is away."""
        try:
            await self.connection.publish(subject, body)
        except (NatsError, OSError, TimeoutError):
            return False
        return True

    async def start(self) -> None:
        """Start the subscribers; tries again until the streams and consumers exist."""
        wait = 0.1
        while True:
            try:
                await self.app.start()
                return
            except (NatsError, TimeoutError, OSError) as error:
                log.warning("subscribers wait for the broker", user=self.user, error=type(error).__name__)
                await asyncio.sleep(wait)
                wait = min(wait * 2, 2.0)

    async def stop(self) -> None:
        """Let subscribers finish and close the connection. A broker that is away has nobody to wait for."""
        try:
            await self.app.stop()
        except (NatsError, OSError, TimeoutError):
            with contextlib.suppress(NatsError, OSError):
                await self.connection.close()
