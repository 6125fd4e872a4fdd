"""Citizens of a storm: they write by the board, the HTTP door and the NATS door, and don't give up."""

import asyncio
import random
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import nats

from corong.runtime.inbound import RECEIPT_HEADER
from corong_contracts.channel import InboundMessage, Party, Receipt
from corong_contracts.topology import INBOUND, inbound_subject, inbox_of
from tests.faults.asking import persist
from tests.faults.places import Place
from tests.sample_channel.running import PapanPeer, note

ROAD = "Jalan di depan pasar Kisaran rusak parah, mohon diperbaiki. Laporan ke-{number}."
ACCOUNT = "api-contoh"


@dataclass
class Accepted:
    """What citizens handed in, by (account, native id), and what they were told."""

    messages: dict[tuple[str, str], dict[str, Any] | None] = field(default_factory=dict)
    """The receipt, where the citizen has it."""
    told_otherwise: list[str] = field(default_factory=list)
    """Asked once more, the door said something else."""


class Citizens:
    """`hand_in` begins; `writing` are those who have no receipt yet."""

    def __init__(
        self, place: Place, peer: PapanPeer, rng: random.Random, *, by_http: float, by_nats: float, again: float
    ) -> None:
        """`by_http` and `by_nats` are shares of 1; the others write by the board.

        `again` is the share of those by HTTP who ask once more what they have been told.
        """
        self._place = place
        self._peer = peer
        self._rng = rng
        self._by_http_share = by_http
        self._by_nats_share = by_nats
        self._again_share = again
        self._client = place.client("account", ACCOUNT)
        self.accepted = Accepted()
        self.writing: set[asyncio.Task[None]] = set()
        self.notes = 0
        """How many were put on the board."""

    def hand_in(self, number: int) -> None:
        """The citizen of this number writes, by a door that is drawn."""
        drawn = self._rng.random()
        if drawn < self._by_http_share:
            self._write(self._by_http(number), f"http-{number}")
        elif drawn < self._by_http_share + self._by_nats_share:
            self._write(self._by_nats(number), f"nats-{number}")
        else:
            self._by_board(number)

    async def close(self) -> None:
        """End whatever still writes."""
        for task in self.writing:
            task.cancel()
        await asyncio.gather(*self.writing, return_exceptions=True)
        await self._client.aclose()

    def _write(self, writing: Coroutine[Any, Any, None], name: str) -> None:
        self.writing.add(asyncio.create_task(writing, name=name))

    def _by_board(self, number: int) -> None:
        # Some write again in the same thread.
        earlier = (
            number - 7 if number % 10 == 0 and ("papan", f"n-{number - 7:06d}") in self.accepted.messages else None
        )
        thread = f"n-{earlier:06d}" if earlier is not None else ""
        author = f"warga-{earlier if earlier is not None else number}"
        self._peer.add_notes([note(number, ROAD.format(number=number), thread=thread, author=author)])
        self.accepted.messages["papan", f"n-{number:06d}"] = None
        self.notes += 1

    async def _by_http(self, number: int) -> None:
        key = f"http-{number}"
        body = {"text": ROAD.format(number=number), "sender": {"address": f"warga-{number}"}}
        answer = await persist(self._client, "/api/v1/messages", body, key, 202)
        self.accepted.messages[ACCOUNT, key] = answer["receipt"]
        if self._rng.random() < self._again_share:  # the answer was lost on its way to the citizen
            again = await persist(self._client, "/api/v1/messages", body, key, 202)
            if (again["receipt"]["message_id"], again["registration"]) != (
                answer["receipt"]["message_id"],
                answer["registration"],
            ):
                self.accepted.told_otherwise.append(key)

    async def _by_nats(self, number: int) -> None:
        key = f"nats-{number}"
        message = InboundMessage(
            channel="api", account=ACCOUNT, native_id=key, text=ROAD.format(number=number),
            sender=Party(address=f"warga-{number}"),
        )  # fmt: skip
        body = message.model_dump_json().encode()
        receipt = None
        while receipt is None:
            await asyncio.sleep(0.2)
            receipt = await self._ask_by_nats(body)
        self.accepted.messages[ACCOUNT, key] = receipt.model_dump(mode="json")

    async def _ask_by_nats(self, body: bytes) -> Receipt | None:
        """One try of a program that knows nothing of ours but subjects: the receipt, or None."""
        try:
            url, password = self._place.broker()
            client = await nats.connect(
                url, user="channels", password=password, inbox_prefix=inbox_of("channels").encode(),
                allow_reconnect=False, max_reconnect_attempts=1, reconnect_time_wait=0, connect_timeout=2,
                error_cb=_ignore,
            )  # fmt: skip
        except (nats.errors.Error, OSError, KeyError, ValueError):
            return None
        try:
            inbox = client.new_inbox()
            receipts = await client.subscribe(inbox)
            headers = {RECEIPT_HEADER: inbox}
            await client.jetstream().publish(
                inbound_subject("api", ACCOUNT), body, timeout=3, stream=INBOUND.name, headers=headers
            )
            return Receipt.model_validate_json((await receipts.next_msg(timeout=5)).data)
        except (nats.errors.Error, OSError):
            return None
        finally:
            await client.close()


async def _ignore(error: Exception) -> None:
    """What goes wrong is seen where it is asked."""
