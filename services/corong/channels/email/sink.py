"""Answers and receipts as mails in the citizen's thread."""

import asyncio
from collections import deque
from datetime import UTC, datetime

from corong.channels.email import ids
from corong.channels.email.compose import compose
from corong.channels.email.own_copies import went_out
from corong.channels.email.settings import EmailSettings
from corong.channels.email.smtp import Envelope, deliver
from corong_contracts.channel import AccountConfig, Capabilities, Outgoing, Permanent, Sent, Transient


class EmailSink:
    """Sends by one SMTP server, a connection for each mail.

    The Message-ID is the one that publishing decided before (`carried`), so a bounce, an answer and a look-up know the
    delivery by it. Mail servers don't drop a second mail with the same one: sending is not idempotent.
    """

    def __init__(self, account: AccountConfig, settings: EmailSettings) -> None:
        self._account = account
        self._settings = settings
        self._room = asyncio.Semaphore(settings.connections)
        self._receipts: deque[tuple[float, str]] = deque()
        self._capabilities = Capabilities(
            max_text=settings.max_text, can_look_up=settings.copy_to is not None, attachments=True
        )  # fmt: skip

    @property
    def capabilities(self) -> Capabilities:
        """What the settings say; the server's own SIZE is asked with each mail and holds as well."""
        return self._capabilities

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send one mail. Raises Transient, Permanent or Unknown."""
        envelope = self._envelope(outgoing)
        if outgoing.kind == "receipt":
            self._count_receipt(envelope.recipient.casefold())
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._settings.timeout_seconds
        try:
            async with asyncio.timeout_at(deadline):
                await self._room.acquire()
        except TimeoutError:
            raise Transient("busy") from None
        try:
            await deliver(envelope, self._settings, self._account.domain, deadline - clock())
        finally:
            self._room.release()
        return Sent(native_id=outgoing.carried)

    async def look_up(self, outgoing: Outgoing) -> Sent | None:
        """Find a mail by its copy in our own mailbox. Raises Unknown, always so without the setting `copy_to`."""
        found = await went_out(outgoing.carried, self._account, self._settings)
        return Sent(native_id=outgoing.carried) if found else None

    async def close(self) -> None:
        """No connection outlives its mail."""

    def _count_receipt(self, recipient: str) -> None:
        """See `receipts_per_hour` (RFC 3834 2: a responder limits how often it answers one address)."""
        now = asyncio.get_running_loop().time()
        while self._receipts and self._receipts[0][0] < now - 3600:
            self._receipts.popleft()
        if sum(to == recipient for _, to in self._receipts) >= self._settings.receipts_per_hour:
            raise Permanent("too_many_receipts")
        self._receipts.append((now, recipient))

    def _envelope(self, outgoing: Outgoing) -> Envelope:
        if outgoing.kind == "post":
            raise Permanent("no_posts")
        if outgoing.kind == "receipt" and outgoing.reply_to.get("automatic"):
            raise Permanent("robot")  # RFC 3834 2: never answer a machine
        if len(outgoing.text) > self._settings.max_text:
            raise Permanent("too_long")
        to = _to_ascii(outgoing.reply_to.get("to") or outgoing.reply_to.get("address", ""))
        if ids.ADDRESS.fullmatch(to) is None:
            raise Permanent("no_recipient")
        data = compose(
            outgoing,
            address=self._settings.address,
            name=self._settings.name,
            to=to,
            domain=self._account.domain,
            marker=self._settings.marker(self._account.domain),
            now=datetime.now(UTC),
        )
        return Envelope(self._settings.address, to, data, str(outgoing.delivery_id), self._settings.copy_to or "")


def _to_ascii(address: str) -> str:
    """The address with its domain as the DNS has it (RFC 5891)."""
    local, _, domain = address.rpartition("@")
    try:
        return address if domain.isascii() else f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return ""
