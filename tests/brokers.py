"""A real nats-server with the generated configuration, and clients as its users that note what it refuses."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path

import nats
from nats.aio.client import Client

from corong.runtime.natsserver import NatsServer, passwords
from corong.runtime.permissions import server_config
from corong_contracts.topology import inbox_of

_VIOLATION = re.compile(r'permissions violation for (publish|subscription) to "([^"]+)"', re.IGNORECASE)


@contextlib.contextmanager
def running_broker(
    folder: Path, *, text: str | None = None, ranges: Mapping[str, Sequence[tuple[int, int]]] | None = None
) -> Iterator[NatsServer]:
    """A server on `folder` with the generated configuration, or with `text`."""
    config = folder / "nats.conf"
    folder.mkdir(parents=True, exist_ok=True)
    config.write_text(text if text is not None else server_config(ranges=ranges))
    server = NatsServer(config, folder / "store", passwords(folder / "secrets"))
    server.start()
    try:
        yield server
    finally:
        server.kill()


class User:
    """One user's connection, and the subjects that the broker refused it, in small letters as nats-py tells them."""

    def __init__(self, name: str, client: Client) -> None:
        self.name = name
        self.client = client
        self.refused: dict[str, set[str]] = {"publish": set(), "subscription": set()}
        self.others: list[str] = []
        """Errors of any other kind."""

    async def note(self, error: Exception) -> None:
        """nats-py's error callback."""
        found = _VIOLATION.search(str(error))
        if found:
            self.refused[found[1].lower()].add(found[2])
        else:
            self.others.append(repr(error))

    async def settle(self) -> None:
        """Return when the broker has read everything sent, and its refusals are noted."""
        # nats-py's PING overtakes what still waits to be written; the second one can't.
        await self.client.flush(10)
        await self.client.flush(10)


@contextlib.asynccontextmanager
async def connected(server: NatsServer, *names: str) -> AsyncIterator[dict[str, User]]:
    """Connections as these users."""
    users: dict[str, User] = {}
    try:
        for name in names:
            user = User(name, Client())
            await user.client.connect(
                server.url,
                user=name,
                password=server.known[name],
                inbox_prefix=inbox_of(name),
                error_cb=user.note,
                allow_reconnect=False,
            )
            users[name] = user
        yield users
    finally:
        await asyncio.gather(*(user.client.close() for user in users.values()), return_exceptions=True)


async def refuses_connection(server: NatsServer, user: str | None, password: str | None) -> bool:
    """Whether the broker shuts this one out."""
    try:
        client = await nats.connect(
            server.url, user=user, password=password, allow_reconnect=False, connect_timeout=5, max_reconnect_attempts=0
        )
    except nats.errors.Error as error:
        return "authorization" in str(error).lower()
    await client.close()
    return False
