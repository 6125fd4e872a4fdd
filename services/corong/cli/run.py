"""`corong run`: one service as a process of its own."""

import asyncio
from typing import Annotated

import typer

from corong.cli.choices import ProcessName
from corong.cli.declare import command
from corong.cli.failures import explained
from corong.cli.installation import read_settings
from corong.cli.lifetime import begin, live, quiet_logs, serve
from corong.cli.words import say


def register(app: typer.Typer) -> None:
    """Declare the command."""
    command(
        app, "run",
        "Menjalankan satu layanan sebagai proses tersendiri, dengan pengguna broker dan basis datanya sendiri.",
        "Run one service as a process of its own, with its own broker user and database.",
        "CORONG_NATS_PASSWORD=… CORONG_DATABASE_URL=postgresql+psycopg://… corong run routing",
    )(run)  # fmt: skip


def run(
    service: Annotated[ProcessName, typer.Argument(help=say("Layanan.", "The service."))],
) -> None:
    """Start, wait for the broker and look at it, serve until told to stop."""
    begin()
    settings = read_settings()
    quiet_logs(settings)

    async def main(told: asyncio.Event) -> None:
        with explained():
            from corong.process import Process

            await serve(Process(settings, service), lambda: None, told)

    live(main)
