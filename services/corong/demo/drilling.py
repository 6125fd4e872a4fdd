"""Hands in the messages of the drills that officers start, through the real doors."""

import asyncio
from uuid import UUID

from corong.demo import Feeder
from corong.demo.citizens import Citizen, Writing
from corong.demo.templates import FAMILY_NAMES, FIRST_NAMES
from corong.desk.training.board import Board, Run
from corong.desk.training.drills import DRILLS

LOOK_SECONDS = 0.5


async def drill(feeder: Feeder, board: Board) -> None:
    """For as long as the hub runs."""
    while True:
        run = await asyncio.to_thread(board.take)
        if run is None:
            await asyncio.sleep(LOOK_SECONDS)
            continue
        await hand_in(feeder, board, run)


async def hand_in(feeder: Feeder, board: Board, run: Run) -> None:
    """All messages of one drill, each of another citizen."""
    for place, said in enumerate(DRILLS[run.drill].messages):
        name = f"{FIRST_NAMES[place % len(FIRST_NAMES)]} {FAMILY_NAMES[run.id.int % len(FAMILY_NAMES)]}"
        citizen = Citizen(name, _number(run.id, place))
        writing = Writing(f"drill-{run.id.hex}-{place}", citizen, said.kind, said.subject, said.text, feeder.first_door)
        number = await feeder.hand_in(writing)
        if number is not None:
            await asyncio.to_thread(board.handed_in, run.id, number)


def _number(run: UUID, place: int) -> int:
    """Another for each message, so that none is taken for a citizen's second one."""
    return 1000 + run.int % 1_000_000_000 * 10 + place
