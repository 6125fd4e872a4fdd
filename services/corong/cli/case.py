"""`corong case`: the life of a case by the law."""

from typing import Annotated, Any

import typer

from corong.cli.case_text import print_case
from corong.cli.choices import CaseKind, Ground, Tier
from corong.cli.declare import AsJson, group, remote_command
from corong.cli.life_text import print_life
from corong.cli.output import print_json, text_of
from corong.cli.queue import Case, Text, print_done
from corong.cli.remote import Remote, case_path
from corong.cli.words import say

app = group(
    "case", "Perjalanan perkara menurut hukum: kelengkapan, putusan, keberatan, penggabungan.",
    "The life of a case by the law: completion, decisions, objections, merging.",
)  # fmt: skip

Reason = Annotated[str, typer.Option(help=say("Alasan; - dari masukan, @berkas.", "The reason; - or @file."))]
Message = Annotated[
    str | None, typer.Option("--message", metavar="ID", help=say("Pesan warga, id.", "The citizen's message, its id."))
]


def act(remote: Remote, case: str, verb: str, body: dict[str, Any] | None, as_json: bool) -> None:
    """Do it and tell what came of it."""
    print_done(remote.post(f"{case_path(case)}/{verb}", body), as_json)


@remote_command(
    app, "show", "Satu perkara: percakapan, tenggat, putusan, dan yang dapat dilakukan.",
    "One case: its thread, clocks, decisions, and what may be done.", "corong case show PI/2026/000123",
)  # fmt: skip
def show(remote: Remote, case: Case, as_json: AsJson = False) -> None:
    """Print it."""
    found, life = remote.get(case_path(case)), remote.get(f"{case_path(case)}/life")
    if as_json:
        print_json(found | {"law": life})
        return
    print_case(found)
    for one in found["decisions"]:
        print(f"\n{say('Putusan', 'Decision')}: {one['outcome']} ({one['state']}) · {one['text_hash']}")
        if one["state"] == "proposed":
            print(f"  {one['text'] or ''}")
    print_life(life)


@remote_command(
    app, "reclassify", "Mengubah jenis perkara: pesan atau komentar menjadi permohonan.",
    "Change the kind: a message or comment becomes a request.",
    'corong case reclassify UM/2026/000123 information_request --reason "Meminta salinan dokumen."',
)  # fmt: skip
def reclassify(
    remote: Remote,
    case: Case,
    kind: Annotated[CaseKind, typer.Argument(help=say("Jenis.", "The kind."))],
    reason: Reason,
    tier: Annotated[Tier | None, typer.Option(help=say("Tingkat pengaduan.", "Tier of a complaint."))] = None,
    message: Message = None,
    as_json: AsJson = False,
) -> None:
    """Change it."""
    body = {"kind": kind, "tier": tier, "message_id": message, "reason": text_of(reason)}
    act(remote, case, "reclassify", body, as_json)


@remote_command(
    app, "incomplete", "Meminta pemohon melengkapi; tenggat berhenti menurut aturannya.",
    "Ask the applicant for what is missing; the clock stands still as its rule says.",
    'corong case incomplete PI/2026/000123 "Mohon sebutkan tahun dokumennya."',
)  # fmt: skip
def incomplete(remote: Remote, case: Case, text: Text, as_json: AsJson = False) -> None:
    """Ask."""
    act(remote, case, "ask-completion", {"text": text_of(text)}, as_json)


@remote_command(
    app, "complete", "Menyatakan lengkap; tenggat berjalan lagi.", "Say that it is complete; the clock runs on.",
    "corong case complete PI/2026/000123",
)  # fmt: skip
def complete(remote: Remote, case: Case, message: Message = None, as_json: AsJson = False) -> None:
    """Say so."""
    act(remote, case, "complete", {"message_id": message}, as_json)


@remote_command(
    app, "extend", "Memperpanjang jangka waktu, satu kali; alasannya dikirim kepada pemohon.",
    "Extend the time, once; the reasons are sent to the applicant.",
    'corong case extend PI/2026/000123 --reason "Dokumen ada di arsip kecamatan."',
)  # fmt: skip
def extend(remote: Remote, case: Case, reason: Reason, as_json: AsJson = False) -> None:
    """Extend."""
    act(remote, case, "extend", {"reasons": text_of(reason)}, as_json)


@remote_command(
    app, "plan", "Menyampaikan rencana tindak lanjut pengaduan kepada pelapor.",
    "Tell the reporter how a complaint is followed up.",
    'corong case plan PD/2026/000123 "Petugas memeriksa lampu itu Senin depan."',
)  # fmt: skip
def plan(remote: Remote, case: Case, text: Text, as_json: AsJson = False) -> None:
    """Tell it."""
    act(remote, case, "plan", {"text": text_of(text)}, as_json)


@remote_command(
    app, "withdraw", "Mencatat bahwa warga mencabut perkaranya.", "Record that the citizen withdrew the case.",
    'corong case withdraw PI/2026/000123 --reason "Dicabut lewat telepon, 5 Maret."',
)  # fmt: skip
def withdraw(remote: Remote, case: Case, reason: Reason, as_json: AsJson = False) -> None:
    """Record it."""
    act(remote, case, "withdraw", {"reason": text_of(reason)}, as_json)


@remote_command(
    app, "reopen", "Membatalkan penutupan, penggabungan, atau pencabutan.", "Undo a closing, a merge or a withdrawal.",
    'corong case reopen PI/2026/000123 --reason "Digabungkan keliru."',
)  # fmt: skip
def reopen(remote: Remote, case: Case, reason: Reason, as_json: AsJson = False) -> None:
    """Undo it."""
    act(remote, case, "reopen", {"reason": text_of(reason)}, as_json)


@remote_command(
    app, "object", "Menghubungkan keberatan dengan permohonannya; tanpa permohonan, melepaskannya.",
    "Link an objection with its request; without a request, undo the link.",
    "corong case object KB/2026/000004 --request PI/2026/000123 --ground c",
)  # fmt: skip
def object_(
    remote: Remote,
    case: Case,
    request: Annotated[str | None, typer.Option(help=say("Nomor permohonan.", "The request's number."))] = None,
    ground: Annotated[
        Ground | None, typer.Option(help=say("Huruf Pasal 35 ayat (1).", "Letter of art. 35 (1)."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Link it."""
    act(remote, case, "object", {"request": request, "ground": ground}, as_json)


@remote_command(
    app, "merge", "Menggabungkan ke perkara yang lebih dahulu dari warga yang sama.",
    "Merge into an earlier case of the same citizen.",
    'corong case merge UM/2026/000124 --into UM/2026/000123 --reason "Pesan yang sama."',
)  # fmt: skip
def merge(
    remote: Remote,
    case: Case,
    into: Annotated[str, typer.Option(help=say("Perkara tujuan.", "The case in which it goes on."))],
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Merge."""
    act(remote, case, "merge", {"into": into, "reason": text_of(reason)}, as_json)


@remote_command(
    app, "split", "Memisahkan satu pesan menjadi perkara tersendiri.", "Split one message off as a case of its own.",
    'corong case split UM/2026/000123 --message 6f1c… --kind objection --reason "Keberatan, bukan lanjutan."',
)  # fmt: skip
def split(
    remote: Remote,
    case: Case,
    message: Annotated[str, typer.Option(metavar="ID", help=say("Pesan itu, id.", "The message, its id."))],
    kind: Annotated[CaseKind, typer.Option(help=say("Jenis perkara baru.", "The new case's kind."))],
    reason: Reason,
    unit: Annotated[str | None, typer.Option(help=say("Unit; bawaan: sama.", "The unit; default: the same."))] = None,
    as_json: AsJson = False,
) -> None:
    """Split."""
    body = {"message_id": message, "kind": kind, "unit": unit, "reason": text_of(reason)}
    act(remote, case, "split", body, as_json)


@remote_command(
    app, "move-message", "Memindahkan satu pesan ke perkara lain dari warga yang sama, atau mengembalikannya.",
    "Move one message to another case of the same citizen, or back.",
    'corong case move-message UM/2026/000123 --message 6f1c… --into PI/2026/000124 --reason "Tentang permohonannya."',
)  # fmt: skip
def move_message(
    remote: Remote,
    case: Case,
    message: Annotated[str, typer.Option(metavar="ID", help=say("Pesan itu, id.", "The message, its id."))],
    into: Annotated[str, typer.Option(help=say("Perkara tujuan.", "The case to which it goes."))],
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Move it."""
    body = {"message_id": message, "into": into, "reason": text_of(reason)}
    act(remote, case, "move-message", body, as_json)


@remote_command(
    app, "group", "Mengelompokkan perkara yang masalahnya sama.", "Group cases on the same issue.",
    "corong case group UM/2026/000123 UM/2026/000130 UM/2026/000131",
)  # fmt: skip
def group_(
    remote: Remote,
    cases: Annotated[list[str], typer.Argument(metavar=say("PERKARA…", "CASE…"), help=say("Perkara.", "The cases."))],
    as_json: AsJson = False,
) -> None:
    """Group them."""
    done = remote.post("/api/v1/case-groups", {"cases": cases})
    if as_json:
        print_json(done)
        return
    facts = ", ".join(fact["type"].removeprefix("id.corong.") for fact in done["events"])
    print(facts or say("Sudah demikian; tidak ada yang berubah.", "It was so already; nothing changed."))
    print(done["group_id"])


@remote_command(
    app, "ungroup", "Mengeluarkan perkara dari kelompoknya.", "Take a case out of its group.",
    "corong case ungroup UM/2026/000130",
)  # fmt: skip
def ungroup(remote: Remote, case: Case, as_json: AsJson = False) -> None:
    """Take it out."""
    act(remote, case, "ungroup", None, as_json)


@remote_command(
    app, "answer-group", "Menjawab sekelompok perkara sekali; setiap warga diberi tahu di tempatnya menulis.",
    "Answer a group of cases once; each citizen is told where they wrote.",
    'corong case answer-group UM/2026/000123 "Lampu sudah menyala." --close',
)  # fmt: skip
def answer_group(
    remote: Remote,
    case: Case,
    text: Text,
    close: Annotated[bool, typer.Option("--close", help=say("Sekaligus menutup.", "Close them as well."))] = False,
    as_json: AsJson = False,
) -> None:
    """Answer."""
    act(remote, case, "answer-group", {"text": text_of(text), "close": close}, as_json)
