"""What stands in the public form when it is sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from starlette.datastructures import FormData, UploadFile

from corong.runtime.contacts import known_by
from corong_contracts.case import CaseKind
from corong_contracts.case_life import ObjectionGround, RequestParticulars
from corong_contracts.channel import InboundAttachment

KINDS = (
    CaseKind.INFORMATION_REQUEST, CaseKind.COMPLAINT, CaseKind.SUGGESTION, CaseKind.QUESTION, CaseKind.OBJECTION,
)  # fmt: skip
GROUNDS = tuple(ObjectionGround)
OBTAIN: tuple[str, ...] = get_args(RequestParticulars.model_fields["obtain"].annotation)[1:]
SEND: tuple[str, ...] = get_args(RequestParticulars.model_fields["send"].annotation)[1:]

MOST_SUBJECT = 150
MOST_TEXT = 20_000
MOST_NAME = 150
MOST_CONTACT = 200
MOST_PURPOSE = 500
MOST_OCCUPATION = 100
MOST_ADDRESS = 300
MOST_NUMBER = 40
"""Characters."""
MOST_FILES = 5
MOST_FILE_BYTES = 10 * 1_048_576
MOST_FILES_BYTES = 20 * 1_048_576

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class File:
    """A file as the browser sent it."""

    name: str = field(repr=False)
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Entry:
    """The fields as they came, for the page that shows them again."""

    kind: str = ""
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    purpose: str = field(default="", repr=False)
    obtain: str = ""
    send: str = ""
    occupation: str = field(default="", repr=False)
    postal: str = field(default="", repr=False)
    """The applicant's address."""
    grounds: tuple[str, ...] = ()
    about: str = field(default="", repr=False)
    """The request that an objection is about, signed (`FormKeys.name_request`)."""
    number: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    """From the request's receipt; never shown again."""
    digits: bool = False
    """The citizen was told of a number of sixteen digits in the text, and wants it there."""
    key: str = field(default="", repr=False)
    work: str = ""
    """The number that the browser found (`proof_of_work.py`)."""
    trap: str = field(default="", repr=False)
    """A field that people don't see: only programs fill it."""
    files: tuple[File, ...] = field(default=(), repr=False)

    @property
    def address(self) -> str:
        """The contact as one who writes again is known by; empty where none was given."""
        return known_by(self.contact)

    @property
    def carried(self) -> Mapping[str, str | tuple[str, ...]]:
        """Field → what a page that does not ask for it carries along; the secret and the files are not carried."""
        found: dict[str, str | tuple[str, ...]] = {
            "kind": self.kind, "subject": self.subject, "text": self.text, "name": self.name,
            "contact": self.contact, "purpose": self.purpose, "obtain": self.obtain, "send": self.send,
            "occupation": self.occupation, "postal": self.postal, "grounds": self.grounds, "about": self.about,
            "digits": "1" if self.digits else "",
        }  # fmt: skip
        return {name: value for name, value in found.items() if value}

    def particulars(self) -> RequestParticulars | None:
        """What the register of requests asks for, apart from the text; None where nothing of it was given."""
        given = {
            "purpose": self.purpose, "obtain": self.obtain, "send": self.send, "occupation": self.occupation,
            "address": self.postal,
        }  # fmt: skip
        if self.kind != CaseKind.INFORMATION_REQUEST or not any(given.values()):
            return None
        return RequestParticulars.model_validate(given)

    def attachments(self) -> list[InboundAttachment]:
        """The files, for intake."""
        return [
            # Not checked again: the content is bytes already, not base64.
            InboundAttachment.model_construct(
                name=file.name, media_type=file.media_type, content=file.content, staged=None
            )
            for file in self.files
        ]


async def read(form: FormData) -> Entry:
    """The entry that a sent form holds; more files than allowed are read one over, for the complaint about it."""
    files: list[File] = []
    for item in form.getlist("attachments"):
        if isinstance(item, UploadFile) and (item.filename or item.size) and len(files) <= MOST_FILES:
            content = await item.read()
            files.append(File(_file_name(item.filename or ""), _media_type(item.content_type), content))

    def line(name: str) -> str:
        return " ".join(_words(form.get(name)).split())

    def lines(name: str) -> str:
        return _words(form.get(name)).replace("\r\n", "\n").strip()

    return Entry(
        kind=line("kind"),
        subject=line("subject"),
        text=lines("text"),
        name=line("name"),
        contact=line("contact"),
        purpose=lines("purpose"),
        obtain=line("obtain"),
        send=line("send"),
        occupation=line("occupation"),
        postal=line("postal"),
        grounds=tuple(ground for ground in GROUNDS if ground in form.getlist("grounds")),
        about=line("about"),
        number=line("number"),
        secret=line("secret"),
        digits=line("digits") == "1",
        key=line("key"),
        work=line("work"),
        trap=line("website"),
        files=tuple(files),
    )


def _words(value: object) -> str:
    return _UNSEEN.sub("", value) if isinstance(value, str) else ""


def _file_name(name: str) -> str:
    """The last part of a path, without what can't be seen."""
    return " ".join(_UNSEEN.sub("", re.split(r"[/\\]", name)[-1]).split())[-255:]


def _media_type(given: str | None) -> str:
    kind = (given or "").split(";")[0].strip().lower()
    return (
        kind if re.fullmatch(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}", kind) else "application/octet-stream"
    )
