"""Where the bars of a chart stand: pairs by month, on one scale. The template draws them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from corong.runtime.language import Language

WIDTH, HEIGHT = 720, 200
TOP, BOTTOM = 18, 24
"""Units of the drawing; above the bars stand their values, below them the months."""
BAR, BETWEEN = 20, 2

_LOCALES = {"id": "id_ID", "en": "en_GB"}


@dataclass(frozen=True)
class Bar:
    """One bar, its upper left corner, and its value."""

    x: float
    y: float
    height: float
    value: int

    @property
    def middle(self) -> float:
        """Over which the value stands."""
        return self.x + BAR / 2


@dataclass(frozen=True)
class Pair:
    """A month's bars."""

    month: str
    middle: float
    first: Bar
    second: Bar


@dataclass(frozen=True)
class Chart:
    """A drawing of pairs of bars."""

    pairs: tuple[Pair, ...]
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - BOTTOM
    bar: int = BAR


def chart(months: Sequence[date], values: Sequence[tuple[int, int]], language: Language) -> Chart:
    """The chart; the highest bar fills the height, and nothing at all is no bar."""
    most = max((value for pair in values for value in pair), default=0) or 1
    each = WIDTH / max(len(months), 1)
    pairs = []
    for number, (month, (first, second)) in enumerate(zip(months, values, strict=True)):
        middle = each * (number + 0.5)
        bars = [
            _bar(middle - BAR - BETWEEN / 2, first, most),
            _bar(middle + BETWEEN / 2, second, most),
        ]
        pairs.append(Pair(format_date(month, "MMM", locale=_LOCALES[language]), round(middle, 1), *bars))
    return Chart(tuple(pairs))


def _bar(x: float, value: int, most: int) -> Bar:
    height = (HEIGHT - TOP - BOTTOM) * value / most
    return Bar(round(x, 1), round(HEIGHT - BOTTOM - height, 1), round(height, 1), value)
