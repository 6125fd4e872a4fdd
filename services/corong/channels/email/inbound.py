"""A mail as the hub takes it, whole or as much of it as can be read."""

import base64
import hashlib
import json

from corong.channels.email import ids
from corong.channels.email.body import Attachment
from corong.channels.email.flags import Flag
from corong.channels.email.imap import Fetched
from corong.channels.email.parse import ParsedMail, parse
from corong_contracts.channel import (
    MAX_ATTACHMENTS,
    MAX_TEXT,
    AccountConfig,
    DeliveryReport,
    InboundAttachment,
    InboundMessage,
    Party,
)

TOO_LARGE = (
    "[Surel ini terlalu besar untuk diambil. Isi dan lampirannya ada di kotak surat.]\n"
    "[This mail is too large to be taken. Its text and files are in the mailbox.]"
)
UNREADABLE = (
    "[Surel ini tidak dapat dibaca otomatis. Surel aslinya terlampir.]\n"
    "[This mail could not be read automatically. The mail itself is attached.]"
)
UNFETCHED = (
    "[Surel ini tidak dapat diambil dari kotak surat. Bacalah langsung di sana.]\n"
    "[This mail could not be fetched from the mailbox. Please read it there.]"
)

_LEFT_OUT = {Flag.UNREADABLE, Flag.STRUCTURE_BROKEN, Flag.PARTS_LEFT_OUT, Flag.TEXT_CUT}
"""What is missing from the text or the files can only be found in the mail itself."""

_TEXT_BYTES = 350_000
_QUOTED_BYTES = 60_000
"""As JSON: together with small attachments a message stays below the broker's limit of 1 MB."""

_REFERENCES = 2_000
"""Characters; publishing keeps 4,000 bytes of what an answer needs."""


class Reader:
    """Makes messages of one account's mails."""

    def __init__(self, account: AccountConfig, address: str, marker: str) -> None:
        """`address` is the account's own, `marker` what its own mails carry."""
        self._account = account
        self._address = address.casefold()
        self._marker = marker

    def read(self, mail: Fetched) -> InboundMessage | None:
        """The message, or None for a copy of a mail of our own: it is there to be looked up, and says nothing new."""
        parsed = parse(mail.raw, own_marker=self._marker)
        if self._is_copy(parsed):
            return None
        text, cut = _bounded(parsed.fresh_text, MAX_TEXT, _TEXT_BYTES)
        quoted, cut_quoted = _bounded(parsed.quoted_text, MAX_TEXT, _QUOTED_BYTES)
        files = [_file(item) for item in parsed.attachments]
        if cut or cut_quoted:
            files.insert(0, _attached("surel.txt", "text/plain", parsed.text.encode()))
        if not mail.whole:
            text, files = f"{TOO_LARGE}\n\n{text}".strip(), []
        elif len(files) > MAX_ATTACHMENTS or parsed.flags & _LEFT_OUT:
            files = [*files[: MAX_ATTACHMENTS - 1], _attached("surel.eml", "message/rfc822", mail.raw)]
            if Flag.UNREADABLE in parsed.flags:
                text = UNREADABLE
        # Each mail without a sender has its own unknown one, so that they are nobody's common conversation.
        sender = parsed.sender.address or f"unknown-{parsed.digest[:16]}"
        message_id = _identity(parsed, mail.raw)
        return InboundMessage(
            channel=self._account.channel,
            account=self._account.id,
            native_id=ids.native_id(message_id, sender),
            sender=Party(address=sender, name=parsed.sender.name),
            text=text,
            subject=parsed.subject,
            quoted=quoted,
            thread=ids.thread(parsed.thread, message_id, sender),
            sent_at=parsed.date,
            nature=parsed.nature,
            reply_to=self._reply_to(parsed),
            reports=self._reports(parsed),
            attachments=files,
            demo=self._account.demo,
        )

    def unfetched(self, validity: int, uid: int) -> InboundMessage:
        """A mail that the server has and does not give."""
        digest = hashlib.sha256(f"{self._address}/{validity}/{uid}".encode()).hexdigest()
        return InboundMessage(
            channel=self._account.channel,
            account=self._account.id,
            native_id=f"unfetched-{digest}",
            sender=Party(address=f"unknown-{digest[:16]}"),
            text=UNFETCHED,
            demo=self._account.demo,
        )

    def _is_copy(self, mail: ParsedMail) -> bool:
        return (
            mail.nature == "own"
            and ids.is_ours(mail.message_id, self._account.domain)
            and mail.sender.address.casefold() == self._address
        )

    def _reply_to(self, mail: ParsedMail) -> dict[str, str]:
        """What the sink needs for an answer, the most important first. RFC 5322 3.6.2: it goes to Reply-To."""
        to = next((item.address for item in mail.reply_to if self._sane(item.address)), mail.sender.address)
        references = ids.usable([*mail.references, *([mail.in_reply_to] if not mail.references else [])])
        while len(" ".join(references)) > _REFERENCES:
            references.pop(1 if len(references) > 2 else 0)  # the first and the last matter most
        given = {
            "to": to,
            "message_id": "" if Flag.MESSAGE_ID_DERIVED in mail.flags else mail.message_id,
            "automatic": "" if mail.nature == "person" else mail.nature,
            "references": " ".join(item for item in references if item),
        }
        return {name: value for name, value in given.items() if value}

    def _sane(self, address: str) -> bool:
        """Whether an answer may go there: an address, and not our own, at which nobody would read it."""
        return ids.ADDRESS.fullmatch(address) is not None and address.casefold() != self._address

    def _reports(self, mail: ParsedMail) -> list[DeliveryReport]:
        """What servers say of our own mails; the id of anybody else's is not for the log."""
        found = []
        for report in mail.reports:
            ours = report.original_message_id
            if not ours and report.envelope_id:
                ours = f"corong.{report.envelope_id}@{self._account.domain}"
            if ids.is_ours(ours, self._account.domain):
                found.append(DeliveryReport(native_id=ours, outcome=report.outcome, code=report.status))
        return found[:20]


def _identity(mail: ParsedMail, raw: bytes) -> str:
    """The Message-ID, or what stands for it.

    A server that delivers a mail a second time writes other trace fields above it. So where the sender's program gave
    the time of writing, what it wrote counts, and the bytes as they came only where not even that is known.
    """
    if Flag.MESSAGE_ID_DERIVED not in mail.flags or Flag.DATE_MISSING in mail.flags:
        return mail.message_id
    head = json.dumps([mail.sender.address, mail.subject, str(mail.date), [item.address for item in mail.to]])
    body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    return f"sha256-{hashlib.sha256(head.encode() + body).hexdigest()}"


def _file(item: Attachment) -> InboundAttachment:
    return _attached(item.name, item.media_type, item.content)


def _attached(name: str, media_type: str, content: bytes) -> InboundAttachment:
    return InboundAttachment(name=name, media_type=media_type, content=base64.b64encode(content))


def _bounded(text: str, characters: int, json_bytes: int) -> tuple[str, bool]:
    """The text, cut to what the message can hold, and whether it was cut."""
    cut = text[:characters]
    while len(json.dumps(cut, ensure_ascii=False).encode()) > json_bytes:
        cut = cut[: len(cut) * 3 // 4]
    return cut, len(cut) < len(text)
