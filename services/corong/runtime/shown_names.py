"""Names of files as they are shown: what the citizen's program called them stays sealed in the event, unaltered."""

import re
import unicodedata

MOST = 100
"""Characters of a name; what is longer loses its middle, and keeps its extension."""

_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def shown_name(name: str) -> str:
    r"""The last part of a path, on one line, without what can't be seen or turns the direction; "" where nothing is.

    A name such as `foto\\u202egpj.exe` would show as `fotoexe.jpg` (Unicode UAX 9, UTS 55).
    """
    seen = "".join(" " if sign.isspace() else sign for sign in name if sign.isspace() or not _hidden(sign))
    last = " ".join(re.split(r"[/\\]", seen)[-1].split()).lstrip(". ")
    if len(last) <= MOST:
        return last
    stem, dot, extension = last.rpartition(".")
    if not dot or len(extension) > 12:
        return last[: MOST - 1] + "…"
    return f"{stem[: MOST - 2 - len(extension)]}….{extension}"


def _hidden(sign: str) -> bool:
    return unicodedata.category(sign) in _HIDDEN
