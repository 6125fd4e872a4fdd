"""What officers read of posts: how far one is, and what became of it on each account, with what to do."""

from dataclasses import dataclass

from corong.desk.models import Delivery
from corong.desk.pages.words import Shown
from corong.runtime.kind_names import Translate


@dataclass(frozen=True)
class Told(Shown):
    """A target's state, and what to do about it."""

    do: str = ""


def label_word(label: str | None, _: Translate) -> str:
    """What a person said that a post is."""
    return {"layanan": _("Layanan"), "seremonial": _("Seremonial")}.get(label or "", "")


def post_state_shown(state: str, _: Translate) -> Shown:
    """How far a post is."""
    known = {
        "draft": Shown(_("Draf, belum disetujui"), "wait"),
        "approved": Shown(_("Disetujui, belum tayang"), "open", "positive"),
        "scheduled": Shown(_("Dijadwalkan"), "clock", "warning"),
        "released": Shown(_("Ditayangkan"), "done", "positive"),
        "withdrawn": Shown(_("Ditarik"), "late"),
        "taken_down": Shown(_("Diturunkan"), "late"),
    }
    return known.get(state, Shown(state, "open"))


def delivery_shown(one: Delivery, _: Translate) -> Told:
    """Where a target is, and what to do."""
    known = {
        "drafted": Told(_("Menunggu tayang"), "wait"),
        "ready": Told(
            _("Akan dikirim"), "clock", "", _("Sistem mengirimnya sendiri; tidak ada yang perlu dikerjakan.")
        ),
        "sending": Told(_("Sedang dikirim"), "clock", "", _("Tunggu sebentar, lalu muat ulang.")),
        "sent": Told(_("Sudah tayang"), "done", "positive"),
        "failed": Told(
            _("Ditolak"), "late", "negative",
            _("Jejaring menolaknya untuk seterusnya. Perbaiki penyebabnya, lalu buat unggahan baru."),
        ),
        "unknown": Told(
            _("Hasilnya belum diketahui"), "late", "warning",
            _("Sistem sedang menanyakannya ke jejaring. Jangan kirim lagi."),
        ),
        "held": Told(
            _("Tertahan"), "late", "negative", _("Lihat di jejaring apakah sudah tayang, lalu catat hasilnya.")
        ),
        "dropped": Told(_("Tidak dikirim"), "late"),
        "removing": Told(
            _("Sedang diturunkan"), "clock", "", _("Sistem meminta jejaring menghapusnya. Muat ulang sebentar lagi.")
        ),
        "gone": Told(_("Sudah diturunkan"), "done"),
        "stays": Told(
            _("Masih tayang"), "late", "negative",
            _("Jejaring tidak menghapusnya. Lihat di sana dan hapus dengan akun itu, atau coba turunkan lagi."),
        ),
    }  # fmt: skip
    if one.state == "stays" and one.code == "cannot_delete":
        return Told(
            _("Masih tayang"), "late", "negative", _("Kanal ini tidak dapat menghapus. Buat ralat.")
        )  # fmt: skip
    if one.state == "ready" and one.code:
        return Told(
            _("Ditolak sementara, akan dicoba lagi"), "clock", "warning", _("Sistem mencobanya lagi sendiri.")
        )  # fmt: skip
    return known[one.state]


def post_step(kind: str, _: Translate) -> str:
    """A step of a post."""
    known = {
        "publication.drafted": _("Ditulis"),
        "publication.edited": _("Diubah"),
        "publication.approved": _("Disetujui"),
        "publication.scheduled": _("Dijadwalkan"),
        "publication.released": _("Ditayangkan"),
        "publication.withdrawn": _("Ditarik"),
        "publication.taken_down": _("Diturunkan"),
    }
    return known.get(kind, kind)
