"""`corong demo`: a hub for training, with synthetic citizens who write to it."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corong.cli.declare import command
from corong.cli.failures import explained
from corong.cli.installation import read_settings
from corong.cli.lifetime import begin, live, quiet_logs, serve
from corong.cli.output import tell
from corong.cli.trouble import USAGE, Trouble
from corong.cli.up import greet, open_hub
from corong.cli.words import say

if TYPE_CHECKING:
    from corong.demo import Handed
    from corong.embedded import Hub


def register(app: typer.Typer) -> None:
    """Declare the command."""
    command(
        app, "demo",
        "Hub latihan: warga tiruan menulis lewat pintu sungguhan; tidak ada yang keluar dari hub ini.",
        "A hub for training: synthetic citizens write through its real doors; nothing leaves it.",
        "corong demo --count 200 --rate 60",
    )(demo)  # fmt: skip


def demo(
    count: Annotated[
        int | None,
        typer.Option(
            min=1,
            show_default=say("tanpa akhir", "without end"),
            help=say("Sesudah sekian pesan warga diam; hub tetap berjalan.", "Messages; the hub stays afterwards."),
        ),
    ] = None,
    rate: Annotated[
        float, typer.Option(min=0, help=say("Pesan per menit; 0 secepatnya.", "Messages a minute; 0 at full speed."))
    ] = 12.0,
    burst: Annotated[int, typer.Option(min=0, help=say("Pesan pertama sekaligus.", "First ones at once."))] = 40,
    seed: Annotated[
        int, typer.Option(help=say("Benih: sama benih, sama tulisan.", "The same seed writes the same."))
    ] = 1,
    data: Annotated[Path, typer.Option(help=say("Folder data latihan.", "The training data's folder."))] = Path(
        "data-demo"
    ),
    leave: Annotated[
        bool, typer.Option("--exit", help=say("Berhenti sesudah --count pesan.", "Stop after --count messages."))
    ] = False,
) -> None:
    """Start a training hub, let citizens write, serve until told to stop."""
    if leave and count is None:
        raise Trouble(say("--exit perlu --count", "--exit needs --count"), "", USAGE)
    begin()
    began = time.monotonic()
    # Never a real installation's databases or files.
    settings = read_settings().model_copy(
        update={"demo": True, "data": data, "database_url": None, "objects": None}
    )  # fmt: skip
    quiet_logs(settings)

    async def main(told: asyncio.Event) -> None:
        with explained():
            hub = await open_hub(settings)
            from corong.runtime.ending import end

            started = asyncio.Event()

            def ready() -> None:
                greet(hub, time.monotonic() - began)
                started.set()

            serving = asyncio.create_task(serve(hub, ready, told))
            drilling = asyncio.create_task(_drill(hub, started))
            writing = asyncio.create_task(_write(hub, started, told, Feeding(count, rate, burst, seed, leave)))
            await asyncio.wait({serving, writing}, return_when=asyncio.FIRST_EXCEPTION)
            told.set()
            await end([writing, drilling])
            await serving
            if not writing.cancelled():
                writing.result()

    live(main)


@dataclass(frozen=True)
class Feeding:
    """What the options say."""

    count: int | None
    rate: float
    burst: int
    seed: int
    leave: bool


async def _drill(hub: "Hub", started: asyncio.Event) -> None:
    """Officers start drills at `/desk/latihan`; their citizens write from here."""
    from corong.demo import Feeder
    from corong.demo.drilling import drill
    from corong.desk.training.board import Board

    await started.wait()
    async with Feeder(hub, 0) as feeder:
        await drill(feeder, Board(hub.settings.data))


async def _write(hub: "Hub", started: asyncio.Event, told: asyncio.Event, how: Feeding) -> None:
    from corong.demo import Feeder
    from corong.runtime.ending import end

    await started.wait()
    async with Feeder(hub, how.seed) as feeder:
        feeding = asyncio.create_task(feeder.feed(how.count, how.rate, how.burst, _progress))
        tasks: list[asyncio.Task[Any]] = [feeding, asyncio.create_task(told.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if feeding.done():
                feeding.result()
        finally:
            await end(tasks)
    tell(say(f"{feeder.taken} pesan diterima.", f"{feeder.taken} messages taken."))
    if how.leave:
        told.set()


def _progress(handed: "Handed") -> None:
    writing = handed.writing
    again = say("lanjutan", "follow-up") if writing.thread else ""
    parts = (
        f"{handed.number:>5}",
        f"{writing.account:<28}",
        f"{writing.kind.value:<20}",
        handed.registration or "",
        again,
    )
    print("  ".join(parts).rstrip(), flush=True)
