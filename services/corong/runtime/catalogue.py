"""Translations: Indonesian is what stands in code and templates, English comes from a gettext catalogue.

The `.po` file is read as it is, at start: there is no compiled file that could be forgotten.
`python -m corong.runtime.catalogue` brings it up to date with the texts in code and templates.
"""

import io
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from babel.support import NullTranslations, Translations

import corong
from corong.runtime.language import Language

PACKAGE = Path(corong.__file__).parent
ENGLISH = PACKAGE / "runtime" / "locale" / "en" / "LC_MESSAGES" / "corong.po"


@cache
def translations(language: Language) -> NullTranslations:
    """The translations into a language."""
    if language == "id":
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read())
    compiled.seek(0)
    return Translations(compiled)


def read() -> Catalog:
    """The English catalogue as it stands."""
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def extract() -> Catalog:
    """Every text in code and templates that a reader can see."""
    found = Catalog(charset="utf-8")
    for name, _line, message, comments, context in extract_from_dir(
        PACKAGE,
        method_map=[("**/templates/**.html", "jinja2"), ("**.py", "python")],
        options_map={"**/templates/**.html": {"extensions": "jinja2.ext.i18n", "trimmed": "true", "silent": "false"}},
        keywords={"_": None, "gettext": None, "ngettext": (1, 2)},
        comment_tags=("Translators:",),
    ):
        # No line numbers: they would change with every edit of a template.
        found.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    return found


def update() -> list[str]:
    """Bring the catalogue's entries up to date; what has no translation yet."""
    catalogue = read() if ENGLISH.exists() else Catalog(locale="en", charset="utf-8")
    catalogue.update(extract(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    with ENGLISH.open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=True, include_lineno=False, omit_header=True)
    return [str(message.id) for message in catalogue if message.id and not any(_forms(message.string))]


def _forms(string: object) -> tuple[object, ...]:
    return string if isinstance(string, tuple) else (string,)


if __name__ == "__main__":
    for missing in update():
        print(missing)  # a tool for whoever writes texts
