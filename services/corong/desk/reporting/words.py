"""The words of registers and reports, in Indonesian and in English."""

from collections.abc import Mapping
from typing import Any

from corong.reports import End, Standing
from corong.runtime.language import Language
from corong_contracts.case import CaseKind
from corong_contracts.case_life import ObjectionGround
from corong_contracts.decision import ExemptGround, Outcome

Both = tuple[str, str]

STANDINGS: dict[Standing, Both] = {
    Outcome.GRANTED: ("dikabulkan", "granted"),
    Outcome.PARTLY_GRANTED: ("dikabulkan sebagian", "partly granted"),
    Outcome.REFUSED: ("ditolak", "refused"),
    Outcome.NOT_HELD: ("tidak dikuasai", "not held"),
    Outcome.UPHELD: ("keberatan diterima", "upheld"),
    Outcome.PARTLY_UPHELD: ("keberatan diterima sebagian", "partly upheld"),
    Outcome.REJECTED: ("keberatan ditolak", "rejected"),
    End.WITHDRAWN: ("dicabut", "withdrawn"),
    End.MERGED: ("digabungkan", "merged"),
    End.CLOSED: ("berakhir tanpa putusan", "ended without a decision"),
    End.OPEN: ("belum diputus", "not decided yet"),
}
HELD: dict[str, Both] = {
    "held": ("dikuasai", "held"),
    "partly_held": ("dikuasai sebagian", "partly held"),
    "not_held": ("tidak dikuasai", "not held"),
}
FORMS: dict[str | None, Both] = {
    None: ("", ""),
    "soft_copy": ("salinan lunak", "soft copy"),
    "hard_copy": ("salinan cetak", "hard copy"),
    "inspection": ("melihat di tempat", "inspection on the spot"),
}
EXEMPT: dict[ExemptGround, Both] = {
    ExemptGround.LAW_ENFORCEMENT: ("penegakan hukum", "law enforcement"),
    ExemptGround.BUSINESS_SECRETS: ("rahasia usaha dan kekayaan intelektual", "business secrets"),
    ExemptGround.DEFENCE: ("pertahanan dan keamanan", "defence and security"),
    ExemptGround.NATURAL_WEALTH: ("kekayaan alam", "natural wealth"),
    ExemptGround.ECONOMIC_RESILIENCE: ("ketahanan ekonomi", "economic resilience"),
    ExemptGround.FOREIGN_RELATIONS: ("hubungan luar negeri", "foreign relations"),
    ExemptGround.PRIVATE_DEEDS: ("akta pribadi dan wasiat", "private deeds and wills"),
    ExemptGround.PERSONAL_SECRETS: ("rahasia pribadi", "personal secrets"),
    ExemptGround.INTERNAL_MEMORANDA: ("memorandum internal", "internal memoranda"),
    ExemptGround.OTHER_LAWS: ("menurut undang-undang lain", "other laws"),
}
OBJECTIONS: dict[ObjectionGround | None, Both] = {
    ObjectionGround.REFUSED: ("permohonan ditolak", "refused"),
    ObjectionGround.PERIODIC_NOT_PROVIDED: ("informasi berkala tidak disediakan", "periodic information not provided"),
    ObjectionGround.NO_RESPONSE: ("tidak ditanggapi", "no response"),
    ObjectionGround.NOT_AS_ASKED: ("ditanggapi tidak sebagaimana diminta", "answered not as asked"),
    ObjectionGround.NOT_FULFILLED: ("tidak dipenuhi", "not fulfilled"),
    ObjectionGround.UNREASONABLE_FEE: ("biaya tidak wajar", "unreasonable fee"),
    ObjectionGround.LATE: ("melebihi jangka waktu", "late"),
    None: ("belum dihubungkan dengan permohonannya", "not linked with its request yet"),
}
RESULTS: dict[str | None, Both] = {
    "mediated": ("mediasi berhasil", "mediated"),
    "for_applicant": ("dimenangkan pemohon", "for the applicant"),
    "for_office": ("dimenangkan badan publik", "for the office"),
    "partly": ("dikabulkan sebagian", "partly"),
    "withdrawn": ("dicabut", "withdrawn"),
    "not_admitted": ("tidak diterima", "not admitted"),
    None: ("belum selesai", "not settled yet"),
}
KINDS: dict[CaseKind, Both] = {
    CaseKind.INFORMATION_REQUEST: ("permohonan informasi", "information request"),
    CaseKind.OBJECTION: ("keberatan", "objection"),
    CaseKind.COMPLAINT: ("pengaduan", "complaint"),
    CaseKind.SUGGESTION: ("aspirasi atau saran", "suggestion"),
    CaseKind.QUESTION: ("pertanyaan", "question"),
    CaseKind.PRAISE: ("apresiasi", "praise"),
    CaseKind.SPAM: ("spam", "spam"),
}
STATES: dict[str, Both] = {
    "withheld": ("ditahan", "withheld"),
    "erased": ("dihapus", "erased"),
    "unreadable": ("tidak terbaca", "unreadable"),
}
MONTHS: tuple[Both, ...] = (
    ("Januari", "January"), ("Februari", "February"), ("Maret", "March"), ("April", "April"), ("Mei", "May"),
    ("Juni", "June"), ("Juli", "July"), ("Agustus", "August"), ("September", "September"), ("Oktober", "October"),
    ("November", "November"), ("Desember", "December"),
)  # fmt: skip


class Speaker:
    """Says things in one language."""

    def __init__(self, language: Language, units: Mapping[str, str]) -> None:
        """`units`: id → name; one that is not there is called by its id."""
        self.language = language
        self._units = units

    def __call__(self, both: Both) -> str:
        """Of both the one."""
        return both[1] if self.language == "en" else both[0]

    def of(self, words: Mapping[Any, Both], code: Any) -> str:
        """The words for a code."""
        return self(words[code])

    def yes(self, value: bool | None) -> str:
        """Yes, no, or nothing where that is open."""
        return "" if value is None else self(("ya", "yes") if value else ("tidak", "no"))

    def unit(self, identity: str | None) -> str:
        """A unit by name."""
        if identity is None:
            return self(("belum diteruskan ke unit", "not routed to a unit yet"))
        return self._units.get(identity, identity)

    def article17(self, grounds: tuple[ExemptGround, ...]) -> str:
        """`Pasal 17 huruf h (rahasia pribadi); …`."""
        letter = self(("Pasal 17 huruf", "art. 17 letter"))
        return "; ".join(f"{letter} {ground.value} ({self.of(EXEMPT, ground)})" for ground in sorted(set(grounds)))
