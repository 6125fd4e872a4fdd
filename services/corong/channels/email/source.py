"""What citizens write to the office's mailbox, each mail handed over before it is marked."""

import asyncio
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import structlog

from corong.channels.email.hands import Hands
from corong.channels.email.imap import Fetched, Waiting
from corong.channels.email.inbound import Reader
from corong.channels.email.settings import EmailSettings
from corong_contracts.channel import AccountConfig, Cursor, HandOver, InboundMessage, Permanent, Transient

_SINCE = "since"
_LONGEST_PAUSE = 300.0
_FETCHES = 5
"""Tries to fetch a mail before an officer is told to read it in the mailbox."""

_log = structlog.get_logger()


class EmailSource:
    """Reads one folder of one mailbox, in the order in which mails came.

    The cursor is `UIDVALIDITY:UID` of the last mail that intake has committed. Under another UIDVALIDITY the whole
    folder is read again, back to the day of the very first start: intake knows what it has seen.
    """

    def __init__(self, account: AccountConfig, settings: EmailSettings) -> None:
        self._account = account
        self._settings = settings
        self._reader = Reader(account, settings.address, settings.marker(account.domain))
        self._position = f"position:{settings.folder}"[:120]
        self._fetches: Counter[tuple[int, int]] = Counter()
        self._worked = False

    async def run(self, hand_over: HandOver, cursor: Cursor) -> None:
        """Until cancelled. Raises Permanent where the mailbox can't be opened with these settings."""
        failures = 0
        while True:
            try:
                async with Hands(self._settings) as hands:
                    validity = await hands.do(hands.mailbox.select, self._settings.folder)
                    self._worked, failures = True, 0
                    await self._read(hands, validity, hand_over, cursor)
            except (Transient, Permanent) as error:
                if isinstance(error, Permanent) and not self._worked:
                    raise
                failures += 1
                pause = _back_off(failures)
                _log.warning("email.mailbox_lost", account=self._account.id, code=error.code, again_in=round(pause, 1))
            await asyncio.sleep(pause)

    async def _read(self, hands: Hands, validity: int, hand_over: HandOver, cursor: Cursor) -> None:
        """Until the connection breaks."""
        mailbox = hands.mailbox
        last, since = await self._start(cursor, validity)
        # Opened anew each time: a session that a restore of the mailbox took by surprise sees nothing new for ever.
        while await hands.do(mailbox.select, self._settings.folder) == validity:
            for mail in await hands.do(mailbox.waiting, last, since):
                await self._take(hands, validity, mail, hand_over)
                last, since = mail.uid, None
                await cursor.put(self._position, f"{validity}:{last}")
            if "IDLE" in mailbox.capabilities:
                await hands.do(mailbox.wait, self._settings.idle_seconds)
            else:
                await asyncio.sleep(self._settings.poll_seconds)
        raise Transient("new_uids")

    async def _start(self, cursor: Cursor, validity: int) -> tuple[int, date | None]:
        """The last UID that was taken, and with none from which day on to read."""
        known, _, uid = (await cursor.get(self._position) or "").partition(":")
        if known == str(validity) and uid.isdigit():
            return int(uid), None
        first = await cursor.get(_SINCE)
        if first is None:
            # A day more: servers count days in a time zone of their own.
            first = str(datetime.now(UTC).date() - timedelta(days=self._settings.backfill_days + 1))
            await cursor.put(_SINCE, first)
        if known:
            _log.warning("email.read_again", account=self._account.id, since=first)
        return 0, date.fromisoformat(first)

    async def _take(self, hands: Hands, validity: int, mail: Waiting, hand_over: HandOver) -> None:
        place = (validity, mail.uid)
        if self._fetches[place] >= _FETCHES:
            _log.error("email.not_fetched", account=self._account.id, uid=mail.uid)
            await hand_over(self._reader.unfetched(validity, mail.uid))
            await hands.do(hands.mailbox.flag, mail.uid, "\\Flagged")
            return
        self._fetches[place] += 1
        fetched = await hands.do(hands.mailbox.fetch, mail)
        del self._fetches[place]
        if fetched is None:  # somebody deleted it
            return
        message = await asyncio.to_thread(self._reader.read, fetched)
        if message is not None:
            await hand_over(message)
        await self._mark(hands, mail, fetched, message)

    async def _mark(self, hands: Hands, mail: Waiting, fetched: Fetched, message: InboundMessage | None) -> None:
        """Intake has it."""
        moved_to = self._settings.move_to
        if not fetched.whole:
            done = await hands.do(hands.mailbox.flag, mail.uid, "\\Flagged")
        else:
            done = await hands.do(hands.mailbox.flag, mail.uid, "\\Seen")
            if moved_to and message is not None:
                done = await hands.do(hands.mailbox.move, mail.uid, moved_to)
        if not done:
            _log.warning("email.not_marked", account=self._account.id, uid=mail.uid)


def _back_off(failures: int) -> float:
    """Seconds with full jitter, short at first: servers are restarted more often than they break."""
    return random.uniform(0.1, min(_LONGEST_PAUSE, 0.5 * 2.0**failures))  # noqa: S311 - spreads load, guards nothing
