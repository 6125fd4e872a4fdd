"""Sinks that each break one rule."""

import asyncio
import html
import itertools
import logging
from dataclasses import replace
from uuid import uuid4

from corong_contracts import AccountConfig, Capabilities, Outgoing, Permanent, Sent, Transient, Unknown
from tests.sample_channel.corong_papan import PapanSink
from tests.sample_channel.corong_papan.settings import PapanSettings


class RetriesByItself(PapanSink):
    async def send(self, outgoing: Outgoing) -> Sent:
        try:
            return await super().send(outgoing)
        except Transient:
            return await super().send(outgoing)


class SendsAgainAfterATimeOut(PapanSink):
    async def send(self, outgoing: Outgoing) -> Sent:
        try:
            return await super().send(outgoing)
        except Unknown:
            return await super().send(outgoing)


class IgnoresTheCarriedKey(PapanSink):
    async def send(self, outgoing: Outgoing) -> Sent:
        return await super().send(replace(outgoing, carried=str(uuid4())))


class SendsTooLongText(PapanSink):
    def __init__(self, account: AccountConfig) -> None:
        super().__init__(account)
        self._declared = self._settings
        self._settings = PapanSettings.model_validate({**account.settings, "max_text": 10**9})

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, max_text=self._declared.max_text)


class CutsTooLongText(PapanSink):
    async def send(self, outgoing: Outgoing) -> Sent:
        return await super().send(replace(outgoing, text=outgoing.text[: self.capabilities.max_text]))


class TakesATimeOutForARefusal(PapanSink):
    async def send(self, outgoing: Outgoing) -> Sent:
        try:
            return await super().send(outgoing)
        except Unknown as error:
            raise Transient(error.code) from None


class TakesAFailureForSuccess(PapanSink):
    async def send(self, outgoing: Outgoing) -> Sent:
        try:
            return await super().send(outgoing)
        except Unknown:
            return Sent(native_id="unsure")


class QuotesTheTextInItsErrors(PapanSink):
    async def send(self, outgoing: Outgoing) -> Sent:
        try:
            return await super().send(outgoing)
        except Permanent as error:
            raise Permanent("refused") from ValueError(f"{error.code}: {outgoing.text}")


class LogsTheAddress(PapanSink):
    async def send(self, outgoing: Outgoing) -> Sent:
        logging.getLogger("papan").warning("sending to %s", outgoing.reply_to.get("author"))
        return await super().send(outgoing)


class GuessesAbsence(PapanSink):
    async def look_up(self, outgoing: Outgoing) -> Sent | None:
        try:
            return await super().look_up(outgoing)
        except Unknown:
            return None


class FindsWhatIsNotThere(PapanSink):
    async def look_up(self, outgoing: Outgoing) -> Sent | None:
        return await super().look_up(outgoing) or Sent(native_id="j-000001")


class SwallowsCancellation(PapanSink):
    async def send(self, outgoing: Outgoing) -> Sent:
        try:
            return await super().send(outgoing)
        except asyncio.CancelledError:
            raise Unknown("cancelled") from None


class ForgetsTheWishForAPause(PapanSink):
    async def send(self, outgoing: Outgoing) -> Sent:
        try:
            return await super().send(outgoing)
        except Transient as error:
            raise Transient(error.code) from None


class ChangesItsMind(PapanSink):
    _count = itertools.count(1)

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, max_text=next(self._count) * 1000)


class SendsNothing(PapanSink):
    async def send(self, outgoing: Outgoing) -> Sent:
        return Sent(native_id=outgoing.carried)


class EscapesTheText(PapanSink):
    async def send(self, outgoing: Outgoing) -> Sent:
        return await super().send(replace(outgoing, text=html.escape(outgoing.text)))


class TakesARefusalForAPause(PapanSink):
    async def send(self, outgoing: Outgoing) -> Sent:
        try:
            return await super().send(outgoing)
        except Permanent as error:
            raise Transient(error.code) from None


class TakesAbsenceForATimeOut(PapanSink):
    async def send(self, outgoing: Outgoing) -> Sent:
        try:
            return await super().send(outgoing)
        except Transient as error:
            raise Unknown(error.code) from None


class CountsBytesAsCharacters(PapanSink):
    async def send(self, outgoing: Outgoing) -> Sent:
        if len(outgoing.text.encode()) > self.capabilities.max_text:
            raise Permanent("too_long")
        return await super().send(outgoing)


class MixesAnswers(PapanSink):
    last: Sent | None = None

    async def send(self, outgoing: Outgoing) -> Sent:
        self.last = await super().send(outgoing)
        await asyncio.sleep(0.05)
        return self.last


class CannotBeClosedTwice(PapanSink):
    closed = False

    async def close(self) -> None:
        if self.closed:
            raise RuntimeError("closed")
        self.closed = True
