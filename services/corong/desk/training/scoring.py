"""What a drill scores, from what happened to its cases. Pure.

drill, cases, now → score → points of 100, each part with what to do better
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from corong.desk.training.drills import Drill, Looked
from corong.desk.training.tone import Tone, tone_of

__all__ = ["Part", "Score", "Told", "score"]

_RIGHT = ("keberatan", "mengajukan keberatan")
_WAKING = ("case.assigned", "case.noted", "case.returned")


@dataclass(frozen=True)
class Told:
    """What happened to one case of a drill."""

    urgent: bool
    began: datetime
    answers: tuple[tuple[datetime, str], ...] = ()
    """When, and in which words."""
    touched: datetime | None = None
    """When somebody took it first."""
    steps: tuple[tuple[str, str], ...] = ()
    """Kind and actor of each step."""
    decision: str | None = None

    @property
    def answered(self) -> datetime | None:
        """When the first answer was given."""
        return min((at for at, _words in self.answers), default=None)


@dataclass(frozen=True)
class Part:
    """One thing that is looked at."""

    name: Looked
    share: float
    """From 0 to 1."""
    advice: tuple[str, ...] = ()
    """Of the tone: the rules that were not kept, the most frequent first."""


@dataclass(frozen=True)
class Score:
    """All of it."""

    parts: tuple[Part, ...]
    done: int
    cases: int
    minutes: tuple[int, ...] = field(default=())
    """From the beginning to the answer, of each case that was answered."""

    @property
    def points(self) -> int:
        """Of 100."""
        return round(100 * sum(part.share for part in self.parts) / len(self.parts)) if self.parts else 0


def score(drill: Drill, cases: Sequence[Told]) -> Score:
    """Score the cases of a drill, as they are now."""
    answered = [one for one in cases if one.answered is not None]
    minutes = tuple(sorted(int((one.answered - one.began) / timedelta(minutes=1)) for one in answered if one.answered))
    tones = [tone_of(words) for one in answered for _at, words in one.answers]
    parts = tuple(_part(name, drill, cases, tones) for name in drill.looked_at)
    return Score(parts, len(answered), len(drill.messages), minutes)


def _part(name: Looked, drill: Drill, cases: Sequence[Told], tones: Sequence[Tone]) -> Part:
    many = len(drill.messages)
    if name == "answered":
        return Part(name, sum(one.answered is not None for one in cases) / many)
    if name == "in_time":
        limit = timedelta(minutes=drill.minutes)
        quick = sum(one.answered is not None and one.answered - one.began <= limit for one in cases)
        return Part(name, quick / many)
    if name == "urgent_first":
        return Part(name, _urgent_first(cases))
    if name == "refused":
        return Part(name, float(any(one.decision in ("refused", "partly_granted") for one in cases)))
    if name == "right_told":
        words = " ".join(text.lower() for one in cases for _at, text in one.answers)
        told = any(one.decision is not None for one in cases) and any(right in words for right in _RIGHT)
        return Part(name, float(told))
    if name == "woken":
        woken = sum(
            any(kind in _WAKING and actor.startswith("officer:") for kind, actor in one.steps) for one in cases
        )  # fmt: skip
        return Part(name, woken / many)
    failed = Counter(rule for tone in tones for rule in tone.failed)
    share = sum(tone.share for tone in tones) / len(tones) if tones else 0.0
    return Part(name, share, tuple(rule for rule, _many in failed.most_common()))


def _urgent_first(cases: Sequence[Told]) -> float:
    """Which part of the urgent cases was taken before every other one."""
    urgent = [one for one in cases if one.urgent]
    others = [one.touched for one in cases if not one.urgent and one.touched is not None]
    if not urgent:
        return 0.0
    first = min(others, default=None)
    return sum(one.touched is not None and (first is None or one.touched <= first) for one in urgent) / len(urgent)
