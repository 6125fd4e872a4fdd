"""`corong up`: the whole hub by one command."""

import asyncio
import importlib
import time
from typing import TYPE_CHECKING

import typer

from corong.cli.declare import command
from corong.cli.failures import explained
from corong.cli.installation import read_settings
from corong.cli.invite import link_for
from corong.cli.lifetime import begin, live, quiet_logs, serve
from corong.cli.words import is_terminal, say

if TYPE_CHECKING:
    from corong.embedded import Hub
    from corong.runtime.settings import Settings

FIRST_LINK_HOURS = 1


def register(app: typer.Typer) -> None:
    """Declare the command."""
    command(
        app, "up",
        "Menjalankan seluruh hub; Ctrl-C menghentikannya. Dalam dua proses bila ada dua inti prosesor atau lebih, "
        "selain itu satu; CORONG_PROCESSES=1 atau 2 menentukannya.",
        "Run the whole hub; Ctrl-C stops it. In two processes where there are two processor cores or more, "
        "in one otherwise; CORONG_PROCESSES=1 or 2 says which.",
        "CORONG_PORT=9090 CORONG_DATA=/srv/corong corong up",
    )(up)  # fmt: skip


def up() -> None:
    """Start, tell the addresses, serve until told to stop."""
    begin()
    began = time.monotonic()
    settings = read_settings()
    quiet_logs(settings)

    async def main(told: asyncio.Event) -> None:
        with explained():
            hub = await open_hub(settings)
            await serve(hub, lambda: greet(hub, time.monotonic() - began), told)

    live(main)


async def open_hub(settings: "Settings") -> "Hub":
    """A hub that answers on its port already, while the bulk of its modules loads. Raises what went wrong."""
    from corong.runtime.datalock import check_free
    from corong.runtime.serving import HttpPort

    check_free(settings.data)
    http = HttpPort(settings.host, settings.port)
    http.listen()
    http.open()
    try:
        embedded = await asyncio.to_thread(importlib.import_module, "corong.embedded")
        hub: Hub = embedded.Hub(settings, http=http, processes=settings.hub_processes)
    except BaseException:
        http.stop()
        await http.closed()
        raise
    return hub


def greet(hub: "Hub", seconds: float) -> None:
    """Tell where everything is and how to sign in."""
    import corong

    base = address(hub)
    directory = hub.installation.directory
    name = directory.hub.name
    lines = [
        say(
            f"Corong {corong.__version__} siap dalam {seconds:.1f} s: {name}",
            f"Corong {corong.__version__} ready in {seconds:.1f} s: {name}",
        )
    ]
    if hub.settings.demo:
        lines.append(say("LATIHAN: tidak ada yang keluar dari hub ini.", "TRAINING: nothing leaves this hub."))
    lines += ["", f"  {say('Halaman warga', 'Citizens’ pages'):<16} {base}/"]
    if directory.enabled_accounts("web"):
        lines.append(f"  {say('Formulir', 'Form'):<16} {base}/tulis")
    lines += [
        f"  {say('Meja petugas', 'Officers’ desk'):<16} {base}/desk",
        f"  {'API':<16} {base}/api/v1/openapi.json",
        f"  {say('Kesiapan', 'Readiness'):<16} {base}/readyz",
        f"  {'Data':<16} {hub.settings.data}",
        "",
        *sign_in(hub, base),
        "",
        say("Ctrl-C menghentikan.", "Ctrl-C stops it."),
    ]
    print("\n".join(lines), flush=True)


def address(hub: "Hub") -> str:
    """Where this machine reaches the hub."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(hub.settings.host, hub.settings.host)  # noqa: S104  # compared
    return f"http://{host}:{hub.port}"


def sign_in(hub: "Hub", base: str) -> list[str]:
    """How an officer gets in: by a link on the first day; programs and the command line with a token."""
    from corong.runtime.settings import Settings

    directory = hub.installation.directory
    first = next((o for o in directory.officers if o.active and o.role == "main_officer"), None)
    if first is None:
        return [say("Belum ada petugas PPID Utama yang aktif.", "There is no active main officer.")]
    told = []
    if hub.settings.data != Settings.model_fields["data"].default:
        told.append(f"  export CORONG_DATA={hub.settings.data}")
    if hub.port != Settings.model_fields["port"].default:
        told.append(f"  export CORONG_URL={base}")
    if is_terminal():
        # The address of this machine: a configured one may not lead here yet.
        link = link_for(hub.installation.key, first.id, first.token_generation, base, FIRST_LINK_HOURS)
        lines = [
            say(f"Masuk pertama kali sebagai {first.id} (satu kali, dalam satu jam):",
                f"Sign in for the first time as {first.id} (once, within an hour):"),
            f"  {link}",
        ]  # fmt: skip
    else:
        lines = [
            say(
                "Tautan masuk untuk seorang petugas, di terminal lain:",
                "A sign-in link for an officer, in another terminal:",
            ),
            *told,
            f"  corong invite {first.id}",
        ]
        told = []
    return [
        *lines,
        "",
        say(
            "Perintah `corong` memakai token, di terminal lain:",
            "The command `corong` takes a token, in another terminal:",
        ),
        *told,
        f"  export CORONG_TOKEN=$(corong token officer {first.id})",
        "  corong queue list",
    ]
