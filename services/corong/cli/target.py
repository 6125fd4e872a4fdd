"""`corong target`: the government's own targets, stricter than the law's deadlines; setting one is an event."""

from typing import Annotated, Any

import typer

from corong.cli.declare import AsJson, group, remote_command
from corong.cli.output import moment, print_json, print_table, tell
from corong.cli.remote import Remote
from corong.cli.trouble import USAGE, Trouble
from corong.cli.words import say

app = group(
    "target", "Sasaran waktu pemerintah daerah sendiri, lebih ketat daripada hukum.",
    "The government's own targets, stricter than the law.",
)  # fmt: skip

PATH = "/api/v1/targets"
Reason = Annotated[str | None, typer.Option(help=say("Alasan; tercatat di log.", "Why; it stands in the log."))]


@remote_command(
    app, "list", "Setiap tenggat: yang diberikan hukum, dan sasarannya.",
    "Every clock: what the law allows, and its target.", "corong target list --json",
)  # fmt: skip
def many(remote: Remote, as_json: AsJson = False) -> None:
    """Print them."""
    found = remote.get(PATH)["clocks"]
    if as_json:
        print_json(found)
        return
    columns = (("TENGGAT", "CLOCK"), ("HUKUM", "LAW"), ("SASARAN", "TARGET"), ("OLEH", "BY"), ("SEJAK", "SINCE"))
    print_table(
        [say(*pair) for pair in columns],
        [
            (
                one["rule"], one["law"], one["target"] or "", one["officer"]["id"] if one["officer"] else "",
                moment(one["set_at"]) if one["set_at"] else "",
            )
            for one in found
        ],
    )  # fmt: skip


@remote_command(
    app, "set", "Menetapkan sasaran sebuah tenggat; tidak pernah lebih longgar daripada hukum.",
    "Set a clock's target; never laxer than the law.",
    'corong target set request_notice 7 --reason "Maklumat Pelayanan 2026" --as admin-hub',
)  # fmt: skip
def change(
    remote: Remote,
    rule: Annotated[
        str,
        typer.Argument(metavar=say("TENGGAT", "CLOCK"), help=say("Lihat: corong target list.", "See: target list.")),
    ],
    amount: Annotated[
        str,
        typer.Argument(
            metavar=say("ANGKA", "NUMBER"),
            help=say("Dalam satuan tenggat itu; 'none': tanpa sasaran.", "In the clock's own unit; 'none': no target."),
        ),
    ],
    reason: Reason = None,
    look: Annotated[
        bool, typer.Option("--look", help=say("Hanya tunjukkan akibatnya.", "Only show what it would do."))
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look what it touches, then set it."""
    wanted = _amount(amount)
    if reason is None and not look:
        raise typer.BadParameter(say("berikan --reason, atau --look untuk melihat dulu", "give --reason, or --look"))
    found = remote.post(f"{PATH}/try", {"rule": rule, "amount": wanted})
    done = None
    if not look:
        body = {"rule": rule, "amount": wanted, "before": found["before"], "reason": reason}
        done = remote.post(PATH, body)
    if as_json:
        print_json({**found, "set": done})
        return
    _print(found)


def _amount(text: str) -> int | None:
    if text == "none":
        return None
    if not (text.isascii() and text.isdecimal()):
        raise Trouble(
            say(f"{text!r} bukan angka", f"{text!r} is no number"),
            say("tulis seperti 7, atau none untuk tanpa sasaran", "write it as 7, or none for no target"),
            USAGE,
        )
    return int(text)


def _print(found: dict[str, Any]) -> None:
    none = say("tanpa sasaran", "no target")
    print(f"{found['rule']}: {found['before'] or none} → {found['target'] or none} ({found['law']})")
    tell(
        say(
            f"Tenggat terbuka: {found['open']}; hari sasarannya berubah: {found['touched']}; "
            f"hari ini sudah melewatinya: {found['past']}",
            f"Open deadlines: {found['open']}; their target day changes: {found['touched']}; "
            f"past it today: {found['past']}",
        )
    )
