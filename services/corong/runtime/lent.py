"""Events that a writer has let go of, asked back from the log: for a reader that lacks them."""

import json
from collections.abc import Iterable

from nats.errors import Error as NatsError
from pydantic_core import from_json

from corong.runtime.broker import Broker
from corong_contracts.base import writer_name
from corong_contracts.topology import LENT

ANSWER_SECONDS = 10.0
MOST_BYTES = 700_000
"""Of an answer, under the broker's largest message."""


def write_lent(bodies: Iterable[bytes]) -> bytes:
    """An answer: events behind their lengths in two bytes, as many as fit."""
    found = bytearray()
    for body in bodies:
        if found and len(found) + len(body) + 2 > MOST_BYTES:
            break
        found += len(body).to_bytes(2, "big") + body
    return bytes(found)


def read_lent(data: bytes) -> list[bytes]:
    """The events of an answer; what is cut off is left out."""
    found: list[bytes] = []
    place = 0
    while place + 2 <= len(data):
        end = place + 2 + int.from_bytes(data[place : place + 2], "big")
        if end > len(data):
            break
        found.append(data[place + 2 : end])
        place = end
    return found


Lent = tuple[int, str, str, bytes]
"""Number, id, type, body."""


async def borrow(broker: Broker, service: str, partition: int, first: int, last: int) -> list[Lent]:
    """The writer's own events in the log, some of them from `first` on.

    Empty where nobody answers: the reader asks again.
    """
    writer = writer_name(service, partition)
    asked = json.dumps({"writer": writer, "first": first, "last": last}).encode()
    try:
        answer = await broker.connection.request(LENT, asked, timeout=ANSWER_SECONDS)
    except (NatsError, TimeoutError, OSError):
        return []
    found = []
    for body in read_lent(answer.data):
        event = from_json(body)
        if event["writer"] == writer and first <= event["number"] <= last:
            found.append((int(event["number"]), str(event["id"]), str(event["type"]), body))
    return found
