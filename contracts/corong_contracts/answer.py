"""Answers that anybody may read: question and answer of a case in words of the office. Written by routing."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Payload
from corong_contracts.case import CaseKind

Question = Annotated[str, Field(min_length=1, max_length=500)]
PublicAnswer = Annotated[str, Field(min_length=1, max_length=8_000)]
Because = Literal["outdated", "wrong", "personal", "other"]
"""Why it is no longer shown; a word of a list, so that nothing of a person gets into the log by it."""


class AnswerPublished(Payload, event="answer.published", writer="routing"):
    """An officer made question and answer of a case public; again: with other words, at the same address.

    The words are the office's and hold nothing of the citizen: they are not sealed, and an erasure leaves them.
    """

    answer_id: UUID
    case_id: UUID
    unit: str
    """Which unit's the case is."""
    kind: CaseKind
    officer: str
    question: Question
    answer: PublicAnswer


class AnswerWithdrawn(Payload, event="answer.withdrawn", writer="routing"):
    """It is no longer shown. What the log says of it stays."""

    answer_id: UUID
    case_id: UUID
    officer: str
    because: Because
