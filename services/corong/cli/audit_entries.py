"""`corong audit prove`, `show` and `diff`: single events, and what lies between two checkpoints."""

import json
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from corong.auditing.standalone import corong_verify as verifier
from corong.cli.audit import app, print_events
from corong.cli.audit_checks import Key, keys_of, trouble_of, write_new
from corong.cli.declare import AsJson, remote_command
from corong.cli.lists import After, Limit, Listed, listed
from corong.cli.output import moment, print_fields, print_json, tell
from corong.cli.remote import Remote
from corong.cli.trouble import Trouble
from corong.cli.words import language, say

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
Force = Annotated[bool, typer.Option("--force", help=say("Timpa berkas lama.", "Overwrite older files."))]
Which = Annotated[
    str,
    typer.Argument(
        metavar="PERISTIWA|INDEKS|NOMOR" if language() == "id" else "EVENT|INDEX|NUMBER",
        help=say(
            "Id peristiwa, indeksnya di log, atau nomor perkara (pendaftarannya).",
            "An event's id, its index in the log, or a case's number (its registration).",
        ),
    ),
]


def _fetch(remote: Remote, which: str) -> dict[str, Any]:
    if _UUID.fullmatch(which):
        asked = {"event": which}
    elif re.fullmatch(r"[0-9]{1,18}", which):
        asked = {"position": which}
    else:
        asked = {"case": which}
    found: dict[str, Any] = remote.get("/api/v1/audit/proof", **asked)
    return found


def _check(found: dict[str, Any], key: list[str] | None) -> bool:
    """Whether the proof was checked, which takes a key. Raises `Trouble` where it is false."""
    if not key:
        return False
    try:
        verifier.verify_proof(found["proof"].encode(), found["event"].encode(), keys_of(key), 0)
    except verifier.Trouble as error:
        raise trouble_of(error) from None
    return True


def _unchecked() -> None:
    tell(say("Bukti belum diperiksa: beri --key KUNCI.", "The proof was not checked: give --key KEY."))


@remote_command(
    app, "prove",
    "Tulis bukti bahwa sebuah peristiwa tercatat: berkas .tlog-proof, dan peristiwanya di sampingnya.",
    "Write the proof that an event is in the log: a .tlog-proof file, and the event beside it.",
    "corong audit prove PD/2026/000123 -o perkara.tlog-proof --key @kunci-log.txt",
)  # fmt: skip
def prove(
    remote: Remote,
    which: Which,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help=say("Berkas bukti; peristiwa di .json.", "The proof's file; event in .json.")
        ),
    ] = None,
    key: Key = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Two files, which anybody checks with the verifier."""
    found = _fetch(remote, which)
    checked = _check(found, key)
    file = output or Path(f"{json.loads(found['event'])['id']}.tlog-proof")
    event = file.with_suffix(".json")
    if event == file:
        raise Trouble(
            say("Nama bukti tidak boleh berakhiran .json", "A proof's name must not end with .json"),
            say("pakai akhiran .tlog-proof", "end it with .tlog-proof"),
        )
    write_new(event, found["event"].encode(), force)
    write_new(file, found["proof"].encode(), force)
    if as_json:
        place = {"position": found["position"], "size": found["size"]}
        print_json({"proof": str(file), "event": str(event), **place, "checked": checked})
        return
    print(say(f"entri {found['position']} dari {found['size']}", f"entry {found['position']} of {found['size']}"))
    print(f"{file}\n{event}")
    if not checked:
        _unchecked()


@remote_command(
    app, "show", "Satu peristiwa, dan keadaan buktinya.", "One event, and the state of its proof.",
    "corong audit show 1204 --key @kunci-log.txt",
)  # fmt: skip
def show(remote: Remote, which: Which, key: Key = None, as_json: AsJson = False) -> None:
    """As it was written; citizens' words stay sealed."""
    found = _fetch(remote, which)
    checked = _check(found, key)
    event = json.loads(found["event"])
    if as_json:
        print_json({**found, "event": event, "checked": checked})
        return
    state = (
        say(f"terbukti dalam log {found['size']} entri", f"proven in a log of {found['size']} entries")
        if checked
        else say(f"menurut hub: dalam log {found['size']} entri", f"says the hub: in a log of {found['size']} entries")
    )
    print_fields(
        [
            (say("Indeks", "Index"), str(found["position"])), (say("Bukti", "Proof"), state), ("Id", event["id"]),
            (say("Jenis", "Type"), event["type"]), (say("Tentang", "Subject"), event.get("subject")),
            (say("Waktu", "Time"), moment(event.get("time"))), (say("Pelaku", "Actor"), event.get("actor")),
            (say("Penulis", "Writer"), f"{event['writer']} {event['number']}"),
            (say("Isi", "Data"), json.dumps(event.get("data"), ensure_ascii=False, indent=2)),
        ]
    )  # fmt: skip
    if not checked:
        _unchecked()


@remote_command(
    app, "diff", "Peristiwa di antara dua checkpoint atau indeks.", "The events between two checkpoints or indexes.",
    "corong audit diff checkpoint-senin checkpoint-jumat",
)  # fmt: skip
def diff(
    remote: Remote,
    old: Annotated[
        str, typer.Argument(help=say("Berkas checkpoint, atau indeks.", "A checkpoint's file, or an index."))
    ],
    new: Annotated[
        str, typer.Argument(help=say("Berkas checkpoint, atau indeks.", "A checkpoint's file, or an index."))
    ],
    key: Key = None,
    limit: Limit = 200,
    after: After = None,
    as_json: AsJson = False,
) -> None:
    """What stands in the newer one and not in the older; the checkpoints are checked where a key is given."""
    start, end = (_size(text, key) for text in (old, new))
    if start > end:
        raise Trouble(
            say(f"Yang pertama lebih baru: {start} > {end}", f"The first one is newer: {start} > {end}"),
            say("tukar keduanya", "swap the two"),
        )
    found = Listed("events")
    if end > start:
        found = listed(remote, "/api/v1/audit/log", "events", limit, after, start=start, before=end)
    if as_json:
        found.print_json()
        return
    print_events(found.items)
    found.tell_more()


def _size(text: str, key: list[str] | None) -> int:
    if re.fullmatch(r"[0-9]{1,18}", text):
        return int(text)
    try:
        data = verifier.read_file(text)
        if key:
            return verifier.open_checkpoint(data, keys_of(key), 0).size
        verifier.language = language()
        return verifier.parse_checkpoint(verifier.parse_note(data)[0])[1]
    except verifier.Trouble as error:
        error.file = error.file or text
        raise trouble_of(error) from None
