"""One mail to one server by SMTP, and what became of it (RFC 5321, DSN: RFC 3461, SIZE: RFC 1870).

The server answers for a mail from the moment at which the dot after its last line has reached it. Before that nothing
is sent, whatever breaks; after it only the server's answer tells. So the dot goes out alone, when all before it has.
"""

import asyncio
import contextlib
import re
import ssl
from dataclasses import dataclass, field
from typing import cast

import aiosmtplib

from corong.channels.email.settings import EmailSettings
from corong_contracts.channel import Permanent, SendError, Transient, Unknown

_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_GOODBYE_SECONDS = 2.0


@dataclass(frozen=True)
class Envelope:
    """A mail with its envelope. `copy_to` gets it as well, "" for nobody; about that copy no report is asked for."""

    sender: str
    recipient: str = field(repr=False)
    data: bytes = field(repr=False)
    number: str
    """Comes back in reports on it (ENVID), where the server can."""
    copy_to: str = ""


async def deliver(envelope: Envelope, settings: EmailSettings, hostname: str, seconds: float) -> None:
    """Hand a mail to the server at `smtp_host`, once, within `seconds`. `hostname` is who we say we are.

    Raises Transient or Permanent where the server has not taken it, Unknown where it may have.
    """
    client = aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        local_hostname=hostname,
        timeout=None,
        use_tls=settings.smtp_tls == "tls",
        start_tls=settings.smtp_tls == "starttls",
        tls_context=settings.context() if settings.smtp_tls != "none" else None,
    )
    session = _Session(client, settings)
    try:
        async with asyncio.timeout(seconds):
            await session.connect()
            await session.send(envelope)
    except SendError:
        raise
    except Exception as error:
        raise session.meaning(error) from None
    else:
        with contextlib.suppress(Exception):  # it is sent, whatever the server says to our goodbye
            async with asyncio.timeout(_GOODBYE_SECONDS):
                await client.quit()
    finally:
        client.close()


class _Session:
    """How far a mail got."""

    def __init__(self, client: aiosmtplib.SMTP, settings: EmailSettings) -> None:
        self._client = client
        self._settings = settings
        self._greeted = False
        self._dot_sent = False

    async def connect(self) -> None:
        await self._client.connect()
        await self._client.ehlo()
        if (sign_in := self._settings.smtp_sign_in()) is not None:
            await self._client.login(*sign_in)
        self._greeted = True

    async def send(self, envelope: Envelope) -> None:
        offered = self._client.esmtp_extensions
        limit = offered.get("size", "")
        if limit.isdigit() and 0 < int(limit) < len(envelope.data):
            raise Permanent("too_long")
        options = [f"SIZE={len(envelope.data)}"] if "size" in offered else []
        if not envelope.recipient.isascii():
            if "smtputf8" not in offered:
                raise Permanent("address_not_ascii")
            options.append("SMTPUTF8")
        if "dsn" in offered:
            options += ["RET=HDRS", f"ENVID={envelope.number}"]
        await self._client.mail(envelope.sender, options=options)
        for address, notify in ((envelope.recipient, "FAILURE,DELAY"), (envelope.copy_to, "NEVER")):
            if address and (address == envelope.recipient or envelope.recipient != envelope.copy_to):
                wanted = [f"NOTIFY={notify}"] if "dsn" in offered else []
                await self._rcpt(address, wanted, is_copy=address != envelope.recipient)
        await self._data(envelope.data)

    async def _rcpt(self, address: str, options: list[str], *, is_copy: bool) -> None:
        try:
            await self._client.rcpt(address, options=options, encoding="utf-8")
        except aiosmtplib.SMTPResponseException:
            if is_copy:  # without it the mail could not be found later; the office's mailbox may be full
                raise Transient("copy_refused") from None
            raise

    async def _data(self, data: bytes) -> None:
        begun = await self._client.execute_command(b"DATA")
        if begun.code != 354:
            raise aiosmtplib.SMTPDataError(begun.code, "")
        protocol, transport = self._client.protocol, self._client.transport
        if protocol is None or transport is None:
            raise Transient("broken_off")
        protocol.write(re.sub(rb"(?m)^\.", b"..", data))
        stream = cast(asyncio.WriteTransport, transport)  # uvloop's is one without saying so
        while stream.get_write_buffer_size() and not stream.is_closing():  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.01)
        protocol.write(b".\r\n")
        self._dot_sent = True
        answer = await protocol.read_response()
        if answer.code // 100 != 2:
            raise aiosmtplib.SMTPDataError(answer.code, answer.message)

    def meaning(self, error: Exception) -> SendError:
        """What an error means at the point where the mail was. Its own words may quote addresses: none are kept."""
        if isinstance(error, aiosmtplib.SMTPResponseException) and error.code // 100 in (4, 5):
            enhanced = _ENHANCED.match(error.message)
            code = f"smtp_{enhanced[0] if enhanced else error.code}"
            if isinstance(error, aiosmtplib.SMTPAuthenticationError):
                return Transient("login")
            # Before MAIL the server refuses us, not this mail: the office mends that, and the mail goes out.
            return Permanent(code) if error.code // 100 == 5 and self._greeted else Transient(code)
        if isinstance(error, TimeoutError):
            code = "time_out"
        elif isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
            code = "tls"
        elif isinstance(error, aiosmtplib.SMTPConnectError) or not self._greeted:
            code = "unreachable"
        elif isinstance(error, OSError):
            code = "broken_off"
        else:
            code = "unreadable_answer"
        return Unknown(code) if self._dot_sent else Transient(code)
