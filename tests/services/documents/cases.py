"""One case that has all facts that any letter speaks of."""

from collections.abc import Mapping

from corong.documents import VARIABLES, DocumentKind, Facts

FACTS: Mapping[str, str] = {
    "government": "Pemerintah Kabupaten Asahan",
    "office": "Dinas Komunikasi dan Informatika",
    "place": "Kisaran",
    "date": "8 April 2026",
    "registration": "PPID/2026/000123",
    "received": "Selasa, 17 Maret 2026, 09.14 WIB",
    "name": "Budi Santoso",
    "address": "Jalan Merdeka 1\nKisaran",
    "contact": "budi@warga.example",
    "subject": "Anggaran jalan Kisaran – Air Joman tahun 2025",
    "purpose": "penelitian",
    "follow": "https://corong.asahan.example/cek",
    "secret": "KODE-RAHASIA",
    "answer_until": "Rabu, 8 April 2026",
    "earlier_until": "Senin, 30 Maret 2026",
    "signed_by": "PPID Utama",
    "signed_name": "Siti Aminah",
    "write": "https://corong.asahan.example/tulis",
    "object_until": "Senin, 25 Mei 2026",
    "decision": "dikabulkan sebagian",
    "held": "dikuasai",
    "holder": "Badan Pertanahan Nasional",
    "answer": "Dokumen anggaran terlampir.",
    "form": "salinan elektronik",
    "cost": "tidak ada",
    "delivery": "surel",
    "consequence": "Pembukaan mengungkap keadaan keuangan seseorang.",
    "exempt_until": "lima tahun",
    "approved_by": "Sekretaris Daerah",
    "approved_on": "7 April 2026",
    "part": "halaman 3",
    "reason": "Dokumen masih dikumpulkan dari tiga unit.",
    "request_registration": "PPID/2026/000100",
    "ground": "huruf a: permohonan ditolak",
    "dispute_until": "Jumat, 8 Mei 2026",
    "matter": "permohonan informasi",
    "waits": "Waktu penyelesaian berhenti dihitung sampai jawaban Anda kami terima.",
    "owed": "pemberitahuan tertulis",
    "ran_out": "Kamis, 9 April 2026",
    "right": "mengajukan keberatan kepada atasan PPID",
    "right_basis": "UU 14/2008 Pasal 35 dan 36",
    "right_until": "Kamis, 28 Mei 2026",
    "how": "balas pesan kami dengan kata KEBERATAN",
}

SEVERAL: Mapping[str, list[str]] = {
    "redactions": ["NIK pada halaman 3 (Pasal 17 huruf h)", "nomor rekening (Pasal 17 huruf h)"],
    "grounds": ["Pasal 17 huruf h: rahasia pribadi"],
    "orders": ["memberikan halaman 3 dengan NIK dihitamkan"],
}


def facts_of(kind: DocumentKind, **other: str | list[str] | None) -> Facts:
    """That case's facts for a letter of the kind, some of them changed."""
    values: dict[str, str | list[str] | None] = {
        name: SEVERAL[name] if variable.several else FACTS[name] for name, variable in VARIABLES[kind].items()
    }
    return Facts.of(kind, values | other)
