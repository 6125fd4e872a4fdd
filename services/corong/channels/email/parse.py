"""A mail's bytes to what the hub needs of it. Pure functions: no network, no clock, no state; no bytes make them raise.

The caller bounds the size and keeps the bytes: what is cut or guessed here, as the flags tell, can be read again.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from email.parser import BytesParser

from corong.channels.email import body
from corong.channels.email.body import Attachment, Part
from corong.channels.email.flags import Flag
from corong.channels.email.headers import Headers, Mailbox, addresses, date, decode_words, message_ids, one_line
from corong.channels.email.quoting import split
from corong.channels.email.reports import OWN_HEADER, DeliveryReport, Nature, nature, read_reports

__all__ = ["OWN_HEADER", "Attachment", "DeliveryReport", "Flag", "Mailbox", "Nature", "ParsedMail", "parse"]

MAX_REFERENCES = 100
MAX_ADDRESSES = 200
MAX_SUBJECT = 998

_REPLY_SUBJECT = re.compile(r"\s*(?:re|bls|balas|aw|antw)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_FORWARD_SUBJECT = re.compile(r"\s*(?:fwd?|trs|tr|wg|terusan|teruskan)\s*:", re.IGNORECASE)
_MAX_LINES_TIMES_DEPTH = 40_000_000


@dataclass(frozen=True)
class ParsedMail:
    """A mail as read. Its texts hold no NUL and no lone surrogate; ids are without angle brackets."""

    message_id: str
    """Message-ID, or `sha256-` and the digest of the bytes where the mail has none."""
    digest: str
    """SHA-256 of the bytes, in hexadecimal."""
    sender: Mailbox
    """Who wrote; the address is "" where the mail doesn't tell."""
    nature: Nature
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    """The oldest first; of more than 100 the first 10 and the last 90."""
    reply_to: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    return_path: str | None = None
    """The envelope sender as the server wrote it down, "" for the empty one of bounces, None where nothing is known."""
    subject: str = ""
    date: datetime | None = None
    """When the sender's program says it was written, UTC."""
    text: str = field(default="", repr=False)
    """All of the text, HTML made readable."""
    fresh_text: str = field(default="", repr=False)
    """What the sender wrote now."""
    quoted_text: str = field(default="", repr=False)
    """What was cut from it: earlier mails and the signature."""
    attachments: tuple[Attachment, ...] = ()
    reports: tuple[DeliveryReport, ...] = ()
    flags: frozenset[Flag] = frozenset()

    @property
    def thread(self) -> tuple[str, ...]:
        """Ids of the mails that this one answers, the nearest first, each once."""
        chain = [self.in_reply_to, *reversed(self.references)]
        return tuple(dict.fromkeys(item for item in chain if item and item != self.message_id))


def parse(raw: bytes, *, own_marker: str = "") -> ParsedMail:
    """Return what is in the mail `raw`, an RFC 5322 message with any line ends, or whatever else it may be.

    `own_marker`: the value by which this installation knows its own mails in `X-Loop` and `X-Corong-Loop`. A stranger
    can copy it, so it may only lead to ignoring a mail. Raises nothing.
    """
    digest = hashlib.sha256(raw).hexdigest()
    try:
        return _parse(raw, digest, own_marker)
    except Exception:  # no shape is known that comes here; the mail must be kept and shown to somebody all the same
        flags = frozenset({Flag.UNREADABLE, Flag.MESSAGE_ID_DERIVED})
        return ParsedMail(f"sha256-{digest}", digest, Mailbox(""), "person", flags=flags)


def _parse(raw: bytes, digest: str, own_marker: str) -> ParsedMail:
    message, flags = _tree(raw)
    header = body.fields(message)
    subject, guessed = decode_words(header.first("subject"))
    subject = one_line(subject)[:MAX_SUBJECT]
    if guessed:
        flags.add(Flag.CHARSET_GUESSED)
    kind = nature(message, subject, own_marker)
    content = body.read(message, is_report=kind == "bounce")
    flags |= content.flags
    own_ids = message_ids(header.first("message-id"))
    in_reply_to, references = _thread(header, flags)
    sent = date(header.first("date"))
    if sent is None:
        flags.add(Flag.DATE_MISSING)
    if not own_ids:
        flags.add(Flag.MESSAGE_ID_DERIVED)
    is_reply = bool(in_reply_to or references or _REPLY_SUBJECT.match(subject)) and not _FORWARD_SUBJECT.match(subject)
    parted = split(content.text, is_reply=is_reply)
    if parted.unsure:
        flags.add(Flag.QUOTE_UNSURE)
    return ParsedMail(
        message_id=own_ids[0] if own_ids else f"sha256-{digest}",
        digest=digest,
        sender=_sender(header, flags),
        nature=kind,
        in_reply_to=in_reply_to,
        references=references,
        reply_to=_mailboxes(header, "reply-to"),
        to=_mailboxes(header, "to"),
        cc=_mailboxes(header, "cc"),
        return_path=_return_path(header),
        subject=subject,
        date=sent,
        text=content.text.strip(),
        fresh_text=parted.fresh,
        quoted_text=parted.quoted,
        attachments=tuple(content.attachments),
        reports=tuple(read_reports(message, content.text)) if kind == "bounce" else (),
        flags=frozenset(flags),
    )


def _tree(raw: bytes) -> tuple[Part, set[Flag]]:
    """Return the MIME tree; where it can't be built, or only in a time meant to be lost, the header alone.

    The standard library's parser looks at every line once for each open boundary, and recurses at each.
    """
    depth = raw.lower().count(b"boundary") + raw.lower().count(b"message/")
    if raw.count(b"\n") * max(depth, 1) <= _MAX_LINES_TIMES_DEPTH:
        try:
            return BytesParser(Part).parsebytes(raw), set()
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            pass  # a boundary in a charset that isn't one, a thousand parts in each other
    return BytesParser(Part).parsebytes(raw, headersonly=True), {Flag.STRUCTURE_BROKEN}


def _sender(header: Headers, flags: set[Flag]) -> Mailbox:
    given = addresses(header.all("from"))
    if len(given) == 1:
        return given[0]
    flags.add(Flag.SENDER_GUESSED)
    others = (addresses(header.all(name)) for name in ("sender", "reply-to", "return-path"))
    return next((found[0] for found in (given, *others) if found), Mailbox(""))


def _mailboxes(header: Headers, name: str) -> tuple[Mailbox, ...]:
    return tuple(addresses(header.all(name))[:MAX_ADDRESSES])


def _return_path(header: Headers) -> str | None:
    if "return-path" not in header:
        return None
    found = addresses([header.first("return-path")])
    return found[0].address if found else ""


def _thread(header: Headers, flags: set[Flag]) -> tuple[str, tuple[str, ...]]:
    """Return In-Reply-To and References; of several ids in In-Reply-To all but the first go to References."""
    answered = message_ids(" ".join(header.all("in-reply-to")))
    references = message_ids(" ".join(header.all("references")))
    references = [item for item in answered[1:] if item not in references] + references
    if len(references) > MAX_REFERENCES:
        flags.add(Flag.REFERENCES_CUT)
        references = references[:10] + references[-(MAX_REFERENCES - 10) :]
    return (answered[0] if answered else ""), tuple(references)
