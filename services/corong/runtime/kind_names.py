"""The kinds of cases as people call them."""

from collections.abc import Callable

Translate = Callable[[str], str]


def kind_name(kind: str | None, _: Translate) -> str:
    """The kind of a case as citizens call it; empty where nobody has decided yet."""
    names = {
        "information_request": _("Permohonan informasi"),
        "objection": _("Keberatan"),
        "complaint": _("Pengaduan"),
        "suggestion": _("Aspirasi atau saran"),
        "question": _("Pertanyaan"),
        "praise": _("Apresiasi"),
        "spam": _("Pesan"),
    }
    return names.get(kind or "", "")
