"""A letter as PDF: A4, the same bytes for the same letter, its words selectable and its language told."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Literal

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from corong.documents.blocks import Block, Heading, Items, Paragraph, Rows, Runs, runs_of
from corong.documents.faces import FACES, MISSING, USUAL, Face
from corong.documents.facts import Facts
from corong.documents.filling import Letter

_FONT = "OpenSans"
_MARGIN = 22.0
"""Millimetres, as all lengths here."""
_LINE = 5.6
_SIZE = 10.5
_SMALL = 8.0
_SMALL_LINE = 4.6
_LABEL = 0.34
"""The first column's share of a table of labels and values."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands on every page: whose letter it is, and who signs."""

    government: str
    office: str
    address: str = ""
    place_and_date: str = ""
    signed_by: str = ""
    signed_name: str = ""
    number: str = ""
    """In the foot of each page, with the page's number."""
    remark: str = ""
    """In the foot as well: what the paper is."""

    @classmethod
    def of(cls, facts: Facts, *, address: str = "", remark: str = "") -> "Letterhead":
        """As the facts of the letter have it."""
        known = {name: value for name, value in facts.values.items() if isinstance(value, str)}
        return cls(
            government=known["government"],
            office=known["office"],
            address=address,
            place_and_date=f"{known['place']}, {known['date']}",
            signed_by=known.get("signed_by", ""),
            signed_name=known.get("signed_name", ""),
            number=known["registration"],
            remark=remark,
        )


def as_pdf(letter: Letter, head: Letterhead, made: datetime) -> bytes:
    """The letter's pages. `made` is the only time in it, so the same letter has the same bytes again.

    Characters that the letters' typeface doesn't have (it has Latin, Greek and Cyrillic) are shown as U+FFFD; the
    channel's text has them.
    """
    return as_signed(letter.title, letter.blocks, head, made)


def as_signed(title: str, blocks: Sequence[Block], head: Letterhead, made: datetime) -> bytes:
    """Pages with a place for the signature, of what no template is for."""
    pdf = _begun(title, blocks, head, made, "id")
    if head.number:
        pdf.text_line(f"Nomor: {head.number}", size=_SIZE, style="", align="C", after=5)
    last = -2 if len(blocks) > 1 and isinstance(blocks[-2], Heading) else -1
    for block in blocks[:last]:
        pdf.block(block)
    pdf.ending(tuple(blocks[last:]))
    return _finished(pdf)


def as_report(
    title: str, blocks: Sequence[Block], head: Letterhead, made: datetime, language: Literal["id", "en"] = "id"
) -> bytes:
    """Pages that nobody signs: the same blocks under the same head. The head's number stands in the foot alone.

    Tables of more than two columns are drawn in small letters, a line for each row; what doesn't fit its column is cut.
    """
    pdf = _begun(title, blocks, head, made, language)
    pdf.ln(4)
    for block in blocks:
        if isinstance(block, Rows) and len(block.head) > 2:
            pdf.lines(block)
        else:
            pdf.block(block)
    return _finished(pdf)


def _begun(
    title: str, blocks: Sequence[Block], head: Letterhead, made: datetime, language: Literal["id", "en"]
) -> "_Pages":  # fmt: skip
    pdf = _Pages(title, blocks, head, language)
    pdf.set_creation_date(made)
    pdf.set_title(title)
    pdf.set_author(head.government)
    pdf.set_lang("id-ID" if language == "id" else "en-GB")
    pdf.add_page()
    pdf.letterhead()
    pdf.text_line(title, size=13, style="B", align="C", after=1)
    return pdf


def _finished(pdf: FPDF) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bytes(pdf.output())


class _Pages(FPDF):
    def __init__(self, title: str, blocks: Sequence[Block], head: Letterhead, language: Literal["id", "en"]) -> None:
        super().__init__(format="A4")
        self._head = head
        self._counted = "halaman {} dari {{nb}}" if language == "id" else "page {} of {{nb}}"
        self.set_margins(_MARGIN, 18.0)
        self.c_margin = 0.0
        self.set_auto_page_break(True, margin=21.0)
        self.set_producer("Corong")
        runs = list(runs_of(blocks))
        small = USUAL.issuperset("".join((title, *astuple(head), *(run.text for run in runs))))
        styles = [style for style in FACES if "I" not in style or any(run.italic for run in runs)]
        faces = [Face.into(self, _FONT, style, small=small) for style in styles]
        self.set_font(_FONT, size=_SIZE)
        self._glyphs = faces[0].cmap

    def footer(self) -> None:
        self.set_y(-16)
        self.set_font(_FONT, size=8)
        self.set_text_color(90)
        parts = (self._head.number, self._counted.format(self.page_no()), self._head.remark)
        self.cell(0, 4, self._shown("  ·  ".join(part for part in parts if part)), align="C")
        self.set_text_color(0)

    def letterhead(self) -> None:
        self.text_line(self._head.government.upper(), size=13, style="B", align="C", after=0)
        self.text_line(self._head.office, size=11.5, style="B", align="C", after=0)
        if self._head.address:
            self.text_line(self._head.address, size=9, style="", align="C", after=0)
        self.ln(2)
        self.set_line_width(0.7)
        self.line(_MARGIN, self.get_y(), self.w - _MARGIN, self.get_y())
        self.set_line_width(0.2)
        self.ln(6)

    def text_line(self, text: str, *, size: float, style: str, align: str, after: float) -> None:
        self.set_font(_FONT, style, size)
        self.multi_cell(0, size * 0.52, self._shown(text), align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_font(_FONT, size=_SIZE)
        self.ln(after)

    def block(self, block: Block) -> None:
        match block:
            case Heading(level, runs):
                self.ln(1.5)
                if self.will_page_break(3 * _LINE):  # a heading alone at the foot of a page leads nowhere
                    self.add_page()
                self.text_line("".join(run.text for run in runs), size=13 - level, style="B", align="L", after=1)
            case Paragraph(runs):
                self._write(runs)
                self.ln(2)
            case Items(items, first):
                self._items(items, first)
            case Rows(head, rows):
                self._table(head, rows)

    def _items(self, items: tuple[Runs, ...], first: int | None) -> None:
        left = self.l_margin
        for number, runs in enumerate(items, first or 1):
            self.set_x(left + 2)
            self.cell(6, _LINE, "•" if first is None else f"{number}.")
            self.set_left_margin(left + 8)
            self._write(runs)
            self.set_left_margin(left)
            self.ln(0.8)
        self.ln(1.5)

    def _table(self, head: tuple[Runs, ...], rows: tuple[tuple[Runs, ...], ...]) -> None:
        if not rows:
            return
        columns = len(rows[0])
        labels = not head and columns == 2
        widths = (_LABEL, 1 - _LABEL) if labels else (1,) * columns
        layout = TableBordersLayout.NONE if labels else TableBordersLayout.ALL
        padding = (0.7, 0.7, 0.7, 0.0 if labels else 0.7)
        with self.table(
            col_widths=widths, borders_layout=layout, line_height=_LINE, padding=padding, align="LEFT",
            text_align="LEFT", v_align="TOP", first_row_as_headings=bool(head),
            headings_style=FontFace(emphasis="BOLD"),
        ) as table:  # fmt: skip
            for cells in ((head,) if head else ()) + rows:
                row = table.row()
                for runs in cells:
                    bold = bool(runs) and all(run.bold for run in runs)
                    style = FontFace(emphasis="BOLD") if bold else None
                    row.cell(self._shown("".join(run.text for run in runs)), style=style)
        self.ln(3)

    def lines(self, block: Rows) -> None:
        """A table with a line for each row, its head on every page: as long as it may be, in little time."""
        head, *rows = (
            [self._shown("".join(run.text for run in runs)) for runs in row] for row in (block.head, *block.rows)
        )
        self.set_font(_FONT, "B", _SMALL)
        bold = _Widths(self)
        self.set_font(_FONT, "", _SMALL)
        plain = _Widths(self)
        widths = [
            max(bold.of(title), *(plain.of(row[place]) for row in rows), 0) + 3 for place, title in enumerate(head)
        ]
        widest = max(range(len(widths)), key=widths.__getitem__)
        room = self.w - self.l_margin - self.r_margin - sum(widths) + widths[widest]
        widths[widest] = max(12.0, min(widths[widest], room))
        self._line(head, widths, bold)
        for row in rows:
            if self.will_page_break(_SMALL_LINE):
                self.add_page()
                self._line(head, widths, bold)
            self._line(row, widths, plain)
        self.set_font(_FONT, size=_SIZE)
        self.ln(3)

    def _line(self, row: list[str], widths: list[float], letters: "_Widths") -> None:
        """The first cell to the left, the others to the right of their columns."""
        self.set_font(_FONT, letters.style, _SMALL)
        left, top = self.l_margin, self.get_y()
        for place, (text, width) in enumerate(zip(row, widths, strict=True)):
            shown = letters.cut(text, width - 1.5)
            self.text(left if place == 0 else left + width - 1 - letters.of(shown), top + 0.72 * _SMALL_LINE, shown)
            left += width
        if letters.style:
            self.line(self.l_margin, top + _SMALL_LINE, left, top + _SMALL_LINE)
        self.set_y(top + _SMALL_LINE)

    def _write(self, runs: Runs) -> None:
        with self.text_columns(line_height=_LINE / (_SIZE / self.k)) as column, column.paragraph() as paragraph:
            for run in runs:
                self.set_font(_FONT, ("B" if run.bold else "") + ("I" if run.italic else ""), _SIZE)
                paragraph.write(self._shown(run.text))
        self.set_font(_FONT, size=_SIZE)

    def ending(self, last: tuple[Block, ...]) -> None:
        """The last block, with its heading, and the signature, on one page: nobody signs an empty sheet."""
        if not self._head.signed_by:
            return self._ending(last)
        with self.offset_rendering() as tried:
            self._ending(last)
        if tried.page_break_triggered:
            self.add_page()
        self._ending(last)

    def _ending(self, last: tuple[Block, ...]) -> None:
        for block in last:
            self.block(block)
        if not self._head.signed_by:
            return
        self.ln(4)
        for text, style, height in self._signature_lines():
            self.set_x(self.w / 2)
            self.set_font(_FONT, style, _SIZE)
            self.multi_cell(
                self.w / 2 - _MARGIN, height, self._shown(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L"
            )

    def _signature_lines(self) -> Iterator[tuple[str, str, float]]:
        if self._head.place_and_date:
            yield self._head.place_and_date, "", _LINE
        yield self._head.signed_by, "", _LINE
        yield "", "", 14.0
        yield self._head.signed_name or "(……………………………………)", "B", _LINE

    def _shown(self, text: str) -> str:
        if text.isascii() and text.isprintable():
            return text
        return "".join(char if char == "\n" or ord(char) in self._glyphs else MISSING for char in text)


class _Widths:
    """How wide texts are in the font that is set, letter by letter: each is measured once."""

    def __init__(self, pdf: FPDF) -> None:
        self.style = pdf.font_style
        self._pdf = pdf
        self._letters: dict[str, float] = {}

    def of(self, text: str) -> float:
        """In millimetres."""
        for letter in set(text) - self._letters.keys():
            self._letters[letter] = self._pdf.get_string_width(letter)
        return sum(map(self._letters.__getitem__, text))

    def cut(self, text: str, width: float) -> str:
        """As much as goes into the width, with an ellipsis where that is not all."""
        if self.of(text) <= width:
            return text
        while len(text) > 1 and self.of(text + "…") > width:
            text = text[:-1].rstrip()
        return text + "…"
