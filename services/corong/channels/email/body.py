"""The text and the files in a mail's MIME tree (RFC 2045 to 2049, RFC 2387, RFC 3676)."""

import binascii
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.policy import compat32

from corong.channels.email.charset import clean, decode
from corong.channels.email.flags import Flag
from corong.channels.email.headers import Headers, decode_base64, decode_words, one_line, parameters, raw_bytes
from corong.channels.email.html_text import MAX_HTML, html_to_text

MAX_DEPTH = 40
MAX_PARTS = 300
MAX_TEXT = 500_000
"""Characters of text, all parts together."""

REPORT_TYPES = frozenset(
    {
        "message/delivery-status",
        "message/global-delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
        "text/rfc822-headers",
        "message/global-headers",
    }
)

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,65}")
_SIGNATURES = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
_FOR_OTHER_PROGRAMS = {"text/x-amp-html", "text/watch-html"}  # the same text a third time
_SHOW_AS_HTML = re.compile(
    r"html.{0,80}(view|viewer|support|browser|mendukung)|(view|support).{0,80}html", re.IGNORECASE
)
_NAME_UNWANTED = re.compile('[\x00-\x1f\x7f<>:"|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]')
_AS_CAME = compat32.clone(max_line_length=0, linesep="\r\n")


@dataclass(frozen=True)
class Attachment:
    """A file in a mail.

    `name` is safe to show and never empty; `inline`: the text shows it, by `content_id` (RFC 2392).
    """

    name: str
    media_type: str
    content: bytes = field(repr=False)
    inline: bool = False
    content_id: str = ""
    signature: bool = False
    """It is a digital signature over the mail, nothing that the sender attached."""


@dataclass
class Content:
    """What was found in a mail: its text, its files, and what to know of them."""

    text: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    flags: set[Flag] = field(default_factory=set)


class Part(Message):
    """A part of a mail that gives its content as it came; the base class decodes it by whatever charset it names."""

    _payload: object

    def content(self) -> object:
        """Return the parts inside, or text in which bytes are surrogates."""
        return self._payload


def fields(part: Part) -> Headers:
    """Return the header of a part as it came."""
    return Headers(part.raw_items())


def children(part: Part) -> list[Part]:
    """Return the parts inside a part, none for a leaf."""
    content = part.content()
    return [item for item in content if isinstance(item, Part)] if isinstance(content, list) else []


def media_type(part: Part) -> tuple[str, dict[str, str]]:
    """Return a part's media type, its default where the field is missing or no type, and the parameters."""
    value, found = parameters(fields(part).first("content-type"))
    if _MEDIA_TYPE.fullmatch(value):
        return value, found
    return (part.get_default_type() if not value else "text/plain"), found


def walk(part: Part) -> Iterator[Part]:
    """Yield a part and all parts in it, except those of mails inside it; in the order of the mail."""
    waiting = [part]
    while waiting:
        current = waiting.pop()
        yield current
        if media_type(current)[0].startswith("multipart/"):
            waiting += reversed(children(current))


def undecoded(part: Part) -> bytes:
    """Return the bytes of a leaf before its transfer encoding is undone, none of what has parts."""
    content = part.content()
    return raw_bytes(content) if isinstance(content, str) else b""


def payload(part: Part) -> tuple[bytes, bool]:
    """Return the decoded bytes of a leaf and whether its transfer encoding was broken (RFC 2045 6)."""
    data = undecoded(part)
    match fields(part).word("content-transfer-encoding"):
        case "base64":
            return decode_base64(data)
        case "quoted-printable":
            return binascii.a2b_qp(data), False
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            return _uudecode(data)
    return data, False


def read(message: Part, *, is_report: bool = False) -> Content:
    """Return the text and the files of a mail. In a report the returned mail is no file."""
    reader = _Reader(is_report)
    reader.content.text = clean(reader.read(message, depth=0, want_text=True, related=False)).strip("\n")
    if not reader.content.text.strip() and reader.nested:
        reader.content.text = clean(reader.read(reader.nested[0], depth=1, want_text=True, related=False)).strip("\n")
        if reader.content.text.strip():
            reader.content.flags.add(Flag.TEXT_FROM_NESTED)
    if len(reader.content.text) > MAX_TEXT:
        reader.content.text = reader.content.text[:MAX_TEXT]
        reader.content.flags.add(Flag.TEXT_CUT)
    return reader.content


class _Reader:
    """Goes through one mail's tree."""

    def __init__(self, is_report: bool) -> None:
        self.content = Content()
        self.nested: list[Part] = []
        self._is_report = is_report
        self._parts = 0

    def read(self, part: Part, *, depth: int, want_text: bool, related: bool) -> str:
        """Return the text of a part, files put aside on the way."""
        self._parts += 1
        if depth > MAX_DEPTH or self._parts > MAX_PARTS:
            self.content.flags.add(Flag.PARTS_LEFT_OUT)
            return ""
        kind, given = media_type(part)
        inside = children(part)
        if kind in REPORT_TYPES or kind in _FOR_OTHER_PROGRAMS:
            return ""
        if kind.startswith("message/") and inside:
            return self._mail_inside(part, inside[0])
        if not inside:
            return self._leaf(part, kind, given, want_text=want_text, related=related)
        if kind in {"multipart/signed", "multipart/encrypted"}:
            self.content.flags.add(Flag.SIGNED if kind == "multipart/signed" else Flag.ENCRYPTED)
        if kind == "multipart/alternative":
            return self._alternative(inside, depth=depth, want_text=want_text)
        texts: list[str] = []
        for child in inside:
            is_related = kind == "multipart/related" and child is not inside[0]
            text = self.read(child, depth=depth + 1, want_text=want_text and not is_related, related=is_related)
            texts += [text.strip("\n")] if text.strip() else []
        return "\n\n".join(texts)

    def _alternative(self, inside: list[Part], *, depth: int, want_text: bool) -> str:
        """Return the plain text if it says anything, else the richest other; the files of all."""
        best, best_is_html = "", False
        for child in inside:
            had_html = Flag.HTML_ONLY in self.content.flags
            self.content.flags.discard(Flag.HTML_ONLY)
            wanted = want_text and (not best.strip() or _says_use_html(best))
            text = self.read(child, depth=depth + 1, want_text=wanted, related=False)
            is_html = Flag.HTML_ONLY in self.content.flags
            if text.strip():
                best, best_is_html = text, is_html
            self.content.flags.discard(Flag.HTML_ONLY)
            if best_is_html or had_html:
                self.content.flags.add(Flag.HTML_ONLY)
        return best

    def _leaf(self, part: Part, kind: str, given: dict[str, str], *, want_text: bool, related: bool) -> str:
        disposition, about = parameters(fields(part).first("content-disposition"))
        name = about.get("filename") or given.get("name") or ""
        is_text = kind in {"text/plain", "text/html"} or kind.startswith("multipart/")
        if is_text and not name and disposition != "attachment" and not related:
            return self._text(part, kind, given) if want_text else ""
        data, broken = payload(part)
        if broken:
            self.content.flags.add(Flag.ENCODING_BROKEN)
        if kind == "application/ms-tnef" or name.lower() == "winmail.dat":
            self.content.flags.add(Flag.WINMAIL)
        if kind in {"application/pkcs7-mime", "application/x-pkcs7-mime"}:
            smime_type = given.get("smime-type", "enveloped-data")
            self.content.flags.add(Flag.SIGNED if smime_type == "signed-data" else Flag.ENCRYPTED)
        content_id = clean(fields(part).first("content-id")).strip("<> ")[:200]
        inline = disposition == "inline" or (related and disposition != "attachment")
        self._attach(name, kind, data, inline=inline, content_id=content_id)
        return ""

    def _text(self, part: Part, kind: str, given: dict[str, str]) -> str:
        if kind.startswith("multipart/"):
            self.content.flags.add(Flag.STRUCTURE_BROKEN)
        data, broken = payload(part)
        text, guessed = decode(data, given.get("charset", ""))
        if broken:
            self.content.flags.add(Flag.ENCODING_BROKEN)
        if guessed:
            self.content.flags.add(Flag.CHARSET_GUESSED)
        if kind == "text/html":
            if len(text) > MAX_HTML:
                self.content.flags.add(Flag.TEXT_CUT)
            self.content.flags.add(Flag.HTML_ONLY)
            return html_to_text(text)
        if given.get("format", "").lower() == "flowed":
            return unflow(text, delete_space=given.get("delsp", "").lower() == "yes")
        return text

    def _mail_inside(self, part: Part, inside: Part) -> str:
        """Put a mail inside aside as a file with the subject for its name (RFC 2046 5.2.1)."""
        data = _as_bytes(inside)
        if fields(part).word("content-transfer-encoding") == "base64":  # forbidden there, and done
            data = decode_base64(undecoded(inside))[0]
        elif not self._is_report:
            self.nested.append(inside)
        if not self._is_report:
            subject = fields(inside).first("subject")
            name = parameters(fields(part).first("content-disposition"))[1].get("filename") or ""
            spoken = one_line(decode_words(subject)[0])[:80]
            self._attach(name or (f"{spoken}.eml" if spoken else ""), "message/rfc822", data)
        return ""

    def _attach(self, name: str, kind: str, data: bytes, *, inline: bool = False, content_id: str = "") -> None:
        number = len(self.content.attachments) + 1
        self.content.attachments.append(
            Attachment(
                name=file_name(name) or f"lampiran-{number}{mimetypes.guess_extension(kind) or '.bin'}",
                media_type=kind if _MEDIA_TYPE.fullmatch(kind) else "application/octet-stream",
                content=data,
                inline=inline,
                content_id=content_id,
                signature=kind in _SIGNATURES,
            )
        )


def file_name(given: str) -> str:
    """Return the last part of a path as a name that no program stumbles over, at most 200 characters, "" for none."""
    name = one_line(_NAME_UNWANTED.sub("", clean(given).replace("\\", "/").rsplit("/", 1)[-1])).strip(". ")
    stem, dot, extension = name.rpartition(".")
    if len(name) > 200:
        name = f"{stem[: 199 - len(extension)]}.{extension}" if dot and len(extension) < 20 else name[:200]
    return name


def unflow(text: str, *, delete_space: bool) -> str:
    """Return a text in format=flowed with its paragraphs on one line each (RFC 3676 4)."""
    paragraphs: list[str] = []
    open_depth = -1  # quote depth of a paragraph that goes on, -1 for none
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        if depth == open_depth:
            before = paragraphs[-1]
            paragraphs[-1] = (before[:-1] if delete_space else before) + content
        else:
            paragraphs.append((">" * depth + " " if depth else "") + content)
        open_depth = depth if content.endswith(" ") and content != "-- " else -1
    return "\n".join(paragraphs)


def _says_use_html(text: str) -> bool:
    return len(text) < 300 and _SHOW_AS_HTML.search(text) is not None


def _as_bytes(message: Part) -> bytes:
    try:
        return message.as_bytes(policy=_AS_CAME)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return raw_bytes("".join(f"{name}: {value}\r\n" for name, value in message.raw_items()))


def _uudecode(data: bytes) -> tuple[bytes, bool]:
    found, broken = bytearray(), False
    for line in data.splitlines():
        if line.startswith((b"begin ", b"`")) or line in {b"end", b""}:
            continue
        try:
            found += binascii.a2b_uu(line)
        except binascii.Error:
            broken = True
    return bytes(found), broken
