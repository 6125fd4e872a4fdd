"""`corong rules`: by which rules a new case finds its unit; trying others on what citizens wrote, and changing them."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from corong.cli.declare import AsJson, group, remote_command
from corong.cli.output import moment, print_json, print_table, tell
from corong.cli.progress import Progress
from corong.cli.remote import Remote
from corong.cli.trouble import USAGE, Trouble
from corong.cli.words import say

app = group(
    "rules", "Aturan penyaluran: yang berlaku, mencoba dan mengubahnya.",
    "The rules of routing: those in force, trying and changing them.",
)  # fmt: skip

PATH = "/api/v1/rules"
AT_ONCE = 200
File = Annotated[Path, typer.Argument(metavar=say("BERKAS", "FILE"), help=say("Aturan, TOML.", "The rules, TOML."))]
Days = Annotated[
    int, typer.Option(min=1, max=366, help=say("Sekian hari ke belakang.", "So many days back."))
]  # fmt: skip


@remote_command(
    app, "list", "Semua edisi aturan, yang berlaku dahulu.", "All editions of the rules, the one in force first.",
    "corong rules list",
)  # fmt: skip
def list_(remote: Remote, as_json: AsJson = False) -> None:
    """Print them."""
    found = remote.get(PATH)["editions"]
    if as_json:
        print_json(found)
        return
    columns = (("EDISI", "EDITION"), ("SIDIK", "DIGEST"), ("OLEH", "BY"), ("SEJAK", "SINCE"), ("ALASAN", "REASON"))
    print_table(
        [say(*pair) for pair in columns],
        [
            (
                one["edition"], one["digest"][:12], one["officer"]["id"] if one["officer"] else "rules.toml",
                moment(one["changed_at"]), one["reason"],
            )
            for one in found
        ],
    )  # fmt: skip


@remote_command(
    app, "show", "Isi aturan sebagai TOML, untuk disimpan, diubah, dan dicoba.",
    "The rules as TOML, to be kept, changed and tried.", "corong rules show > aturan.toml",
)  # fmt: skip
def show(
    remote: Remote,
    edition: Annotated[
        int | None, typer.Option(min=0, help=say("Edisi; bawaan: yang berlaku.", "Default: the one in force."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print them."""
    found = remote.get(PATH, edition=edition)
    if as_json:
        print_json(found)
    else:
        print(found["content"], end="")


@remote_command(
    app, "try", "Mencoba aturan pada pesan yang masuk akhir-akhir ini: apa yang akan pindah; tidak ada yang berubah.",
    "Try rules on the messages of the last days: what would move; nothing changes.",
    "corong rules try aturan.toml --days 30",
)  # fmt: skip
def try_(remote: Remote, file: File, days: Days = 30, as_json: AsJson = False) -> None:
    """Print what would move."""
    found = _tried(remote, _text(file), days)
    if as_json:
        print_json(found)
    else:
        _print(found)


@remote_command(
    app, "set", "Mengubah aturan: dicoba dahulu, ditampilkan, lalu berlaku untuk perkara baru.",
    "Change the rules: they are tried first, what would move is shown, then they hold for new cases.",
    'corong rules set aturan.toml --reason "Lampu jalan ke Dinas Perhubungan"',
)  # fmt: skip
def set_(
    remote: Remote,
    file: File,
    reason: Annotated[str, typer.Option(help=say("Alasan; tercatat di log.", "Why; it stands in the log."))],
    edition: Annotated[
        int | None,
        typer.Option(min=0, help=say("Edisi yang Anda ubah; bawaan: yang berlaku.", "The edition that you changed.")),
    ] = None,
    days: Days = 30,
    yes: Annotated[bool, typer.Option("--yes", help=say("Tanpa bertanya.", "Don't ask."))] = False,
    as_json: AsJson = False,
) -> None:
    """Try, show, ask, change."""
    content = _text(file)
    found = _tried(remote, content, days)
    if not as_json:
        _print(found)
    if not yes and not typer.confirm(say("Ubah aturan?", "Change the rules?"), err=True):
        raise typer.Exit(1)
    after = found["edition"] if edition is None else edition
    done = remote.post(PATH, {"content": content, "edition": after, "reason": reason})
    if as_json:
        print_json(done)
        return
    if not done["events"]:
        tell(say("Sudah demikian; tidak ada yang berubah.", "It was so already; nothing changed."))
    print(f"{say('edisi', 'edition')} {done['edition']} · {done['digest'][:12]}")


def _text(file: Path) -> str:
    """Raises `Trouble`."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Trouble(
            say(f"Berkas {file} tidak terbaca.", f"The file {file} can't be read."),
            say("ambil yang berlaku: corong rules show > aturan.toml", "begin with: corong rules show > rules.toml"),
            USAGE,
        ) from None  # fmt: skip


def _tried(remote: Remote, content: str, days: int) -> dict[str, Any]:
    """All pages as one."""
    whole: dict[str, Any] = {}
    units: dict[str, dict[str, Any]] = {}
    cursor: str | None = None
    with Progress(1, say("Mencoba", "Trying")) as progress:
        while True:
            asked = f"?days={days}&limit={AT_ONCE}" + (f"&cursor={cursor}" if cursor else "")
            page = remote.post(f"{PATH}/try{asked}", {"content": content})
            for one in page["units"]:
                known = units.setdefault(one["unit"]["id"], {"unit": one["unit"], "gains": 0, "loses": 0})
                known["gains"] += one["gains"]
                known["loses"] += one["loses"]
            if not whole:
                whole = page
            else:
                for name in ("tried", "unreadable", "moves", "others"):
                    whole[name] += page[name]
                if page["cases"] is not None:
                    whole["cases"] += page["cases"]
            cursor = page["next"]
            progress.reached(whole["tried"] + whole["unreadable"], page["of"])
            if cursor is None:
                break
    whole["units"] = sorted(units.values(), key=lambda one: (-one["gains"] - one["loses"], one["unit"]["id"]))
    return {**whole, "next": None}


def _print(found: dict[str, Any]) -> None:
    moved = [one for one in found["cases"] or () if one["moves"]]
    if moved:
        print_table(
            (say("PERKARA", "CASE"), say("DARI", "FROM"), say("KE", "TO"), say("SEBAB", "WHY")),
            [
                (one["registration"], one["old"]["unit"]["id"], one["new"]["unit"]["id"], "; ".join(one["new"]["why"]))
                for one in moved
            ],
        )  # fmt: skip
        print()
    if found["units"]:
        print_table(
            (say("UNIT", "UNIT"), say("BERTAMBAH", "GAINS"), say("BERKURANG", "LOSES")),
            [(one["unit"]["id"], one["gains"], one["loses"]) for one in found["units"]],
        )
    if found["cases"] is None and found["moves"]:
        tell(say("Perkaranya hanya terlihat oleh PPID Utama.", "Which cases: only the main officer may see that."))
    else:
        kinds = Counter(one["new"]["kind"] for one in found["cases"] or () if one["old"]["kind"] != one["new"]["kind"])
        for kind, many in kinds.most_common():
            tell(say(f"Jenis menjadi {kind}: {many}", f"Kind becomes {kind}: {many}"))
    tell(
        say(
            f"{found['moves']} dari {found['tried']} perkara pindah unit; {found['others']} lain berubah jenis atau "
            f"prioritas; {found['unreadable']} tanpa isi pesan. Dibandingkan dengan edisi {found['edition']}.",
            f"{found['moves']} of {found['tried']} cases go to another unit; {found['others']} more get another kind "
            f"or priority; {found['unreadable']} have no words. Compared with edition {found['edition']}.",
        )
    )
