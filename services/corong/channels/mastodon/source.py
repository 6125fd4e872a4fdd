"""What citizens write to the office's account: mentions, comments under its posts, direct messages."""

import asyncio
import base64
import json
import random
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import structlog

from corong.channels.mastodon.attachments import MediaFetcher
from corong.channels.mastodon.client import MastodonClient
from corong.channels.mastodon.entities import Account, Notification, Status
from corong.channels.mastodon.settings import MastodonSettings
from corong.channels.mastodon.status_text import without_leading
from corong_contracts.channel import (
    MAX_ATTACHMENTS,
    MAX_TEXT,
    AccountConfig,
    Cursor,
    HandOver,
    InboundAttachment,
    InboundMessage,
    Party,
    Permanent,
    Transient,
)

_CURSOR = "mentions"
_LONGEST_PAUSE = 300.0
_log = structlog.get_logger()


class MastodonSource:
    """Polls the notifications of one account, in order; the cursor is the last one that intake has committed."""

    def __init__(self, account: AccountConfig, settings: MastodonSettings) -> None:
        self._account = account
        self._settings = settings
        self._base_url = str(settings.base_url)
        self._media = MediaFetcher(settings)

    async def run(self, hand_over: HandOver, cursor: Cursor) -> None:
        """Until cancelled. Raises Permanent where the server's address or the token can't work."""
        client = MastodonClient(
            self._base_url, self._settings.token.get_secret_value(), timeout=self._settings.timeout_seconds
        )
        failures = 0
        me: Account | None = None
        try:
            while True:
                pause = self._settings.poll_seconds
                try:
                    if me is None:
                        self._media.hosts |= (await client.limits()).media_hosts
                        me = await client.account()
                    await self._poll(client, me, hand_over, cursor)
                    failures = 0
                except (Transient, Permanent) as error:
                    if me is None and (isinstance(error, Permanent) or error.code == "unauthorized"):
                        raise Permanent(error.code) from None
                    failures += 1
                    pause = max(pause, error.retry_after or _back_off(failures))
                    _log.warning("mastodon.poll_failed", account=self._account.id, code=error.code, again_in=pause)
                await asyncio.sleep(pause)
        finally:
            await client.close()
            await self._media.close()

    async def _poll(self, client: MastodonClient, me: Account, hand_over: HandOver, cursor: Cursor) -> None:
        last = await cursor.get(_CURSOR)
        since = datetime.now(UTC) - timedelta(days=self._settings.backfill_days)
        for note in await client.mentions(last, since):
            if note.account is None or note.account.id != me.id:
                await hand_over(await self._message(client, me, note))
            await cursor.put(_CURSOR, note.id)

    async def _message(self, client: MastodonClient, me: Account, note: Notification) -> InboundMessage:
        status = note.status
        if status is None:
            return self._unreadable(note)
        attachments, lines = await self._media.fetch(status.media)
        text = "\n".join([without_leading(status.text, me.acct), *lines]).strip()
        if len(text) > MAX_TEXT:
            whole = base64.b64encode(text.encode())
            attachments.append(InboundAttachment(name="pesan.txt", media_type="text/plain", content=whole))
        return InboundMessage(
            channel=self._account.channel,
            account=self._account.id,
            native_id=status.uri,
            sender=Party(address=_address(status.account)[:320], name=status.account.display_name[:200]),
            text=text[:MAX_TEXT],
            subject=status.spoiler_text[:998],
            thread=await _thread(client, status),
            visibility="public" if status.visibility in ("public", "unlisted") else "private",
            sent_at=status.created_at,
            nature="auto_reply" if status.account.bot else "person",
            reply_to={
                "status": status.id,
                "acct": status.account.acct,
                "visibility": status.visibility,
            },
            attachments=attachments[:MAX_ATTACHMENTS],
            demo=self._account.demo,
        )

    def _unreadable(self, note: Notification) -> InboundMessage:
        """A mention whose status we can't read: kept whole for an officer to see."""
        _log.error("mastodon.unreadable", account=self._account.id, notification=note.id)
        raw = base64.b64encode(json.dumps(note.raw, ensure_ascii=False).encode())
        return InboundMessage(
            channel=self._account.channel,
            account=self._account.id,
            native_id=f"notification:{note.id}",
            sender=Party(address=_address(note.account)[:320] if note.account else "unknown"),
            sent_at=note.created_at,
            attachments=[InboundAttachment(name="notification.json", media_type="application/json", content=raw)],
            demo=self._account.demo,
        )


async def _thread(client: MastodonClient, status: Status) -> list[str]:
    """The uris of the statuses above this one, the nearest first; none where they are gone."""
    if status.in_reply_to_id is None:
        return []
    try:
        above = (await client.context(status.id)).ancestors
    except Permanent:
        return []
    return [ancestor.uri for ancestor in reversed(above)][:64]


def _address(account: Account) -> str:
    """`name@host`, for people of our own server too."""
    if "@" in account.acct:
        return account.acct
    host = urlsplit(account.url).hostname
    return f"{account.acct}@{host}" if host else account.acct


def _back_off(failures: int) -> float:
    return random.uniform(1, min(_LONGEST_PAUSE, 2.0**failures))  # noqa: S311 - spreads load, guards nothing
