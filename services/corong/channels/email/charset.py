"""Bytes of a mail to text that JSON and PostgreSQL accept, whatever the label on them says."""

import codecs
import re

_TEXT_CODEC = re.compile(
    r"ascii|utf-(7|8|8-sig|16|32)(-[bl]e)?|iso8859-\d+|iso2022_\w+|cp\d+|koi8-[rtu]|gb2312|gbk|gb18030|big5(hkscs)?"
    r"|shift_jis\w*|euc_\w+|johab|hz|mac-\w+|tis-620|ptcp154|kz1048"
)
"""Codecs for text. Python has others under names that a mail could give: idna, punycode, unicode_escape, undefined."""

_LABELS = {
    "ansi": "cp1252",
    "unicode": "utf-16",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "iso-8859-8-i": "iso8859-8",
    "ks_c_5601-1987": "cp949",
    "x-gbk": "gb18030",
    "x-sjis": "cp932",
    "x-big5": "big5hkscs",
}

_WIDER = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso2022_jp": "iso2022_jp_ext",
}
"""Labels that programs put on a wider charset than they name (WHATWG Encoding Standard, names and labels)."""

_WESTERN = {"cp1252", "iso8859-15", "cp850", "cp437", "mac-roman"}
"""Here a text whose bytes happen to be valid UTF-8 is UTF-8: nobody writes Ã©."""

_NEW_LINE = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")


def clean(text: str) -> str:
    r"""Return `text` with line ends as \n and without NUL, other control characters, lone surrogates and BOMs."""
    return _UNWANTED.sub("", _NEW_LINE.sub("\n", text))


def decode(data: bytes, label: str = "") -> tuple[str, bool]:
    """Return the text of `data` and whether its charset had to be guessed. Raises nothing.

    The label is believed unless the bytes refute it: not valid under it, or a western label on valid UTF-8.
    Without a label it is UTF-8 (RFC 6532), else windows-1252.
    """
    text, guessed = _decode(data, label)
    return clean(text), guessed


def _decode(data: bytes, label: str) -> tuple[str, bool]:
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig", "replace"), False
    codec = _codec(label)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace"), not codec.startswith("utf-16")
    if codec in {"", "ascii"}:
        return _unlabelled(data, bool(label))
    if codec in _WESTERN and not data.isascii() and (text := _strictly(data, "utf-8")) is not None:
        return text, True
    if (text := _strictly(data, codec)) is not None:
        return text, False
    if codec == "utf-8":
        return _broken_utf8(data), True
    if (text := _strictly(data, "utf-8")) is not None:
        return text, True
    try:
        return data.decode(codec, "replace"), True
    except (UnicodeError, ValueError):
        return data.decode("cp1252", "replace"), True


def _unlabelled(data: bytes, labelled: bool) -> tuple[str, bool]:
    if b"\x1b$" in data and (text := _strictly(data, "iso2022_jp_ext")) is not None:
        return text, True
    if (text := _strictly(data, "utf-8")) is not None:
        return text, labelled and not data.isascii()
    return data.decode("cp1252", "replace"), True


def _broken_utf8(data: bytes) -> str:
    """Tell damaged UTF-8, where most characters are whole, from another charset, where none is."""
    text = data.decode("utf-8", "replace")
    above_ascii = len(data) - len(data.decode("ascii", "ignore"))
    return data.decode("cp1252", "replace") if text.count("\ufffd") * 2 > above_ascii else text


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _codec(label: str) -> str:
    """Return Python's name of the charset that a label means, "" for one that it doesn't know or that isn't text."""
    name = label.strip().strip("\"'").strip().lower()
    if not name.isascii() or "\0" in name:
        return ""
    try:
        found = codecs.lookup(_LABELS.get(name, name)).name
    except (LookupError, ValueError):
        return ""
    return _WIDER.get(found, found) if _TEXT_CODEC.fullmatch(found) else ""
