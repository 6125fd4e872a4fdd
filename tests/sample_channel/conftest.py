"""A board for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sample_channel.running import PapanPeer


@pytest.fixture
def papan(tmp_path: Path) -> Iterator[PapanPeer]:
    """A board of this test's own, running."""
    peer = PapanPeer(tmp_path)
    peer.start()
    yield peer
    peer.stop()
