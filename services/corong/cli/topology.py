"""`corong topology`: the broker's streams, consumers and permissions, from one table."""

import asyncio
import contextlib
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corong.cli.declare import command, group
from corong.cli.failures import explained
from corong.cli.installation import read_settings
from corong.cli.output import tell
from corong.cli.trouble import USAGE, Trouble
from corong.cli.words import say

if TYPE_CHECKING:
    from corong.runtime.broker import Broker
    from corong.runtime.settings import Settings

app = group(
    "topology", "Aliran, konsumen, dan izin di broker.", "The broker's streams, consumers and permissions."
)  # fmt: skip

DEPLOY = "deploy"
WATCH_SECONDS = 2.0

Ranges = Annotated[
    list[str] | None,
    typer.Option(
        "--ranges",
        metavar=say("LAYANAN=A-B,…", "SERVICE=A-B,…"),
        help=say(
            "Layanan yang partisinya dibagi antarproses; boleh berulang.",
            "A service whose partitions several processes share; may be given again.",
        ),
    ),
]

Wait = Annotated[
    float, typer.Option("--wait", min=0, help=say("Detik menunggu broker.", "Seconds to wait for the broker."))
]


@command(
    app, "apply", "Membuat dan menyesuaikan aliran dan konsumen; memakai pengguna deploy.",
    "Create streams and consumers, and bring them to what they must be; as the user deploy.",
    "CORONG_NATS_PASSWORD=… corong topology apply --replicas 3",
)  # fmt: skip
def apply(
    ranges: Ranges = None,
    replicas: Annotated[int, typer.Option(min=1, max=5, help=say("Salinan di klaster.", "Copies in a cluster."))] = 1,
    wait: Wait = 30.0,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch",
            help=say("Tetap berjalan; menerapkan lagi bila simpanan broker hilang.",
                     "Stay, and apply it again when the broker's store is gone."),
        ),
    ] = False,
) -> None:  # fmt: skip
    """Apply it."""
    settings = read_settings()
    _run(_apply(settings, ranges or [], replicas, wait, watch))


@command(
    app, "check", "Memeriksa bahwa broker tidak akan menghilangkan pesan; memakai pengguna deploy.",
    "Check that the broker will not lose messages; as the user deploy.",
    "CORONG_NATS_MONITOR_URL=http://127.0.0.1:8222 corong topology check",
)  # fmt: skip
def check(ranges: Ranges = None, wait: Wait = 30.0) -> None:
    """Check it."""
    _run(_check(read_settings(), ranges or [], wait))


@command(
    app, "config", "Mencetak nats.conf: satu pengguna tiap layanan, dengan izinnya.",
    "Print nats.conf: one user for each service, with its permissions.",
    "corong topology config --output /etc/corong/nats.conf",
)  # fmt: skip
def config(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help=say("Berkas tujuan.", "The file to write."))
    ] = None,
    name: Annotated[str, typer.Option(help=say("Nama server.", "The server's name."))] = "corong",
    ranges: Ranges = None,
) -> None:
    """Print or write it."""
    from corong.runtime.permissions import server_config

    text = server_config(name, _shared(ranges or [], read_settings().partitions))
    if output is None:
        print(text, end="")
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Trouble(say(f"{output} tidak dapat ditulis: {error}", f"{output} can't be written: {error}")) from None


def _shared(ranges: list[str], partitions: int) -> dict[str, list[tuple[int, int]]]:
    from corong.runtime.streams import shared

    try:
        return shared(ranges, partitions)
    except ValueError as error:
        raise Trouble(say(f"--ranges salah: {error}", f"--ranges is wrong: {error}"), "", USAGE) from None


async def _deploy(settings: "Settings", wait: float) -> "Broker":
    from corong.runtime.broker import Broker
    from corong.runtime.broker_check import reach

    broker = Broker(settings.nats_url, DEPLOY, settings.nats_password.get_secret_value())
    await reach(broker, wait)
    return broker


async def _apply(settings: "Settings", ranges: list[str], replicas: int, wait: float, watch: bool) -> None:
    from corong.runtime.broker_check import apply as apply_table
    from corong.runtime.broker_check import check as check_broker
    from corong.runtime.streams import consumers
    from corong_contracts.topology import STREAMS

    shared = _shared(ranges, settings.partitions)
    wanted = consumers(settings.partitions, shared)
    broker = await _deploy(settings, wait)

    async def once() -> None:
        await apply_table(broker, settings.partitions, shared, replicas)
        await check_broker(broker, STREAMS, wanted, settings.nats_monitor_url)
        tell(
            say(
                f"{len(STREAMS)} aliran dan {len(wanted)} konsumen siap.",
                f"{len(STREAMS)} streams and {len(wanted)} consumers are ready.",
            )
        )

    async def gone() -> None:
        from corong.runtime.broker_check import BrokerAway
        from corong.runtime.streams import TopologyMissing

        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await check_broker(broker, STREAMS, wanted, None)
            except TopologyMissing:
                return
            except BrokerAway:
                continue

    try:
        await once()
        while watch:
            await gone()
            with contextlib.suppress(OSError, RuntimeError):  # it went away again: looked at again
                await once()
    finally:
        await broker.stop()


async def _check(settings: "Settings", ranges: list[str], wait: float) -> None:
    from corong.runtime.broker_check import check as check_broker
    from corong.runtime.streams import consumers
    from corong_contracts.topology import STREAMS

    wanted = consumers(settings.partitions, _shared(ranges, settings.partitions))
    broker = await _deploy(settings, wait)
    try:
        await check_broker(broker, STREAMS, wanted, settings.nats_monitor_url)
    finally:
        await broker.stop()
    print(say("Aliran dan konsumen aman.", "Streams and consumers are safe."))
    if not settings.nats_monitor_url:
        tell(
            say(
                "sync_interval tidak diperiksa: setel CORONG_NATS_MONITOR_URL.",
                "sync_interval was not checked: set CORONG_NATS_MONITOR_URL.",
            )
        )


def _run(work: "Coroutine[Any, Any, None]") -> None:
    from corong.runtime import logs

    logs.configure("error")
    with explained():
        asyncio.run(work)
