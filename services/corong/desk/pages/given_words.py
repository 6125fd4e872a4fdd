"""What a citizen gave beside the message's words: an applicant's particulars, and what an objection is about."""

from corong.desk.acts import choices
from corong.desk.models import Entry
from corong.runtime import formats
from corong.runtime.kind_names import Translate
from corong.runtime.language import Language


def given(entry: Entry, _: Translate, language: Language) -> list[tuple[str, str]]:
    """Names and values, in the order of the register; only what was given."""
    told: list[tuple[str, str]] = []
    if entry.objection is not None:
        grounds = dict(choices.objection_grounds(_))
        told.append((_("Keberatan atas"), entry.objection.request))
        told += [(_("Alasan Pasal 35"), grounds.get(str(letter), str(letter))) for letter in entry.objection.grounds]
    if entry.letter is not None:
        told += [(_("Nomor surat"), entry.letter.number)] if entry.letter.number else []
        told += [(_("Tanggal surat"), formats.weekday(entry.letter.dated, language))] if entry.letter.dated else []
    written = entry.particulars or {}
    chosen = {name: dict(among) for name, among in choices.particulars(_).items()}
    for name, label in choices.register_columns(_).items():
        if value := written.get(name):
            told.append((label, chosen.get(name, {}).get(value, value)))
    return told
