"""Posts for the feed."""

from corong_contracts.channel import AccountConfig, Capabilities, Outgoing, Permanent, Sent, Unknown

MAX_TEXT = 50_000


class FeedSink:
    """Delivers to the feed; the delivery's own id is the entry's id."""

    capabilities = Capabilities(
        max_text=MAX_TEXT, idempotent=True, can_reply=False, can_post=True, can_delete=True, receipt="none"
    )  # fmt: skip

    def __init__(self, account: AccountConfig) -> None:
        self._account = account

    async def send(self, outgoing: Outgoing) -> Sent:
        """The feed shows it from now on. Raises `Permanent` on what is no post, or too long."""
        if outgoing.kind != "post":
            raise Permanent("posts_only")
        if len(outgoing.text) > MAX_TEXT:
            raise Permanent("too_long")
        return Sent(native_id=f"urn:uuid:{outgoing.delivery_id}")

    async def look_up(self, outgoing: Outgoing) -> Sent | None:
        """Raises `Unknown`: only the log knows what is shown. Sending again is harmless."""
        raise Unknown("cannot_look_up")

    async def delete(self, native_id: str) -> None:
        """The feed shows it no longer, once the log says so."""

    async def close(self) -> None:
        """Nothing to let go."""
