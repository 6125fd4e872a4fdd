"""Answers that people carry: publishing lays them out for an officer and never calls this sink."""

from corong_contracts.channel import AccountConfig, Capabilities, Outgoing, Permanent, Sent, Unknown

MAX_TEXT = 20_000


class ByHandSink:
    """Declares what paper and a voice can do."""

    capabilities = Capabilities(max_text=MAX_TEXT, by_hand=True, attachments=True, receipt="response")

    def __init__(self, account: AccountConfig) -> None:
        """The account needs no settings."""

    async def send(self, outgoing: Outgoing) -> Sent:
        """Raises `Permanent`: there is nothing to call."""
        raise Permanent("by_hand")

    async def look_up(self, outgoing: Outgoing) -> Sent | None:
        """Raises `Unknown`: the officer alone knows."""
        raise Unknown("by_hand")

    async def close(self) -> None:
        """Nothing to let go."""
