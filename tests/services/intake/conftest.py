"""Intake's door, for each test its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.services.intake.doors import Door, open_door


@pytest_asyncio.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as opened:
        yield opened
