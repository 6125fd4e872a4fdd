"""The ids of mails: how ours are made and known again, and what a citizen's mail is known by.

A Message-ID is chosen by who writes the mail (RFC 5322 3.6.4), so a stranger can use a citizen's again. What a mail is
known by is therefore its Message-ID and its sender's address together.
"""

import hashlib
import re
from uuid import UUID

from corong_contracts.channel import AccountConfig

ADDRESS = re.compile(r"^[^\s@<>()\[\],;:\"\\\x00-\x1f\x7f]+@[^\s@<>()\[\],;:\"\\\x00-\x1f\x7f]+$")
"""An address that can stand in a header and in an SMTP command as it is."""

MAX_THREAD = 64

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OURS = re.compile(rf"corong\.(?:copy\.)?{_UUID}@(.+)")
_USABLE = re.compile(r"[!-;=?-~]{1,900}")


def carried(account: AccountConfig, delivery: UUID) -> str:
    """The Message-ID of a delivery, without angle brackets; the same for every try."""
    return f"corong.{delivery}@{account.domain}"


def probe(account: AccountConfig, number: UUID) -> str:
    """The Message-ID of a mail that only asks whether mail gets through."""
    return f"corong.copy.{number}@{account.domain}"


def is_ours(message_id: str, domain: str) -> bool:
    """Whether a Message-ID is of the form of those that this installation makes."""
    match = _OURS.fullmatch(message_id)
    return match is not None and match[1] == domain


def native_id(message_id: str, sender: str) -> str:
    """What a citizen's mail is known by. No Message-ID holds a space, so nothing else reads the same."""
    return f"{message_id} {hashlib.sha256(sender.casefold().encode()).hexdigest()[:16]}"


def thread(answered: tuple[str, ...], own: str, sender: str) -> list[str]:
    """The native ids that a mail may answer, the nearest first, made of the Message-IDs that it names.

    Each stands for a mail of the same sender, and bare: so our own mails are known by, and a mail of somebody else's,
    which every mail names itself by for that: the last entry is its own Message-ID. (Nobody joins a case by it: intake
    follows up a sender's own conversation only.)
    """
    named = [form for message_id in answered for form in (native_id(message_id, sender), message_id)]
    return list(dict.fromkeys([*named[: MAX_THREAD - 1], own]))


def usable(message_ids: list[str]) -> list[str]:
    """Those that may stand in a header as they are: printable ASCII without angle brackets and spaces."""
    return [item for item in message_ids if _USABLE.fullmatch(item)]
