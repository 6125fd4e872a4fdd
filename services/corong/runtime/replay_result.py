"""The last whole replay of this installation: a file beside its databases, written by the command, read by the desk.

It is no event: a replay looks at the log and changes nothing, also where no hub runs. Who replays from another copy has
the result on their own machine.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

__all__ = ["ReplayResult", "ServiceReplayed", "keep", "kept"]

FILE = "replay.json"


class ServiceReplayed(BaseModel):
    """One service."""

    service: str
    hash: str
    """Of its tables, as the log gives them."""
    equal: list[str]
    """What it equals: `live`, or the position of an entry with a hash."""
    differs: list[str]
    not_compared: list[str]
    faults: int
    """Broken entries, missing numbers and unknown types."""

    @property
    def good(self) -> bool:
        """It equals whatever it was compared with, and it was compared."""
        return bool(self.equal) and not self.differs and not self.not_compared and not self.faults


class ReplayResult(BaseModel):
    """All of them."""

    at: datetime
    by: str
    """The account of the machine in which the command ran."""
    log: dict[str, Any]
    """Where it was read, as the command says it."""
    entries: int
    services: list[ServiceReplayed]


def keep(data: Path, result: ReplayResult) -> None:
    """Put it in the place of the one before, whole or not at all. Raises `OSError`."""
    fresh = data / f"{FILE}.new"
    with open(fresh, "w", encoding="utf-8") as file:
        file.write(result.model_dump_json(indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, data / FILE)


def kept(data: Path) -> ReplayResult | None:
    """The last one; None where there is none that can be read."""
    try:
        return ReplayResult.model_validate_json((data / FILE).read_bytes())
    except (OSError, ValidationError):
        return None
