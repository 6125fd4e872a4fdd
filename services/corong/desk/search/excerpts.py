"""Where in a case the words stand: some words around the first of them, opened for the reader and kept nowhere."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from corong.desk import thread
from corong.desk.context import Desk
from corong.desk.search.opening import key_of, searched, texts
from corong.desk.search.words import stem
from corong.runtime.stems import words

BEFORE, MOST = 70, 220
"""Characters: before the first of the words, and in all."""

_WORD = re.compile(r"[^\W\d_]{1,32}")
Piece = tuple[str, bool]
"""Some text, and whether it is one of the words."""


def of_cases(
    desk: Desk, connection: Connection, case_ids: Sequence[str], wanted: frozenset[str], titles: Mapping[str, str]
) -> dict[str, list[Piece]]:
    """Case → the text around the first word that is found in it. Reads the key store once.

    `titles` are what stands above it, by case: what is read there is not shown a second time.
    """
    kept = {case_id: searched(rows) for case_id, rows in thread.rows_of_many(connection, case_ids).items()}
    desk.installation.keys.get_many(key_of(row) for rows in kept.values() for row in rows)
    found = {}
    for case_id, rows in kept.items():
        if pieces := excerpt(texts(desk, rows), wanted, titles.get(case_id, "")):
            found[case_id] = pieces
    return found


def excerpt(said: Iterable[str], wanted: frozenset[str], title: str = "") -> list[Piece]:
    """Of the first text that has one of the stems after the title that it begins with; empty where none has."""
    read = _plain(title.removesuffix("…"))
    for text in said:
        plain = _plain(text)
        start = len(read) + 1 if read and f"{plain} ".startswith(f"{read} ") else 0
        if hits := [hit for hit in _hits(plain, wanted) if hit[0] >= start]:
            return _pieces(plain, hits, start, cut=start > 0 and title.endswith("…"))
    return []


def marked(text: str, wanted: frozenset[str]) -> list[Piece]:
    """The whole of a short text."""
    pieces, at = [], 0
    for first, last in _hits(text, wanted):
        pieces += [(text[at:first], False), (text[first:last], True)]
        at = last
    return [piece for piece in (*pieces, (text[at:], False)) if piece[0]]


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _hits(text: str, wanted: frozenset[str]) -> list[tuple[int, int]]:
    return [hit.span() for hit in _WORD.finditer(text) if _is_one(hit.group(), wanted)]


def _is_one(word: str, wanted: frozenset[str]) -> bool:
    return any(stem(part) in wanted for part in words(word))


def _pieces(text: str, hits: Sequence[tuple[int, int]], begin: int, *, cut: bool) -> list[Piece]:
    """`cut`: what stands before `begin` goes on there."""
    start = max(begin, hits[0][0] - BEFORE)
    start = text.find(" ", start, hits[0][0]) + 1 if start > begin else begin
    end = len(text) if len(text) <= start + MOST else max(text.rfind(" ", start, start + MOST), hits[0][1])
    pieces: list[Piece] = [("… ", False)] if cut or start > begin else []
    at = start
    for first, last in hits:
        if last > end:
            break
        pieces += [(text[at:first], False), (text[first:last], True)]
        at = last
    pieces.append((text[at:end] + ("…" if end < len(text) else ""), False))
    return [piece for piece in pieces if piece[0]]
