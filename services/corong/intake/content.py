"""What of a message goes into an event, and what into the object store: an event stays below 60,000 bytes.

Sizes are of the JSON that is sealed: a quotation mark takes two bytes there, a control character six.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic_core import from_json

from corong_contracts.channel import InboundMessage

SEALED_BYTES = 36_000
"""Both sealed parts together: 48,000 in base64, and 12,000 are left for the envelope, keys and 21 attachments."""
TEXT_BYTES = 18_000
QUOTED_BYTES = 5_000
SUBJECT_BYTES = 1_000
NAMES_BYTES = 3_000
REPLY_TO_BYTES = 4_000
THREAD_BYTES = 4_000
PARTICULAR_BYTES = 600
PARTICULARS_BYTES = {"asked": 2_000, "purpose": 2_000, "address": 1_200}
CUT = " […]"
WHOLE = "pesan-lengkap.txt"


@dataclass(frozen=True)
class Content:
    """The two sealed parts of a message, and the whole of it where it had to be cut."""

    content: str = field(repr=False)
    sender: str = field(repr=False)
    whole_text: str | None = field(default=None, repr=False)


def split(message: InboundMessage) -> Content:
    """Make the parts that intake seals."""
    sender = _json(
        {
            "address": plain(message.sender.address),
            "name": plain(message.sender.name),
            "native_id": plain(message.native_id),
            "reply_to": _bounded(message.reply_to),
            "thread": _nearest(message.thread),
        }
    )
    given = [attachment.name for attachment in message.attachments]
    subject, cut_subject = shorten(message.subject, SUBJECT_BYTES)
    quoted, cut_quoted = shorten(message.quoted, QUOTED_BYTES)
    names, cut_names = _names(given)
    given_apart = _apart(message)
    taken = (sender, subject, quoted, _json(given_apart))
    left = SEALED_BYTES - sum(map(_size, taken)) - NAMES_BYTES - 200
    text, cut = shorten(message.text, min(TEXT_BYTES, left))
    whole = None
    if cut or cut_subject or cut_quoted or cut_names:
        names.append(WHOLE)
        parts = (message.subject if cut_subject else "", message.text, message.quoted, *(given if cut_names else ()))
        whole = "\n\n".join(plain(part) for part in parts if part)
    content = {"text": text, "subject": subject, "quoted": quoted, "attachment_names": names, **given_apart}
    return Content(_json(content), sender, whole)


def _apart(message: InboundMessage) -> dict[str, object]:
    """What the citizen gave apart from the text."""
    found: dict[str, object] = {}
    if message.particulars is not None:
        said = message.particulars.model_dump(exclude_defaults=True)
        found["particulars"] = {
            name: shorten(value, PARTICULARS_BYTES.get(name, PARTICULAR_BYTES))[0] for name, value in said.items()
        }
    if message.objection is not None:
        found["objection"] = message.objection.model_dump(mode="json")
    if message.letter is not None:
        found["letter"] = message.letter.model_dump(mode="json", exclude_defaults=True)
    return found


def sender_in(body: bytes) -> str | None:
    """The sender's address in input that could not be taken, as a person is known by; None where there is none."""
    try:
        address = from_json(body)["sender"]["address"]
        return str(address).strip().casefold().encode().decode() if isinstance(address, str) else None
    except (ValueError, TypeError, KeyError):
        return None


def shorten(text: str, most: int) -> tuple[str, bool]:
    """At most `most` bytes inside of JSON, cut between characters; whether it was cut."""
    text = plain(text)
    if _size(text) <= most:
        return text, False
    most -= _size(CUT)
    fits, too_long = 0, min(len(text), most + 1)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if _size(text[:middle]) <= most:
            fits = middle
        else:
            too_long = middle
    return text[:fits] + CUT, True


def plain(text: str) -> str:
    """Without NUL, which no database takes, and with a question mark for each half of a character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _names(given: Sequence[str]) -> tuple[list[str], bool]:
    """The files' names, each cut where all of them would be too much."""
    names = [plain(name) for name in given]
    if sum(_size(name) + 3 for name in names) <= NAMES_BYTES:
        return names, False
    each = NAMES_BYTES // len(names) - 3
    return [shorten(name, each)[0] for name in names], True


def _bounded(values: Mapping[str, str]) -> dict[str, str]:
    """What the channel needs to answer, as far as it fits; a channel that wants more must keep it itself."""
    kept: dict[str, str] = {}
    left = REPLY_TO_BYTES
    for name, value in values.items():
        name, value = plain(name), plain(value)
        left -= _size(name) + _size(value) + 6
        if left < 0:
            break
        kept[name] = value
    return kept


def _nearest(ids: Sequence[str]) -> list[str]:
    """The messages that this one answers, as far as they fit."""
    kept: list[str] = []
    left = THREAD_BYTES
    for native_id in map(plain, ids):
        left -= _size(native_id) + 3
        if left < 0:
            break
        kept.append(native_id)
    return kept


def _size(text: str) -> int:
    return len(_json(text).encode()) - 2


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
