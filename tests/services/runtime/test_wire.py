"""What is read and sent past nats-py is to the byte what nats-py reads and sends."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client
from nats.errors import ConnectionClosedError, OutboundBufferLimitError

from corong.runtime.arrivals import NUMBER_HEADER, WRITER_HEADER
from corong.runtime.wire import hasten, read_headers, send

NAMES = ["Nats-Msg-Id", "Corong-Writer", "Corong-Number", "Nats-Batch-Id", "Nats-Batch-Commit", "Other", "Nats-Msg-Id "]
lines = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(NAMES), st.sampled_from([b":", b": ", b":\t", b" : ", b""]), st.binary(max_size=12))
        .map(lambda parts: parts[0].encode() + parts[1] + parts[2]),
        st.binary(max_size=20),
    ),
    max_size=6,
)  # fmt: skip


@given(lines.map(b"\r\n".join), st.sampled_from([b"", b"\r\n", b"\r\n\r\n"]))
def test_headers_are_read_as_the_library_reads_them(raw: bytes, ending: bytes) -> None:
    assert read_headers(raw + ending) == Client._parse_header_lines(raw + ending)


def test_a_connection_reads_by_it() -> None:
    client = Client()
    hasten(client)
    event = b"NATS/1.0\r\nNats-Msg-Id: 1\r\nCorong-Writer: routing.07\r\nCorong-Number:\t12 \r\n\r\n"
    assert asyncio.run(client._process_headers(event)) == {
        "Nats-Msg-Id": "1", WRITER_HEADER: "routing.07", NUMBER_HEADER: "12",
    }  # fmt: skip
    beat = b"NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 16\r\n\r\n"
    assert asyncio.run(client._process_headers(beat)) == asyncio.run(Client()._process_headers(beat))


class Connected(Client):
    """A client that keeps what it would send."""

    def __init__(self) -> None:
        super().__init__()
        self._status = Client.CONNECTED
        self._max_payload = 1_000_000

    async def _flush_pending(self, force_flush: bool = False) -> Any:
        return None

    @property
    def sent(self) -> tuple[bytes, int, int, int]:
        """Bytes, their count as the client has it, messages and bytes of bodies."""
        return b"".join(self._pending), self._pending_data_size, self.stats["out_msgs"], self.stats["out_bytes"]


def test_many_are_sent_as_the_library_sends_each() -> None:
    messages = [
        (f"corong.event.routing.{number:02d}.case.routed", {"Nats-Msg-Id": f"{number}-ä", NUMBER_HEADER: str(number)},
         b"x" * number)
        for number in range(5)
    ]  # fmt: skip

    async def by_the_library() -> Connected:
        client = Connected()
        for subject, headers, body in messages:
            await client.publish(subject, body, headers=headers)
        return client

    async def in_one_piece() -> Connected:
        client = Connected()
        await send(client, messages)
        await send(client, [])
        return client

    assert asyncio.run(in_one_piece()).sent == asyncio.run(by_the_library()).sent


@pytest.mark.parametrize(
    ("status", "refused"),
    [(Client.CLOSED, ConnectionClosedError), (Client.RECONNECTING, OutboundBufferLimitError)],
)
def test_without_a_connection_nothing_is_kept_for_later(status: int, refused: type[Exception]) -> None:
    client = Connected()
    client._status = status
    with pytest.raises(refused):
        asyncio.run(send(client, [("a", {}, b"")]))
    assert client.sent == (b"", 0, 0, 0)
