"""A letter's facts out of what is known in different places: of the decision, of who asked, and of the office."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from corong.documents.facts import Facts, Value
from corong.documents.kinds import VARIABLES, DocumentKind
from corong_contracts.case_life import RequestParticulars

NAMELESS = "Pemohon"
"""To whom a letter is addressed where nobody knows a name."""
MOST_SUBJECT = 400
"""Characters of a message that stand for what was asked, where no officer wrote it down."""


@dataclass(frozen=True, slots=True)
class Office:
    """The government, and where citizens reach it."""

    government: str
    public_url: str
    place: str
    """The town of the letter's date."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asked, and what: as an officer wrote it into the register, and else as the message has it."""

    registration: str
    particulars: RequestParticulars = field(default_factory=RequestParticulars, repr=False)
    sender: str = field(default="", repr=False)
    """The name with which the message came."""
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    request_registration: str = ""
    """Of an objection: the number of the request that it is about."""

    def values(self) -> dict[str, str]:
        """As letters speak of it."""
        known = self.particulars
        return {
            "registration": self.registration,
            "name": known.name or self.sender or NAMELESS,
            "address": known.address,
            "contact": known.contact,
            "subject": known.asked or self.subject or shortened(self.text),
            "purpose": known.purpose,
            "request_registration": self.request_registration,
        }


def assembled(kind: DocumentKind, decided: Mapping[str, Value | None], asker: Asker, office: Office) -> Facts:
    """The facts of a letter. Raises `IncompleteFacts`."""
    given: dict[str, Value | None] = {
        **asker.values(),
        "government": office.government,
        "place": office.place,
        "follow": f"{office.public_url}/cek",
        "write": f"{office.public_url}/tulis",
        **decided,
    }
    known = VARIABLES[kind]
    return Facts.of(kind, {name: value for name, value in given.items() if name in known})


def particulars_of(written: str | None, content: Mapping[str, Any]) -> RequestParticulars:
    """What an officer wrote down (JSON, of `case.detailed`), and where that is silent what came with the message."""
    given = RequestParticulars.model_validate(content.get("particulars") or {})
    said = RequestParticulars.model_validate_json(written or "{}")
    return given.model_copy(update={name: value for name, value in said.model_dump().items() if value})


def shortened(text: str) -> str:
    """The beginning of a long message, up to a word's end."""
    words = " ".join(text.split())
    return words if len(words) <= MOST_SUBJECT else f"{words[:MOST_SUBJECT].rsplit(' ', 1)[0]} …"
