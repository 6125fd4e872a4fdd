"""Training: in a demo hub no account reaches a network. Whatever is sent ends here, and is told as sent."""

from corong_contracts.channel import AccountConfig, Capabilities, Channel, Outgoing, Permanent, Sent

IN_HUB = ("web", "api", "feed", "counter", "phone", "letter")
"""Kinds that call no network: the hub's own pages show what goes out, or officers bring it. Training keeps these."""

MAX_TEXT = 50_000


class TrainingSink:
    """Takes the place of every sink that would send something out of the hub."""

    capabilities = Capabilities(
        max_text=MAX_TEXT, idempotent=True, can_look_up=True, can_reply=True, can_post=True, receipt="message"
    )

    def __init__(self, account: AccountConfig) -> None:
        """The account's settings are not looked at."""

    async def send(self, outgoing: Outgoing) -> Sent:
        """Nothing goes out. Raises `Permanent` on a text that is too long."""
        if len(outgoing.text) > MAX_TEXT:
            raise Permanent("too_long")
        return Sent(native_id=f"training-{outgoing.delivery_id}")

    async def look_up(self, outgoing: Outgoing) -> Sent | None:
        """Nothing outside can have taken it."""
        return Sent(native_id=f"training-{outgoing.delivery_id}")

    async def close(self) -> None:
        """Nothing to let go."""


def for_training(kind: str, channel: Channel | None) -> Channel:
    """What a demo hub has in place of a channel: no source, and a sink that keeps everything here."""
    if kind in IN_HUB and channel is not None:
        return Channel(kind=kind, sink=channel.sink, carried=channel.carried)
    return Channel(kind=kind, sink=TrainingSink)
