"""A log of the tests' own, written by the letter of the standards and by no code of the hub's.

Trees by the recursive definition of RFC 6962 section 2.1, tiles by that of C2SP tlog-tiles: slow, and plain to see.
"""

import base64
import hashlib
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN = "log.asahan.example/corong"
WITNESS = "saksi.universitas.example/w1"


def leaf(body: bytes) -> bytes:
    return hashlib.sha256(b"\0" + body).digest()


def mth(leaves: Sequence[bytes]) -> bytes:
    """Merkle Tree Hash, as RFC 6962 section 2.1 defines it, over leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def audit_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if index < k:
        return [*audit_path(index, leaves[:k]), mth(leaves[k:])]
    return [*audit_path(index - k, leaves[k:]), mth(leaves[:k])]


def tile_path(level: int | str, index: int, width: int = 256) -> str:
    digits = f"{index:03d}"
    while len(digits) % 3:
        digits = "0" + digits
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    name = "/".join([*("x" + group for group in groups[:-1]), groups[-1]])
    return f"tile/{level}/{name}" + (f".p/{width}" if width < 256 else "")


class Signer:
    """A key that signs notes; kind 4 cosigns."""

    def __init__(self, name: str, seed: int = 1, kind: int = 1) -> None:
        self.name, self.kind = name, kind
        self.private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        public = bytes([kind]) + self.private.public_key().public_bytes_raw()
        self.id = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
        self.vkey = f"{name}+{self.id.hex()}+{base64.b64encode(public).decode()}"

    def line(self, text: bytes, at: int = 0) -> bytes:
        if self.kind == 4:
            signed = self.private.sign(b"cosignature/v1\ntime " + str(at).encode() + b"\n" + text)
            value = at.to_bytes(8, "big") + signed
        else:
            value = self.private.sign(text)
        return f"— {self.name} ".encode() + base64.b64encode(self.id + value) + b"\n"


LOG = Signer(ORIGIN)
COSIGNER = Signer(WITNESS, 2, 4)


def checkpoint(size: int, root: bytes, *lines: bytes, origin: str = ORIGIN, signer: Signer = LOG) -> bytes:
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()
    return text + b"\n" + signer.line(text) + b"".join(lines)


def event(writer: str, number: int, *, data: dict[str, Any] | None = None, **more: Any) -> bytes:
    """Canonical bytes of something like an event."""
    whole = {
        "actor": "system", "data": {"text": 'satu baris\ndan "kutipan"', **(data or {})},
        "id": f"{writer}/{number}",
        "number": number, "recordedtime": f"2026-03-09T01:00:{number % 60:02d}.000000Z",
        "type": "id.corong.case.noted.v1",
        "writer": writer, **more,
    }  # fmt: skip
    return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def events(count: int, seed: int = 0, writers: int = 5, padding: int = 0) -> list[bytes]:
    """Events of several writers, each counting from 1, in a random order between writers."""
    chance = random.Random(seed)
    numbers = dict.fromkeys((f"{name}.{part:02d}" for name in ("intake", "routing") for part in range(writers)), 0)
    found = []
    for _ in range(count):
        writer = chance.choice(list(numbers))
        numbers[writer] += 1
        data = {"box": chance.randbytes(padding // 2).hex()} if padding else None
        found.append(event(writer, numbers[writer], data=data))
    return found


class HandmadeLog:
    """Entries, and the files that a log of them has."""

    def __init__(self, folder: Path, bodies: Sequence[bytes]) -> None:
        self.folder, self.bodies = folder, list(bodies)
        self.leaves = [leaf(body) for body in self.bodies]

    def root(self, size: int) -> bytes:
        return mth(self.leaves[:size])

    def checkpoint(self, size: int, *witnesses: tuple[Signer, int]) -> bytes:
        bare = checkpoint(size, self.root(size))
        text = bare[: bare.rindex(b"\n\n") + 1]
        return bare + b"".join(signer.line(text, at) for signer, at in witnesses)

    def publish(self, size: int | None = None, withheld: frozenset[int] = frozenset()) -> "HandmadeLog":
        """Write the tiles, bundles and checkpoint of this size; what lies there already stays."""
        size = len(self.bodies) if size is None else size
        level, nodes = 0, self.leaves[:size]
        while nodes:
            for index in range(0, -(-len(nodes) // 256)):
                row = nodes[index * 256 : index * 256 + 256]
                self.write(tile_path(level, index, len(row)), b"".join(row))
                if level == 0:
                    places = range(index * 256, index * 256 + len(row))
                    parts = [b"" if place in withheld else self.bodies[place] for place in places]
                    bundle = b"".join(len(part).to_bytes(2, "big") + part for part in parts)
                    self.write(tile_path("entries", index, len(row)), bundle)
            nodes = [mth(nodes[start : start + 256]) for start in range(0, len(nodes) // 256 * 256, 256)]
            level += 1
        self.write("checkpoint", self.checkpoint(size))
        return self

    def write(self, name: str, data: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())

    def entry_at(self, name: str, byte: int) -> tuple[int, int]:
        """The first and the last entry that a byte of a tile or bundle speaks of; for the checkpoint all of them."""
        if name == "checkpoint":
            return 0, len(self.bodies) - 1
        parts = name.split("/")
        level = parts[1]
        digits = [part.removeprefix("x").removesuffix(".p") for part in parts[2:]]
        if ".p/" in name:
            digits.pop()
        index = int("".join(digits))
        if level == "entries":
            place, end = index * 256, 0
            while True:
                end += 2 + len(self.bodies[place])
                if byte < end:
                    return place, place
                place += 1
        span = 256 ** int(level)
        first = (index * 256 + byte // 32) * span
        return first, first + span - 1
