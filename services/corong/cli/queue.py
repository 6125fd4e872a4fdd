"""`corong queue`: an officer at a unit's queue."""

from typing import Annotated, Any, Literal

import typer

from corong.cli.case_text import kind_told, print_case, priority_told, state_told
from corong.cli.choices import CaseKind, CaseState, Outcome, Priority
from corong.cli.declare import AsJson, group, remote_command
from corong.cli.lists import After, Limit, listed
from corong.cli.output import moment, print_json, print_table, tell, text_of
from corong.cli.remote import Remote, case_path
from corong.cli.words import say

app = group("queue", "Antrean perkara: melihat, mengambil, menjawab, menutup.", "Queues: list, claim, answer, close.")

Case = Annotated[
    str,
    typer.Argument(
        metavar=say("PERKARA", "CASE"),
        help=say("Nomor pendaftaran atau id perkara.", "The registration number or the case's id."),
    ),
]
Text = Annotated[
    str,
    typer.Argument(
        metavar=say("TEKS", "TEXT"), help=say("Teks; - dari masukan, @berkas dari berkas.", "The text; - or @file.")
    ),
]
Unit = Annotated[str | None, typer.Option(help=say("Hanya unit ini.", "Of this unit only."))]


@remote_command(
    app, "list", "Perkara dalam antrean: yang mendesak dulu, lalu yang terlama.",
    "Cases of a queue: urgent ones first, then the oldest.", "corong queue list --held nobody --json",
)  # fmt: skip
def list_cases(
    remote: Remote,
    unit: Unit = None,
    state: Annotated[
        CaseState | None, typer.Option(help=say("Keadaan; bawaan: belum ditutup.", "State; default: not closed."))
    ] = None,
    priority: Annotated[Priority | None, typer.Option(help=say("Prioritas.", "Priority."))] = None,
    kind: Annotated[CaseKind | None, typer.Option(help=say("Jenis perkara.", "Kind of case."))] = None,
    held: Annotated[
        Literal["me", "any", "nobody"] | None, typer.Option(help=say("Dipegang siapa.", "Held by whom."))
    ] = None,
    limit: Limit = 50,
    after: After = None,
    as_json: AsJson = False,
) -> None:
    """Print them."""
    asked = {"unit": unit, "state": state, "priority": priority, "kind": kind, "held": held}
    found = listed(remote, "/api/v1/queue", "cases", limit, after, **asked)
    if as_json:
        found.print_json()
        return
    columns = ("NOMOR", "UNIT", "JENIS", "PRIORITAS", "KEADAAN", "PEMEGANG", "MASUK", "PESAN")
    english = ("NUMBER", "UNIT", "KIND", "PRIORITY", "STATE", "HOLDER", "SINCE", "MESSAGES")
    print_table(
        [say(*pair) for pair in zip(columns, english, strict=True)],
        [_row(case) for case in found.items],
        say("Antrean kosong.", "The queue is empty."),
    )
    if any(case["unanswered"] for case in found.items):
        tell(say("* menunggu jawaban", "* waits for an answer"))
    found.tell_more()


def _row(case: dict[str, Any]) -> tuple[object, ...]:
    messages = f"{case['messages']}{'*' if case['unanswered'] else ''}"
    same = kind_told(case["kind"]), priority_told(case["priority"]), state_told(case["state"])
    since = moment(case["routed_at"])
    return case["registration"], _id(case["unit"]), *same, _id(case["holder"]), since, messages


@remote_command(
    app, "counts", "Jumlah perkara tiap unit.", "Numbers of cases by unit.", "corong queue counts",
)  # fmt: skip
def counts(remote: Remote, limit: Limit = 500, after: After = None, as_json: AsJson = False) -> None:
    """Print them."""
    found = listed(remote, "/api/v1/queues", "queues", limit, after)
    if as_json:
        found.print_json()
        return
    names = ("open", "answered", "closed", "urgent", "held", "unanswered")
    indonesian = ("TERBUKA", "DIJAWAB", "DITUTUP", "MENDESAK", "DIPEGANG", "MENUNGGU")
    busy = [line for line in found.items if any(line[name] for name in names)]
    print_table(
        ("UNIT", *(say(word, name.upper()) for word, name in zip(indonesian, names, strict=True))),
        [(line["unit"]["id"], *(line[name] for name in names)) for line in busy],
        say("Belum ada perkara.", "No cases yet."),
    )
    found.tell_more()


@remote_command(
    app, "show", "Satu perkara: percakapan, alasan, kiriman.", "One case: its thread, reasons, deliveries.",
    "corong queue show PD/2026/000123",
)  # fmt: skip
def show(remote: Remote, case: Case, as_json: AsJson = False) -> None:
    """Print it."""
    found = remote.get(case_path(case))
    if as_json:
        print_json(found)
    else:
        print_case(found)


@remote_command(
    app, "claim", "Mengambil perkara untuk jangka sewa.", "Take a case for the length of a lease.",
    "corong queue claim PD/2026/000123",
)  # fmt: skip
def claim(remote: Remote, case: Case, as_json: AsJson = False) -> None:
    """Take it."""
    _do(remote, case, "claim", None, as_json)


@remote_command(
    app, "hand-back", "Melepas perkara yang dipegang.", "Let go of a case that one holds.",
    "corong queue hand-back PD/2026/000123",
)  # fmt: skip
def hand_back(remote: Remote, case: Case, as_json: AsJson = False) -> None:
    """Let go."""
    _do(remote, case, "hand-back", None, as_json)


@remote_command(
    app, "reply", "Menjawab warga di kanal asal pesannya.", "Answer the citizen where the message came from.",
    'corong queue reply PD/2026/000123 "Terima kasih, sudah kami perbaiki." --close',
)  # fmt: skip
def reply(
    remote: Remote,
    case: Case,
    text: Text,
    close: Annotated[bool, typer.Option("--close", help=say("Sekaligus menutup.", "Close it as well."))] = False,
    as_json: AsJson = False,
) -> None:
    """Answer."""
    _do(remote, case, "answer", {"text": text_of(text), "close": close}, as_json)


@remote_command(
    app, "assign", "Disposisi: meneruskan perkara ke unit, dengan instruksi.",
    "Disposisi: give the case to a unit, with an instruction.",
    'corong queue assign PD/2026/000123 dinas-pupr --instruction "Mohon ditinjau pekan ini."',
)  # fmt: skip
def assign(
    remote: Remote,
    case: Case,
    unit: Annotated[str, typer.Argument(metavar="UNIT", help=say("Unit tujuan.", "The unit."))],
    instruction: Annotated[str, typer.Option(help=say("Instruksi.", "The instruction."))],
    officer: Annotated[str | None, typer.Option(help=say("Petugas tujuan.", "For this officer."))] = None,
    as_json: AsJson = False,
) -> None:
    """Give it on."""
    body = {"unit": unit, "instruction": text_of(instruction), "to_officer": officer}
    _do(remote, case, "assign", body, as_json)


@remote_command(
    app, "return", "Mengembalikan ke PPID Utama: bukan kewenangan unit ini.",
    "Back to the main office: not this unit's authority.",
    'corong queue return PD/2026/000123 --reason "Jalan provinsi, bukan kewenangan kabupaten."',
)  # fmt: skip
def send_back(
    remote: Remote,
    case: Case,
    reason: Annotated[str, typer.Option(help=say("Alasan.", "The reason."))],
    as_json: AsJson = False,
) -> None:
    """Send it back."""
    _do(remote, case, "return", {"reason": text_of(reason)}, as_json)


@remote_command(
    app, "note", "Menulis catatan internal; tidak pernah dikirim ke warga.",
    "Write an internal note; never sent to the citizen.",
    'corong queue note PD/2026/000123 "Sudah ditelepon, mohon fotonya." --mention @ppid-utama',
)  # fmt: skip
def note(
    remote: Remote,
    case: Case,
    text: Text,
    mention: Annotated[
        list[str] | None,
        typer.Option(
            metavar="@ID",
            help=say(
                "Petugas yang disebut, boleh diulang; @ di teks saja tidak sampai.",
                "An officer whom it is for, may be repeated; @ in the text alone reaches nobody.",
            ),
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write it; whom it mentions must be able to read the case."""
    mentions = [one.removeprefix("@") for one in mention or []]
    _do(remote, case, "note", {"note": text_of(text), "mentions": mentions}, as_json)


@remote_command(
    app, "priority", "Mengubah prioritas.", "Change the priority.", "corong queue priority PD/2026/000123 urgent",
)  # fmt: skip
def priority(
    remote: Remote,
    case: Case,
    level: Annotated[
        Priority, typer.Argument(metavar=say("TINGKAT", "LEVEL"), help=say("Prioritas baru.", "The new priority."))
    ],
    as_json: AsJson = False,
) -> None:
    """Change it."""
    _do(remote, case, "priority", {"priority": level}, as_json)


@remote_command(
    app, "close", "Menutup perkara.", "Close a case.", "corong queue close PD/2026/000123 --outcome answered",
)  # fmt: skip
def close(
    remote: Remote,
    case: Case,
    outcome: Annotated[Outcome, typer.Option(help=say("Hasil.", "Why it is finished."))] = "answered",
    as_json: AsJson = False,
) -> None:
    """Close it."""
    _do(remote, case, "close", {"outcome": outcome}, as_json)


def _do(remote: Remote, case: str, verb: str, body: dict[str, Any] | None, as_json: bool) -> None:
    print_done(remote.post(f"{case_path(case)}/{verb}", body), as_json)


def print_done(done: dict[str, Any], as_json: bool) -> None:
    """What a command led to, and the case afterwards."""
    if as_json:
        print_json(done)
        return
    after = done["case"]
    facts = ", ".join(fact["type"].removeprefix("id.corong.") for fact in done["events"])
    print(facts or say("Sudah demikian; tidak ada yang berubah.", "It was so already; nothing changed."))
    if after is None:
        print(say("Perkara kini di luar jangkauan Anda.", "The case is no longer yours to read."))
        return
    parts = [after["registration"], _id(after["unit"]), after["state"]]
    if after["due_at"]:
        parts.append(say(f"tenggat {moment(after['due_at'])}", f"due {moment(after['due_at'])}"))
    if after["holder"]:
        until = say("sampai", "until")
        parts.append(f"{after['holder']['id']} {until} {moment(after['lease_until'])}")
    print(" · ".join(str(part) for part in parts if part))


def _id(reference: dict[str, str] | None) -> str:
    return reference["id"] if reference else ""
