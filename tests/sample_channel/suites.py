"""The conformance suite's hooks for the board."""

import itertools
from collections.abc import Mapping

from corong_contracts import AccountConfig
from corong_contracts.conformance import SinkConformance, SourceConformance
from tests.sample_channel.corong_papan import CHANNEL
from tests.sample_channel.running import TOKEN, PapanPeer, note

_numbers = itertools.count(1)


class PapanSinkSuite(SinkConformance):
    """Drives the board as a sink's peer."""

    channel = CHANNEL
    peer: PapanPeer
    patience = 10.0
    retry_after = 7.0
    secrets = (TOKEN,)

    async def deliver_ok(self) -> None:
        if not self.peer.running:
            self.peer.start()
        self.peer.trouble()

    async def peer_refuses_for_good(self) -> None:
        self.peer.trouble(shares={"refuse": 1})

    async def peer_refuses_for_now(self) -> None:
        self.peer.trouble(shares={"busy": 1})

    async def peer_times_out_after_taking(self) -> None:
        self.peer.trouble(shares={"hang_after": 1})

    async def peer_fails_after_taking(self) -> None:
        self.peer.trouble(shares={"fail_after": 1})

    async def peer_talks_nonsense(self) -> None:
        self.peer.trouble(shares={"nonsense_after": 1})

    async def peer_is_away(self) -> None:
        self.peer.stop()

    async def delivered_texts(self) -> list[str]:
        return [answer["text"] for answer in self.peer.answers()]

    async def send_calls(self) -> int:
        calls: int = self.peer.counted()["calls"]
        return calls

    def reply_to(self) -> Mapping[str, str]:
        return {"note": "n-000042", "thread": "u-42", "author": "warga-rahasia-42"}


class PapanSourceSuite(SourceConformance):
    """Drives the board as a source's peer."""

    channel = CHANNEL
    peer: PapanPeer
    patience = 10.0
    secrets = (TOKEN,)

    async def write(self, text: str, *, thread: str) -> None:
        self.peer.add_notes([note(next(_numbers), text, thread=thread, author=f"warga-{thread}")])

    async def write_malformed(self, token: str) -> None:
        self.peer.add_notes([{"id": 7, "tulisan": token}, token])

    async def write_long(self, token: str, length: int) -> None:
        self.peer.add_notes([note(next(_numbers), token + "x" * (length - len(token)))])

    async def peer_is_away(self) -> None:
        self.peer.stop()

    async def peer_is_back(self) -> None:
        self.peer.start()

    def unworkable(self) -> AccountConfig:
        return self.peer.account(token="wrong-token-of-somebody")

    def personal(self) -> tuple[str, ...]:
        return ("warga-", "Contoh Warga")
