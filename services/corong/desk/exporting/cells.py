"""Cells of tables that a spreadsheet shows as what they are and never reckons with.

After OWASP's "CSV Injection": a cell is taken for a formula by its first letter, and an attacker can begin a new cell
in the midst of his words where the program that opens the file separates by another sign than the one who wrote it.
"""

import re

_RISKY = "=+\\-@＝＋－＠﹦﹢﹣﹫−"
"""What begins a formula, with the full-width, small and mathematical forms that programs fold into those."""
_SEPARATORS = ",;|\t\r\n\v\f\x85\u2028\u2029\"'"
_BLANK = r"[\s\0\u200b-\u200f\u2060\ufeff]*"
_AT_START = re.compile(rf"{_BLANK}[{_RISKY}\t\r\n]")
_WITHIN = re.compile(rf"(?:^|(?<=[{_SEPARATORS}]))(?={_BLANK}[{_RISKY}])|^(?={_BLANK}[\t\r\n])")
_CONTROL = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")


def is_risky(text: str) -> bool:
    """Whether a spreadsheet could take the cell for a formula, now or when somebody edits it."""
    return _AT_START.match(text) is not None


def for_csv(text: str) -> str:
    """The cell with an apostrophe before whatever could begin a formula; control characters as a replacement sign."""
    return _WITHIN.sub("'", _CONTROL.sub("\ufffd", text))


MOST_XLSX = 32_767
"""Characters that a cell of XLSX holds (ECMA-376 as Excel implements it)."""
_CUT = " […] (terpotong: lihat events.csv / cut: see events.csv)"


def for_xlsx(text: str, cut: str = _CUT) -> str:
    """As much as a cell takes, counted in UTF-16 as Excel does, with `cut` at its end; the text itself stays."""
    if len(text) <= MOST_XLSX // 2:
        return text
    units = len(text) + sum(sign > "\uffff" for sign in text)
    if units <= MOST_XLSX:
        return text
    data = text.encode("utf-16-le")[: 2 * (MOST_XLSX - len(cut))]
    return data.decode("utf-16-le", "ignore") + cut
