"""`corong drill`: the exercises of a training hub."""

from typing import Annotated, Any

import typer

from corong.cli.declare import AsJson, group, remote_command
from corong.cli.output import moment, print_json, print_table, tell
from corong.cli.remote import Remote
from corong.cli.words import say

app = group("drill", "Latihan di hub latihan (corong demo).", "Drills of a training hub (corong demo).")


@remote_command(
    app, "list", "Latihan yang ada, dan nilai yang sudah dimulai.", "The drills, and the scores of those begun.",
    "corong drill list",
)  # fmt: skip
def list_drills(remote: Remote, as_json: AsJson = False) -> None:
    """Print them."""
    _show(remote.get("/api/v1/drills"), as_json)


@remote_command(
    app, "start", "Memulai latihan: warga tiruan langsung menulis.", "Begin one: synthetic citizens write at once.",
    "corong drill start flood",
)  # fmt: skip
def start(
    remote: Remote,
    name: Annotated[str, typer.Argument(metavar=say("NAMA", "NAME"), help="flood, refusal, silent_unit")],
    as_json: AsJson = False,
) -> None:
    """Begin."""
    _show(remote.post(f"/api/v1/drills/{name}"), as_json)


def _show(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    print_table(
        (say("NAMA", "NAME"), say("LATIHAN", "DRILL"), say("PESAN", "MESSAGES"), say("MENIT", "MINUTES")),
        [(one["name"], one["title"], one["messages"], one["minutes"]) for one in found["drills"]],
    )
    for run in found["runs"]:
        print()
        head = f"{run['title']}, {moment(run['began'])}"
        points, answered = run["points"], run["answered"]
        print(say(f"{head}: {points} dari 100, {answered} dijawab", f"{head}: {points} of 100, {answered} answered"))
        print_table(
            (say("DINILAI", "LOOKED AT"), "%"),
            [(part["title"], round(100 * part["share"])) for part in run["parts"]],
        )
        for part in run["parts"]:
            for advice in part["advice"]:
                tell(advice)
