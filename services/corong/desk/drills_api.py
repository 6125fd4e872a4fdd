"""Drills for programs and pages: which there are, starting one, and its score as it stands now."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from corong.desk import queue, thread
from corong.desk.context import Desk, InLanguage, Officer
from corong.desk.models import OfficerRef
from corong.desk.training.board import Board, Run
from corong.desk.training.drill_words import part_word
from corong.desk.training.drills import DRILLS, task_of, title_of
from corong.desk.training.scoring import Score, Told, score
from corong.desk.training.tone import advice_of
from corong.runtime.catalogue import translations
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.refusal import Refused

_ANSWERS = ("case.answered", "decision.given")
_TAKEN = ("case.claimed", "case.assigned", "case.returned", "case.answered")


class DrillShown(BaseModel):
    """An exercise."""

    name: str
    title: str
    task: str
    messages: int
    minutes: int


class PartShown(BaseModel):
    """One thing that is scored."""

    name: str
    title: str
    share: float = Field(description="From 0 to 1.")
    advice: list[str] = Field(description="What to do better.")


class RunShown(BaseModel):
    """A drill that was started, and how it stands."""

    drill: str
    title: str
    officer: OfficerRef | None
    began: datetime
    state: Literal["coming", "going_on", "done"] = Field(description="`coming`: its messages are not all here yet.")
    numbers: list[str] = Field(description="Registration numbers of its cases.")
    answered: int
    minutes: list[int] = Field(description="To the answer, of each answered case.")
    points: int = Field(description="Of 100.")
    parts: list[PartShown]


class DrillsShown(BaseModel):
    """What there is to do, and what was done, the newest first."""

    drills: list[DrillShown]
    runs: list[RunShown]


class Drills:
    """The drills of one hub."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._board = Board(desk.service.settings.data)

    def check(self, officer: Actor) -> None:
        """Raises `Refused` (409) where this hub is not for training, `Forbidden`."""
        authorise(officer, Action.QUEUE_LIST, Scope(officer.unit))
        if not self._desk.installation.settings.demo:
            raise Refused(
                409, "not_for_training", "Hub ini bukan hub latihan. Jalankan `corong demo`.",
                "This hub is not for training. Run `corong demo`.",
            )  # fmt: skip

    async def start(self, officer: Actor, name: str) -> Run:
        """Ask for a drill's messages. Raises `Refused` (404, 409), `Forbidden`."""
        self.check(officer)
        if name not in DRILLS:
            raise Refused(404, "no_such_drill", "Latihan itu tidak ada.", "There is no such drill.")
        return await asyncio.to_thread(self._board.start, name, officer.id, self._desk.now())

    async def shown(self, officer: Actor, language: Literal["id", "en"]) -> DrillsShown:
        """Everything. Raises as `check`."""
        self.check(officer)
        _ = translations(language).gettext
        runs = await asyncio.to_thread(self._board.runs)

        def read(connection: Connection) -> list[Score]:
            return [score(DRILLS[run.drill], self._told(connection, run)) for run in runs]

        scores = await self._desk.read(read)
        return DrillsShown(
            drills=[
                DrillShown(
                    name=drill.name, title=title_of(drill.name, _), task=task_of(drill.name, _),
                    messages=len(drill.messages), minutes=drill.minutes,
                )
                for drill in DRILLS.values()
            ],
            runs=[self._run(run, found, language) for run, found in zip(runs, scores, strict=True)],
        )  # fmt: skip

    def _run(self, run: Run, found: Score, language: Literal["id", "en"]) -> RunShown:
        _ = translations(language).gettext
        coming = len(run.numbers) < found.cases
        return RunShown(
            drill=run.drill, title=title_of(run.drill, _), officer=self._desk.person(run.officer), began=run.began,
            state="coming" if coming else "done" if found.done == found.cases else "going_on", numbers=run.numbers,
            answered=found.done, minutes=list(found.minutes), points=found.points,
            parts=[
                PartShown(
                    name=part.name, title=part_word(part.name, _), share=part.share,
                    advice=[advice_of(rule, _) for rule in part.advice],
                )
                for part in found.parts
            ],
        )  # fmt: skip

    def _told(self, connection: Connection, run: Run) -> list[Told]:
        found = []
        for place, number in enumerate(run.numbers):
            case_id = queue.id_of(connection, number)
            row = queue.one(connection, case_id) if case_id is not None else None
            if case_id is None or row is None:
                continue
            steps = thread.opened(self._desk, thread.rows_of(connection, case_id), "")
            found.append(
                Told(
                    urgent=DRILLS[run.drill].messages[place].urgent,
                    began=run.began,
                    answers=tuple((step.at, step.text or "") for step in steps if step.kind in _ANSWERS),
                    touched=min((step.at for step in steps if step.kind in _TAKEN), default=None),
                    steps=tuple((step.kind, step.actor) for step in steps),
                    decision=row["decision"],
                )
            )
        return found


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("training")
    drills = Drills(desk)

    @router.get("/drills")
    async def all_drills(officer: Officer, language: InLanguage) -> DrillsShown:
        """The exercises of a training hub, and how those that were started stand."""
        return await drills.shown(officer, language)

    @router.post("/drills/{name}")
    async def start(officer: Officer, language: InLanguage, name: Annotated[str, Path(max_length=40)]) -> DrillsShown:
        """Begin one: its citizens write at once, through the real doors of the training hub."""
        await drills.start(officer, name)
        return await drills.shown(officer, language)

    return router
