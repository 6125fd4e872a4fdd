"""The cover sheet: one page or two of PDF that an auditor files with the rest."""

from collections.abc import Mapping
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from corong.desk.exporting.texts import CHECK, ROLES, Asked, Head, contents_line, filter_lines, moment

_LEFT = 52.0
"""Millimetres, of the column of labels."""
_NOTE = (
    "Entri di events.ndjson dibuktikan satu per satu terhadap checkpoint di atas. Waktu ekspor ini dan SHA-256 setiap "
    "berkasnya tercatat di log sendiri: record.tlog-proof.",
    "The entries in events.ndjson are proven one by one against the checkpoint above. The time of this export and the "
    "SHA-256 of each of its files stand in the log itself: record.tlog-proof.",
)


class Sheet(FPDF):
    """A4 with the standard fonts, which every reader has."""

    def __init__(self, head: Head, title: str) -> None:
        super().__init__(format="A4")
        self.core_fonts_encoding = "cp1252"
        self._foot = f"{title} · {head.size} · {head.root[:16]}"
        self.set_creation_date(head.at)
        self.set_title(title)
        self.set_creator("Corong")
        self.set_lang("id")
        self.set_margins(18, 18, 18)
        self.set_auto_page_break(True, 20)
        self.add_page()

    def footer(self) -> None:
        """On every page: which checkpoint, and which page."""
        self.set_y(-14)
        self.set_font("Helvetica", size=8)
        self.cell(0, 5, printable(f"{self._foot} · {self.page_no()}/{{nb}}"), align="C")

    def heading(self, text: str) -> None:
        """Of a part; never the last line of a page."""
        if self.will_page_break(30):
            self.add_page()
        self.ln(3)
        self.set_font("Helvetica", "B", 11)
        self.multi_cell(0, 6, printable(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_draw_color(120)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(1.5)

    def field(self, label: str, value: str, font: str = "Helvetica", size: float = 9) -> None:
        """A label, and what it says."""
        if self.will_page_break(12):
            self.add_page()
        top = self.get_y()
        self.set_font("Helvetica", size=9)
        self.multi_cell(_LEFT, 5, printable(label), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        below = self.get_y()
        self.set_xy(self.l_margin + _LEFT, top)
        self.set_font(font, size=size)
        self.multi_cell(0, 5, printable(value), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(max(below, self.get_y()))

    def words(self, text: str, font: str = "Helvetica", size: float = 9) -> None:
        """A paragraph."""
        self.set_font(font, size=size)
        self.multi_cell(0, 4.6, printable(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def printable(text: str) -> str:
    r"""What the standard fonts lack is written out, as \u0142."""
    return "".join(
        sign if _has(sign) else sign.encode("ascii", "backslashreplace").decode()
        for sign in text
    )  # fmt: skip


def _has(sign: str) -> bool:
    try:
        sign.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return sign.isprintable() or sign == "\n"


def write(
    target: Path, asked: Asked, head: Head, counts: Mapping[str, int], withheld: int, digests: Mapping[str, str]
) -> None:
    """Write the sheet. `counts` are the entries of each type; `digests` those of the files that it covers."""
    sheet = Sheet(head, "Ekspor log / Log export")
    sheet.set_font("Helvetica", "B", 16)
    sheet.multi_cell(0, 8, "Ekspor log audit", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    sheet.set_font("Helvetica", size=11)
    sheet.multi_cell(0, 6, "Export of the audit log", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    sheet.multi_cell(0, 6, printable(asked.hub), new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    sheet.heading("Siapa dan mengapa / Who and why")
    sheet.field("Diekspor oleh / Exported by", f"{asked.name} ({asked.officer})\n{ROLES.get(asked.role, asked.role)}")
    sheet.field("Alasan / Reason", asked.reason)
    sheet.field("Keadaan log per / Log as of", moment(head.at, asked.zone))
    sheet.field("Isi / Contents", contents_line(asked))

    sheet.heading("Saringan / Filter")
    for label, value in filter_lines(asked):
        sheet.field(label, value)

    sheet.heading("Jumlah / Counts")
    sheet.field("Entri / Entries", str(sum(counts.values()) + withheld))
    if asked.public:
        sheet.field("Hanya hash / Hash only", str(withheld))
    for kind, count in sorted(counts.items()):
        sheet.field(kind.removeprefix("id.corong."), str(count))

    sheet.heading("Checkpoint")
    name, identity = head.key.split("+")[:2]
    sheet.field("Kunci log / Log's key", f"{name}+{identity}")
    sheet.words(head.checkpoint, "Courier", 8)

    sheet.heading("Berkas / Files (SHA-256)")
    for file, found in digests.items():
        sheet.field(file, found, "Courier", 8)

    sheet.heading("Cara memeriksa / How to check")
    sheet.words(CHECK, "Courier")
    for text in _NOTE:
        sheet.ln(1)
        sheet.words(text)
    sheet.output(str(target))


__all__ = ["write"]
