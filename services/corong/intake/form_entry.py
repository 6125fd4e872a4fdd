"""What stands in the public form when it is sent, and what is wrong with it, in the reader's language."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.datastructures import FormData, UploadFile

from corong.runtime.formats import size
from corong.runtime.language import Language
from corong_contracts.case import CaseKind
from corong_contracts.channel import InboundAttachment

Translate = Callable[[str], str]

KINDS = (CaseKind.INFORMATION_REQUEST, CaseKind.COMPLAINT, CaseKind.SUGGESTION, CaseKind.QUESTION)
MOST_SUBJECT = 150
MOST_TEXT = 20_000
MOST_NAME = 150
MOST_CONTACT = 200
"""Characters."""
MOST_FILES = 5
MOST_FILE_BYTES = 10 * 1_048_576
MOST_FILES_BYTES = 20 * 1_048_576

_MAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")
_PHONE = re.compile(r"[+(]?[0-9][0-9 ().\-]{5,24}")
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
    key: str = field(default="", repr=False)
    trap: str = field(default="", repr=False)
    """A field that people don't see: only programs fill it."""
    files: tuple[File, ...] = field(default=(), repr=False)

    @property
    def address(self) -> str:
        """The contact as one who writes again is known by; empty where none was given."""
        contact = self.contact
        return re.sub(r"[^0-9+]", "", contact) if _PHONE.fullmatch(contact) else contact.casefold()

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

    return Entry(
        kind=line("kind"),
        subject=line("subject"),
        text=_words(form.get("text")).replace("\r\n", "\n").strip(),
        name=line("name"),
        contact=line("contact"),
        key=line("key"),
        trap=line("website"),
        files=tuple(files),
    )


def complaints(entry: Entry, _: Translate, language: Language) -> dict[str, str]:
    """Field → what to do about it; empty where the entry can be taken."""
    found: dict[str, str] = {}
    too_long = _("Terlalu panjang: paling banyak %(most)s huruf.")

    def limit(name: str, value: str, most: int) -> None:
        if len(value) > most:
            found[name] = too_long % {"most": f"{most:,}".replace(",", "." if language == "id" else ",")}

    if entry.kind not in KINDS:
        found["kind"] = _("Pilih jenis pesan Anda.")
    limit("subject", entry.subject, MOST_SUBJECT)
    if not entry.text:
        found["text"] = _("Tuliskan pesan Anda.")
    limit("text", entry.text, MOST_TEXT)
    limit("name", entry.name, MOST_NAME)
    if entry.contact and not (_MAIL.fullmatch(entry.contact) or _phone(entry.contact)):
        found["contact"] = _("Tulis alamat surel seperti nama@contoh.id atau nomor telepon seperti 0812 3456 7890.")
    limit("contact", entry.contact, MOST_CONTACT)
    if len(entry.files) > MOST_FILES:
        found["attachments"] = _("Paling banyak %(most)s berkas.") % {"most": MOST_FILES}
    elif any(len(file.content) > MOST_FILE_BYTES for file in entry.files):
        found["attachments"] = _("Satu berkas paling besar %(size)s.") % {"size": size(MOST_FILE_BYTES, language)}
    elif sum(len(file.content) for file in entry.files) > MOST_FILES_BYTES:
        found["attachments"] = _("Semua berkas bersama paling besar %(size)s.") % {
            "size": size(MOST_FILES_BYTES, language)
        }
    return found


def _phone(contact: str) -> bool:
    # E.164: at most 15 digits. An identity number (NIK) has 16 and is refused with it.
    return bool(_PHONE.fullmatch(contact)) and 7 <= len(re.sub(r"\D", "", contact)) <= 15


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
