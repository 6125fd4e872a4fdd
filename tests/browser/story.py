"""A hub with something on every page: posts, a case that was answered, one that waits."""

from dataclasses import dataclass

from tests.hubs import RunningHub
from tests.peers.pictures import PIXEL
from tests.services.portal.citizen import Citizen, answer_case, publish, publish_answer

COMPLAINT = """Jalan di depan pasar Kisaran rusak parah sejak dua pekan lalu, terutama di dekat pintu timur.

Kemarin ada dua pengendara motor jatuh karena lubang tertutup genangan. Mohon segera diperbaiki atau diberi tanda."""
ANSWER = """Yth. Bapak/Ibu, terima kasih atas laporan Anda.

Petugas kami sudah meninjau lokasi. Lubang akan ditambal pekan ini, dan rambu peringatan dipasang hari ini juga.
Jadwal pekerjaan dapat dilihat di https://asahan.example/jalan."""
QUESTION = "Kapan lubang di jalan depan pasar Kisaran diperbaiki?"
PUBLIC_ANSWER = """Lubang di jalan kabupaten ditambal paling lambat sepekan setelah petugas meninjau lokasi.

Jadwal pekerjaan dapat dilihat di https://asahan.example/jalan."""
POSTS = (
    (
        "Layanan KTP keliling di Air Joman, Sabtu 12 September",
        "Perekaman dan pencetakan KTP elektronik dibuka pukul 08.00 sampai 14.00 di halaman kantor camat.\n\n"
        "Bawa fotokopi kartu keluarga. Tidak dipungut biaya.",
    ),
    (
        "",
        "Air bersih di Kisaran Barat dan Kisaran Timur mengalir kembali mulai pukul 16.00. "
        "Warga diminta menampung air keruh pada sepuluh menit pertama secara terpisah.",
    ),
    ("Jadwal imunisasi puskesmas pekan ini", "Senin: Air Batu. Selasa: Meranti. Rabu: Pulo Bandring."),
)


@dataclass(frozen=True)
class Story:
    """What was made."""

    answered: tuple[str, str]
    """Number and secret."""
    waiting: tuple[str, str]
    post: str
    public: str
    """The answer that anybody may read."""


async def tell(hub: RunningHub) -> Story:
    """Fill the hub through its own doors."""
    posts = [await publish(hub, text, title) for title, text in POSTS]
    files = [("attachments", ("foto jalan.png", PIXEL, "image/png"))]
    async with Citizen(hub) as citizen:
        answered = await citizen.receipt(files=files, text=COMPLAINT, name="Contoh Warga", contact="0812 0000 0000")
        waiting = await citizen.receipt(
            kind="information_request", subject="", text="Mohon salinan perda tentang RTRW."
        )
    await answer_case(hub, answered[0], ANSWER)
    public = await publish_answer(hub, answered[0], QUESTION, PUBLIC_ANSWER)
    await hub.settled()
    return Story(answered, waiting, posts[0], public)
