"""One town for the tests of a module, and a day in it for each test, which is undone."""

from collections.abc import Iterator

import pytest

from tests.services.routing.town import Day, Town


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    opened = Town()
    yield opened
    opened.close()


@pytest.fixture
def day(town: Town) -> Iterator[Day]:
    with town.works.database.writing.connect() as connection:
        connection.begin()
        yield town.day(connection)
        connection.rollback()
