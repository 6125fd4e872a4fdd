"""`corong audit restore`: a lost database made again from the log."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from corong.cli.choices import ServiceName
from corong.cli.declare import command
from corong.cli.failures import explained
from corong.cli.installation import read_settings
from corong.cli.log_source import From, Key, Source, Unchecked, sound_source
from corong.cli.output import tell
from corong.cli.progress import Progress
from corong.cli.trouble import UNREACHABLE, USAGE, Trouble
from corong.cli.words import say

if TYPE_CHECKING:
    from corong.replay.restore import Known
    from corong.runtime.arrivals import Arrived
    from corong.runtime.settings import Settings

CONNECT_SECONDS = 15.0


def register(app: typer.Typer) -> None:
    """Declare the command."""
    command(
        app, "restore", "Membuat ulang basis data layanan yang hilang dari log.",
        "Make the lost database of a service again from the log.",
        "corong audit restore routing --from /media/usb/log --key @kunci-log.txt",
    )(restore)  # fmt: skip


def restore(
    service: Annotated[
        ServiceName | None,
        typer.Argument(
            metavar=say("[LAYANAN]", "[SERVICE]"),
            help=say("Layanan yang hilang basis datanya.", "Whose database is lost."),
        ),
    ] = None,
    source: From = None,
    key: Key = None,
    unchecked: Unchecked = False,
    stream: Annotated[
        bool,
        typer.Option(
            "--stream",
            help=say(
                "Mengisi kotak keluar dengan apa yang belum dibaca pembaca, setelah simpanan broker hilang.",
                "Put into the outboxes what readers lack, after the broker's store was lost.",
            ),
        ),
    ] = False,
    replace: Annotated[
        bool,
        typer.Option("--replace", help=say("Sisihkan basis data yang ada.", "Keep the one that is there aside.")),
    ] = False,
    without_broker: Annotated[
        bool,
        typer.Option(
            "--without-broker",
            help=say(
                "Simpanan broker juga hilang: peristiwa yang hanya ada di sana tidak kembali.",
                "The broker's store is lost too: events that only it had don't come back.",
            ),
        ),
    ] = False,
) -> None:
    """Do it. Of a log that is not sound nothing is written anywhere."""
    if (service is None) == (not stream):
        raise Trouble(say("Sebut satu layanan, atau --stream", "Name a service, or --stream"), code=USAGE)
    settings = read_settings()
    with explained():
        found = sound_source(source, key, unchecked)
        if service is None:
            _refill(settings, found)
        else:
            _restore(settings, found, service, replace, without_broker)


def _refill(settings: "Settings", source: Source) -> None:
    from corong.replay.refill import refill

    log = source.log
    with Progress(log.size(), say("membaca log", "reading the log")) as progress:
        counts = refill(settings.database, log, progress.add)
    source.say_so()
    for name, count in sorted(counts.items()):
        print(f"{name}: {say(f'{count} peristiwa dikembalikan', f'{count} events put back')}")
    if not counts:
        print(say("Tidak ada yang kurang.", "Nothing was lacking."))


def _restore(settings: "Settings", source: Source, service: str, replace: bool, without_broker: bool) -> None:
    from corong.replay.restore import add_tail, check_others, look
    from corong.replay.restore import restore as make_again

    log = source.log
    with _alone(settings):
        known = look(service, log)
        tail, others = ([], []) if without_broker else asyncio.run(_tail(settings, service, known))
        add_tail(known, service, tail, others, log)
        unseen = check_others(settings.database, service, known)
        with Progress(log.size(), say("menyusun ulang", "folding")) as progress:
            done = make_again(
                service,
                settings.database,
                log,
                known,
                [*tail, *others],
                settings.partitions,
                replace=replace,
                told=progress.add,
            )
    source.say_so()
    print(
        say(
            f"{done.service}: dibuat ulang, {done.events} peristiwa sendiri ({len(tail)} dari broker)",
            f"{done.service}: made again, {done.events} events of its own ({len(tail)} from the broker)",
        )
    )
    if done.aside:
        print(say(f"Yang lama disisihkan: {done.aside}", f"The old one is kept aside: {done.aside}"))
    if unseen:
        names = ", ".join(unseen)
        tell(
            say(
                f"Tidak diperiksa, apakah ini sudah membaca lebih jauh: {names}",
                f"Not looked at, whether these have read further: {names}",
            )
        )


@contextmanager
def _alone(settings: "Settings") -> Iterator[None]:
    """The data folder of an embedded hub, held: the hub must not run."""
    from corong.runtime.datalock import DEMO, DataFolder

    if not _embedded(settings):
        yield
        return
    folder = DataFolder(settings.data, demo=(settings.data / DEMO).exists())
    try:
        yield
    finally:
        folder.close()


def _embedded(settings: "Settings") -> bool:
    return (settings.data / "secrets" / "nats-users.json").exists()


async def _tail(settings: "Settings", service: str, known: "Known") -> "tuple[list[Arrived], list[Arrived]]":
    """What the broker has beyond the log, of the service, and then of those whose events it decides on.

    The embedded hub's broker is started for this; otherwise it is the installation's.
    """
    from corong.replay.foldings import FOLDINGS, REACTING
    from corong.runtime.broker import Broker
    from corong.runtime.broker_tail import StoreLost, tail
    from corong.runtime.natsserver import NatsServer, passwords
    from corong.runtime.permissions import server_config

    server = None
    url, password = settings.nats_url, settings.nats_password.get_secret_value()
    if _embedded(settings):
        config = settings.data / "nats.conf"
        config.write_text(server_config())
        server = NatsServer(config, settings.data / "nats", passwords(settings.data / "secrets"))
        await asyncio.to_thread(server.start)
        url, password = server.url, server.known["deploy"]
    broker = Broker(url, "deploy", password)
    try:
        await asyncio.wait_for(broker.connect(), CONNECT_SECONDS)
        own = await tail(broker, service, known.after(service, settings.partitions))
        others: list[Arrived] = []
        for name in sorted(FOLDINGS[service].writers - {service}) if service in REACTING else ():
            others += await tail(broker, name, known.after(name, settings.partitions))
        return own, others
    except TimeoutError:
        raise Trouble(
            say("Broker tidak menjawab", "The broker does not answer"),
            say(
                "periksa CORONG_NATS_URL dan sandi pengguna deploy; bila simpanannya juga hilang: --without-broker",
                "look at CORONG_NATS_URL and the password of user deploy; if its store is lost too: --without-broker",
            ),
            UNREACHABLE,
        ) from None
    except StoreLost:
        raise Trouble(
            say("Simpanan broker hilang: peristiwa yang hanya ada di sana tidak dapat diambil",
                "The broker's store is lost: events that only it had can't be fetched"),
            say("kembalikan simpanannya; kalau memang sudah tidak ada, --without-broker (docs/restore.md)",
                "bring the store back; if it is really gone, --without-broker (docs/restore.md)"),
        ) from None  # fmt: skip
    finally:
        await broker.stop()
        if server is not None:
            await asyncio.to_thread(server.stop)
