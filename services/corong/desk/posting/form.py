"""What an officer fills in for a post."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from corong.desk.bodies import NewPost, PostWords

TITLE, TEXT = 300, 20_000
"""Characters."""
OWN = "teks-"
"""Beginning of the name of the field with an account's own version."""


@dataclass(frozen=True)
class Writing:
    """As it was filled in."""

    unit: str = ""
    label: str = ""
    title: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    accounts: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    immediate: bool = False

    @classmethod
    def of(cls, given: Iterable[tuple[str, object]]) -> "Writing":
        """From a form's names and values."""
        words: dict[str, str] = {}
        accounts: list[str] = []
        for name, value in given:
            if not isinstance(value, str):
                continue
            if name == "accounts":
                accounts.append(value)
            else:
                words[name] = value.replace("\r\n", "\n")
        own = {name[len(OWN) :]: text.strip() for name, text in words.items() if name.startswith(OWN)}
        return cls(
            unit=words.get("unit", ""),
            label=words.get("label", ""),
            title=" ".join(words.get("title", "").split()),
            text=words.get("text", "").strip(),
            accounts=tuple(dict.fromkeys(accounts)),
            texts={account: text for account, text in own.items() if text and account in accounts},
            immediate=words.get("immediate") == "ya",
        )

    def new(self) -> NewPost:
        """The body of a new post. Raises pydantic's `ValidationError`."""
        return NewPost.model_validate({**self.words(), **self._where()})

    def changed(self) -> PostWords:
        """The body of another text. Raises pydantic's `ValidationError`."""
        return PostWords.model_validate(self.words())

    def words(self) -> dict[str, Any]:
        """What is to be read."""
        return {"title": self.title, "text": self.text, "texts": dict(self.texts)}

    def _where(self) -> dict[str, Any]:
        chosen = {"label": self.label} if self.label else {}  # none is missing, not wrong
        return {"unit": self.unit, **chosen, "accounts": list(self.accounts), "immediate": self.immediate}


@dataclass(frozen=True)
class Fit:
    """How a text stands on one account."""

    account: str
    name: str
    channel: str
    unit: str
    counted: int
    most: int
    in_bytes: bool
    text: str = field(repr=False)

    @property
    def too_long(self) -> bool:
        """The account does not take it."""
        return self.counted > self.most


def fits(told: Sequence[Mapping[str, Any]]) -> list[Fit]:
    """As publishing measured them."""
    return [Fit(**one) for one in told]
