"""The feed's sink keeps the rules of every channel that posts."""

import dataclasses
from typing import Any

import pytest

from corong.channels.feed import channel
from corong_contracts.channel import AccountConfig, Outgoing, Permanent
from tests.channels.web.test_conformance import PageSuite


class TestFeedSink(PageSuite):
    channel = channel
    account = AccountConfig(id="feed", channel="feed")

    def outgoing(self, *args: Any, **more: Any) -> Outgoing:
        return dataclasses.replace(super().outgoing(*args, **more), kind="post", visibility="public")

    async def test_takes_no_replies(self) -> None:
        sink = await self.make_sink()
        assert not sink.capabilities.can_reply
        with pytest.raises(Permanent, match="posts_only"):
            await sink.send(dataclasses.replace(self.outgoing(), kind="reply"))
