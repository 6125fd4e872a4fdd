"""What goes wrong at the start is told in words, whoever raises it."""

import importlib
from pathlib import Path

import pytest

from corong.cli.failures import FAILURES, explained
from corong.cli.trouble import Trouble
from corong.runtime.datalock import DataInUse
from corong.runtime.natsserver import ServerFailed


@pytest.mark.parametrize("name", FAILURES)
def test_a_name_is_that_of_an_error(name: str) -> None:
    module, _, kind = name.rpartition(".")
    assert issubclass(getattr(importlib.import_module(module), kind), Exception)


@pytest.mark.parametrize(
    "error", [DataInUse(Path("data"), "7"), ServerFailed("no log"), FileNotFoundError("hub.toml"), ConnectionError("x")]
)
def test_an_error_or_one_of_its_kind_becomes_words(error: Exception) -> None:
    with pytest.raises(Trouble) as caught, explained():
        raise error
    assert caught.value.what
    assert caught.value.do


def test_a_fault_of_ours_stays_what_it_is() -> None:
    with pytest.raises(ZeroDivisionError), explained():
        raise ZeroDivisionError


def test_early_answers(tmp_path: Path) -> None:
    """`/readyz` says no while modules load, and the process is healthy."""
    from tests.peers.waiting import wait_for
    from tests.processes import HubProcess, cold

    with cold(HubProcess(tmp_path / "data")) as hub:
        wait_for("the first answer", hub.answers)
        first = hub.ask("/readyz")
        assert first is not None
        assert first[0] in (200, 503)
        hub.wait_ready()
