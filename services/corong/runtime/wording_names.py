"""The names that a wording may have in the place of what differs from case to case."""

import re

NAMES: dict[str, tuple[str, str]] = {
    "nomor": ("nomor pendaftaran", "registration number"),
    "nama": ("nama warga", "the citizen's name"),
    "unit": ("nama unit kerja", "name of the unit"),
    "pemda": ("nama pemerintah daerah", "name of the government"),
    "petugas": ("nama petugas yang menjawab", "name of the officer who answers"),
    "tenggat": ("hari terakhir untuk menjawab", "last day for the answer"),
    "hari_ini": ("hari ini", "today"),
    "halaman_cek": ("alamat halaman cek pesan", "address of the page on which a message is checked"),
}
"""Name → what stands there, in Indonesian and English."""
_PLACE = re.compile(r"\{([^{}\n]{1,40})\}")


def unknown_names(text: str) -> list[str]:
    """Names in braces that nothing is known of, each once."""
    return list(dict.fromkeys(name for name in _PLACE.findall(text) if name not in NAMES))


def filled(text: str, values: dict[str, str]) -> str:
    """The words with the values in their places; a name without a value stays, so that the officer sees it."""
    return _PLACE.sub(lambda found: values.get(found[1]) or found[0], text)
