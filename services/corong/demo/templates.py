"""What synthetic citizens write: Indonesian as it is written to local governments, with places of the installation.

Nobody's words: every text is made up. `{place}` is a place of the directory.
"""

from dataclasses import dataclass

from corong_contracts.case import CaseKind

COMPLAINT = CaseKind.COMPLAINT
QUESTION = CaseKind.QUESTION
REQUEST = CaseKind.INFORMATION_REQUEST
SUGGESTION = CaseKind.SUGGESTION
PRAISE = CaseKind.PRAISE


@dataclass(frozen=True)
class Template:
    """One thing that citizens write about."""

    kind: CaseKind
    subject: str
    texts: tuple[str, ...]
    urgent: bool = False


TEMPLATES = (
    Template(COMPLAINT, "Jalan rusak", (
        "Jalan di depan pasar {place} rusak parah, lubangnya dalam. Kemarin ada pengendara jatuh. Mohon diperbaiki.",
        "Pak/Bu, jalan poros {place} sudah berlubang sejak musim hujan. Kapan diaspal lagi?",
        "jln {place} ancur bgt min, tiap hari lewat situ ban bocor terus. tolong donk",
    )),
    Template(COMPLAINT, "Lampu jalan padam", (
        "Lampu jalan di simpang {place} padam sudah seminggu, gelap dan rawan.",
        "Selamat malam. PJU sepanjang jalan {place} mati total, warga takut lewat malam hari.",
    )),
    Template(COMPLAINT, "Sampah menumpuk", (
        "Sampah di TPS {place} menumpuk tiga hari tidak diangkut, baunya sampai ke sekolah.",
        "Mohon truk sampah lewat lagi di {place}. Sampah sudah dibuang warga ke sungai.",
    )),
    Template(COMPLAINT, "Parit tersumbat", (
        "Drainase di {place} tersumbat, setiap hujan air masuk ke rumah warga.",
        "Saluran air di depan masjid {place} mampet, tolong dikorek sebelum banjir.",
    )),
    Template(COMPLAINT, "Banjir", (
        "Banjir di {place} sudah setinggi lutut, ada lansia yang belum bisa keluar rumah. Mohon bantuan perahu.",
        "Air sungai naik di {place}, rumah warga mulai terendam sejak subuh.",
    ), urgent=True),
    Template(COMPLAINT, "Air PDAM mati", (
        "Air PDAM di {place} mati sejak Senin, tagihan tetap jalan.",
        "Air keran di {place} keruh dan berbau, tidak bisa untuk masak.",
    )),
    Template(COMPLAINT, "Pelayanan puskesmas", (
        "Puskesmas {place} tutup sebelum jam dua belas, padahal antrean masih panjang.",
        "Petugas loket di puskesmas {place} kurang ramah kepada orang tua saya. Mohon dibina.",
    )),
    Template(COMPLAINT, "Bantuan sosial", (
        "Nama ibu saya hilang dari penerima PKH di {place}, padahal belum mampu. Bagaimana mengurusnya?",
        "Pembagian sembako di {place} tidak merata, yang mampu malah dapat.",
    )),
    Template(COMPLAINT, "Pungutan di sekolah", (
        "Ada pungutan uang perpisahan di SD negeri {place}, apakah memang boleh?",
        "Atap kelas SMP di {place} bocor, anak-anak belajar sambil menghindari air.",
    )),
    Template(COMPLAINT, "Limbah", (
        "Pabrik di {place} membuang limbah ke parit, ikan di kolam warga mati.",
        "Asap pembakaran dari pabrik di {place} masuk ke rumah tiap malam.",
    )),
    Template(COMPLAINT, "Parkir dan kemacetan", (
        "Parkir liar di depan pasar {place} bikin macet setiap pagi.",
        "Tukang parkir di {place} minta sepuluh ribu tanpa karcis.",
    )),
    Template(COMPLAINT, "Tiang listrik miring", (
        "Tiang dan kabel di {place} miring hampir roboh, di bawahnya anak-anak bermain.",
    )),
    Template(QUESTION, "Syarat KTP", (
        "Apa syarat mengganti KTP yang rusak? Saya tinggal di {place}.",
        "Kalau pindah dari Medan ke {place}, surat apa saja yang dibawa untuk KK baru?",
        "min, perekaman e-KTP di {place} hari sabtu buka ga?",
    )),
    Template(QUESTION, "Akta kelahiran", (
        "Anak saya lahir dua bulan lalu di {place}, apakah akta kelahiran masih gratis?",
    )),
    Template(QUESTION, "Jadwal imunisasi", (
        "Kapan jadwal imunisasi balita di posyandu {place} bulan ini?",
    )),
    Template(QUESTION, "Izin usaha", (
        "Saya mau buka warung makan di {place}, izin apa yang perlu diurus dan di mana?",
    )),
    Template(QUESTION, "Pajak bumi dan bangunan", (
        "Bagaimana cara membayar PBB untuk tanah di {place}? SPPT belum sampai ke rumah.",
    )),
    Template(QUESTION, "Lowongan kerja", (
        "Apakah ada bursa kerja tahun ini? Saya lulusan SMK dari {place}.",
    )),
    Template(QUESTION, "Pupuk bersubsidi", (
        "Kelompok tani kami di {place} belum terima jatah pupuk subsidi. Mendaftar ke siapa?",
    )),
    Template(REQUEST, "Permohonan informasi anggaran", (
        "Dengan hormat, saya memohon salinan rincian anggaran perbaikan jalan {place} tahun ini beserta kontraknya.",
        "Mohon informasi realisasi dana desa di wilayah {place} dua tahun terakhir, dalam bentuk berkas.",
    )),
    Template(REQUEST, "Permohonan dokumen lingkungan", (
        "Saya memohon salinan dokumen UKL-UPL pabrik yang beroperasi di {place}.",
    )),
    Template(REQUEST, "Permohonan data sekolah", (
        "Untuk penelitian, saya memohon data jumlah guru dan murid SD di {place}.",
    )),
    Template(SUGGESTION, "Usul taman bermain", (
        "Usul: lahan kosong dekat kantor camat {place} dijadikan taman bermain anak.",
        "Saran saya, pasar {place} diberi tempat sampah terpilah dan jam bongkar muat diatur.",
    )),
    Template(SUGGESTION, "Usul angkutan sekolah", (
        "Mohon dipertimbangkan bus sekolah untuk anak-anak dari {place}, angkot sudah jarang.",
    )),
    Template(PRAISE, "Terima kasih", (
        "Terima kasih, lampu jalan di {place} sudah terang lagi. Petugasnya cepat.",
        "Pelayanan dukcapil keliling di {place} sangat membantu, terima kasih banyak.",
    )),
)  # fmt: skip

FOLLOW_UPS = (
    "Bagaimana kelanjutan laporan saya ini? Belum ada yang datang melihat.",
    "Saya tambahkan: kejadiannya paling parah pagi hari, sekitar pukul tujuh.",
    "Mohon kabarnya, terima kasih.",
    "Sudah lebih dari seminggu, apakah ada perkembangan?",
    "Maaf, lokasinya tepat di depan kantor kepala desa.",
)

GREETINGS = ("", "", "Assalamualaikum. ", "Selamat pagi. ", "Selamat siang, ", "Izin melapor. ", "Horas! ")
CLOSINGS = ("", "", " Terima kasih.", " Mohon ditindaklanjuti.", " Salam.")

FIRST_NAMES = (
    "Ahmad", "Siti", "Budi", "Dewi", "Rizky", "Nurhayati", "Togar", "Rohani", "Andi", "Melati", "Parlindungan", "Sari",
    "Hotman", "Yusuf", "Ratna", "Bambang", "Lestari", "Poltak", "Fatimah", "Joko", "Maria", "Sahala", "Indah", "Rudi",
)  # fmt: skip
FAMILY_NAMES = ("Contoh", "Misal", "Umpama", "Ibarat", "Latihan", "Peraga", "Simulasi", "Teladan")
"""They say by themselves that nobody is meant."""
