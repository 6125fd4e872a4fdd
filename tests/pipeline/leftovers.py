"""Searches every file of an installation for words, in the forms in which programs write words down."""

import base64
import json
import urllib.parse
from collections.abc import Iterable
from pathlib import Path


def forms(words: str | bytes) -> dict[str, bytes]:
    """Name → bytes: plain, other encodings, base64 at each of the three offsets, hexadecimal, JSON and URL."""
    raw = words.encode() if isinstance(words, str) else words
    found = {"plain": raw, "hex": raw.hex().encode(), "HEX": raw.hex().upper().encode()}
    for offset in range(3):
        # What does not depend on the neighbours: whole groups of three bytes.
        cut = raw[(3 - offset) % 3 :]
        cut = cut[: len(cut) - len(cut) % 3]
        if len(cut) >= 9:
            found[f"base64+{offset}"] = base64.b64encode(cut)
            found[f"base64url+{offset}"] = base64.urlsafe_b64encode(cut)
    if isinstance(words, str):
        found |= {
            "utf-16-le": words.encode("utf-16-le"),
            "utf-16-be": words.encode("utf-16-be"),
            "json": json.dumps(words)[1:-1].encode(),
            "url": urllib.parse.quote(words).encode(),
            "folded": words.casefold().encode(),
        }
    return found


def leftovers(folder: Path, wanted: Iterable[str | bytes], but: Iterable[str] = ()) -> list[str]:
    """`file: form` for each find below a folder. `but` are names of files that are not looked into."""
    needles = [(name, form) for words in wanted for name, form in forms(words).items()]
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in but:
            content = path.read_bytes()
            found += [f"{path.relative_to(folder)}: {name}" for name, form in needles if form in content]
    return found
