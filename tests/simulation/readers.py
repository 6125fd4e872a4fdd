"""The services that only read, in a process of their own; they hear of each moment what the others wrote in it."""

import asyncio
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

from corong.runtime.settling import settle_memory
from tests.simulation.beside import Beside, arrived, given
from tests.simulation.hub import READING, Clock, Hub


def readers(data: Path, config: Path, press: "Queue[Any]") -> Beside:
    """Begin. Its last word is the hashes of the others, which go into the log; its answer those of its own tables."""
    return Beside(_read, press, data, config)


def _read(moments: "Queue[Any]", answer: "Queue[Any]", press: "Queue[Any]", data: Path, config: Path) -> None:
    asyncio.run(_reading(moments, answer, press, data, config))


async def _reading(
    moments: "Queue[Any]", answer: "Queue[Any]", press: "Queue[Any]", data: Path, config: Path
) -> None:  # fmt: skip
    said = await given(moments)
    clock = Clock(said[0])
    hub = Hub(data, config, clock, READING)
    await hub.start()
    settle_memory()
    while isinstance(said, tuple):
        now, heard = said
        clock.at(now)
        for service, items in (*arrived(heard), *arrived(await given(press))):
            hub.hears(service, items)
        await hub.reads_if_much()
        said = await given(moments)
    for service, items in arrived(await given(press)):
        hub.hears(service, items)
    await hub.reads(*READING)
    own = hub.hashes()
    await hub.records([*said, *own])
    await hub.stop()
    answer.put(own)
