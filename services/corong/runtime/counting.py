"""Counting no further than one has to: a list's cost must not hang on how much there is (decision 0038)."""

from typing import Any

from sqlalchemy import CompoundSelect, Connection, Select, func, select

__all__ = ["FEW", "counted"]

FEW = 2_000
"""Up to so many rows are found by what they are few by, and sorted."""


def counted(connection: Connection, chosen: Select[Any] | CompoundSelect[Any], most: int) -> int:
    """How many rows, counted to `most`."""
    some = chosen.limit(most).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())
