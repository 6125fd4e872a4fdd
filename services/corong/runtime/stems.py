"""Words as Indonesians type them, brought to stems: what the rules look for, and what searches find by."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from threading import Lock

from snowballstemmer.indonesian_stemmer import IndonesianStemmer

__all__ = ["Stems", "stemmer", "words"]

# Letters alone: numbers of identity cards and telephones never get into a cache. Longer runs are no words.
_WORD = re.compile(r"[^\W\d_]{1,32}")
_ASCII_WORD = re.compile(r"[A-Za-z]{1,32}")

Stems = tuple[str, ...]


def words(text: str) -> list[str]:
    """The runs of letters in `text`, in their own case; ornamental letters become plain ones (Unicode NFKC)."""
    if text.isascii():
        return _ASCII_WORD.findall(text)
    return _WORD.findall(unicodedata.normalize("NFKC", text))


def stemmer(spelling: Mapping[str, str], whole: Collection[str]) -> tuple[Callable[[str], str], Callable[[str], str]]:
    """Two functions of a word: its usual spelling in small letters, and its stem (Snowball's Indonesian algorithm).

    Words of `whole` are their own stems.
    """
    snowball, lock = IndonesianStemmer(), Lock()

    def spelled(word: str) -> str:
        small = word.casefold()
        return spelling.get(small, small)

    @lru_cache(maxsize=16_384)
    def stem(word: str) -> str:
        usual = spelled(word)
        if usual in whole:
            return usual
        with lock:  # the algorithm keeps its state in the object
            found = str(snowball.stemWord(usual))
            # "lobangnya" becomes "lobang", which has a usual spelling itself; a short stem may be another word's rest.
            return str(snowball.stemWord(spelling[found])) if len(found) >= 5 and found in spelling else found

    return spelled, stem
