"""The typefaces of letters, cut down to the letters of Indonesian and its neighbours: a tenth of the work for each PDF.

Of a whole face with its thousand glyphs a PDF writer reads all, to embed some fifty of them. Most letters need none of
the rest, so each process cuts the faces once; a letter with other characters in it gets the whole faces.
"""

import io
from functools import cache
from importlib.resources import files
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.fonts import TTFFont

FACES = {
    "": "OpenSans-Regular.ttf",
    "B": "OpenSans-Bold.ttf",
    "I": "OpenSans-Italic.ttf",
    "BI": "OpenSans-BoldItalic.ttf",
}
"""Style as fpdf2 names it → file."""
MISSING = "\ufffd"
"""What is shown for a character that the faces don't have."""
USUAL = frozenset(
    chr(code)
    for start, end in ((0x20, 0x7E), (0xA0, 0x17F), (0x2010, 0x2027), (0x2030, 0x203A))
    for code in range(start, end + 1)
) | {"\n", "€", "™", "−", MISSING}
"""Basic Latin, Latin-1, Latin Extended-A and the General Punctuation of running text."""


class Face(TTFFont):
    """A style's face in one PDF: all of it, or what `USUAL` needs."""

    __slots__ = ()

    def __init__(self, pdf: FPDF, family: str, style: str, *, small: bool) -> None:
        file = io.BytesIO(_small(style) if small else _whole(style))
        # `FPDF.add_font` takes names of files alone; fontTools, which opens it, takes open ones too.
        super().__init__(pdf, file, f"{family.lower()}{style}", style)  # type: ignore[arg-type]
        self.ttfont.recalcBBoxes = False  # no glyph is changed

    @classmethod
    def into(cls, pdf: FPDF, family: str, style: str, *, small: bool) -> "Face":
        """As `FPDF.add_font`: the faces of one PDF are numbered by those that it has."""
        made = cls(pdf, family, style, small=small)
        pdf.fonts[made.fontkey] = made
        return made

    def get_text_width(
        self, text: str, font_size_pt: float, text_shaping_params: dict[str, Any] | None
    ) -> tuple[int, float]:
        """As fpdf2 does, which asks for each letter of each line, without a generator."""
        if text_shaping_params or self.is_symbol:
            return super().get_text_width(text, font_size_pt, text_shaping_params)
        self.biggest_size_pt = max(self.biggest_size_pt, font_size_pt)
        return len(text), sum(map(self.cw.__getitem__, map(ord, text))) * font_size_pt * 0.001

    def __deepcopy__(self, memo: dict[int, Any]) -> "Face":
        copy = super().__deepcopy__(memo)
        copy.__class__ = Face
        assert isinstance(copy, Face)
        return copy


@cache
def _whole(style: str) -> bytes:
    return (files("ttf_opensans") / "ttf" / FACES[style]).read_bytes()


@cache
def _small(style: str) -> bytes:
    whole = TTFont(io.BytesIO(_whole(style)), recalcTimestamp=False)
    options = subset.Options(layout_features=[], notdef_outline=True, recommended_glyphs=True)
    options.drop_tables += ["GDEF", "GPOS", "GSUB", "DSIG"]
    cut = subset.Subsetter(options)
    cut.populate(unicodes=[ord(letter) for letter in USUAL])
    cut.subset(whole)
    made = io.BytesIO()
    whole.save(made)
    return made.getvalue()
