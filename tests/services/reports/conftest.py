"""One town for the tests of a module, and a day in it for each test."""

from collections.abc import Iterator

import pytest

from tests.services.reports.yearbook import day_of
from tests.services.routing.town import Day, Town


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    opened = Town()
    yield opened
    opened.close()


@pytest.fixture
def day(town: Town) -> Iterator[Day]:
    with day_of(town) as opened:
        yield opened
