"""The receipt page's sink keeps the rules of every channel. It calls nobody: no peer can spoil it."""

import pytest

from corong.channels.web import api, channel
from corong_contracts.channel import AccountConfig, Outgoing, Sent, Sink
from corong_contracts.conformance import SinkConformance
from corong_contracts.conformance.watching import not_offered


class PageSuite(SinkConformance):
    """For sinks that deliver to pages of ours: a page shows each delivery once, by its id."""

    patience = 5.0

    @pytest.fixture(autouse=True)
    def empty_page(self) -> None:
        self.shown: dict[str, str] = {}
        self.calls = 0

    async def make_sink(self) -> Sink:
        sink = await super().make_sink()
        send = sink.send

        async def watched(outgoing: Outgoing) -> Sent:
            sent = await send(outgoing)
            self.calls += 1
            self.shown[sent.native_id] = outgoing.text
            return sent

        sink.send = watched  # type: ignore[method-assign]
        return sink

    async def deliver_ok(self) -> None:
        """It always takes what comes."""

    async def peer_refuses_for_good(self) -> None:
        not_offered("a peer that refuses")

    async def peer_refuses_for_now(self) -> None:
        not_offered("a peer that refuses for now")

    async def peer_times_out_after_taking(self) -> None:
        not_offered("a peer that times out")

    async def delivered_texts(self) -> list[str]:
        return list(self.shown.values())

    async def send_calls(self) -> int:
        return self.calls


class TestWebSink(PageSuite):
    channel = channel
    account = AccountConfig(id="web", channel="web")


class TestApiSink(PageSuite):
    channel = api
    account = AccountConfig(id="api-contoh", channel="api")
