"""Takes notes out of the board's suggestion box."""

import asyncio
import logging
import random
from urllib.parse import quote

from corong_contracts import AccountConfig, InboundMessage, Permanent
from corong_contracts.channel import Cursor, HandOver

from .board import Board, NoAnswer, NotReached
from .notes import message_of
from .settings import read_settings

log = logging.getLogger(__name__)

_MARK = "after"


class PapanSource:
    """One account's way in. See `corong_contracts.channel.Source`."""

    def __init__(self, account: AccountConfig) -> None:
        self._account = account
        self._settings = read_settings(account)
        self._board = Board(self._settings)

    async def run(self, hand_over: HandOver, cursor: Cursor) -> None:
        """Page by page: the mark moves when intake has every note of a page."""
        mark = await cursor.get(_MARK) or "0"
        failures = 0
        while True:
            page = await self._page(mark)
            if page is None:
                failures = min(failures + 1, 6)
                await asyncio.sleep(random.uniform(0.0, 0.05 * 2**failures))
                continue
            failures = 0
            notes, following = page
            await self._hand_over(notes, hand_over)
            if following != mark:
                await cursor.put(_MARK, following)
                mark = following
            elif not notes:
                await asyncio.sleep(0.05)  # for a board that does not hold the request while it has nothing

    async def _page(self, mark: str) -> tuple[list[object], str] | None:
        target = f"/api/notes?after={quote(mark, safe='')}&limit={self._settings.page}&wait={self._settings.wait:g}"
        try:
            answer = await self._board.call("GET", target, patience=self._settings.wait)
        except (NotReached, NoAnswer):
            log.warning("account %s: the board does not answer", self._account.id)
            return None
        if answer.status in (401, 403, 404):
            raise Permanent(f"http_{answer.status}")
        notes, following = (answer.data or {}).get("notes"), (answer.data or {}).get("next")
        if answer.status != 200 or not isinstance(notes, list) or not isinstance(following, str):
            log.warning("account %s: the board answered %d without a page of notes", self._account.id, answer.status)
            return None
        return notes, following

    async def _hand_over(self, notes: list[object], hand_over: HandOver) -> None:
        threads: dict[tuple[str, ...], list[InboundMessage]] = {}
        for note in notes:
            message = message_of(note, self._account)
            threads.setdefault(tuple(message.thread) or (message.native_id,), []).append(message)
        room = asyncio.Semaphore(self._settings.at_once)

        async def one_after_the_other(messages: list[InboundMessage]) -> None:
            for message in messages:
                async with room:
                    await hand_over(message)

        async with asyncio.TaskGroup() as group:
            for messages in threads.values():
                group.create_task(one_after_the_other(messages))
