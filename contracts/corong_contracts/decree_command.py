"""Commands on the calendar: what it says, what a decree would move, and entering one."""

from pydantic import Field

from corong_contracts.command_base import Command
from corong_contracts.decree import DecreeContent


class ShowCalendar(Command, service="routing", name="calendar.show"):
    """The versions, the decrees behind them, and the days off of one year by the newest version."""

    year: int | None = Field(default=None, ge=1, le=9999)
    """None: the present one."""


class TryDecree(Command, service="routing", name="calendar.try"):
    """Which days a decree would change, and which open deadlines would move; nothing changes."""

    decree: DecreeContent


class EnterDecree(Command, service="routing", name="calendar.enter"):
    """From the day of its force on the calendar is what the decree makes of it."""

    decree: DecreeContent


CALENDAR_COMMANDS: tuple[type[Command], ...] = (ShowCalendar, TryDecree, EnterDecree)
