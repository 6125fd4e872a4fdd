"""`corong calendar enter`: a decree on days off recorded by the running hub, as the page does; it holds at once."""

from typing import Any

from corong.cli.calendar import app
from corong.cli.calendar_add import (
    DryRun,
    InForce,
    Kind,
    Number,
    Off,
    Read,
    Settles,
    Source,
    Title,
    Work,
    content_of,
)  # fmt: skip
from corong.cli.declare import AsJson, remote_command
from corong.cli.output import print_json, print_table, tell
from corong.cli.remote import Remote
from corong.cli.words import say

PATH = "/api/v1/calendar/decrees"
MOST_SHOWN = 50
"""So many deadlines are printed for people; --json has those that the hub tells."""


@remote_command(
    app, "enter", "Memasukkan keputusan hari libur lewat hub yang berjalan: tercatat di log, tanpa mulai lagi.",
    "Enter a decree on days off by the running hub: it stands in the log and holds without a restart.",
    'corong calendar enter "SK Bupati 9/2026" --title "Hari Jadi" --in-force 2026-10-01 --source "bagian hukum"'
    ' --off "2026-12-03 Hari Jadi: peringatan hari jadi kabupaten" --as admin-hub',
)  # fmt: skip
def enter(
    remote: Remote,
    number: Number,
    title: Title,
    in_force: InForce,
    source: Source,
    off: Off = None,
    work: Work = None,
    kind: Kind = "local_holiday",
    settles: Settles = None,
    verified: Read = "k",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Look what it moves, then record it."""
    content = content_of(number, title, in_force, source, off, work, kind, settles, verified)
    body = _dated(content)
    found = remote.post(f"{PATH}/try", body)
    done = None if dry_run else remote.post(PATH, body)
    if as_json:
        print_json({**found, "entered": done})
        return
    tell(
        say(f"{number} dapat dimasukkan", f"{number} can be entered")
        if dry_run
        else say(f"{number} dimasukkan, dan tercatat di log", f"{number} is entered, and stands in the log")
    )
    print_table(
        (say("TANGGAL", "DATE"), say("SEMULA", "BEFORE"), say("MENJADI", "AFTER")),
        [(one["date"], _day(one["old"]), _day(one["new"])) for one in found["changes"]],
        say("Tidak ada hari yang berubah.", "No day changes."),
    )
    tell(say(f"Tenggat terbuka yang bergeser: {found['moves']}", f"Open deadlines that move: {found['moves']}"))
    for one in (found["deadlines"] or [])[:MOST_SHOWN]:
        tell(f"  {one['registration'] or one['case_id']}: {one['name']}, {one['before']} → {one['after']}")


def _dated(content: dict[str, Any]) -> dict[str, Any]:
    """As JSON has it."""
    days = {name: [{**one, "date": str(one["date"])} for one in content[name]] for name in ("added", "taken_away")}
    return {**content, **days, "in_force": str(content["in_force"])}


def _day(off: dict[str, Any] | None) -> str:
    return off["name"] if off else say("hari kerja", "working day")
