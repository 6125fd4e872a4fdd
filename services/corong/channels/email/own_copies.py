"""Whether a mail of ours went out, known by its copy in our own mailbox.

With `copy_to` every mail has two recipients: the citizen and an address whose mail lands in this mailbox. A server that
took the mail took it for both or for neither (RFC 5321 4.1.1.4 knows no partial failure after the data; Postfix keeps
both in one queue file). So a copy proves that the mail went out.

That there is no copy proves the contrary only if a copy would be here by now. So before that is said, another mail is
sent the same way, to the copies' address alone, and must arrive; then all folders are looked through once more, also
those into which a filter may have put the copy. What remains: a copy that was put off at first and is still in the
server's queue while the later mail came straight through. So set `copy_to` where the server at `smtp_host` delivers
into the mailbox itself, and give `CORONG_SETTLE_SECONDS` the time after which that server tries again (Postfix:
`minimal_backoff_time`, 300 s). Where that can't be had, leave `copy_to` out: what is unknown is then held for an
officer.
"""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from corong.channels.email import ids
from corong.channels.email.compose import compose_probe
from corong.channels.email.hands import Hands
from corong.channels.email.imap import Mailbox
from corong.channels.email.settings import EmailSettings
from corong.channels.email.smtp import Envelope, deliver
from corong_contracts.channel import AccountConfig, SendError, Unknown

_LOOK_EVERY = 0.25


async def went_out(message_id: str, account: AccountConfig, settings: EmailSettings) -> bool:
    """Whether the mail with this Message-ID, without angle brackets, went out.

    Raises Unknown where it can't be told: without `copy_to`, without the mailbox, or where no mail comes through.
    """
    if settings.copy_to is None or not ids.is_ours(message_id, account.domain):
        raise Unknown("cannot_look_up")
    try:
        async with Hands(settings) as hands:
            if await hands.do(_find, hands.mailbox, message_id) is not None:
                return True
            await _mail_comes(hands, account, settings)
            return await hands.do(_find, hands.mailbox, message_id) is not None
    except SendError as error:
        raise Unknown(error.code) from None


async def _mail_comes(hands: Hands, account: AccountConfig, settings: EmailSettings) -> None:
    """Return when a mail that was sent now has arrived, and remove it. Raises SendError."""
    assert settings.copy_to is not None
    number = uuid4()
    message_id = ids.probe(account, number)
    data = compose_probe(
        message_id,
        address=settings.address,
        to=settings.copy_to,
        marker=settings.marker(account.domain),
        now=datetime.now(UTC),
    )
    envelope = Envelope(settings.address, settings.copy_to, data, str(number))
    await deliver(envelope, settings, account.domain, settings.timeout_seconds)
    try:
        async with asyncio.timeout(settings.copy_seconds):
            while (found := await hands.do(_find, hands.mailbox, message_id)) is None:  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(_LOOK_EVERY)
    except TimeoutError:
        raise Unknown("no_mail_comes") from None
    await hands.do(_remove, hands.mailbox, *found)


def _find(mailbox: Mailbox, message_id: str) -> tuple[str, int] | None:
    """The folder and the UID of a mail, the inbox first."""
    folders = mailbox.folders()
    for folder in sorted(folders, key=lambda name: name.upper() != "INBOX"):
        mailbox.select(folder, readonly=True)
        if found := mailbox.find(message_id):
            return folder, found[0]
    return None


def _remove(mailbox: Mailbox, folder: str, uid: int) -> None:
    mailbox.select(folder)
    mailbox.remove(uid)
