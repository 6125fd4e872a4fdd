"""Letters as PDF: the words can be read out of the file, and the same letter is the same file."""

import io
import re
from datetime import UTC, datetime

import pytest
from fpdf import FPDF
from fpdf.fonts import TTFFont
from pypdf import PdfReader

from corong.documents import DocumentKind, fill, standard_template
from corong.documents.blocks import Heading, Paragraph, Rows, Run
from corong.documents.faces import FACES, USUAL, Face
from corong.documents.pdf import Letterhead, _begun, as_pdf, as_report
from tests.services.documents.cases import FACTS, facts_of

MADE = datetime(2026, 4, 8, 3, 0, tzinfo=UTC)
HEAD = Letterhead(
    government="Pemerintah Kabupaten Asahan",
    office="Dinas Komunikasi dan Informatika",
    address="Jalan Jenderal Sudirman 5, Kisaran",
    place_and_date="Kisaran, 8 April 2026",
    signed_by="PPID Utama",
    signed_name="Siti Aminah",
    number="PPID/2026/000123",
)


def _pages(content: bytes) -> list[str]:
    return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(io.BytesIO(content)).pages]


@pytest.mark.parametrize("kind", DocumentKind)
def test_everything_is_on_the_page(kind: DocumentKind) -> None:
    letter = fill(standard_template(kind), facts_of(kind))
    content = as_pdf(letter, HEAD, MADE)
    page = " ".join(_pages(content))
    for words in (letter.title, "PEMERINTAH KABUPATEN ASAHAN", HEAD.address, HEAD.place_and_date, HEAD.signed_name):
        assert words in page
    assert str(FACTS["registration"]) in page
    assert str(FACTS["subject"]) in page
    assert "\ufffd" not in page
    assert content == as_pdf(letter, HEAD, MADE)
    assert content != as_pdf(letter, HEAD, MADE.replace(hour=4))


def test_what_the_file_says_of_itself() -> None:
    kind = DocumentKind.REFUSAL
    read = PdfReader(io.BytesIO(as_pdf(fill(standard_template(kind), facts_of(kind)), HEAD, MADE)))
    assert read.metadata is not None
    assert read.metadata.title == "Surat Keputusan Penolakan Permohonan Informasi Publik"
    assert read.metadata.author == HEAD.government
    assert read.metadata.creation_date == MADE
    assert str(read.root_object["/Lang"]) == "id-ID"


@pytest.mark.parametrize("sentences", range(0, 120, 7))
def test_nobody_signs_an_empty_sheet(sentences: int) -> None:
    kind = DocumentKind.EXTENSION
    letter = fill(
        standard_template(kind), facts_of(kind, reason="Dokumen masih dikumpulkan dari unit. " * (sentences + 1))
    )
    pages = _pages(as_pdf(letter, HEAD, MADE))
    assert sum("Siti Aminah" in page for page in pages) == 1
    assert "dapat dibaca di" in pages[-1]
    assert f"halaman {len(pages)} dari {len(pages)}" in pages[-1]


def test_no_heading_is_left_behind_alone() -> None:
    kind = DocumentKind.NOTICE
    for lines in range(8):
        letter = fill(standard_template(kind), facts_of(kind, answer="Dokumen anggaran terlampir. " * (5 * lines + 1)))
        for page in _pages(as_pdf(letter, HEAD, MADE)):
            assert ("Hak Anda" in page) == ("Jika Anda tidak puas" in page)


def test_the_head_comes_from_the_facts() -> None:
    facts = facts_of(DocumentKind.NOTICE)
    head = Letterhead.of(facts, address=HEAD.address, remark="KONSEP, belum dikirim")
    assert (head.office, head.place_and_date, head.signed_name, head.number) == (
        HEAD.office, HEAD.place_and_date, HEAD.signed_name, HEAD.number,
    )  # fmt: skip
    (page, *_) = _pages(as_pdf(fill(standard_template(facts.kind), facts), head, MADE))
    assert "KONSEP, belum dikirim" in page
    receipt = facts_of(DocumentKind.RECEIPT)
    assert Letterhead.of(receipt).signed_by == ""  # nobody signs a receipt


def test_other_scripts_are_marked_not_dropped() -> None:
    kind = DocumentKind.NOTICE
    letter = fill(standard_template(kind), facts_of(kind, name="Müller Ωμέγα Жуков 你"))
    assert "Müller Ωμέγα Жуков \ufffd" in _pages(as_pdf(letter, HEAD, MADE))[0]
    assert "你" in repr(letter.blocks)


def _faces(blocks: tuple[Paragraph, ...]) -> tuple[set[str], int]:
    """Which faces a paper embeds, and how many letters the first one knows."""
    pdf = _begun("Laporan", blocks, HEAD, MADE, "id")
    regular, *_ = pdf.fonts.values()
    assert isinstance(regular, Face)
    return set(pdf.fonts), len(regular.cmap)


def test_a_paper_embeds_the_faces_that_its_words_need_and_no_more() -> None:
    usual, letters = _faces((Paragraph((Run("Anggaran – 5 €"),)),))
    assert usual == {"opensans", "opensansB"}
    italic, _ = _faces((Paragraph((Run("Anggaran", italic=True),)),))
    assert italic == {"opensans", "opensansB", "opensansI", "opensansBI"}
    _, whole = _faces((Paragraph((Run("Ωμέγα"),)),))
    assert letters < len(USUAL) + 10 < whole


def test_a_cut_face_has_the_widths_and_the_letters_of_the_whole_one() -> None:
    pdf = FPDF()
    for style in FACES:
        small, whole = (Face(pdf, "OpenSans", style, small=one) for one in (True, False))
        usual = "".join(sorted(USUAL & set(map(chr, whole.cmap))))
        assert len(usual) > 300
        assert set(usual) <= set(map(chr, small.cmap))
        assert small.get_text_width(usual, 10.5, None) == whole.get_text_width(usual, 10.5, None)
        assert TTFFont.get_text_width(whole, usual, 10.5, None) == whole.get_text_width(usual, 10.5, None)


def test_a_reports_long_table_has_every_row_and_its_head_on_each_page() -> None:
    head = ((Run("Nomor"),), (Run("Diterima"),), (Run("Keputusan"),))
    rows = tuple(((Run(f"PI/2026/{n:06d}"),), (Run("2026-03-17"),), (Run("dikabulkan"),)) for n in range(300))
    blocks = (Heading(2, (Run("Lampiran"),)), Rows(head, rows), Paragraph((Run("Sekian."),)))
    content = as_report("Laporan 2026", blocks, HEAD, MADE)
    pages = _pages(content)
    assert len(pages) > 4
    found = [number for page in pages for number in re.findall(r"PI/2026/(\d{6})", page)]
    assert found == [f"{n:06d}" for n in range(300)]
    for place, page in enumerate(pages, 1):
        assert "PI/2026" not in page or "Keputusan" in page
        assert f"halaman {place} dari {len(pages)}" in page
    assert "Siti Aminah" not in "".join(pages), "nobody signs it"
    assert content == as_report("Laporan 2026", blocks, HEAD, MADE)
    assert "page 1 of" in _pages(as_report("Report 2026", blocks, HEAD, MADE, "en"))[0]


def test_what_does_not_fit_its_column_is_cut_and_strange_letters_are_shown_as_such() -> None:
    head = ((Run("Unit"),), (Run("Diterima"),), (Run("Ditolak"),))
    rows = (((Run("Dinas " + "Panjang " * 40),), (Run("1"),), (Run("2"),)), ((Run("Δ 漢"),), (Run("3"),), (Run("4"),)))
    (page,) = _pages(as_report("Laporan", (Rows(head, rows),), HEAD, MADE))
    assert re.search(r"Dinas( Panjang){3,39} ?P?a?n?j?a?n?… 1 2", page)
    assert "Δ \ufffd" in page
