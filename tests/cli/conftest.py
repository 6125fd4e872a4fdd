"""A hub that the tests of a module share."""

from collections.abc import Iterator

import pytest

from tests.processes import HubProcess


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """`corong up`, ready."""
    with HubProcess(tmp_path_factory.mktemp("hub") / "data", CORONG_SETTLE_SECONDS="1") as running:
        running.wait_ready()
        yield running
