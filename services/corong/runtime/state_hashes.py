"""The hash of a service's tables, told to auditing: read at one moment, beside the service's own work.

It costs time in proportion to the tables, so it is read in a thread of its own, by a connection that only reads.
"""

import asyncio

from nats.errors import Error as NatsError
from pydantic import ValidationError
from sqlalchemy import MetaData

from corong.runtime.broker import Broker
from corong.runtime.database import Database
from corong.runtime.migrate import newest_version
from corong.runtime.reach import of_service
from corong.runtime.rebuild import state_hash
from corong_contracts.command import HashState, StateHash

ANSWER_SECONDS = 300.0


class NoAnswer(RuntimeError):
    """A service did not tell its hash."""


class StateHasher:
    """Answers `corong.command.<service>.state.hash`."""

    def __init__(self, database: Database, metadata: MetaData) -> None:
        self._database = database
        self._metadata = metadata
        self._one = asyncio.Lock()

    async def answer(self, body: bytes) -> bytes:
        """The hash and what it stands for."""
        async with self._one:
            found = await asyncio.to_thread(self.read)
        return found.model_dump_json().encode()

    def read(self) -> StateHash:
        """Both in one read transaction."""
        name = self._database.service
        with self._database.snapshot() as connection:
            reach = of_service(connection, name)
            return StateHash(
                service=name,
                reached=reach.vector,
                left_out=sorted(f"{writer}/{number}" for writer, number in reach.left_out),
                hash=state_hash(connection, self._metadata),
                tables=newest_version(name),
            )


async def ask_hash(broker: Broker, service: str) -> StateHash:
    """Ask a service. Raises `NoAnswer`."""
    try:
        message = await broker.connection.request(HashState.nats_subject(service), b"{}", timeout=ANSWER_SECONDS)
        return StateHash.model_validate_json(message.data)
    except (NatsError, TimeoutError, OSError, ValidationError) as error:
        raise NoAnswer(f"{service}: {type(error).__name__}") from None
