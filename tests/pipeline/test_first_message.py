"""A message goes all the way: from the JSON door to the unit's queue, the answer, and the log."""

from pathlib import Path

from tests.hubs import running_hub
from tests.pipeline.first_message import from_the_door_to_the_answer


async def test_from_the_door_to_the_answer(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        await from_the_door_to_the_answer(hub)
