"""The rules of a source, as tests. See `corong_contracts.channel.Source` for their words."""

import asyncio
import contextlib
import itertools
import secrets
from collections.abc import AsyncIterator
from unittest import SkipTest
from uuid import uuid4

from corong_contracts.channel import MAX_TEXT, InboundMessage, Permanent, Source
from corong_contracts.conformance.source_peer import Intake, MemoryCursor, SourcePeer, running
from corong_contracts.conformance.watching import Ear, require, told_by, until, within


class SourceConformance(SourcePeer):
    """Inherit, name the channel and the account, and drive your peer in the hooks of `SourcePeer`."""

    async def test_hands_over_everything(self) -> None:
        """What waits when it starts, and what comes while it runs."""
        intake, waiting, coming = Intake(), _tokens(3), _tokens(2)
        await self._write(waiting)
        async with self._running(intake):
            await self._handed_over(intake, *waiting)
            await self._write(coming)
            await self._handed_over(intake, *coming)

    async def test_messages_are_as_intake_takes_them(self) -> None:
        """Of this channel and account, with their words, and each with an id of its own."""
        intake, tokens = Intake(), _tokens(3)
        await self._write(tokens)
        async with self._running(intake):
            await self._handed_over(intake, *tokens)
        require(isinstance(await self.make_source(), Source), "a source has run")
        for token in tokens:
            message = intake.of(token)[0]
            again = InboundMessage.model_validate_json(message.model_dump_json())
            require(again == message, "a message goes through JSON unchanged")
            require(message.channel == self.channel.kind, "a message names the channel's kind")
            require(message.account == self.account.id, "a message names the account's id")
            require(message.demo == self.account.demo, "a message of a demo account is marked, and no other")
            require(message.nature == "person", "a citizen's message is a person's")
        require(len({intake.of(token)[0].native_id for token in tokens}) == len(tokens), "each message has its own id")

    async def test_nothing_is_marked_before_its_receipt(self) -> None:
        """Killed while intake has not answered, it hands the same message over again."""
        for place in (0, 1):
            cursor, tokens = MemoryCursor(), _tokens(3)
            await self._write(tokens, threads=3)
            intake = Intake()
            intake.hold(tokens[place])
            async with self._running(intake, cursor):
                await self._handed_over(intake, tokens[place])
            missing = [token for token in tokens if not intake.settled(token)()]
            after = Intake()
            async with self._running(after, cursor):
                await until(after.has(*missing), self.patience, "what had no receipt is handed over again after a kill")

    async def test_goes_on_after_a_receipt_that_came_late(self) -> None:
        """Intake may be away for long."""
        intake, tokens = Intake(), _tokens(3)
        intake.hold(tokens[0])
        await self._write(tokens)
        async with self._running(intake):
            await self._handed_over(intake, tokens[0])
            intake.release(tokens[0])
            await until(intake.settled(*tokens), self.patience, "a late receipt is waited for")

    async def test_restart_goes_on_from_the_cursor(self) -> None:
        """What is done is not begun anew."""
        cursor, done, last, new = MemoryCursor(), _tokens(3), _tokens(1), _tokens(1)
        intake = Intake()
        await self._write(done)
        async with self._running(intake, cursor):
            await until(intake.settled(*done), self.patience, "what was written is handed over")
            await self._write(last)
            await until(intake.settled(*last), self.patience, "what was written is handed over")
        after = Intake()
        await self._write(new)
        async with self._running(after, cursor):
            await self._handed_over(after, *new)
        repeats = sum(len(after.of(token)) for token in done + last)
        require(repeats <= self.repeats_after_restart, f"{repeats} messages came again, with the cursor kept")

    async def test_lost_cursor_loses_nothing_and_repeats_are_the_same(self) -> None:
        """Intake knows a repeat by its native id, and takes another content under it for a conflict."""
        first, second, old, new = Intake(), Intake(), _tokens(3), _tokens(1)
        await self._write(old)
        async with self._running(first):
            await self._handed_over(first, *old)
        await self._write(new)
        async with self._running(second):
            await self._handed_over(second, *new)
        known = {message.native_id: message for message in first.offered}
        for message in second.offered:
            require(known.get(message.native_id, message) == message, "a repeat has the same content under the same id")
        for token in old:
            ids = {message.native_id for message in first.of(token) + second.of(token)}
            require(len(ids) == 1, "a repeat has the same native id")

    async def test_order_within_a_thread(self) -> None:
        """A later message of a conversation waits for the receipt of the one before it."""
        intake, tokens = Intake(), _tokens(5)
        intake.hold(tokens[0])
        await self._write(tokens)
        async with self._running(intake):
            await self._handed_over(intake, tokens[0])
            intake.release(tokens[0])
            await self._handed_over(intake, *tokens)
        for earlier, later in itertools.pairwise(tokens):
            waited = intake.moment("receipted", earlier) < intake.moment("offered", later)
            require(waited, "a message of a thread waits for the receipt of the one before it")

    async def test_cancelling_is_clean(self) -> None:
        """With nothing to do, and in the middle of a hand-over; and at once after the start."""
        async with self._running(Intake()):
            pass
        intake, tokens = Intake(), _tokens(2)
        intake.hold(tokens[0])
        await self._write(tokens, threads=2)
        async with self._running(intake):
            await self._handed_over(intake, tokens[0])

    async def test_malformed_input_stops_nothing_and_is_kept(self) -> None:
        """It is handed over as it is, for a person to look at, and its neighbours are not delayed."""
        intake, before, after, token = Intake(), _tokens(1), _tokens(1), secrets.token_hex(8)
        await self._write(before)
        await self.write_malformed(token)
        await self._write(after)
        async with self._running(intake):
            await self._handed_over(intake, *before, *after)
            await until(
                lambda: _kept(intake, token), self.patience, "malformed input is handed over, in a file if need be"
            )

    async def test_long_text_is_cut_and_comes_whole_as_a_file(self) -> None:
        """See `corong_contracts.channel.MAX_TEXT`."""
        intake, token, length = Intake(), secrets.token_hex(8), MAX_TEXT + 1000
        await self.write_long(token, length)
        async with self._running(intake):
            await self._handed_over(intake, token)
        message = intake.of(token)[0]
        require(len(message.text) <= MAX_TEXT, "a long text is cut")
        whole = [file.content.decode(errors="replace") for file in message.attachments if file.content]
        require(
            any(token in text and len(text.strip()) >= length for text in whole), "a long text comes whole as a file"
        )

    async def test_comes_back_when_the_peer_does(self) -> None:
        """Without being started again."""
        intake, before, after = Intake(), _tokens(1), _tokens(1)
        await self._write(before)
        async with self._running(intake) as task:
            await self._handed_over(intake, *before)
            await self.peer_is_away()
            await self.peer_is_back()
            await self._write(after)
            await self._handed_over(intake, *after)
            require(not task.done(), "a source goes on when its network was away")

    async def test_starts_while_the_peer_is_away(self) -> None:
        """The network may be down when the hub starts."""
        intake, tokens = Intake(), _tokens(1)
        await self.peer_is_away()
        async with self._running(intake):
            await asyncio.sleep(0)
            await self.peer_is_back()
            await self._write(tokens)
            await self._handed_over(intake, *tokens)

    async def test_settings_that_cannot_work_are_permanent(self) -> None:
        """So that the operator sees them, instead of a source that tries for ever."""
        account = self.unworkable()
        make = self.channel.source
        require(make is not None, "a channel with a source")
        try:
            source = make(account) if make else await self.make_source()
            await within(self.patience, source.run(Intake().hand_over, MemoryCursor()), "it ends with Permanent")
        except Permanent as error:
            for word in self.secrets:
                require(word not in told_by(error), "an error tells a secret")
            return
        raise AssertionError("settings that can't work raise Permanent")

    async def test_nothing_shows_words_addresses_or_secrets(self) -> None:
        """Logs are for the machine's state."""
        ear, intake, tokens, malformed = Ear(), Intake(), _tokens(2), secrets.token_hex(8)
        await self._write(tokens)
        with contextlib.suppress(SkipTest):  # a peer without malformed input has its good messages to show
            await self.write_malformed(malformed)
        with ear.listening():
            source = await self.make_source()
            async with running(source, intake, MemoryCursor(), self.patience):
                await self._handed_over(intake, *tokens)
        shown = f"{source!r} {self.account!r}"
        words = (*tokens, malformed, *self.personal(), *self.secrets)
        ear.require_silence_on(words, "the log")
        require(
            not any(word in shown for word in words if word), "repr shows a citizen's words or address, or a secret"
        )

    # How the tests above speak to the source.

    @contextlib.asynccontextmanager
    async def _running(self, intake: Intake, cursor: MemoryCursor | None = None) -> AsyncIterator["asyncio.Task[None]"]:
        async with running(await self.make_source(), intake, cursor or MemoryCursor(), self.patience) as task:
            yield task

    async def _write(self, tokens: list[str], *, threads: int = 1) -> None:
        names = [uuid4().hex[:8] for _ in range(threads)]
        for place, token in enumerate(tokens):
            await self.write(f"Laporan {token}: lampu jalan mati", thread=names[place % threads])

    async def _handed_over(self, intake: Intake, *tokens: str) -> None:
        await until(intake.has(*tokens), self.patience, "what was written is handed over")


def _tokens(count: int) -> list[str]:
    return [secrets.token_hex(8) for _ in range(count)]


def _kept(intake: Intake, token: str) -> bool:
    for message in intake.offered:
        files = [file.content for file in message.attachments if file.content]
        if token in f"{message.text} {message.subject}" or any(token.encode() in content for content in files):
            return True
    return False
