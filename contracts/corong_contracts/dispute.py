"""Disputes before the Information Commission (sengketa informasi), as far as the office knows. Written by routing."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Payload

Result = Literal["mediated", "for_applicant", "for_office", "partly", "withdrawn", "not_admitted"]


class DisputeRecorded(Payload, event="dispute.recorded", writer="routing"):
    """The applicant took the objection to the Information Commission (UU 14/2008 art. 37)."""

    dispute_id: UUID
    case_id: UUID
    """The objection."""
    officer: str
    reference: str = Field(min_length=1, max_length=80)
    """The commission's number."""
    filed_on: date


class DisputeSettled(Payload, event="dispute.settled", writer="routing"):
    """How it ended."""

    dispute_id: UUID
    case_id: UUID
    officer: str
    result: Result
    settled_on: date
