"""The form for what came by hand: its fields, and the message that it makes."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field as Limited
from pydantic import field_validator, model_validator

from corong.desk.acts import choices
from corong.desk.acts.form import Field
from corong.desk.bodies import Body, Day
from corong.desk.pages.words import kind_word
from corong.runtime.contacts import is_contact, known_by
from corong.runtime.directory import Account
from corong.runtime.identity_numbers import has_identity_number
from corong.runtime.kind_names import Translate
from corong.runtime.no_contact import address_without_contact
from corong.runtime.said import SAID
from corong_contracts.case import CaseKind
from corong_contracts.case_life import ObjectionGround, RequestParticulars
from corong_contracts.channel import InboundAttachment, InboundMessage, ObjectionGiven, PaperLetter, Party

KINDS = ("information_request", "complaint", "suggestion", "question", "objection")
TEXT, SUBJECT, NAME, CONTACT, ADDRESS, PURPOSE, OCCUPATION, NUMBER = 20_000, 150, 150, 200, 300, 500, 100, 40
"""Characters, as the public form takes them."""
FOR_REQUESTS = ("identity", "occupation", "purpose", "obtain", "send")
FOR_OBJECTIONS = ("request", "grounds")


class Entry(Body):
    """What an officer filled in."""

    received_on: Day
    received_at: time
    letter_number: str = Limited(default="", max_length=100)
    letter_dated: Day | None = None
    kind: Literal["information_request", "complaint", "suggestion", "question", "objection"]
    subject: str = Limited(default="", max_length=SUBJECT)
    text: Annotated[str, Limited(max_length=TEXT), SAID]
    digits: bool = False
    name: str = Limited(default="", max_length=NAME)
    contact: str = Limited(default="", max_length=CONTACT)
    postal: str = Limited(default="", max_length=ADDRESS)
    identity: Literal["", "nik", "deed", "proxy"] = ""
    occupation: str = Limited(default="", max_length=OCCUPATION)
    purpose: str = Limited(default="", max_length=PURPOSE)
    obtain: Literal["", "see", "copy"] = ""
    send: Literal["", "counter", "post", "email", "channel"] = ""
    request: str = Limited(default="", max_length=NUMBER)
    grounds: tuple[ObjectionGround, ...] = ()

    @field_validator("contact")
    @classmethod
    def _reachable(cls, value: str) -> str:
        if value and not is_contact(value):
            raise ValueError("neither a mail address nor a telephone number")
        return value

    @model_validator(mode="after")
    def _about_a_request(self) -> "Entry":
        if self.kind == "objection" and not (self.request and self.grounds):
            raise ValueError("an objection names its request and a ground")
        return self

    def received(self, zone: ZoneInfo) -> datetime:
        """When the office received it."""
        return datetime.combine(self.received_on, self.received_at, zone)

    def sender(self, native_id: str) -> Party:
        """As one who comes again is known: by contact, else by name and address, else each time somebody new."""
        there = ", ".join(part for part in (self.name, self.postal) if part) if self.postal and self.name else ""
        return Party(
            address=(known_by(self.contact) or there or address_without_contact(native_id))[:320], name=self.name
        )

    def numbers(self) -> list[str]:
        """The fields in which a number of sixteen digits stands that nobody said is needed there."""
        written = {
            "subject": self.subject, "name": self.name, "postal": self.postal, "occupation": self.occupation,
            "purpose": self.purpose, "letter_number": self.letter_number, "text": "" if self.digits else self.text,
        }  # fmt: skip
        return [name for name, value in written.items() if has_identity_number(value)]

    def message(
        self, account: Account, native_id: str, files: Sequence[InboundAttachment], request: str
    ) -> InboundMessage:
        """For intake; `request` is the registration number that an objection is about."""
        known = {
            "address": self.postal, "identity": self.identity, "occupation": self.occupation, "purpose": self.purpose,
            "obtain": self.obtain, "send": self.send,
        }  # fmt: skip
        on_paper = account.channel == "letter" and (self.letter_number or self.letter_dated)
        return InboundMessage(
            channel=account.channel,
            account=account.id,
            native_id=native_id,
            sender=self.sender(native_id),
            text=self.text,
            subject=self.subject,
            declared_kind=CaseKind(self.kind),
            particulars=RequestParticulars.model_validate(known) if any(known.values()) else None,
            objection=ObjectionGiven(request=request, grounds=self.grounds) if request else None,
            letter=PaperLetter(number=self.letter_number, dated=self.letter_dated) if on_paper else None,
            attachments=list(files),
        )


def fields(channel: str, now: datetime, _: Translate) -> list[Field]:
    """In the order in which an officer fills them in; `now` in the office's own zone."""
    asked = choices.particulars(_)
    dated = [
        Field("letter_number", _("Nomor surat"), required=False, most=100),
        Field("letter_dated", _("Tanggal surat"), "date", required=False),
    ]
    return [
        Field(
            "received_on", _("Diterima pada tanggal"), "date", value=now.date().isoformat(),
            hint=_("Hari pesan ini sampai ke kantor: tenggat dihitung dari sini, bukan dari saat Anda mengetik."),
        ),
        Field("received_at", _("Pukul"), "time", value=now.strftime("%H:%M")),
        *(dated if channel == "letter" else ()),
        Field("kind", _("Jenis"), "choice", choices=[(kind, kind_word(kind, _)) for kind in KINDS], value="complaint"),
        Field("subject", _("Pokok pesan"), required=False, most=SUBJECT),
        Field("text", _("Pesan warga"), "words", _text_hints(_)[channel], most=TEXT, rows=8),
        Field("digits", _("Nomor 16 angka di dalamnya memang perlu"), "check", required=False),
        Field("name", _("Nama"), required=False, most=NAME),
        Field("contact", _("Surel atau telepon"), required=False, most=CONTACT),
        Field("postal", _("Alamat"), required=False, most=ADDRESS),
        Field(
            "identity", _("Bukti diri"), "choice", _("Yang diperlihatkan; nomornya jangan dicatat."), required=False,
            choices=asked["identity"],
        ),
        Field("occupation", _("Pekerjaan"), required=False, most=OCCUPATION),
        Field("purpose", _("Tujuan penggunaan"), "words", required=False, most=PURPOSE, rows=2),
        Field("obtain", _("Cara memperoleh"), "choice", required=False, choices=asked["obtain"]),
        Field("send", _("Cara pengiriman"), "choice", required=False, choices=asked["send"]),
        Field(
            "request", _("Nomor permohonan yang dikeberatani"), required=False, most=NUMBER,
            hint=_("Seperti PI/2026/000123."),
        ),
        Field(
            "grounds", _("Alasan Pasal 35"), "many", required=False,
            choices=[(letter, words) for letter, words in choices.objection_grounds(_) if letter],
        ),
    ]  # fmt: skip


def _text_hints(_: Translate) -> dict[str, str]:
    return {
        "counter": _("Dengan kata-kata warga sendiri. Bacakan kembali sebelum disimpan."),
        "phone": _("Dengan kata-kata warga sendiri. Bacakan kembali sebelum telepon ditutup."),
        "letter": _("Salin isi suratnya, atau ringkas dan lampirkan pindaiannya."),
    }
