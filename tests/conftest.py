"""What every test can ask for: the run's seed, random numbers from it, and free ports."""

import os
import random
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.ports import find_free_port

if TYPE_CHECKING:
    from xdist.remote import Producer

    from tests.workers import WholeFiles


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--seed",
        type=int,
        default=None,
        metavar="N",
        help="seed of everything that the tests draw by chance (default: CORONG_SEED, else a new one)",
    )


# How long an example takes tells how busy the machine is, and nothing of what the test shows.
settings.register_profile("corong", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("corong")


def pytest_configure(config: pytest.Config) -> None:
    chosen = config.getoption("--seed")
    if chosen is None:
        given = os.environ.get("CORONG_SEED")
        chosen = int(given) if given else random.SystemRandom().randrange(2**31)
    config.option.seed = chosen
    # Processes that a test starts draw from the same seed.
    os.environ["CORONG_SEED"] = str(chosen)


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {config.option.seed} (the same draw again: --seed {config.option.seed})"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> "WholeFiles | None":
    from tests.workers import scheduler

    return scheduler(config, log)


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """The seed of this run."""
    value: int = pytestconfig.option.seed
    return value


@pytest.fixture
def rng(seed: int, request: pytest.FixtureRequest) -> random.Random:
    """Random numbers of this test's own, the same for the same seed whichever tests run beside it."""
    return random.Random(f"{seed}:{request.node.nodeid}")


@pytest.fixture
def free_port() -> int:
    """One TCP port that nothing listens on."""
    return find_free_port()


@pytest.fixture
def free_ports() -> Callable[[int], list[int]]:
    """Gives as many different free TCP ports as asked for."""
    return lambda count: [find_free_port() for _ in range(count)]
