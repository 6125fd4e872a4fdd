"""The receipt's words, Indonesian first. The answer's words are the officer's own."""

from corong.publishing.lengths import length
from corong_contracts.channel import Capabilities

RECEIPT = """\
Pesan Anda telah kami terima dan terdaftar.

Nomor pendaftaran: {registration}
Kode rahasia: {secret}

Lihat perkembangan dan jawabannya di {address} dengan nomor dan kode di atas. \
Simpan kode itu; siapa pun yang memilikinya dapat membaca jawaban Anda.

Your message is registered under the number above. Follow it at the same address with number and code.

{hub}
"""

RECEIPT_SHORT = "Terdaftar: {registration}. Kode: {secret}. Jawaban: {address} – {hub}"


LETTER_AT = "Suratnya dapat diunduh di {address} dengan nomor {registration} dan kode pada tanda terima Anda."
"""Where the letter's own words have no room."""


def receipt(registration: str, secret: str, address: str, hub: str, capabilities: Capabilities) -> str:
    """The receipt, short where the channel allows little."""
    long = RECEIPT.format(registration=registration, secret=secret, address=address, hub=hub)
    if length(long, capabilities.text_unit) <= capabilities.max_text:
        return long
    return RECEIPT_SHORT.format(registration=registration, secret=secret, address=address, hub=hub)


def subject(registration: str, earlier: str) -> str:
    """The subject of a mail: the citizen's own, with the number once."""
    words = earlier.strip()
    while words[:3].casefold() == "re:":
        words = words[3:].strip()
    mark = f"[{registration}]"
    if mark in words:
        return f"Re: {words}"
    return f"Re: {words} {mark}" if words else mark
