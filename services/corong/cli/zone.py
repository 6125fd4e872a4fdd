"""The government's time zone: what the hub that answers says, or the installation on this machine."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HEADER = "Corong-Time-Zone"
"""On the answers of the officers' API: the IANA name of the zone of the settings."""

_learned: ZoneInfo | None = None


def learn(name: str | None) -> None:
    """Take the zone that an answer names."""
    global _learned
    if name is not None:
        try:
            _learned = ZoneInfo(name)
        except (ValueError, OSError, ZoneInfoNotFoundError):  # not known on this machine
            _learned = None


def learned() -> ZoneInfo | None:
    """The zone that an answer named."""
    return _learned


def here() -> ZoneInfo:
    """Of the installation on this machine. Raises `Trouble`."""
    from corong.cli.installation import read_directory, read_settings

    return read_directory(read_settings()).hub.zone


def written(at: datetime) -> str:
    """`23-11-2026 22:54 WIB`; in UTC, and so named, where no zone was learned."""
    zone = learned()
    there = at.astimezone(zone) if zone else at.astimezone(ZoneInfo("UTC"))
    return there.strftime("%d-%m-%Y %H:%M %Z")


def forget() -> None:
    """As before the first answer."""
    global _learned
    _learned = None
