"""The ledger beside its bare costs, in one run: `python -m tests.bench.ledger COUNT`, as JSON.

Appending is what auditing does with each batch of its reader: every check of the bytes, entry rows, tree, chains,
signature, commit to SQLite (WAL, FULL) and the head file. Yardsticks: SHA-256 and AES-256-GCM of the same bytes, and
bare rows with the same bytes in commits of the same size.
"""

import hashlib
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import insert

from corong.auditing import ledger, state, tlog
from corong.auditing.head_file import HeadFile
from corong.auditing.note import SigningKey
from corong.auditing.proof import LogProof, parse_proof, verify_proof
from corong.auditing.publisher import snapshot
from corong.auditing.tiles import TileNodes
from corong.auditing.tree import Tree, read_head, read_tile
from corong.cli.progress import Progress
from corong.runtime import tables
from corong.runtime.arrivals import Arrived
from corong.runtime.clock import utc_now
from corong.runtime.database import Database
from corong.runtime.sealing import Sealer
from corong.runtime.unit import Numbering, Unit
from corong_contracts.canonical import canonical

BATCH = 500
PARTITIONS = 16
KEY = SigningKey("bench.example/log", b"b" * 32)
SEALED = "QUJD" * 100


def events(count: int) -> Iterator[Arrived]:
    """Events of 16 writers, each with a sealed word: about 1,100 bytes."""
    rng = random.Random(7)
    for place in range(count):
        partition, number = place % PARTITIONS, place // PARTITIONS + 1
        writer, case = f"routing.{partition:02d}", str(UUID(int=rng.getrandbits(128)))
        body = canonical(
            {
                "specversion": "1.0", "id": str(UUID(int=rng.getrandbits(128))),
                "source": f"/corong/routing/{partition:02d}",
                "type": "id.corong.case.noted.v1", "subject": f"case/{case}", "time": "2026-07-01T03:04:05.000000Z",
                "recordedtime": "2026-07-01T03:04:05.000000Z", "datacontenttype": "application/json",
                "dataschema": "urn:corong:schema:case.noted:v1", "correlationid": case, "causationid": case,
                "actor": "officer:petugas", "writer": writer, "number": number,
                "data": {"case_id": case, "note_id": case, "officer": "petugas",
                         "note": {"key": "k" * 36, "box": SEALED}},
            }
        )  # fmt: skip
        yield Arrived(writer, number, "case.noted", f"corong.event.{writer}.case.noted", body)


class Log:
    """Auditing's database, with nothing around it."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(f"sqlite:///{folder}", "auditing")
        self.database.create_schema()
        with self.database.write() as connection:
            for metadata in (tables.metadata, state.metadata, state.log_metadata):
                metadata.create_all(connection)
            rows = [{"partition": number, "last": 0, "relayed": 0} for number in range(PARTITIONS)]
            connection.execute(insert(tables.writer), rows)
        self.tree = Tree(KEY, KEY.name, HeadFile(folder / "log-head"))
        self._numbering = Numbering("auditing", PARTITIONS, state.apply)

    def append(self, batch: list[Arrived]) -> None:
        """One commit."""
        nobody: Sealer = None  # type: ignore[assignment]  # auditing seals nothing
        with self.database.write() as connection:
            unit = Unit(connection, self._numbering, nobody, utc_now())
            ledger.append(self.tree, unit, batch)
            unit.finish()
        unit.committed()


def bare_rows(folder: Path, bodies: list[bytes]) -> float:
    """Seconds for the same rows and indexes, in commits of the same size."""
    database = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-16000"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("CREATE TABLE entry (position INTEGER PRIMARY KEY, id TEXT UNIQUE, body BLOB)")
    began = time.perf_counter()
    for start in range(0, len(bodies), BATCH):
        database.execute("BEGIN IMMEDIATE")
        rows = [
            (start + place, hashlib.md5(body, usedforsecurity=False).hexdigest(), body)
            for place, body in enumerate(bodies[start : start + BATCH])
        ]
        database.executemany("INSERT INTO entry VALUES (?, ?, ?)", rows)
        database.execute("COMMIT")
    took = time.perf_counter() - began
    database.close()
    return took


def bare_crypto(bodies: list[bytes]) -> tuple[float, float]:
    """Seconds for SHA-256 and for AES-256-GCM."""
    began = time.perf_counter()
    for body in bodies:
        hashlib.sha256(body).digest()
    between = time.perf_counter()
    cipher = AESGCM(bytes(32))
    for place, body in enumerate(bodies):
        cipher.encrypt(place.to_bytes(12, "big"), body, None)
    return between - began, time.perf_counter() - between


def proofs(log: Log, seconds: float = 3.0) -> tuple[float, int]:
    """Inclusion proofs a second, each made, written, read and verified; and the largest one's bytes."""
    rng = random.Random(11)
    largest = made = 0
    with snapshot(log.database) as connection:
        head = read_head(connection)
        nodes = TileNodes(head.size, lambda tile: read_tile(connection, tile), keep=256)
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            index = rng.randrange(head.size)
            data = LogProof(index, tuple(tlog.inclusion_proof(index, head.size, nodes)), head.note).data
            verify_proof(parse_proof(data), nodes(0, index), KEY.verifier)
            made += 1
            largest = max(largest, len(data))
        return made / (time.perf_counter() - began), largest


def main(count: int) -> dict[str, float]:
    """Append `count` events, and measure on the way."""
    with tempfile.TemporaryDirectory(prefix="corong-ledger-") as name:
        folder = Path(name)
        log = Log(folder)
        rates: list[float] = []
        batch: list[Arrived] = []
        took = 0.0
        bodies: list[bytes] = []
        with Progress(count, "appending") as shown:
            for item in events(count):
                batch.append(item)
                if len(batch) == BATCH:
                    began = time.perf_counter()
                    log.append(batch)
                    spent = time.perf_counter() - began
                    took += spent
                    rates.append(spent / BATCH)
                    bodies += [item.body for item in batch] if len(bodies) < 20_000 else []
                    batch = []
                    shown.add(BATCH)
        sha, gcm = bare_crypto(bodies)
        rows = bare_rows(folder, bodies)
        each, proof_bytes = proofs(log)
        log.database.close()
        edge = max(1, min(len(rates) // 2, 10_000 // BATCH))
        tenth = max(edge, len(rates) // 10)  # what is done now and then for many events is in it
        return {
            "events": len(rates) * BATCH,
            "append_per_second": len(rates) * BATCH / took,
            "rows_per_second": len(bodies) / rows,
            "sha256_per_second": len(bodies) / sha,
            "gcm_per_second": len(bodies) / gcm,
            "first_us": statistics.mean(rates[:edge]) * 1e6,
            "last_us": statistics.mean(rates[-tenth:]) * 1e6,
            "proofs_per_second": each,
            "proof_bytes": proof_bytes,
            "event_bytes": sum(map(len, bodies)) / len(bodies),
        }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
