"""Text in which something can be seen: an answer of blanks answers nothing, and a sender of blanks is nobody."""

from pydantic import AfterValidator


def said(text: str) -> str:
    """The text. Raises `ValueError` where it has nothing but blanks, line feeds and marks without a shape."""
    if not any(letter.isprintable() and not letter.isspace() for letter in text):
        raise ValueError("nothing but blanks")
    return text


SAID = AfterValidator(said)
