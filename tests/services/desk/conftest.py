"""One running office for the tests of this folder that don't spoil it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.services.desk.office import Office, open_office


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with open_office(tmp_path_factory.mktemp("desk")) as opened:
        yield opened
