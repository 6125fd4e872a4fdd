"""Words of the cover sheet and of the README: Indonesian first, English complete."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from corong.runtime.formats import minute
from corong_contracts.audit import ExportFilter
from corong_contracts.base import Time

ROLES = {
    "main_officer": "PPID Utama / main information officer", "superior": "Atasan PPID / officer's superior",
    "auditor": "auditor / auditor", "unit_officer": "PPID Pelaksana / unit information officer",
    "operator": "operator / operator", "admin": "admin / administrator",
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """Who asked for what, and why: with the checkpoint, all that an export's bytes hang on."""

    hub: str
    zone: ZoneInfo
    officer: str
    """The officer's id."""
    name: str
    role: str
    reason: str
    wanted: ExportFilter
    public: bool
    opened: bool


@dataclass(frozen=True)
class Head:
    """The signed tree that all proofs lead to."""

    checkpoint: str
    size: int
    root: str
    at: Time
    """When its newest entry was recorded: the date of everything in the archive."""
    key: str


def moment(at: datetime, zone: ZoneInfo) -> str:
    """In the hub's time zone, and as the log writes it."""
    return f"{minute(at, 'id', zone)} ({at.astimezone(UTC).isoformat(timespec='seconds').replace('+00:00', 'Z')})"


def filter_lines(asked: Asked) -> list[tuple[str, str]]:
    """What narrows the export."""
    wanted = asked.wanted
    found = [
        ("Perkara / Case", str(wanted.case) if wanted.case else ""),
        ("Jenis / Type", wanted.type or ""),
        ("Pelaku / Actor", wanted.actor or ""),
        ("Unit / Unit", wanted.unit or ""),
        ("Sejak / Since", moment(wanted.since, asked.zone) if wanted.since else ""),
        ("Sebelum / Until", moment(wanted.until, asked.zone) if wanted.until else ""),
        ("Dari indeks / From index", str(wanted.first) if wanted.first else ""),
        ("Sebelum indeks / Before index", str(wanted.before) if wanted.before is not None else ""),
    ]
    return [line for line in found if line[1]] or [("Saringan / Filter", "seluruh log / the whole log")]


def contents_line(asked: Asked) -> str:
    """Whose words are in it."""
    if asked.public:
        return "untuk umum: entri yang bukan untuk umum hanya hash / for the public: other entries by hash alone"
    if asked.opened:
        return "kata-kata warga terbuka di CSV dan XLSX / citizens' words are opened in CSV and XLSX"
    return "kata-kata warga tersegel / citizens' words are sealed"


CHECK = "python3 corong_verify.py verify ekspor.zip --key @kunci-log.txt"

README = """\
EKSPOR LOG CORONG

cover.pdf            lembar sampul: siapa, mengapa, saringan, jumlah, checkpoint
checkpoint           kepala log yang ditandatangani (C2SP tlog-checkpoint)
events.ndjson        entri log dengan buktinya, satu per baris; inilah yang berlaku
events.csv, .xlsx    entri yang sama sebagai tabel untuk dibaca orang
record.tlog-proof    peristiwa audit.exported di log yang mencatat ekspor ini: pelaku, waktu, alasan, dan
                     SHA-256 setiap berkas lain di sini; dengan bukti bahwa ia tercatat

Memeriksa, tanpa jaringan dan tanpa mempercayai siapa pun selain kunci log:
    {check}
    (corong_verify.py: minta kepada pengelola, atau `corong audit verifier`; kunci: dari sumber yang Anda percayai)
Baris terakhirnya UTUH (kode 0), TIDAK DAPAT DIPERIKSA SELURUHNYA (1), atau TIDAK UTUH: ADA YANG DIUBAH (6).

Setiap baris events.ndjson adalah satu objek JSON:
    index   tempatnya di log, mulai dari 0
    event   peristiwanya, sebagai teks JSON di dalam string JSON. Bita UTF-8 string itu sesudah dibaca adalah
            bita peristiwa yang persis; hash daunnya SHA-256(0x00 + bita itu)  (RFC 6962 bagian 2.1)
    hash    sebagai ganti event, pada ekspor untuk umum: hash daun itu saja, base64
    path    jalur bukti dari daun ke akar pohon di checkpoint, dari bawah ke atas, base64
Kata-kata warga di dalam event tersegel (AES-256-GCM). Yang terhapus kuncinya tidak dapat dibuka siapa pun lagi.
Di CSV, tanda petik tunggal mendahului apa yang dapat dikira rumus oleh program lembar kerja.
Isi CSV dan XLSX untuk dibaca; yang dibuktikan log adalah events.ndjson.

---

EXPORT OF A CORONG LOG

cover.pdf            cover sheet: who, why, filter, counts, checkpoint
checkpoint           the log's signed head (C2SP tlog-checkpoint)
events.ndjson        entries with their proofs, one on a line; this is what counts
events.csv, .xlsx    the same entries as tables for people
record.tlog-proof    the event audit.exported in the log that tells of this export: by whom, when, why, and the
                     SHA-256 of each other file in here; with the proof that it stands in the log

To check it, without a network and without trusting anything but the log's key:
    {check}
    (corong_verify.py: from the keeper, or `corong audit verifier`; the key: from a source that you trust)
Its last line is SOUND (code 0), COULD NOT BE CHECKED (1) or TAMPERED WITH (6).

Each line of events.ndjson is one JSON object:
    index   its place in the log, from 0
    event   the event, as JSON text within a JSON string. The UTF-8 bytes of that string once it is decoded are
            the event's exact bytes; its leaf hash is SHA-256(0x00 + those bytes)  (RFC 6962 section 2.1)
    hash    in place of the event, in an export for the public: that leaf hash alone, in base64
    path    the inclusion path from the leaf to the root in the checkpoint, from below upward, in base64
Citizens' words within an event are sealed (AES-256-GCM). Where the key was erased nobody can open them any more.
In CSV an apostrophe stands before whatever a spreadsheet could take for a formula.
CSV and XLSX are for reading; what the log proves is events.ndjson.
"""


def readme() -> str:
    """The same in every export."""
    return README.format(check=CHECK)
