"""Obligations (kewajiban) of the government itself, which belong to no case: a breach's notices, the yearly report.

Written by routing. What the law's clock of each says stands in the event, so that anybody can count again.
"""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Payload, Time
from corong_contracts.clock import Count
from corong_contracts.command_base import Command

OwedTo = Literal["persons", "agency", "commission"]
"""The persons whose data it is and the agency for personal data (UU 27/2022 art. 46), or the Information Commission."""
ObligationWords = Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]
"""Without personal data: it stands in the log for ever."""
ReportDigest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of the file that was handed in."""
LogPosition = Annotated[int, Field(ge=1, le=2**53 - 1)]


class ObligationBegan(Payload, event="obligation.began", writer="routing"):
    """Something is owed by law from a moment on: a breach was recorded, or a budget year ended."""

    obligation_id: UUID
    owed_to: OwedTo
    subject: Annotated[str, Field(max_length=300)] = ""
    """Of a breach: what happened, in the officer's words."""
    year: int | None = Field(default=None, ge=1, le=9999)
    """Of a yearly report: the year that it tells of."""
    officer: str | None = None
    """Who recorded it; None: it began by itself."""
    count: Count
    remind_at: Time


class ObligationReminded(Payload, event="obligation.reminded", writer="routing"):
    """A fifth of its time is left, and it is not met."""

    obligation_id: UUID
    rule: str
    last_day: date


class ObligationRanOut(Payload, event="obligation.ran_out", writer="routing"):
    """Its time is over and it is not met: the officer's superior is told. It is still owed."""

    obligation_id: UUID
    rule: str
    due: Time
    told: Literal["superior"] = "superior"


class ObligationMet(Payload, event="obligation.met", writer="routing"):
    """What was owed was done."""

    obligation_id: UUID
    rule: str
    at: Time
    """When it was done, as the officer says."""
    in_time: bool
    due: Time
    officer: str
    how: Annotated[str, Field(max_length=300)]
    digest: ReportDigest | None = None
    position: LogPosition | None = None
    """Of a report that Corong made: the position of the log up to which it was computed."""


class ObligationEnded(Payload, event="obligation.ended", writer="routing"):
    """It was recorded by mistake: nothing is owed."""

    obligation_id: UUID
    rule: str
    officer: str
    reason: Annotated[str, Field(max_length=300)]


class ListObligations(Command, service="routing", name="obligation.list"):
    """What is owed and what was, the newest first; of one obligation its days as well."""

    obligation_id: UUID | None = None


class RecordBreach(Command, service="routing", name="obligation.record"):
    """A breach of personal data is known: its notices to the persons and to the agency are owed from that moment on."""

    known_at: Time
    subject: ObligationWords


class MeetObligation(Command, service="routing", name="obligation.meet"):
    """What was owed was done."""

    obligation_id: UUID
    at: Time
    how: ObligationWords
    digest: ReportDigest | None = None
    position: LogPosition | None = None


class EndObligation(Command, service="routing", name="obligation.end"):
    """A breach was recorded by mistake."""

    obligation_id: UUID
    reason: ObligationWords


OBLIGATION_COMMANDS: tuple[type[Command], ...] = (ListObligations, RecordBreach, MeetObligation, EndObligation)
