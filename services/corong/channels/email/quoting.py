"""What the sender wrote now, apart from what the program copied below it and from the signature.

Programs mark a copied mail in few ways: a line "Pada ..., X menulis:" with "> " before the lines that follow or not, a
rule with "Original Message", or a block From/Sent/To/Subject. Each is looked for line by line, in time that grows with
the length alone. Nothing is thrown away: what is cut is returned too. (mail-parser-reply was tried: it knows no
Indonesian, takes "- lubang di jalan" for a signature, and needs four seconds for 16 kB of "On a b c".)
"""

import re
from dataclasses import dataclass

_ATTRIBUTION_START = re.compile(r"\s*(?:on|pada|tanggal|at)\b", re.IGNORECASE)
_ATTRIBUTION_END = re.compile(r"\b(?:wrote|writes|menulis|menuliskan|berkata)\s*:\s*$", re.IGNORECASE)
_WHEN_OR_WHO = re.compile(r"@|\d{1,2}[.:]\d{2}|\d{4}")
_ORIGINAL = re.compile(
    r"\s*-{3,}\s*(?:original (?:message|e?-?mail)|pesan asli|email asli|pesan sebelumnya|balasan dari)\s*-{3,}.*",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"\s*(?:-{3,}\s*(?:forwarded message|forwarded mail|pesan (?:yang )?diteruskan|pesan terusan)\s*-{3,}"
    r"|begin forwarded message:|mulai meneruskan pesan:|awal pesan (?:yang )?diteruskan:).*",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*_{20,}\s*")
_FIELD = re.compile(
    r"\s*\*{0,2}(?:(from|dari)|(sent|dikirim|date|tanggal)|(to|kepada|ke|untuk)|(cc|tembusan)|(subject|subjek|perihal|hal))"
    r"\*{0,2}\s*:",
    re.IGNORECASE,
)
_SENT_FROM = re.compile(
    r"\s*(?:sent from (?:my |yahoo|mail|outlook|samsung|galaxy|gmail|the )"
    r"|(?:dikirim|terkirim) (?:dari|melalui|dengan) (?:i?phone|ipad|ponsel|hp|perangkat|yahoo|outlook|samsung|galaxy"
    r"|gmail|mail|surel|android|xiaomi|oppo|vivo|realme)|get outlook for|dapatkan outlook|unduh outlook).{0,100}",
    re.IGNORECASE,
)
_MAX_ATTRIBUTION = 4  # lines; programs fold it at 78 characters
_MAX_SIGNATURE = 12


@dataclass(frozen=True)
class Split:
    """`fresh` is the sender's own text, `quoted` what was cut; `unsure`: nothing would be left, so nothing was cut."""

    fresh: str
    quoted: str
    unsure: bool = False


def split(text: str, *, is_reply: bool) -> Split:
    """Part a mail's text. `is_reply` says whether its header tells of an earlier mail; weak marks count only then.

    A forwarded mail is what the sender wants to be read, so it stays.
    """
    lines = text.split("\n")
    cut, history = _history(lines, is_reply)
    _cut_signatures(lines, cut)
    fresh = _tidy([line for line, gone in zip(lines, cut, strict=True) if not gone])
    quoted = _tidy([line for line, gone in zip(lines, cut, strict=True) if gone])
    if not fresh and history:
        return Split(text.strip(), "", unsure=True)
    return Split(fresh, quoted)


def _history(lines: list[str], is_reply: bool) -> tuple[list[bool], bool]:
    """Return for each line whether it belongs to an earlier mail, and whether any does."""
    cut = [False] * len(lines)
    position, introduced = 0, is_reply
    while position < len(lines):
        line = lines[position]
        if _FORWARDED.fullmatch(line):
            break
        if line.startswith(">") and introduced:
            cut[position] = True
        elif (end := _attribution(lines, position)) and (
            _next(lines, end).startswith(">") or is_reply or "@" in "".join(lines[position:end])
        ):
            introduced = True
            prefixed = _next(lines, end).startswith(">")
            stop = end if prefixed else len(lines)
            cut[position:stop] = [True] * (stop - position)
            position = stop
            continue
        elif _ORIGINAL.fullmatch(line) or _header_block(lines, position, is_reply):
            cut[position:] = [True] * (len(lines) - position)
            break
        position += 1
    return cut, any(cut)


def _attribution(lines: list[str], start: int) -> int:
    """Return the position after a line like "Pada 12 Mar 2026 09.15, Siti <siti@warga.test> menulis:", 0 if none."""
    first = lines[start]
    if len(first) > 300:
        return 0
    if _ATTRIBUTION_END.search(first):
        return start + 1 if _WHEN_OR_WHO.search(first) else 0
    if not _ATTRIBUTION_START.match(first):
        return 0
    joined = first
    for end in range(start + 1, min(start + _MAX_ATTRIBUTION, len(lines))):
        joined += " " + lines[end]
        if len(joined) > 500 or not lines[end].strip():
            return 0
        if _ATTRIBUTION_END.search(joined):
            return end + 1 if _WHEN_OR_WHO.search(joined) else 0
    return 0


def _header_block(lines: list[str], start: int, is_reply: bool) -> bool:
    """Whether From, Sent and one of To, Subject stand here, as Outlook puts above what it quotes.

    A citizen's letter may begin with such lines as well. Outlook's has the sender first, then the time; without the
    header of a reply it must stand under a rule.
    """
    under_rule = bool(_RULE.fullmatch(lines[start]))
    if not under_rule and not (is_reply and _FIELD.match(lines[start])):
        return False
    kinds: list[int] = []
    for line in lines[start + under_rule : start + under_rule + 12]:
        match = _FIELD.match(line)
        if match and match.lastindex:
            kinds.append(match.lastindex)
        elif line.strip() and not kinds:
            return False
    return kinds[:2] == [1, 2] and bool({3, 5} & set(kinds[2:]))


def _cut_signatures(lines: list[str], cut: list[bool]) -> None:
    """Mark a signature (RFC 3676 4.3: "-- " on its own line) and "Sent from my phone" at the end of what is not cut."""
    end = len(lines)
    filled = 0  # lines with text between here and the end of this stretch of own text
    last_filled = True
    for position in range(len(lines) - 1, -1, -1):
        line = lines[position]
        if cut[position]:
            end, filled, last_filled = position, 0, True
            continue
        if last_filled and _SENT_FROM.fullmatch(line):
            cut[position:end] = [True] * (end - position)
            end = position
        elif line in {"-- ", "--"} and 0 < filled <= _MAX_SIGNATURE:
            cut[position:end] = [True] * (end - position)
            end, filled, last_filled = position, 0, True
        elif line.strip():
            filled += 1
            last_filled = False


def _next(lines: list[str], position: int) -> str:
    """Return the next line with text, within three lines."""
    return next((line for line in lines[position : position + 3] if line.strip()), "")


def _tidy(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()
