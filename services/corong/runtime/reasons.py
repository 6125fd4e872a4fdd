"""Why a case went where it went, as a sentence: made of the rule file's words, never of the citizen's."""

from collections.abc import Iterable
from typing import Literal

from corong_contracts.case import CaseKind, Reason

__all__ = ["KIND_DECLARED", "KIND_DEFAULT", "KIND_WORDS", "explain", "sentence"]

KIND_DECLARED, KIND_WORDS, KIND_DEFAULT = "kind_declared", "kind_words", "kind_default"
"""Stand where a rule's id stands, in the reason for a kind that no rule gave."""

Language = Literal["id", "en"]

_SENTENCES: dict[str, tuple[str, str]] = {
    "topic": ("pesan menyebut {matched}", "the message speaks of {matched}"),
    "place": ("wilayah yang disebut: {matched}", "the place named is {matched}"),
    "account": ("pesan masuk lewat akun milik {matched}", "it came in on an account of {matched}"),
    "channel": ("pesan masuk lewat kanal {matched}", "it came in on the channel {matched}"),
    "kind": ("jenisnya dikenali dari {matched}", "its kind is told by {matched}"),
    "visibility": ("pesan bersifat {matched}", "the message is {matched}"),
    "no_rule": (
        "tidak ada aturan yang cocok, jadi masuk antrean PPID Utama",
        "no rule applies: the main office's queue",
    ),
    "officer": ("ditetapkan petugas", "an officer decided it"),
}
_KINDS_WITHOUT_WORDS = {
    KIND_DECLARED: ("jenisnya dipilih sendiri oleh pengirim", "the citizen chose the kind"),
    KIND_DEFAULT: ("jenisnya tidak tersebut, jadi dianggap pertanyaan", "no words tell the kind: a question"),
}
_KINDS = {
    CaseKind.INFORMATION_REQUEST: ("permohonan informasi", "an information request"),
    CaseKind.OBJECTION: ("keberatan", "an objection"),
    CaseKind.COMPLAINT: ("pengaduan", "a complaint"),
    CaseKind.SUGGESTION: ("aspirasi atau saran", "a suggestion"),
    CaseKind.QUESTION: ("pertanyaan", "a question"),
    CaseKind.PRAISE: ("apresiasi", "praise"),
    CaseKind.SPAM: ("spam", "spam"),
}
_ITS_KIND = ("jenisnya {matched}", "it is {matched}")


def sentence(reason: Reason, language: Language = "id") -> str:
    """One reason in words, with the name of the rule, where the rule file has one."""
    column = 0 if language == "id" else 1
    pattern = _KINDS_WITHOUT_WORDS.get(reason.rule, _SENTENCES[reason.because])[column]
    matched = ", ".join(f"“{text}”" for text in reason.matched)
    if reason.because == "kind" and reason.rule not in (KIND_DECLARED, KIND_WORDS, KIND_DEFAULT):
        pattern = _ITS_KIND[column]
        matched = ", ".join(_KINDS[CaseKind(kind)][column] for kind in reason.matched)
    said = pattern.format(matched=matched)
    if reason.rule in (KIND_DECLARED, KIND_WORDS, KIND_DEFAULT):
        return said
    return f"{said} ({'aturan' if language == 'id' else 'rule'} {reason.rule})"


def explain(reasons: Iterable[Reason], language: Language = "id") -> str:
    """All reasons of a decision as one sentence."""
    text = "; ".join(sentence(reason, language) for reason in reasons)
    return f"{text[:1].upper()}{text[1:]}." if text else ""
