"""The load: requests over kept connections, as fast as they are answered, or at a steady rate.

It runs in a process of its own and prints JSON: `python -m tests.bench.load '{"port": …}'`.
"""

import asyncio
import json
import sqlite3
import sys
import threading
import time
from dataclasses import asdict, dataclass, field

TEXTS = (
    "Jalan di depan pasar Kisaran rusak parah dan berlubang, mohon segera diperbaiki karena membahayakan anak sekolah.",
    "Mohon informasi jadwal pelayanan KTP elektronik di kecamatan Air Joman, apakah hari Sabtu buka?",
    "Sudah tiga hari air PDAM di Kisaran Timur tidak mengalir, kami kesulitan untuk memasak dan mencuci.",
    "Terima kasih atas pelayanan puskesmas Meranti yang ramah dan cepat.",
)


@dataclass
class Plan:
    """What to do. Times in seconds."""

    port: int
    token: str
    seconds: float = 6.0
    warm_up: float = 1.5
    connections: int = 32
    rate: float | None = None
    """Requests a second; None: as fast as they are answered."""
    watch: str | None = None
    """The desk's SQLite file, to see when a case stands in its queue."""
    prefix: str = "k"


@dataclass
class Result:
    """Latencies in milliseconds."""

    count: int = 0
    seconds: float = 0.0
    failed: int = 0
    latencies: list[float] = field(default_factory=list)
    visible: list[float] = field(default_factory=list)
    missing: int = 0


class Connection:
    """One kept connection."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, number: int) -> tuple[int, bytes]:
        """Send one message; status and body."""
        if self._writer is None or self._reader is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._plan.port)
        sender = {"address": f"{self._plan.prefix}-{number}", "name": "Warga"}
        body = json.dumps({"text": TEXTS[number % len(TEXTS)], "sender": sender}).encode()
        head = (
            f"POST /api/v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._plan.token}\r\n"
            f"Idempotency-Key: {self._plan.prefix}-{number}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        return int(answer[9:12]), await self._reader.readexactly(length)


class Watch(threading.Thread):
    """Notes when each case first stands in the desk's table."""

    def __init__(self, file: str) -> None:
        super().__init__(daemon=True)
        self._file = file
        self.seen: dict[str, float] = {}
        self.stopped = threading.Event()

    def run(self) -> None:
        """Look every two milliseconds."""
        database = sqlite3.connect(f"file:{self._file}?mode=ro", uri=True, isolation_level=None)
        last = database.execute('SELECT coalesce(max(rowid), 0) FROM "case"').fetchone()[0]
        while not self.stopped.wait(0.002):
            for row, case in database.execute('SELECT rowid, case_id FROM "case" WHERE rowid > ?', (last,)).fetchall():
                self.seen[case] = time.monotonic()
                last = max(last, row)


async def run(plan: Plan) -> Result:
    """Carry the plan out."""
    result = Result()
    accepted: dict[str, float] = {}
    watch = Watch(plan.watch) if plan.watch else None
    if watch is not None:
        watch.start()
    started = time.monotonic()
    measured_from, until = started + plan.warm_up, started + plan.warm_up + plan.seconds
    numbers = iter(range(10**9))

    async def one(connection: Connection, due: float | None) -> None:
        begun = due if due is not None else time.monotonic()
        status, body = await connection.post(next(numbers))
        ended = time.monotonic()
        if begun < measured_from:
            return
        if status != 202:
            result.failed += 1
            return
        result.count += 1
        result.latencies.append((ended - begun) * 1000)
        if watch is not None:
            accepted[json.loads(body)["receipt"]["case_id"]] = ended

    async def closed() -> None:
        connection = Connection(plan)
        while time.monotonic() < until:
            await one(connection, None)

    async def open_loop(rate: float) -> None:
        # A request that is late because the ones before it were slow still counts from when it was due.
        free: asyncio.Queue[Connection] = asyncio.Queue()
        for _ in range(plan.connections):
            free.put_nowait(Connection(plan))
        tasks: set[asyncio.Task[None]] = set()

        async def at(due: float) -> None:
            connection = await free.get()
            try:
                await one(connection, due)
            finally:
                free.put_nowait(connection)

        due = started
        while due < until:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            tasks.add(asyncio.create_task(at(due)))
            due += 1 / rate
        await asyncio.gather(*tasks)

    if plan.rate is None:
        await asyncio.gather(*(closed() for _ in range(plan.connections)))
    else:
        await open_loop(plan.rate)
    result.seconds = plan.seconds
    if watch is not None:
        deadline = time.monotonic() + 20
        for case in accepted:
            while case not in watch.seen and time.monotonic() < deadline:  # noqa: ASYNC110  # a thread fills it
                await asyncio.sleep(0.02)
        watch.stopped.set()
        result.visible = [
            max(0.0, (watch.seen[case] - at) * 1000) for case, at in accepted.items() if case in watch.seen
        ]
        result.missing = len(accepted) - len(result.visible)
    return result


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(run(Plan(**json.loads(sys.argv[1])))))))
