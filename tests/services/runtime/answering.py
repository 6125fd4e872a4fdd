"""A child for `test_childprocess.py`: `python -m tests.services.runtime.answering DESCRIPTOR`."""

import asyncio
import os
import sys
from typing import Any

from corong.runtime.childprocess import answer


async def double(said: Any) -> Any:
    return said * 2


async def late(said: Any) -> Any:
    await asyncio.sleep(said)
    return "late"


async def fail(said: Any) -> Any:
    raise LookupError(f"no {said}")


async def vanish(_said: Any) -> Any:
    os._exit(3)


async def stop(_said: Any) -> Any:
    return None


if __name__ == "__main__":
    answers = {"double": double, "late": late, "fail": fail, "vanish": vanish, "stop": stop}
    asyncio.run(answer(int(sys.argv[1]), answers))
