"""The rules of a sink, as tests. See `corong_contracts.channel.Sink` for their words."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID, uuid4

from corong_contracts.channel import Capabilities, Deleting, Outgoing, Permanent, Sent, Sink, Transient, Unknown
from corong_contracts.conformance.sink_peer import SinkPeer, longer_than
from corong_contracts.conformance.watching import Ear, not_offered, require, told_by, until, within

_LARGE = 200_000
"""A text of more characters than this is not sent only to see whether the limit is right."""


class SinkConformance(SinkPeer):
    """Inherit, name the channel and the account, and drive your peer in the hooks of `SinkPeer`."""

    async def test_sink_declares_what_it_can(self) -> None:
        """Its capabilities are a fact of the account, not of the moment."""
        async with self._sink() as sink:
            require(isinstance(sink, Sink), "a sink has capabilities, send, look_up and close")
            require(isinstance(sink.capabilities, Capabilities), "capabilities are declared as Capabilities")
            require(sink.capabilities == sink.capabilities, "capabilities do not change")
            require(
                isinstance(sink, Deleting) or not sink.capabilities.can_delete, "a sink that says can_delete has delete"
            )
            require(sink.capabilities.max_text > 0, "a network takes texts of some length")

    async def test_carried_id_is_decided_before_the_call(self) -> None:
        """A crash between fence and call must not change it."""
        first, second = uuid4(), uuid4()
        carried = self.channel.carried(self.account, first)
        require(carried, "every delivery carries an id")
        require(
            carried == self.channel.carried(self.account, UUID(str(first))),
            "a delivery's carried id is always the same",
        )
        require(carried != self.channel.carried(self.account, second), "two deliveries never carry the same id")

    async def test_sends_once_and_says_where(self) -> None:
        """One call is one message."""
        async with self._sink() as sink:
            outgoing = self.outgoing()
            sent = await self._sends(sink, outgoing)
            require(sent.native_id, "Sent has the network's id")
            await self._delivered(outgoing.text, 1)

    async def test_text_arrives_as_it_was_written(self) -> None:
        """Letters, quotes, line breaks and emoji."""
        async with self._sink() as sink:
            text = f'Yth. Bapak/Ibu, "perbaikan" <jalan> & lampu:\nSélesai 100% — terima kasih 🙏 {uuid4().hex[:8]}'
            if sink.capabilities.max_text < len(text.encode()):
                not_offered("texts of a hundred letters")
            await self._sends(sink, self.outgoing(text))
            await self._delivered(text, 1)

    async def test_refused_for_good_is_permanent(self) -> None:
        """And nothing went out, and it was tried once."""
        await self._fails(self.peer_refuses_for_good, Permanent, times=0)

    async def test_refused_for_now_is_transient(self) -> None:
        """And the network's wish for a pause is told; the sink does not wait and try by itself."""
        error = await self._fails(self.peer_refuses_for_now, Transient, times=0)
        if self.retry_after is not None:
            told = getattr(error, "retry_after", None)
            require(told == self.retry_after, f"retry_after is {told}, and the network said {self.retry_after}")

    async def test_time_out_after_taking_is_unknown(self) -> None:
        """It went out, and the sink can't know."""
        await self._fails(self.peer_times_out_after_taking, Unknown, times=1)

    async def test_failure_after_taking_is_unknown(self) -> None:
        """A server's error says nothing of what it did before."""
        await self._fails(self.peer_fails_after_taking, Unknown, times=1)

    async def test_nonsense_is_unknown(self) -> None:
        """An answer that nobody understands is no receipt."""
        await self._fails(self.peer_talks_nonsense, Unknown, times=1)

    async def test_nobody_there_is_transient(self) -> None:
        """A connection that was refused took nothing."""
        await self._fails(self.peer_is_away, Transient, times=0, calls=0)

    async def test_too_long_is_refused_before_any_call(self) -> None:
        """Publishing asks the capabilities first; this is for the day when it forgets."""
        async with self._sink() as sink:
            calls = await self.send_calls()
            outgoing = self.outgoing(longer_than(sink.capabilities, 1))
            error = await self._raises(sink, outgoing)
            require(
                isinstance(error, Permanent) and error.code == "too_long", "a text too long is Permanent('too_long')"
            )
            require(await self.send_calls() == calls, "a text too long never reaches the network")

    async def test_longest_text_goes_out(self) -> None:
        """The declared limit is in the declared unit."""
        async with self._sink() as sink:
            if sink.capabilities.max_text > _LARGE:
                not_offered("a limit that is quickly reached")
            await self._sends(sink, self.outgoing(longer_than(sink.capabilities, 0)))

    async def test_same_carried_id_twice_is_one_message(self) -> None:
        """What `idempotent` promises."""
        async with self._sink(idempotent=True) as sink:
            outgoing = self.outgoing()
            first = await self._sends(sink, outgoing)
            second = await self._sends(sink, outgoing)
            require(first.native_id == second.native_id, "the second send finds the first one's message")
            await self._delivered(outgoing.text, 1)
            other = self.outgoing(outgoing.text)
            await self._sends(sink, other)
            await self._delivered(outgoing.text, 2)

    async def test_sent_again_after_a_time_out_is_one_message(self) -> None:
        """What `idempotent` is for."""
        async with self._sink(idempotent=True) as sink:
            outgoing = self.outgoing()
            await self.peer_times_out_after_taking()
            await self._raises(sink, outgoing)
            await self.deliver_ok()
            await self._sends(sink, outgoing)
            await self._delivered(outgoing.text, 1)

    async def test_looks_up_what_was_sent(self) -> None:
        """By the carried id alone, from a sink that did not send it."""
        async with self._sink(can_look_up=True) as sink:
            outgoing = self.outgoing()
            sent = await self._sends(sink, outgoing)
            await self.peer_settles()
            async with self._sink() as other:
                found = await within(self.patience, other.look_up(outgoing), "a look-up ends")
            require(found is not None, "a look-up finds what was sent")
            require(found is not None and found.native_id == sent.native_id, "a look-up gives the network's id")

    async def test_looks_up_what_was_taken_without_an_answer(self) -> None:
        """What a look-up is for."""
        async with self._sink(can_look_up=True) as sink:
            outgoing = self.outgoing()
            await self.peer_times_out_after_taking()
            await self._raises(sink, outgoing)
            await self.deliver_ok()
            await self.peer_settles()
            found = await within(self.patience, sink.look_up(outgoing), "a look-up ends")
            require(found is not None and found.native_id, "a look-up finds what was taken without an answer")

    async def test_looks_up_that_nothing_was_sent(self) -> None:
        """Absent is proved, also where the same words went out under another id."""
        async with self._sink(can_look_up=True) as sink:
            outgoing = self.outgoing()
            await self._sends(sink, outgoing)
            await self.peer_settles()
            absent = await within(self.patience, sink.look_up(self.outgoing(outgoing.text)), "a look-up ends")
            require(absent is None, "a look-up goes by the carried id, not by the words")

    async def test_look_up_does_not_guess(self) -> None:
        """Where the network can't be asked, or has no look-up, the answer is Unknown."""
        async with self._sink() as sink:
            outgoing = self.outgoing()
            await self._sends(sink, outgoing)
            if sink.capabilities.can_look_up:
                await self.peer_is_away()
            try:
                await within(self.patience, sink.look_up(outgoing), "a look-up ends")
            except Unknown as error:
                self._tells_nothing(error, outgoing)
                return
            finally:
                await self.deliver_ok()
            raise AssertionError("a look-up that can't tell raises Unknown")

    async def test_cancelled_send_ends_and_leaves_a_working_sink(self) -> None:
        """Cancelling is not an error of the network's."""
        async with self._sink() as sink:
            calls = await self.send_calls()
            await self.peer_times_out_after_taking()
            sending = asyncio.create_task(sink.send(self.outgoing()))

            async def asked() -> bool:
                return sending.done() or await self.send_calls() > calls

            await until(asked, self.patience, "a send reaches the network")
            timed_out_already = sending.done()
            sending.cancel()
            await asyncio.wait([sending], timeout=self.patience)
            require(sending.done(), "a cancelled send ends")
            require(sending.cancelled() or timed_out_already, "a cancelled send is not taken for a failed one")
            await self.deliver_ok()
            outgoing = self.outgoing()
            await self._sends(sink, outgoing)
            await self._delivered(outgoing.text, 1)

    async def test_sends_at_the_same_time_do_not_mix(self) -> None:
        """Each gets its own answer."""
        async with self._sink() as sink:
            many = [self.outgoing() for _ in range(8)]
            sent = await asyncio.gather(*(self._sends(sink, outgoing) for outgoing in many))
            require(len({one.native_id for one in sent}) == len(many), "each send gets its own message's id")
            for outgoing in many:
                await self._delivered(outgoing.text, 1)

    async def test_nothing_shows_words_addresses_or_secrets(self) -> None:
        """Neither logs nor `repr`."""
        ear = Ear()
        outgoing = self.outgoing()
        with ear.listening():
            async with self._sink() as sink:
                await self._sends(sink, outgoing)
                for trouble in (self.peer_refuses_for_good, self.peer_refuses_for_now):
                    await trouble()
                    await self._raises(sink, outgoing)
                await self.deliver_ok()
                shown = f"{sink!r} {outgoing!r} {self.account!r} {self.channel!r}"
        ear.require_silence_on(self._forbidden(outgoing), "the log")
        for word in self._forbidden(outgoing):
            require(word not in shown, "repr shows a citizen's words or address, or a secret")

    async def test_closing_twice_does_no_harm(self) -> None:
        """Shutting down may come from two sides."""
        async with self._sink() as sink:
            await self._sends(sink, self.outgoing())
            await within(self.patience, sink.close(), "close ends")

    # How the tests above speak to the sink.

    @contextlib.asynccontextmanager
    async def _sink(self, *, idempotent: bool = False, can_look_up: bool = False) -> AsyncIterator[Sink]:
        await self.deliver_ok()
        sink = await self.make_sink()
        try:
            if idempotent and not sink.capabilities.idempotent:
                not_offered("idempotent sending")
            if can_look_up and not sink.capabilities.can_look_up:
                not_offered("looking up")
            yield sink
        finally:
            await within(self.patience, sink.close(), "close ends")

    async def _sends(self, sink: Sink, outgoing: Outgoing) -> Sent:
        sent = await within(self.patience, sink.send(outgoing), "a send ends by itself")
        require(isinstance(sent, Sent), "a send that succeeds gives Sent")
        return sent

    async def _raises(self, sink: Sink, outgoing: Outgoing) -> Exception:
        """What it raised; anything but Transient and Permanent counts as Unknown."""
        try:
            await within(self.patience, sink.send(outgoing), "a send ends by itself")
        except AssertionError:
            raise
        except Exception as error:
            self._tells_nothing(error, outgoing)
            return error
        raise AssertionError("a send that failed says so")

    async def _fails(
        self, trouble: Callable[[], Awaitable[None]], kind: type[Exception], *, times: int, calls: int = 1
    ) -> Exception:
        async with self._sink() as sink:
            before = await self.send_calls()
            outgoing = self.outgoing()
            await trouble()
            try:
                error = await self._raises(sink, outgoing)
            finally:
                await self.deliver_ok()
            counted = type(error) if isinstance(error, Transient | Permanent) else Unknown
            require(issubclass(counted, kind), f"this is {kind.__name__}, not {counted.__name__}")
            require(await self.send_calls() - before == calls, "a sink tries once; trying again is publishing's")
            await self._delivered(outgoing.text, times)
            return error

    async def _delivered(self, text: str, times: int) -> None:
        await self.peer_settles()

        async def count() -> int:
            return sum(self.same_text(text, delivered) for delivered in await self.delivered_texts())

        async def enough() -> bool:
            return await count() >= times

        await until(enough, self.patience, "what was sent arrives with its words")
        found = await count()
        require(found == times, f"delivered {found} times, not {times}")

    def _forbidden(self, outgoing: Outgoing) -> tuple[str, ...]:
        return tuple(word for word in (outgoing.text, *self.personal(), *self.secrets) if word)

    def _tells_nothing(self, error: Exception, outgoing: Outgoing) -> None:
        told = told_by(error)
        for word in self._forbidden(outgoing):
            require(word not in told, "an error tells a citizen's words or address, or a secret")
