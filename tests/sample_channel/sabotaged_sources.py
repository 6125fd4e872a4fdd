"""Sources that each break one rule."""

import asyncio
import itertools
import logging
from uuid import uuid4

from corong_contracts import Permanent
from corong_contracts.channel import Cursor, HandOver, InboundMessage, Receipt
from tests.sample_channel.corong_papan import PapanSource


class MarksBeforeReceipt(PapanSource):
    async def run(self, hand_over: HandOver, cursor: Cursor) -> None:
        class Early:
            """Puts the mark before the page is handed over."""

            async def get(self, name: str) -> str | None:
                return await cursor.get(name)

            async def put(self, name: str, value: str) -> None:
                """It is there already."""

        async def marked_first(notes: list[object], hand: HandOver) -> None:
            mark = int(await cursor.get("after") or "0")
            await cursor.put("after", str(mark + len(notes)))
            await original(notes, hand)

        original = self._hand_over
        self._hand_over = marked_first  # type: ignore[assignment, method-assign]
        await super().run(hand_over, Early())


class MarksOnTheWayOut(PapanSource):
    async def run(self, hand_over: HandOver, cursor: Cursor) -> None:
        begun = 0

        async def counting(message: InboundMessage) -> Receipt:
            nonlocal begun
            begun += 1
            return await hand_over(message)

        before = int(await cursor.get("after") or "0")
        try:
            await super().run(counting, cursor)
        finally:
            await cursor.put("after", str(before + begun))


class ForgetsTheCursor(PapanSource):
    async def run(self, hand_over: HandOver, cursor: Cursor) -> None:
        class Nowhere:
            """Keeps nothing."""

            async def get(self, name: str) -> str | None:
                return None

            async def put(self, name: str, value: str) -> None:
                """Gone."""

        await super().run(hand_over, Nowhere())


class _Changes(PapanSource):
    """Hands over what `change` makes of a message; None is dropped."""

    def change(self, message: InboundMessage) -> InboundMessage | None:
        raise NotImplementedError

    async def run(self, hand_over: HandOver, cursor: Cursor) -> None:
        async def changed(message: InboundMessage) -> Receipt:
            other = self.change(message)
            return await hand_over(other) if other else Receipt(status="registered", message_id=uuid4())

        await super().run(changed, cursor)


class NamesMessagesByChance(_Changes):
    def change(self, message: InboundMessage) -> InboundMessage:
        return message.model_copy(update={"native_id": str(uuid4())})


class NumbersRepeats(_Changes):
    _count = itertools.count()

    def change(self, message: InboundMessage) -> InboundMessage:
        return message.model_copy(update={"subject": f"No. {next(self._count)}"})


class DropsMalformedInput(_Changes):
    def change(self, message: InboundMessage) -> InboundMessage | None:
        return message if message.text else None


class StopsAtMalformedInput(_Changes):
    def change(self, message: InboundMessage) -> InboundMessage:
        if not message.text:
            raise ValueError("malformed")
        return message


class NamesAnotherAccount(_Changes):
    def change(self, message: InboundMessage) -> InboundMessage:
        return message.model_copy(update={"account": "another"})


class CutsWithoutAFile(_Changes):
    def change(self, message: InboundMessage) -> InboundMessage:
        return message.model_copy(update={"attachments": []}) if message.text else message


class LogsWhatIsWritten(_Changes):
    def change(self, message: InboundMessage) -> InboundMessage:
        logging.getLogger("papan").info("note %s", message.text)
        return message


class OvertakesInAThread(PapanSource):
    async def _hand_over(self, notes: list[object], hand_over: HandOver) -> None:
        async with asyncio.TaskGroup() as group:
            for note in notes:
                group.create_task(super()._hand_over([note], hand_over))


class LeavesATaskBehind(PapanSource):
    left: "asyncio.Task[object]"

    async def run(self, hand_over: HandOver, cursor: Cursor) -> None:
        self.left = asyncio.create_task(asyncio.Event().wait())
        await super().run(hand_over, cursor)


class EndsWhenThePeerIsAway(PapanSource):
    async def _page(self, mark: str) -> tuple[list[object], str] | None:
        page = await super()._page(mark)
        if page is None:
            raise ConnectionError
        return page


class TriesAWrongTokenForEver(PapanSource):
    async def _page(self, mark: str) -> tuple[list[object], str] | None:
        try:
            return await super()._page(mark)
        except Permanent:
            return None


class ReadsOnlyWhatWaits(PapanSource):
    async def _page(self, mark: str) -> tuple[list[object], str] | None:
        if mark != "0":
            await asyncio.Event().wait()
        return await super()._page(mark)


class LosesPatienceWithIntake(PapanSource):
    async def _hand_over(self, notes: list[object], hand_over: HandOver) -> None:
        async def impatient(message: InboundMessage) -> Receipt:
            task = asyncio.ensure_future(hand_over(message))
            for _ in range(2):  # turns of the loop and no time: what nobody holds back has its receipt by then
                await asyncio.sleep(0)
            task.cancel()
            return Receipt(status="registered", message_id=uuid4())

        await super()._hand_over(notes, impatient)
