"""The header of a mail: fields as they came, encoded words, parameters, addresses, message ids and dates."""

import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from corong.channels.email.charset import clean, decode

MAX_FIELD = 60_000
"""Characters of one header field that are looked at."""

MAX_MESSAGE_ID = 900

_FOLD = re.compile(r"[\r\n]+(?=[ \t])|[\r\n]+")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<([^<>]+)>")
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]+@(?:[^\s@<>()\[\],;:\"\\]+|\[[0-9A-Fa-f.:]+\])")
_COMMENT = re.compile(r"\([^()]*\)")
_PARAMETER = re.compile(r"([^*\s]{1,60})(?:\*([0-9]{1,3}))?(\*)?")
_BASE64_NOISE = re.compile(rb"[^A-Za-z0-9+/=]+")


@dataclass(frozen=True)
class Mailbox:
    """Who a mail is from or for: `address` with its domain in lower case, and the display name, "" without one."""

    address: str
    name: str = ""


class Headers:
    """The fields of one header, by name without regard to case, as raw text in which bytes are surrogates."""

    def __init__(self, items: Iterable[tuple[str, object]]) -> None:
        self._fields: dict[str, list[str]] = {}
        for name, value in items:
            self._fields.setdefault(name.lower(), []).append(_FOLD.sub("", str(value)[:MAX_FIELD]))

    def first(self, name: str) -> str:
        """Return the first field of that name without folding, "" when there is none."""
        return self._fields.get(name.lower(), [""])[0].strip(" \t")

    def all(self, name: str) -> list[str]:
        """Return all fields of that name."""
        return self._fields.get(name.lower(), [])

    def word(self, name: str) -> str:
        """Return the first word of a field in lower case, without comments and parameters: `auto-replied`."""
        return re.split(r"[;(\s]", self.first(name).lower(), maxsplit=1)[0]

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._fields


def raw_bytes(text: str) -> bytes:
    """Return the bytes that the standard library's parser has put into a str by surrogate escapes."""
    return text.encode("utf-8", "surrogateescape")


def decode_base64(data: bytes) -> tuple[bytes, bool]:
    """Return what can be decoded and whether anything was wrong with it (RFC 4648; line ends are not wrong)."""
    wanted = _BASE64_NOISE.sub(b"", data)
    broken = len(wanted) != len(data) - sum(data.count(space) for space in (b"\r", b"\n", b" ", b"\t"))
    body, padding, rest = wanted.partition(b"=")
    if rest.strip(b"=") or (padding and (len(body) + 1 + len(rest)) % 4) or (not padding and len(body) % 4):
        broken = True
    if len(body) % 4 == 1:
        body = body[:-1]
    return binascii.a2b_base64(body + b"=" * (-len(body) % 4)), broken


def decode_words(raw: str) -> tuple[str, bool]:
    """Return a field's text with its encoded words decoded (RFC 2047), and whether a charset was guessed.

    Words that stand next to each other in one charset are joined first: programs cut characters in two.
    """
    found: list[tuple[str, bytes]] = []  # (charset, bytes); charset "" is what stood outside of words
    position = 0
    for match in _WORD.finditer(raw):
        between = raw[position : match.start()]
        if between and not (position and between.isspace()):
            found.append(("", raw_bytes(between)))
        charset = match[1].partition("*")[0].lower()
        content = raw_bytes(match[3])
        if match[2] in "bB":
            data, _ = decode_base64(content)
        else:
            data = binascii.a2b_qp(content, header=True)
        if found and found[-1][0] == charset:
            data = found.pop()[1] + data
        found.append((charset, data))
        position = match.end()
    if raw[position:]:
        found.append(("", raw_bytes(raw[position:])))
    decoded = [decode(data, charset) for charset, data in found]
    return "".join(text for text, _ in decoded), any(guessed for _, guessed in decoded)


def one_line(text: str) -> str:
    """Return `text` on one line with single spaces."""
    return " ".join(text.split())


def parameters(raw: str) -> tuple[str, dict[str, str]]:
    """Return a field's value in lower case and its parameters, decoded (RFC 2045 5.1, RFC 2231, RFC 2047 in quotes)."""
    value, *rest = _split(raw, ";")
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for item in rest:
        name, equals, content = item.partition("=")
        match = _PARAMETER.fullmatch(name.strip().lower())
        if not equals or match is None:
            continue
        content = _unquote(content.strip())
        if match[2] is None and match[3] is None:
            plain.setdefault(match[1], decode_words(content)[0])
        else:
            pieces.setdefault(match[1], {}).setdefault(int(match[2] or 0), (content, match[3] is not None))
    for name, numbered in pieces.items():
        plain[name] = _join_pieces(numbered)
    return clean(_COMMENT.sub("", value)).strip().lower(), plain


def _join_pieces(numbered: dict[int, tuple[str, bool]]) -> str:
    charset, data = "", b""
    for position, (_, (content, encoded)) in enumerate(sorted(numbered.items())):
        if encoded and position == 0 and content.count("'") >= 2:
            charset, _, content = content.split("'", 2)
        piece = raw_bytes(content)
        data += unquote_to_bytes(piece) if encoded else piece
    text, _ = decode(data, charset)
    return decode_words(text)[0]


def addresses(raws: Iterable[str]) -> list[Mailbox]:
    """Return the mailboxes in address fields (RFC 5322 3.4), groups flattened; what has no usable address is left out.

    A comma in a name that nobody quoted, as in `Budi, S.H. <budi@warga.test>`, belongs to the name.
    """
    found = []
    for raw in raws:
        waiting = ""
        for item in _split(raw, ",;"):
            if "@" not in item:
                waiting += item + ","
                continue
            mailbox = _mailbox(waiting + item)
            waiting = ""
            if mailbox is not None:
                found.append(mailbox)
    return found


def _mailbox(item: str) -> Mailbox | None:
    before, angle, after = item.rpartition("<")
    if angle:
        address, name = after.partition(">")[0], before if '"' in before else before.rpartition(":")[2]
    else:
        address = _COMMENT.sub(" ", item.rpartition(":")[2].rpartition(",")[2])
        name = "".join(_COMMENT.findall(item))[1:-1]
    address = clean(decode(raw_bytes(address))[0]).strip().rstrip(".")
    if _ADDRESS.fullmatch(address) is None or len(address) > 320:
        return None
    local, _, domain = address.rpartition("@")
    return Mailbox(f"{local}@{domain.lower()}", one_line(decode_words(_unquote(name.strip(" \t,")))[0])[:200])


def message_ids(raw: str) -> list[str]:
    """Return the message ids in a field, in order, each once, without angle brackets (RFC 5322 3.6.4)."""
    found = [re.sub(r"\s+", "", item) for item in _MESSAGE_ID.findall(raw)]
    if not found:
        found = [item for item in raw.split() if "@" in item]
    usable = (decode(raw_bytes(item))[0] for item in found)
    return list(dict.fromkeys(item for item in usable if item and len(item) <= MAX_MESSAGE_ID))


def date(raw: str) -> datetime | None:
    """Return a Date field's time in UTC (RFC 5322 3.3), None when it can't be one."""
    try:
        found = parsedate_to_datetime(raw[:200])
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if 1970 <= found.year < 2200 else None


def _split(raw: str, separators: str) -> Iterator[str]:
    """Yield the items between separators that stand outside of quotes, angle brackets, comments and encoded words."""
    words = {match.start(): match.end() for match in _WORD.finditer(raw)}
    start, depth, quoted, angle, skip = 0, 0, False, False, 0
    for position, character in enumerate(raw):
        if position < skip:
            continue
        if position in words and not quoted:
            skip = words[position]
        elif character == "\\":
            skip = position + 2 if quoted or depth else 0
        elif character == '"' and not depth:
            quoted = not quoted
        elif quoted:
            continue
        elif character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif depth:
            continue
        elif character in "<>":
            angle = character == "<"
        elif character in separators and not angle:
            yield raw[start:position]
            start = position + 1
    yield raw[start:]


def _unquote(text: str) -> str:
    r"""Return what is between quotes; a backslash is dropped before a quote or a backslash only: "C:\a.pdf"."""
    if not text.startswith('"'):
        return text
    end = len(text) - 1 if len(text) > 1 and text.endswith('"') else len(text)
    return re.sub(r'\\(["\\])', r"\1", text[1:end])
