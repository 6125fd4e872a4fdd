"""A book as bytes, so that the next report goes on where the last one ended, not at the log's first entry.

Nobody's words are in a book, so none are in these bytes.
"""

import hashlib
import json
import zlib

from pydantic import TypeAdapter

from corong.reports.book import TYPES, Book, Kept
from corong.working_days.zones import Zone

__all__ = ["FORM", "packed", "unpacked"]

_VERSION = 1
"""One more whenever an event is folded otherwise than before."""
_KEPT = TypeAdapter(Kept)
FORM = hashlib.sha256(
    json.dumps([_VERSION, TYPES, _KEPT.json_schema()], sort_keys=True).encode()
).hexdigest()  # fmt: skip
"""Bytes of another form are of another Corong: they can't be gone on from."""


def packed(book: Book) -> bytes:
    """The book."""
    return zlib.compress(_KEPT.dump_json(book.kept()), 1)


def unpacked(zone: Zone, data: bytes) -> Book:
    """The book again. Raises ValueError and zlib.error on bytes that `packed` did not make."""
    return Book.of_kept(zone, _KEPT.validate_json(zlib.decompress(data)))
