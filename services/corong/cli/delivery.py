"""`corong delivery`: what is on its way, and an officer's word on what nobody knows."""

from typing import Annotated, Literal

import typer

from corong.cli.choices import DeliveryState
from corong.cli.declare import AsJson, group, remote_command
from corong.cli.lists import After, Limit, listed
from corong.cli.output import moment, print_json, print_table
from corong.cli.remote import Remote
from corong.cli.words import say

app = group("delivery", "Kiriman keluar dan yang tertahan.", "Deliveries, and those that are held.")


@remote_command(
    app, "list", "Daftar kiriman, yang terlama menunggu dulu.", "Deliveries, the one that waits longest first.",
    "corong delivery list --state held",
)  # fmt: skip
def list_deliveries(
    remote: Remote,
    state: Annotated[DeliveryState | None, typer.Option(help=say("Keadaan.", "State."))] = None,
    unit: Annotated[str | None, typer.Option(help=say("Hanya unit ini.", "Of this unit only."))] = None,
    limit: Limit = 50,
    after: After = None,
    as_json: AsJson = False,
) -> None:
    """Print them."""
    found = listed(remote, "/api/v1/deliveries", "deliveries", limit, after, state=state, unit=unit)
    if as_json:
        found.print_json()
        return
    print_table(
        ("ID", say("JENIS", "KIND"), say("PERKARA", "CASE"), say("AKUN", "ACCOUNT"), say("KEADAAN", "STATE"),
         say("KODE", "CODE"), say("SEJAK", "SINCE")),
        [
            (
                item["delivery_id"], item["kind"], item["registration"], item["account"], item["state"], item["code"],
                moment(item["changed_at"]),
            )
            for item in found.items
        ],
        say("Tidak ada kiriman.", "No deliveries."),
    )  # fmt: skip
    found.tell_more()


@remote_command(
    app, "resolve", "Kiriman tertahan: setelah dilihat di jejaringnya, sudah keluar atau kirim lagi.",
    "A held delivery: one looked on the network and says it went out, or to send it again.",
    "corong delivery resolve 6f1c… sent --native-id 109876",
)  # fmt: skip
def resolve(
    remote: Remote,
    identity: Annotated[str, typer.Argument(metavar="ID", help=say("Id kiriman.", "The delivery's id."))],
    outcome: Annotated[
        Literal["sent", "again"],
        typer.Argument(
            metavar=say("HASIL", "OUTCOME"), help=say("Sudah keluar, atau kirim lagi.", "Went out, or again.")
        ),
    ],
    native_id: Annotated[
        str, typer.Option(help=say("Id pesan di jejaring, bila tahu.", "The network's id of it, if known."))
    ] = "",
    how: Annotated[
        Literal["handed_over", "posted", "told"] | None,
        typer.Option(
            help=say("Jawaban yang dibawa petugas: cara sampainya.", "An answer that an officer brings: how it went.")
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say it."""
    said = {"outcome": outcome, "native_id": native_id, "how": how}
    done = remote.post(f"/api/v1/deliveries/{identity}/resolve", said)
    if as_json:
        print_json(done)
        return
    after = done["delivery"]
    print(f"{identity} · {after['state']}" if after else identity)
