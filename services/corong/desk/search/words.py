"""From words to what the table keeps: the stems that routing looks for, and of each 64 bits under a key.

The key is derived from the deployment's. After a change of that all cases are read again, and what an old copy of the
table tells goes with the old key.
"""

import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from corong.runtime.deployment_key import DeploymentKey, keyed
from corong.runtime.refusal import Refused
from corong.runtime.stems import stemmer, words

KEY_USE = "search"
MOST_STEMS = 12
"""In one question."""

_, stem = stemmer({}, ())
_QUOTED = re.compile('["\u201c\u201d\u201e]([^"\u201c\u201d\u201e]*)["\u201c\u201d\u201e]')


def stems(text: str) -> list[str]:
    """The stems of a text's words, in order; runs of letters alone, so numbers are not among them."""
    return [stem(word) for word in words(text)]


@dataclass(frozen=True)
class Question:
    """What somebody looks for: all of the stems, and of each phrase its stems side by side."""

    stems: frozenset[str]
    phrases: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, text: str) -> "Question":
        """From what was typed. Raises `Refused` (422) where that has no word, or too many."""
        phrases = [tuple(stems(found)) for found in _QUOTED.findall(text)]
        wanted = frozenset(stems(text))
        if not wanted:
            raise Refused(422, "no_words", "Tulis kata yang dicari, atau nomor pendaftaran.",
                          "Write the words to look for, or a registration number.", ["q"])  # fmt: skip
        if len(wanted) > MOST_STEMS:
            raise Refused(422, "too_many_words", f"Paling banyak {MOST_STEMS} kata sekali cari.",
                          f"At most {MOST_STEMS} words at once.", ["q"])  # fmt: skip
        return cls(wanted, tuple(phrase for phrase in phrases if len(phrase) > 1))

    def stands_in(self, texts: Iterable[Sequence[str]]) -> bool:
        """Whether each phrase stands in one of these texts, given as stems."""
        kept = [tuple(text) for text in texts]
        return all(any(_within(phrase, text) for text in kept) for phrase in self.phrases)


def _within(phrase: tuple[str, ...], text: tuple[str, ...]) -> bool:
    return any(text[start : start + len(phrase)] == phrase for start in range(len(text) - len(phrase) + 1))


class Terms:
    """Makes terms under the present key of the installation."""

    def __init__(self, key: DeploymentKey) -> None:
        self._key = key

    @property
    def made_of(self) -> str:
        """Which key that is, without telling it."""
        return keyed(self._key.derive(KEY_USE), "id")[:16]

    def of(self, wanted: Iterable[str]) -> set[int]:
        """The terms of stems: signed 64-bit numbers, as both databases have them."""
        secret = self._key.derive(KEY_USE)
        return {
            int.from_bytes(hmac.digest(secret, b"stem\0" + one.encode(), "sha256")[:8], "big", signed=True)
            for one in wanted
        }


def packed(terms: Iterable[int]) -> bytes:
    """Terms as a row keeps them."""
    return b"".join(term.to_bytes(8, "big", signed=True) for term in sorted(terms))


def unpacked(kept: bytes) -> set[int]:
    """What `packed` made."""
    return {int.from_bytes(kept[start : start + 8], "big", signed=True) for start in range(0, len(kept), 8)}
