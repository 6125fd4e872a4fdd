"""The sample channel passes what every channel must pass."""

import pytest

from tests.sample_channel.running import PapanPeer
from tests.sample_channel.suites import PapanSinkSuite, PapanSourceSuite


class TestSink(PapanSinkSuite):
    @pytest.fixture(autouse=True)
    def _on_a_board(self, papan: PapanPeer) -> None:
        self.peer, self.account = papan, papan.account(timeout=1.0)


class TestSinkOfABoardThatKnowsNoKeys(PapanSinkSuite):
    """No key, no look-up: what is unknown stays so."""

    @pytest.fixture(autouse=True)
    def _on_a_board(self, papan: PapanPeer) -> None:
        papan.trouble(remembers_keys=False)
        self.peer, self.account = papan, papan.account(timeout=1.0, idempotent=False, look_up=False, max_text=160)


class TestSource(PapanSourceSuite):
    @pytest.fixture(autouse=True)
    def _on_a_board(self, papan: PapanPeer) -> None:
        self.peer, self.account = papan, papan.account()


class TestSourceOneByOne(PapanSourceSuite):
    """Small pages, nothing at the same time."""

    @pytest.fixture(autouse=True)
    def _on_a_board(self, papan: PapanPeer) -> None:
        self.peer, self.account = papan, papan.account(page=1, at_once=1, wait=0)
