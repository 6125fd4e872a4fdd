"""Answers that are public already, as the form shows them.

Who finds them is given to the form where the process is put together.
"""

from collections.abc import Awaitable, Sequence
from typing import Protocol


class SimilarAnswer(Protocol):
    """One."""

    @property
    def question(self) -> str:
        """In the office's words."""

    @property
    def excerpt(self) -> str:
        """How the answer begins."""

    @property
    def address(self) -> str:
        """Of its page, below the hub's own."""


class SimilarAnswers(Protocol):
    """Finds those that a message may have been answered by, the likeliest first, a few at most."""

    def __call__(self, text: str, /) -> Awaitable[Sequence[SimilarAnswer]]:
        """`text` is what the citizen wrote; it is looked at and not kept."""
