"""An erasure is felt in every process within a second or so, also in one that uses no key meanwhile."""

import asyncio
import contextlib

from corong.runtime.keys import LOOK_SECONDS, Keys


async def watch(keys: Keys) -> None:
    """Until cancelled: forget what is in memory as soon as somebody was erased."""
    while True:
        with contextlib.suppress(Exception):  # the store is away or too old: whoever needs a key is told
            await asyncio.to_thread(keys.look)
        await asyncio.sleep(LOOK_SECONDS)
