"""Why somebody did not come in by the provider, as the page of the door says it."""

from corong.runtime.kind_names import Translate

DECLINED, UNKNOWN, REFUSED, AWAY, OLD, STOPPED = "batal", "bukan-petugas", "ditolak", "jauh", "lama", "sering"
"""Words in the door's address: nothing but one of these six sentences can be made to stand there."""


def failure(word: str, provider: str, _: Translate) -> tuple[int, str]:
    """The status and the sentence for a word; 200 and none for one that is not ours."""
    name = {"name": provider}
    said = {
        DECLINED: (403, _("Anda tidak jadi masuk dengan %(name)s. Coba lagi, atau pakai cara lain di bawah ini.")),
        UNKNOWN: (403, _("%(name)s mengenal Anda, tetapi akun itu tidak tercatat untuk petugas di sini. Minta "
                         "pengelola sistem mencatatnya, atau pakai cara lain di bawah ini.")),
        REFUSED: (403, _("Jawaban dari %(name)s tidak dapat dipercaya, jadi Anda belum masuk. Coba lagi; bila tetap "
                         "begini, beri tahu pengelola sistem.")),
        AWAY: (503, _("%(name)s sedang tidak dapat dihubungi. Pakai cara lain di bawah ini, atau coba lagi nanti.")),
        OLD: (403, _("Percobaan masuk itu sudah terlalu lama, atau tidak dimulai di peramban ini. Mulailah lagi dari "
                     "halaman ini.")),
        STOPPED: (429, _("Terlalu banyak percobaan. Tunggu sepuluh menit, lalu coba lagi.")),
    }  # fmt: skip
    status, sentence = said.get(word, (200, ""))
    return status, sentence % name
