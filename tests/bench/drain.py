"""A backlog of messages through the whole embedded hub, beside raw JetStream in the same process.

`python -m tests.bench.drain COUNT` prints JSON.
"""

import asyncio
import json
import sys
import tempfile
import time
import uuid
from pathlib import Path

import psutil
import uvloop
from sqlalchemy import text

from corong.embedded import Hub
from corong.runtime import logs
from corong.runtime.broker import Broker
from corong.runtime.database import Database
from corong.runtime.pull import Pull
from corong.runtime.settings import Settings
from corong.runtime.settling import settle_memory
from corong_contracts.base import SERVICES
from corong_contracts.topology import READS
from tests.bench.load import TEXTS

ACCOUNT = ("api", "api-contoh")


async def fill(broker: Broker, count: int) -> None:
    """Put the backlog into INBOUND."""
    gate = asyncio.Semaphore(256)

    async def one(number: int) -> None:
        channel, account = ACCOUNT
        body = {
            "channel": channel,
            "account": account,
            "native_id": f"n-{number}",
            "sender": {"address": f"warga-{number}", "name": "Warga"},
            "text": TEXTS[number % len(TEXTS)],
        }
        async with gate:
            subject = f"corong.inbound.{channel}.{account}"
            await broker.jetstream.publish(subject, json.dumps(body).encode(), stream="INBOUND", timeout=30)

    await asyncio.gather(*(one(number) for number in range(count)))


def number(database: Database, sql: str) -> int:
    """A sum in a service's database."""
    with database.read() as connection:
        return int(connection.execute(text(sql)).scalar() or 0)


def drained(databases: dict[str, Database], count: int) -> int:
    """The number of events, once all have been written and read by everybody; 0 before."""
    written = {name: number(database, "SELECT sum(last) FROM writer") for name, database in databases.items()}
    if written["intake"] < 2 * count or written["routing"] < count:
        return 0
    for name, database in databases.items():
        if number(database, "SELECT sum(taken) FROM inbox") < sum(written[writer] for writer in READS[name]):
            return 0
    return sum(written.values())


def cpu(hub: Hub) -> float:
    """Seconds that the hub's processes have used so far, without the broker's."""
    second = hub.second.pid if hub.second is not None else None
    times = psutil.Process(second).cpu_times() if second is not None else None
    return time.process_time() + (times.user + times.system if times is not None else 0.0)


async def through_hub(count: int, folder: Path) -> tuple[int, float, float]:
    """Events, seconds, seconds of CPU of the hub's processes."""
    settings = Settings(data=folder, port=0)
    hub = Hub(settings, processes=settings.hub_processes)
    if hub.second is not None:
        await hub.second.start()
    await hub.start_broker()
    sender = hub.broker("channels")
    await sender.connect()
    await fill(sender, count)
    await sender.stop()
    await hub.build()
    settle_memory()
    databases = {name: Database(settings.database, name) for name in SERVICES}
    began, before = time.monotonic(), cpu(hub)
    await hub.begin()
    events = 0
    while not events:
        await asyncio.sleep(0.1)
        events = await asyncio.to_thread(drained, databases, count)
    took, used = time.monotonic() - began, cpu(hub) - before
    for database in databases.values():
        database.close()
    await hub.stop()
    return events, took, used


async def raw(count: int, folder: Path) -> float:
    """Messages a second, published in atomic batches of 500, read and acknowledged by one consumer in this process."""
    hub = Hub(Settings(data=folder, port=0))
    hub.server = hub._server()
    hub.server.start()
    await hub.prepare_broker()
    writer, reader = hub.broker("intake"), hub.broker("auditing")
    await writer.connect()
    await reader.connect()
    body = b"x" * 1500
    began = time.monotonic()

    async def publish() -> None:
        for start in range(0, count, 500):
            batch = uuid.uuid4().hex
            for sequence in range(1, 501):
                headers = {
                    "Nats-Msg-Id": f"{start}-{sequence}", "Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(sequence),
                }  # fmt: skip
                subject = "corong.event.intake.00.bench.message"
                if sequence in (1, 500):
                    if sequence == 500:
                        headers["Nats-Batch-Commit"] = "1"
                    await writer.connection.request(subject, body, headers=headers, timeout=10)
                else:
                    await writer.connection.publish(subject, body, headers=headers)

    async def consume() -> None:
        pull = Pull(reader.connection, "EVENTS", "auditing", 500)
        await pull.start()
        got = 0
        while got < count:
            messages = await pull.next()
            got += len(messages)
            await messages[-1].ack()

    await asyncio.gather(publish(), consume())
    took = time.monotonic() - began
    await writer.stop()
    await reader.stop()
    await hub.stop()
    return count / took


async def main(count: int) -> None:
    """Both, and the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        bare = await raw(min(count, 20_000), Path(folder) / "raw")
        events, took, used = await through_hub(count, Path(folder) / "hub")
    result = {
        "messages": count, "events": events, "seconds": took, "events_per_second": events / took,
        "messages_per_second": count / took, "cpu_seconds": used, "raw_per_second": bare,
        "ratio": events / took / bare,
    }  # fmt: skip
    print(json.dumps(result))


if __name__ == "__main__":
    logs.configure("error")
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
