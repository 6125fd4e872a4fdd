"""Answers for the receipt's page."""

from corong_contracts.channel import AccountConfig, Capabilities, Outgoing, Permanent, Sent, Unknown

MAX_TEXT = 20_000


class WebSink:
    """Delivers to the receipt's page; the delivery's own id is the network's id."""

    capabilities = Capabilities(max_text=MAX_TEXT, idempotent=True, receipt="response")

    def __init__(self, account: AccountConfig) -> None:
        self._account = account

    async def send(self, outgoing: Outgoing) -> Sent:
        """The page shows it from now on. Raises `Permanent` on a text that is too long for a page."""
        if len(outgoing.text) > MAX_TEXT:
            raise Permanent("too_long")
        return Sent(native_id=outgoing.carried)

    async def look_up(self, outgoing: Outgoing) -> Sent | None:
        """Raises `Unknown`: only the log knows what is shown. Sending again is harmless."""
        raise Unknown("cannot_look_up")

    async def close(self) -> None:
        """Nothing to let go."""
