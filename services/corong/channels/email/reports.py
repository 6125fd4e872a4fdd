"""Who wrote a mail, a person or a machine, and what a bounce says (RFC 3834, RFC 3464, RFC 2919)."""

import re
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from typing import Literal

from corong.channels.email.body import Part, children, fields, media_type, payload, walk
from corong.channels.email.charset import clean, decode
from corong.channels.email.headers import Headers, message_ids, one_line, raw_bytes

Nature = Literal["person", "auto_reply", "bounce", "list", "own"]
Action = Literal["failed", "delayed", "delivered", "relayed", "expanded"]
Outcome = Literal["failed", "delayed", "delivered"]

OWN_HEADER = "X-Corong-Loop"
"""Our mails carry the installation's marker under this name, and in X-Loop."""

MAX_REPORTS = 100

_OUTCOMES: dict[Action, Outcome] = {"failed": "failed", "delayed": "delayed"}
_ACTIONS: dict[str, Action] = {
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "relayed",
    "expanded": "expanded",
}

_STATUS_PARTS = {"message/delivery-status", "message/global-delivery-status"}
_ORIGINAL_PARTS = {"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"}
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_MESSAGE_ID_LINE = re.compile(r"^[> \t]*message-id:\s*(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE)
_REFUSED_LINE = re.compile(r"^\s*<([^<>\s@]{1,200}@[^<>\s]{1,200})>:", re.MULTILINE)
_ROBOT = re.compile(r"(mailer-daemon|postmaster|mail-daemon|mdaemon)(@|$)", re.IGNORECASE)
_AUTO_SUBJECT = re.compile(
    r"\s*(auto(matic)?[ -]?reply|out of office|balasan otomatis|jawaban otomatis|di luar kantor)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class DeliveryReport:
    """What a mail server says of one recipient of a mail that we sent."""

    original_message_id: str
    """Without angle brackets; "" where the bounce doesn't tell."""
    recipient: str
    action: Action
    status: str = ""
    """Enhanced status code (RFC 3463): 5.1.1, 4.4.1; "" where none is given."""
    diagnostic: str = ""
    """The server's words. They may quote the mail: never for logs."""
    envelope_id: str = ""
    """ENVID that the mail was sent with (RFC 3461)."""

    @property
    def outcome(self) -> Outcome:
        """The action in the channel contract's words; relayed and expanded are as much as we will ever know."""
        return _OUTCOMES.get(self.action, "delivered")

    @property
    def permanent(self) -> bool:
        """Whether another try is useless: failed, and not with a status of 4 (RFC 3463: persistent transient)."""
        return self.action == "failed" and not self.status.startswith("4.")


def nature(message: Part, subject: str, own_marker: str) -> Nature:
    """Say who wrote a mail. What is in doubt is a person: to overlook one is worse than to show a machine's mail."""
    header = fields(message)
    if own_marker and own_marker in {value.strip() for name in ("x-loop", OWN_HEADER) for value in header.all(name)}:
        return "own"
    kind, given = media_type(message)
    report_type = given.get("report-type", "").lower() if kind == "multipart/report" else ""
    empty_sender = "return-path" in header and header.first("return-path").strip() in {"<>", ""}
    from_robot = _ROBOT.search(header.first("from").replace('"', "")) is not None
    if report_type == "delivery-status" or _has_part(message, _STATUS_PARTS) or "x-failed-recipients" in header:
        return "bounce"
    if empty_sender and from_robot and not report_type:
        return "bounce"
    if report_type or header.word("auto-submitted") not in {"", "no"}:
        return "auto_reply"
    if any(name in header for name in ("x-autoreply", "x-autorespond", "x-autoresponse", "x-auto-reply-from")):
        return "auto_reply"
    precedence = header.word("precedence")
    if precedence in {"auto_reply", "auto-reply"} or _AUTO_SUBJECT.match(subject):
        return "auto_reply"
    if "list-id" in header or "mailing-list" in header or precedence == "list":
        return "list"
    if empty_sender or precedence in {"bulk", "junk"}:
        return "auto_reply"
    return "person"


def read_reports(message: Part, text: str) -> list[DeliveryReport]:
    """Return what a bounce reports, at most 100 recipients.

    `text` is its readable part, which is all there is from servers that know no RFC.
    """
    groups = [_groups(part) for part in walk(message) if media_type(part)[0] in _STATUS_PARTS]
    if not any(groups):
        return _from_prose(fields(message), text)
    original = _original_message_id(message)
    found = []
    for group in groups:
        about_mail = group[0] if group else Headers([])
        for about in group:
            recipient = _after_type(about.first("final-recipient") or about.first("original-recipient"))
            action = about.word("action")
            if not recipient and not action:
                continue
            status = _STATUS.search(about.first("status"))
            found.append(
                DeliveryReport(
                    original_message_id=original,
                    recipient=recipient,
                    action=_ACTIONS.get(action, "failed"),
                    status=status[0] if status else "",
                    diagnostic=_after_type(about.first("diagnostic-code")),
                    envelope_id=_shown(about_mail.first("original-envelope-id")),
                )
            )
    return found[:MAX_REPORTS]


def _has_part(message: Part, kinds: set[str]) -> bool:
    return any(media_type(part)[0] in kinds for part in walk(message))


def _groups(part: Part) -> list[Headers]:
    """Return the groups of fields in a delivery status: the mail's own, then one for each recipient (RFC 3464 2.1)."""
    inside = children(part)
    if not inside:
        return _groups_of(payload(part)[0])
    groups = []
    for item in inside:
        groups += [fields(item)] if list(item.raw_items()) else []
        groups += _groups_of(payload(item)[0])
    return groups


def _groups_of(data: bytes) -> list[Headers]:
    blocks = re.split(rb"\r?\n[ \t]*\r?\n", data.strip())
    return [
        Headers(BytesHeaderParser().parsebytes(block.lstrip()).raw_items()) for block in blocks[:200] if block.strip()
    ]


def _original_message_id(message: Part) -> str:
    for part in walk(message):
        if media_type(part)[0] not in _ORIGINAL_PARTS:
            continue
        inside = children(part)
        if inside and (ids := message_ids(fields(inside[0]).first("message-id"))):
            return ids[0]
        text = decode(payload(part)[0])[0] if not inside else _payload_text(inside[0])
        if match := _MESSAGE_ID_LINE.search(text):
            return message_ids(match[1])[0]
    return ""


def _payload_text(part: Part) -> str:
    return decode(payload(part)[0])[0] if not children(part) else ""


def _from_prose(header: Headers, text: str) -> list[DeliveryReport]:
    """Read a bounce in a server's own words: qmail's and Exim's lines, the copy of the mail below them."""
    original = _MESSAGE_ID_LINE.search(text)
    status = _STATUS.search(text)
    recipients = [item for raw in header.all("x-failed-recipients") for item in re.split(r"[,\s]+", raw) if "@" in item]
    recipients += _REFUSED_LINE.findall(text)
    return [
        DeliveryReport(
            original_message_id=message_ids(original[1])[0] if original else "",
            recipient=_shown(recipient),
            action="failed",
            status=status[0] if status else "",
        )
        for recipient in list(dict.fromkeys(recipients))[:MAX_REPORTS] or ([""] if original else [])
    ]


def _after_type(value: str) -> str:
    """Return `x@y.test` of `rfc822; x@y.test`."""
    kind, semicolon, rest = value.partition(";")
    return _shown(rest if semicolon else kind)


def _shown(raw: str) -> str:
    return one_line(clean(decode(raw_bytes(raw))[0]))[:1000]
