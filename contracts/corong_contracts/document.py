"""Documents (surat): the letters of the information service."""

from enum import StrEnum


class DocumentKind(StrEnum):
    """A letter of the information service."""

    RECEIPT = "receipt"
    """Tanda bukti penerimaan permohonan (UU 14/2008 art. 22(4))."""
    NOTICE = "notice"
    """Pemberitahuan tertulis (art. 22(7)): held or not, by whom, granted or not, redaction, form, cost."""
    REFUSAL = "refusal"
    """Surat keputusan penolakan: the ground of art. 17, the consequence test, and the superior's word."""
    EXTENSION = "extension"
    """Perpanjangan waktu, once, with written reasons (art. 22(8))."""
    OBJECTION_DECISION = "objection_decision"
    """Tanggapan atasan PPID atas keberatan (art. 36(2))."""
