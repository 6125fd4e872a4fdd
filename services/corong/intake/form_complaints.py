"""What is wrong with the fields of the public form, in the reader's language."""

from collections.abc import Callable

from corong.intake import form_entry
from corong.intake.form_entry import Entry
from corong.runtime.contacts import is_contact
from corong.runtime.formats import size
from corong.runtime.identity_numbers import has_identity_number
from corong.runtime.language import Language
from corong_contracts.case import CaseKind

Translate = Callable[[str], str]


def complaints(entry: Entry, _: Translate, language: Language) -> dict[str, str]:
    """Field → what to do about it; empty where the entry can be taken."""
    found: dict[str, str] = {}
    too_long = _("Terlalu panjang: paling banyak %(most)s huruf.")

    def limit(name: str, value: str, most: int) -> None:
        if len(value) > most:
            found[name] = too_long % {"most": f"{most:,}".replace(",", "." if language == "id" else ",")}

    if entry.kind not in form_entry.KINDS:
        found["kind"] = _("Pilih jenis pesan Anda.")
    if entry.kind == CaseKind.OBJECTION:
        if not entry.about:
            found["number"] = _("Isi nomor dan kode rahasia permohonan yang Anda keberatani.")
        if not entry.grounds:
            found["grounds"] = _("Pilih paling sedikit satu alasan.")
    limit("subject", entry.subject, form_entry.MOST_SUBJECT)
    if not entry.text:
        found["text"] = _("Tuliskan pesan Anda.")
    limit("text", entry.text, form_entry.MOST_TEXT)
    limit("purpose", entry.purpose, form_entry.MOST_PURPOSE)
    for name, choices in (("obtain", form_entry.OBTAIN), ("send", form_entry.SEND)):
        if getattr(entry, name) not in ("", *choices):
            found[name] = _("Pilih salah satu.")
    limit("name", entry.name, form_entry.MOST_NAME)
    if entry.contact and not is_contact(entry.contact):
        found["contact"] = _("Tulis alamat surel seperti nama@contoh.id atau nomor telepon seperti 0812 3456 7890.")
    limit("contact", entry.contact, form_entry.MOST_CONTACT)
    limit("occupation", entry.occupation, form_entry.MOST_OCCUPATION)
    limit("postal", entry.postal, form_entry.MOST_ADDRESS)
    found |= {name: told for name, told in _identity(entry, _).items() if name not in found}
    return found | _files(entry, _, language)


def _identity(entry: Entry, _: Translate) -> dict[str, str]:
    """Numbers of sixteen digits: in the text they may stand when the citizen says so, elsewhere never."""
    written = {
        "subject": entry.subject, "purpose": entry.purpose, "name": entry.name, "occupation": entry.occupation,
        "postal": entry.postal,
    }  # fmt: skip
    told = _("Di sini ada nomor 16 angka, seperti NIK atau nomor KK. Hapus nomor itu: kami tidak memintanya.")
    found = {name: told for name, text in written.items() if has_identity_number(text)}
    if not entry.digits and has_identity_number(entry.text):
        found["text"] = _(
            "Di pesan ini ada nomor 16 angka, seperti NIK atau nomor KK. Hapus nomor itu, atau centang bahwa nomor "
            "itu memang perlu."
        )
    return found


def _files(entry: Entry, _: Translate, language: Language) -> dict[str, str]:
    if len(entry.files) > form_entry.MOST_FILES:
        told = _("Paling banyak %(most)s berkas.") % {"most": form_entry.MOST_FILES}
    elif any(len(file.content) > form_entry.MOST_FILE_BYTES for file in entry.files):
        told = _("Satu berkas paling besar %(size)s.") % {"size": size(form_entry.MOST_FILE_BYTES, language)}
    elif sum(len(file.content) for file in entry.files) > form_entry.MOST_FILES_BYTES:
        most = size(form_entry.MOST_FILES_BYTES, language)
        told = _("Semua berkas bersama paling besar %(size)s.") % {"size": most}
    else:
        return {}
    return {"attachments": told}
