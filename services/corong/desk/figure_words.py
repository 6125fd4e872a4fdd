"""What stands in the figures, in words: measures, bands of time, channels."""

from corong.desk.tallying import PUBLIC
from corong.runtime.kind_names import Translate

__all__ = ["band_words", "channel_word", "figure_word"]


def band_words(_: Translate) -> tuple[str, ...]:
    """The time from the receipt to the first answer, in the order of `tallying.BAND_HOURS`."""
    return (
        _("sampai 1 jam"), _("sampai 1 hari"), _("sampai 3 hari"), _("sampai 7 hari"), _("sampai 14 hari"),
        _("sampai 30 hari"), _("lebih dari 30 hari"),
    )  # fmt: skip


def figure_word(figure: str, _: Translate) -> str:
    """What a figure counts."""
    if figure.startswith("band"):
        band = band_words(_)[int(figure.removeprefix("band"))]
        return _("Dijawab: %(band)s") % {"band": band}
    return {
        "received": _("Diterima"),
        "unneeded": _("Tidak perlu dijawab"),
        "answered": _("Dijawab"),
        "late": _("Pernah lewat batas"),
        "waiting": _("Menunggu"),
        "overdue": _("Terlambat"),
    }[figure]


def channel_word(channel: str, _: Translate) -> str:
    """A channel, as `figures.Figures.channels` names it."""
    name = channel.removesuffix(PUBLIC)
    known = {
        "web": _("Formulir web"), "counter": _("Loket"), "phone": _("Telepon"), "letter": _("Surat"),
        "email": _("Surel"), "mastodon": "Mastodon", "api": "API",
    }  # fmt: skip
    shown = known.get(name, name.capitalize())
    return _("%(channel)s: komentar terbuka") % {"channel": shown} if channel.endswith(PUBLIC) else shown
