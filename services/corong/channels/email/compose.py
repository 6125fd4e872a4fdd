"""The bytes of a mail of ours: plain text, its files, its thread, and what keeps machines from answering it.

Written field by field: the standard library's newer writer turns Message-IDs longer than a line into encoded words, and
the thread is lost.
"""

import base64
import hashlib
import quopri
import re
from collections.abc import Sequence
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr

from corong.channels.email import ids
from corong.channels.email.headers import one_line
from corong.channels.email.reports import OWN_HEADER
from corong_contracts.channel import Outgoing, OutgoingFile

MAX_SUBJECT = 200
_SUBJECT_END = 40
_MAX_REFERENCES = 40


def compose(outgoing: Outgoing, *, address: str, name: str, to: str, domain: str, marker: str, now: datetime) -> bytes:
    """A reply or a receipt as RFC 5322 has it, lines ended by CRLF, ASCII but for an address that is not.

    A receipt is an automatic answer and says so (RFC 3834 5); an officer's words are nobody's automatic answer.
    """
    answered, references = _thread(outgoing, domain)
    fields = [
        ("Date", format_datetime(now)),
        ("From", formataddr((one_line(name), address), "utf-8")),
        ("To", to),
        ("Subject", _subject(outgoing.subject)),
        ("Message-ID", f"<{outgoing.carried}>"),
        ("In-Reply-To", f"<{answered}>" if answered else ""),
        ("References", "\r\n ".join(f"<{item}>" for item in references)),
        *_notes(marker, automatic="auto-replied" if outgoing.kind == "receipt" else ""),
        ("Content-Language", re.sub(r"[^A-Za-z0-9-]", "", outgoing.language)),
    ]
    return _written(fields, outgoing.text, outgoing.attachments, outgoing.carried)


def compose_probe(message_id: str, *, address: str, to: str, marker: str, now: datetime) -> bytes:
    """A mail from the account to itself that shows, by coming, that mail comes."""
    fields = [
        ("Date", format_datetime(now)),
        ("From", address),
        ("To", to),
        ("Subject", "Uji kiriman / Delivery check"),
        ("Message-ID", f"<{message_id}>"),
        *_notes(marker, automatic="auto-generated"),
    ]
    return _written(fields, "Surel uji otomatis dari Corong. / An automatic check by Corong.")


def _notes(marker: str, *, automatic: str) -> list[tuple[str, str]]:
    return [
        ("Auto-Submitted", automatic),
        ("X-Auto-Response-Suppress", "OOF, AutoReply" if automatic else ""),
        (OWN_HEADER, marker),
        ("X-Loop", marker),
        ("MIME-Version", "1.0"),
    ]


def _thread(outgoing: Outgoing, domain: str) -> tuple[str, list[str]]:
    """In-Reply-To and References (RFC 5322 3.6.4); a mail without an id is answered by naming our own before it."""
    given = ids.usable(outgoing.reply_to.get("references", "").split())
    answered = next(iter(ids.usable([outgoing.reply_to.get("message_id", "")])), "")
    if not answered:
        ours = [item for item in outgoing.thread if ids.is_ours(item, domain)]
        given += [item for item in ours if item not in given]
        answered = given[-1] if given else ""
    references = list(dict.fromkeys([*(item for item in given if item != answered), *([answered] if answered else [])]))
    return answered, references[:1] + references[1:][-_MAX_REFERENCES:]


def _subject(words: str) -> str:
    """The subject on one line; of a long one the end stays, where the registration number is."""
    words = one_line(re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", " ", words))
    if len(words) > MAX_SUBJECT:
        words = f"{words[: MAX_SUBJECT - _SUBJECT_END - 3]} … {words[-_SUBJECT_END:]}"
    return Header(words, "ascii" if words.isascii() else "utf-8", 76, "Subject").encode(linesep="\r\n")


_PLAIN = [("Content-Type", 'text/plain; charset="utf-8"'), ("Content-Transfer-Encoding", "quoted-printable")]


def _written(
    fields: list[tuple[str, str]], text: str, files: Sequence[OutgoingFile] = (), carried: str = ""
) -> bytes:  # fmt: skip
    if not files:
        return _part([*fields, *_PLAIN], _quoted(text))
    # The same for every try, and in nothing that stands between: those lines are base64 or quoted-printable.
    boundary = f"=_{hashlib.sha256(carried.encode()).hexdigest()[:32]}"
    parts = [_part(_PLAIN, _quoted(text)), *(_part(_about(file), _base64(file.content)) for file in files)]
    body = b"".join(f"--{boundary}\r\n".encode() + part for part in parts) + f"--{boundary}--\r\n".encode()
    return _part([*fields, ("Content-Type", f'multipart/mixed; boundary="{boundary}"')], body)


def _about(file: OutgoingFile) -> list[tuple[str, str]]:
    name = re.sub(r"[^A-Za-z0-9._-]", "-", file.name)[:100] or "lampiran"
    kind = (
        file.media_type if re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", file.media_type) else "application/octet-stream"
    )
    return [
        ("Content-Type", f'{kind}; name="{name}"'),
        ("Content-Disposition", f'attachment; filename="{name}"'),
        ("Content-Transfer-Encoding", "base64"),
    ]


def _part(fields: list[tuple[str, str]], body: bytes) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in fields if value)
    return head.encode() + b"\r\n" + body


def _quoted(text: str) -> bytes:
    lines = re.sub(r"\r\n|\r", "\n", text).encode("utf-8", "replace")
    body = quopri.encodestring(lines).replace(b"\n", b"\r\n")
    return body + (b"" if body.endswith(b"\r\n") else b"\r\n")


def _base64(content: bytes) -> bytes:
    return base64.encodebytes(content).replace(b"\n", b"\r\n")
