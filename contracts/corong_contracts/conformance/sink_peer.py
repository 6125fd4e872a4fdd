"""What a channel's own test class tells the sink's conformance tests about its network, and how they drive it."""

import itertools
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID, uuid4

from corong_contracts.channel import AccountConfig, Capabilities, Channel, Outgoing, Sink
from corong_contracts.conformance.watching import not_offered

_count = itertools.count(1)


class SinkPeer:
    """The hooks. Those that raise `NotImplementedError` must be there; the others are skipped when left as they are."""

    channel: Channel
    account: AccountConfig
    patience: float = 15.0
    """Seconds in which one call of the sink must have ended, its own time-outs included."""
    retry_after: float | None = None
    """Seconds that the peer asks for in `peer_refuses_for_now`, where the network has such a thing."""
    secrets: tuple[str, ...] = ()
    """Tokens and passwords in the account's settings: nothing may show them."""

    async def make_sink(self) -> Sink:
        """A new sink for the account."""
        if self.channel.sink is None:
            not_offered("a sink")
        return self.channel.sink(self.account)

    async def deliver_ok(self) -> None:
        """From now on the peer takes what comes and says so. Called first by every test."""
        raise NotImplementedError

    async def peer_refuses_for_good(self) -> None:
        """From now on the peer refuses everything as it does what can never be right (400, 550)."""
        raise NotImplementedError

    async def peer_refuses_for_now(self) -> None:
        """From now on the peer refuses everything and takes nothing, but may take it later (429, 451)."""
        raise NotImplementedError

    async def peer_times_out_after_taking(self) -> None:
        """From now on the peer takes what comes and never answers."""
        raise NotImplementedError

    async def peer_fails_after_taking(self) -> None:
        """From now on the peer takes what comes and then answers with an error of its own (500), or breaks the line."""
        not_offered("a peer that fails after taking")

    async def peer_talks_nonsense(self) -> None:
        """From now on the peer takes what comes and answers what nobody understands."""
        not_offered("a peer that talks nonsense")

    async def peer_is_away(self) -> None:
        """From now on nobody listens where the peer was; `deliver_ok` brings it back."""
        not_offered("a peer that goes away")

    async def delivered_texts(self) -> list[str]:
        """The text of every message that the peer has delivered since it started, one entry for each delivery."""
        raise NotImplementedError

    async def send_calls(self) -> int:
        """How often the peer was asked to deliver since it started, whatever became of it."""
        raise NotImplementedError

    async def peer_settles(self) -> None:
        """Wait until what the peer took has been delivered, where that takes a while after the answer."""

    def reply_to(self) -> Mapping[str, str]:
        """What the channel's source gives with a message of a citizen that the peer knows."""
        return {}

    def personal(self) -> tuple[str, ...]:
        """What of `reply_to` names a person, and must not be told."""
        return tuple(self.reply_to().values())

    def same_text(self, sent: str, delivered: str) -> bool:
        """Whether `delivered` is `sent`, but for what the network does to every text."""
        return sent.split() == delivered.split()

    def outgoing(
        self, text: str | None = None, *, carried: str | None = None, delivery: UUID | None = None
    ) -> Outgoing:
        """A delivery with words of its own, a reply where the network has replies."""
        delivery = delivery or uuid4()
        return Outgoing(
            delivery_id=delivery,
            fence=1,
            carried=carried or self.channel.carried(self.account, delivery),
            kind="reply",
            text=text or f"Jawaban nomor {next(_count)} {secrets.token_hex(6)}",
            subject="Jawaban atas laporan Anda",
            reply_to=self.reply_to(),
            started_at=datetime.now(UTC),
        )


def longer_than(capabilities: Capabilities, extra: int) -> str:
    """A text with `extra` units more than the network takes, of letters that have more bytes than characters."""
    units = capabilities.max_text + extra
    if capabilities.text_unit == "bytes":
        return "é" * (units // 2) + "a" * (units % 2)
    # An "e" with a combining accent: two characters, one grapheme (Unicode Standard Annex 29).
    return ("e\u0301" if capabilities.text_unit == "graphemes" else "é") * units
