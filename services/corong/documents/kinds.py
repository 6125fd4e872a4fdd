"""What letters there are, and what each may speak of. The variables are the contract between facts and templates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from corong_contracts.document import DocumentKind

__all__ = ["VARIABLES", "DocumentKind", "Variable"]


@dataclass(frozen=True, slots=True)
class Variable:
    """A word that a template may use. `required`: a letter can't be made while the fact is missing or blank."""

    meaning: str
    english: str
    required: bool = False
    several: bool = False
    """A list of texts: to be walked with `for`."""


_CASE: dict[str, Variable] = {
    "government": Variable("nama pemerintah daerah", "the government's name", required=True),
    "office": Variable("nama unit yang menjawab", "the answering unit", required=True),
    "place": Variable("tempat surat dibuat", "where the letter is made", required=True),
    "date": Variable("tanggal surat", "the letter's date", required=True),
    "registration": Variable("nomor pendaftaran", "the registration number", required=True),
    "received": Variable("saat permohonan diterima", "when it was received", required=True),
    "name": Variable("nama pemohon", "the applicant's name", required=True),
    "address": Variable("alamat pemohon", "the applicant's address"),
    "contact": Variable("telepon atau surel pemohon", "the applicant's phone or e-mail"),
    "subject": Variable("informasi yang diminta", "what is asked for", required=True),
    "follow": Variable("alamat halaman untuk memeriksa perkembangan", "where to follow the case", required=True),
}
_SIGNED: dict[str, Variable] = {
    "signed_by": Variable("jabatan yang menandatangani", "the office that signs", required=True),
    "signed_name": Variable("nama yang menandatangani", "the name of who signs"),
}
_MATTER: dict[str, Variable] = {
    "matter": Variable(
        "permohonan informasi, keberatan atau pengaduan", "request, objection or complaint", required=True
    ),
}
_OBJECT: dict[str, Variable] = {
    "object_until": Variable("hari terakhir mengajukan keberatan", "the last day to object", required=True),
    "write": Variable("alamat halaman untuk mengajukan keberatan", "where to write an objection", required=True),
}
_EXEMPT: dict[str, Variable] = {
    "grounds": Variable("dasar pengecualian menurut Pasal 17", "the grounds of art. 17", several=True),
    "consequence": Variable("hasil uji konsekuensi", "the consequence test's finding"),
    "exempt_until": Variable("jangka waktu pengecualian", "how long it is exempt"),
    "approved_by": Variable("atasan PPID yang menyetujui", "the superior who approved"),
    "approved_on": Variable("tanggal persetujuan", "when it was approved"),
}
"""Of what is refused, whole or in part."""

VARIABLES: Mapping[DocumentKind, Mapping[str, Variable]] = MappingProxyType(
    {
        DocumentKind.RECEIPT: {
            **_CASE,
            "secret": Variable("kode rahasia tanda terima", "the receipt's secret"),
            "purpose": Variable("tujuan penggunaan informasi", "what it is wanted for"),
            "answer_until": Variable(
                "hari terakhir pemberitahuan tertulis", "the last day of the notice", required=True
            ),
        },
        DocumentKind.NOTICE: {
            **_CASE,
            **_SIGNED,
            **_OBJECT,
            "decision": Variable("keputusan dalam kata", "the decision in words", required=True),
            "held": Variable("dikuasai atau tidak", "held or not", required=True),
            "holder": Variable("badan publik lain yang menguasai", "who else holds it"),
            "redactions": Variable("bagian yang dihitamkan dan dasarnya", "what is redacted, and why", several=True),
            "answer": Variable("jawaban", "the answer", required=True),
            "form": Variable("bentuk informasi", "the form of the information"),
            "cost": Variable("biaya", "the cost"),
            "delivery": Variable("cara penyampaian", "how it is handed over"),
            **_EXEMPT,
        },
        DocumentKind.REFUSAL: {
            **_CASE,
            **_SIGNED,
            **_OBJECT,
            **{name: replace(variable, required=True) for name, variable in _EXEMPT.items()},
            "answer": Variable("penjelasan kepada pemohon", "the words to the applicant", required=True),
            "part": Variable("bagian yang ditolak", "the part that is refused"),
        },
        DocumentKind.EXTENSION: {
            **_CASE,
            **_SIGNED,
            "reason": Variable("alasan tertulis", "the written reasons", required=True),
            "answer_until": Variable("batas waktu yang baru", "the new last day", required=True),
            "earlier_until": Variable("batas waktu semula", "the earlier last day", required=True),
        },
        DocumentKind.INCOMPLETE: {
            **_CASE,
            **_SIGNED,
            **_MATTER,
            "reason": Variable("apa yang belum lengkap", "what is missing", required=True),
            "waits": Variable("apa yang terjadi dengan tenggatnya", "what becomes of the clock"),
        },
        DocumentKind.SILENCE: {
            **_CASE,
            **_MATTER,
            "write": _OBJECT["write"],
            "owed": Variable("apa yang tidak diberikan", "what was not given", required=True),
            "ran_out": Variable("hari terakhir yang sudah lewat", "the last day that is over", required=True),
            "right": Variable("hak yang terbuka", "the right that opened", required=True),
            "right_basis": Variable("dasar hukum hak itu", "the right's basis", required=True),
            "right_until": Variable("hari terakhir hak itu", "the right's last day", required=True),
            "how": Variable("cara menggunakan hak itu", "how to use it", required=True),
        },
        DocumentKind.OBJECTION_DECISION: {
            **_CASE,
            **_SIGNED,
            "request_registration": Variable("nomor permohonan semula", "the request's number", required=True),
            "ground": Variable("alasan keberatan menurut Pasal 35", "the ground of art. 35", required=True),
            "decision": Variable("keputusan atas keberatan", "the decision", required=True),
            "reason": Variable("pertimbangan", "the reasons", required=True),
            "orders": Variable("perintah kepada PPID", "what the officer is told to do", several=True),
            "dispute_until": Variable("hari terakhir ke Komisi Informasi", "the last day of a dispute", required=True),
        },
    }
)
"""Kind → name → what it means. A template of the kind may use these and no others."""
