"""Figures of the desk: how many cases came, were answered, wait and are late, read from the folded sums."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from corong.desk.months import buckets_of, month_of_bucket
from corong.desk.tables import BANDS, MEASURES, tally
from corong.desk.tallying import PUBLIC
from corong.working_days.zones import Zone

__all__ = ["Figures", "Measured", "figures"]

_NAMED = (tally.c.sort, tally.c.month, tally.c.value)


@dataclass(frozen=True)
class Measured:
    """Numbers of cases."""

    received: int = 0
    unneeded: int = 0
    """Praise, spam, duplicates: nobody waits for an answer."""
    answered: int = 0
    late: int = 0
    """The office's time ran out at least once, whatever came of it."""
    waiting: int = 0
    overdue: int = 0
    """Those that wait and are late."""
    bands: tuple[int, ...] = (0,) * BANDS
    """Of the answered ones, by the time up to the first answer: `tallying.BAND_HOURS`, the last is longer."""

    @property
    def needed(self) -> int:
        """Those that need an answer."""
        return self.received - self.unneeded

    @property
    def rate(self) -> float | None:
        """Which part of those that need an answer has one; None where there are none."""
        return self.answered / self.needed if self.needed else None

    def __add__(self, other: "Measured") -> "Measured":
        return Measured(
            self.received + other.received, self.unneeded + other.unneeded, self.answered + other.answered,
            self.late + other.late, self.waiting + other.waiting, self.overdue + other.overdue,
            tuple(one + more for one, more in zip(self.bands, other.bands, strict=True)),
        )  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """Of some months, of one unit or of all."""

    months: Mapping[str, Measured]
    """Every month that was asked for, in order."""
    units: Mapping[str, Measured]
    """Empty where one unit was asked for."""
    kinds: Mapping[str, Measured]
    channels: Mapping[str, Measured]
    """A channel's name; with `tallying.PUBLIC` at its end, what was written there in public."""

    @property
    def whole(self) -> Measured:
        """All of them."""
        return sum(self.months.values(), Measured())

    @property
    def comments(self) -> Measured:
        """What was written in public."""
        return sum((found for name, found in self.channels.items() if name.endswith(PUBLIC)), Measured())


def figures(
    connection: Connection, unit: str | None, months: Sequence[str], zone: Zone, *, demo: bool = False
) -> Figures:
    """Those of `unit`, or of all. It reads sums alone: their number hangs on units and months, not on cases."""
    found = connection.execute(_sums(unit or "", buckets_of(months, zone), demo)).all()

    def by(sort: str, name: Callable[[Any], str], names: Iterable[str] = ()) -> dict[str, Measured]:
        sums = dict.fromkeys(names, Measured())
        for row in found:
            if row.sort == sort:
                sums[name(row)] = sums.get(name(row), Measured()) + _measured(row)
        return sums

    return Figures(
        months=by("kind", lambda row: month_of_bucket(row.month, zone), months),
        units=by("unit", lambda row: str(row.value)),
        kinds=by("kind", lambda row: str(row.value)),
        channels=by("channel", lambda row: str(row.value)),
    )


def _measured(row: Row[Any]) -> Measured:
    numbers: list[int] = [row[place] for place in range(len(_NAMED), len(row))]
    received, unneeded, answered, late, waiting, overdue, *bands = numbers
    return Measured(received, unneeded, answered, late, waiting, overdue, tuple(bands))


def _sums(scope: str, buckets: Sequence[str], demo: bool) -> Select[Any]:
    table = tally.c
    return (
        select(*_NAMED, *(func.sum(table[name]) for name in MEASURES))
        .where(table.demo.is_(demo), table.scope == scope, table.month.in_(buckets))
        .group_by(*_NAMED)
    )
