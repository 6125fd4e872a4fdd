"""Two things that nats-py does for each message, in a quarter of its time: reading headers, and many sends at once.

An event crosses the broker with half a dozen headers, and the library looks at every letter of their names. It has no
other way in: both functions touch what is private to its `Client`, and `tests/services/runtime/test_wire.py` holds them
against the library's own on the pinned version.

Source: the client protocol of NATS, HPUB (docs.nats.io/reference/reference-protocols/nats-protocol).
"""

from collections.abc import Iterable

from nats.aio.client import Client
from nats.errors import ConnectionClosedError, OutboundBufferLimitError

__all__ = ["Outgoing", "hasten", "read_headers", "send"]

_BLANK = " \t\n\r\x0b\x0c"
_KNOWN = frozenset(
    ("Nats-Msg-Id", "Nats-Batch-Id", "Nats-Batch-Sequence", "Nats-Batch-Commit",
     "Corong-Writer", "Corong-Number", "Corong-Asked", "Corong-Receipt-To")
)  # fmt: skip

Outgoing = tuple[str, dict[str, str], bytes]
"""Subject, headers, body; no line feed in the first two."""


def hasten(client: Client) -> None:
    """Let a connection read headers by `read_headers`."""
    client._parse_header_lines = read_headers  # type: ignore[method-assign]  # there is no hook for it


def read_headers(raw: bytes) -> dict[str, str]:
    """As the library reads the lines of a header, to the letter; those of events quicker."""
    found: dict[str, str] = {}
    if raw.isascii():
        for line in raw.decode("ascii").split("\r\n"):
            name, colon, value = line.partition(":")
            if name in _KNOWN and colon:
                found[name] = value.strip(_BLANK)
            elif line:
                break
        else:
            return found
    return Client._parse_header_lines(raw)


async def send(client: Client, messages: Iterable[Outgoing]) -> None:
    """Send messages of our own one after the other, in one piece. Like `publish` it does not wait for the broker.

    Raises `OutboundBufferLimitError` where the broker is away and `ConnectionClosedError`, as `publish` does.
    """
    if client.is_closed:
        raise ConnectionClosedError
    if not client.is_connected:
        raise OutboundBufferLimitError
    parts: list[bytes] = []
    count = size = 0
    for subject, headers, body in messages:
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        head = f"NATS/1.0\r\n{lines}\r\n".encode()
        parts += (f"HPUB {subject}  {len(head)} {len(head) + len(body)}\r\n".encode(), head, body, b"\r\n")
        count += 1
        size += len(body)
    if not parts:
        return
    client.stats["out_msgs"] += count
    client.stats["out_bytes"] += size
    await client._send_command(b"".join(parts))
    await client._flush_pending()
