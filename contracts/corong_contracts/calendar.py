"""The calendar of days off in the log: a version whole, once. Written by routing."""

from datetime import date
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Payload


class CalendarAdopted(Payload, event="calendar.adopted", writer="routing"):
    """From here on deadlines are counted by this version of the calendar."""

    calendar_id: UUID
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    decree: str = Field(max_length=300)
    in_force: date
    content: str
    """The whole version as canonical JSON: its SHA-256 is the digest."""
