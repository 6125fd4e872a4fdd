"""What of a message goes into an event, and what into the object store: an event stays below 60,000 bytes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from corong_contracts.channel import InboundMessage

TEXT_BYTES = 18_000
QUOTED_BYTES = 5_000
REPLY_TO_BYTES = 4_000
CUT = " […]"


@dataclass(frozen=True)
class Content:
    """The two sealed parts of a message, and the whole text where it had to be cut."""

    content: str = field(repr=False)
    sender: str = field(repr=False)
    whole_text: str | None = field(default=None, repr=False)


def split(message: InboundMessage) -> Content:
    """Make the parts that intake seals."""
    text, cut = shorten(message.text, TEXT_BYTES)
    quoted, cut_quoted = shorten(message.quoted, QUOTED_BYTES)
    names = [attachment.name for attachment in message.attachments]
    whole = None
    if cut or cut_quoted:
        names.append("pesan-lengkap.txt")
        whole = f"{message.text}\n\n{message.quoted}"
    content = {"text": text, "subject": shorten(message.subject, 1_000)[0], "quoted": quoted, "attachment_names": names}
    sender = {
        "address": message.sender.address,
        "name": message.sender.name,
        "native_id": message.native_id,
        "reply_to": _bounded(message.reply_to),
    }
    return Content(_json(content), _json(sender), whole)


def shorten(text: str, most: int) -> tuple[str, bool]:
    """At most `most` bytes of UTF-8, cut between characters; whether it was cut. NUL, which no database takes, goes."""
    text = text.replace("\0", "")
    data = text.encode("utf-8", "replace")
    if len(data) <= most:
        return data.decode(), False
    return data[: most - len(CUT.encode())].decode("utf-8", "ignore") + CUT, True


def _bounded(values: dict[str, str]) -> dict[str, str]:
    """What the channel needs to answer, as far as it fits; a channel that wants more must keep it itself."""
    kept: dict[str, str] = {}
    left = REPLY_TO_BYTES
    for name, value in values.items():
        left -= len(name.encode()) + len(value.encode("utf-8", "replace"))
        if left < 0:
            break
        kept[name] = value
    return kept


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
