#!/usr/bin/env python3
"""Checks a Corong log without trusting whoever keeps it. One file: Python 3.11 or later, and `cryptography`.

    python3 corong_verify.py verify FOLDER|URL --key KEY [--since OLD-CHECKPOINT]
    python3 corong_verify.py verify EXPORT.zip --key KEY
    python3 corong_verify.py proof FILE.tlog-proof --event FILE --key KEY
    python3 corong_verify.py consistency OLD-CHECKPOINT NEW-CHECKPOINT FOLDER|URL --key KEY

Exit code: 0 sound, 1 could not be checked, 6 tampered with (2: wrong usage).

The log is a Merkle tree (RFC 6962, SHA-256) in tiles (C2SP tlog-tiles). Its head, the checkpoint, is a signed note
(C2SP signed-note, tlog-checkpoint, tlog-cosignature). An entry is one event: canonical JSON that names its writer and
the writer's own number of it. `verify` takes nothing on trust but the key. It goes from the top down: the signed root
binds the hashes in the highest tiles, these bind the tiles below them, and the lowest ones every entry, which is
hashed; so what does not fit is at fault, and named. Beside that it counts each writer's numbers.

Read from top to bottom: words, hashes, notes, proofs, sources, tiles, entries, numbers, the walk, exports, commands.
"""

import argparse
import base64
import hashlib
import http.client
import itertools
import json
import multiprocessing
import os
import re
import signal
import stat
import sys
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

SOUND, NOT_CHECKED, TAMPERED = 0, 1, 6
WIDTH = 256  # hashes in a full tile, entries in a full bundle
LARGEST = 2**63 - 1
PUT_ASIDE = ("id.corong.audit.entry_refused.v1", "id.corong.audit.conflict_found.v1")  # why a number is missing
EMPTY_ROOT = hashlib.sha256(b"").digest()
MOST_NOTE_BYTES, MOST_SIGNATURES, MOST_PROOF_BYTES = 1_000_000, 100, 2_000_000
MOST_LINE_BYTES = 1_000_000  # of an export
MOST_FILE_BYTES = 20_000_000  # the largest possible bundle has 16,777,728
MOST_FINDINGS = 50  # then the rest is not looked at

# --- words -----------------------------------------------------------------------------------------------------------

language = "en" if (os.environ.get("CORONG_LANG") or os.environ.get("LANG") or "id").startswith("en") else "id"


def say(id: str, en: str) -> str:
    """The text in the reader's language; what comes from the log can't steer the terminal."""
    return "".join(c if c.isprintable() else "?" for c in (en if language == "en" else id))


class Trouble(Exception):
    """Why the answer is not "sound": `code` says whether something was tampered with, or could not be checked."""

    def __init__(self, code: int, what: str, entry: int | None = None, last: int | None = None, file: str = "") -> None:
        super().__init__(code, what, entry, last, file)
        self.code, self.what, self.entry, self.last, self.file = code, what, entry, last, file

    def __str__(self) -> str:
        where = "" if self.entry is None else say(f"entri {self.entry}", f"entry {self.entry}")
        where += f"–{self.last}" if self.last not in (None, self.entry) else ""
        return ": ".join(part for part in (where, say(self.file, self.file), self.what) if part)


def tampered(id: str, en: str, entry: int | None = None, last: int | None = None, file: str = "") -> Trouble:
    """Of data that is not what it has to be."""
    return Trouble(TAMPERED, say(id, en), entry, last, file)


def unchecked(id: str, en: str, file: str = "") -> Trouble:
    """Of what is missing, can't be read, or is larger than what is read here."""
    return Trouble(NOT_CHECKED, say(id, en), file=file)


# --- hashes: RFC 6962 section 2.1 ------------------------------------------------------------------------------------


def leaf(body: bytes) -> bytes:
    """The hash of an entry."""
    return hashlib.sha256(b"\x00" + body).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash over two hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(row: Sequence[bytes]) -> bytes:
    """The root over a row of hashes: pairs are hashed, one left over goes up as it is."""
    while len(row) > 1:
        above = [node(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = [*above, *row[len(above) * 2 :]]
    return row[0] if row else EMPTY_ROOT


def root_of_edge(rows: Sequence[Sequence[bytes]]) -> bytes:
    """The root of a tree, from its unfinished tiles: level by level, with what is left below as the last one."""
    below: list[bytes] = []
    for row in rows:
        if row or below:
            below = [root_of([*row, *below])]
    return root_of(below)


def root_by_inclusion(hashed: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which the path leads from leaf `index` of `size` (RFC 9162 section 2.1.3.2), None if it is none."""
    here, last = index, size - 1
    for step in path:
        if last == 0:
            return None
        if here & 1 or here == last:
            hashed = node(step, hashed)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            hashed = node(hashed, step)
        here, last = here >> 1, last >> 1
    return hashed if last == 0 else None


# --- notes: keys, signatures, checkpoints ----------------------------------------------------------------------------


def unbase64(text: str) -> bytes:
    """Base64 in its one canonical form (RFC 4648 section 4): no other text means the same bytes."""
    try:
        found = base64.b64decode(text, validate=True)
    except ValueError:
        found = b""
    if base64.b64encode(found).decode() != text:
        raise tampered("bukan base64 baku", "not canonical base64")
    return found


def whole_number(text: str) -> int:
    """Decimal, from 0 to 2**63 - 1, without leading zeroes."""
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", text, re.ASCII) or int(text) > LARGEST:
        raise tampered("bukan bilangan desimal yang sah", "not a proper decimal number")
    return int(text)


def proper_name(name: str) -> bool:
    """Whether a key may be called so."""
    return bool(name) and not any(c.isspace() or c < " " or c == "+" for c in name)


@dataclass(frozen=True)
class Key:
    """A public key that the auditor trusts: `<name>+<id>+<base64 of type and key>`; type 1 a log's, 4 a witness's."""

    name: str
    kind: int
    public: bytes
    id: bytes

    @classmethod
    def parse(cls, text: str) -> "Key":
        """Raises `Trouble`: the key was given by the auditor, so a wrong one is never called tampering."""
        name, _, rest = text.partition("+")
        try:
            encoded = unbase64(rest[9:])
            identity = hashlib.sha256(name.encode() + b"\n" + encoded).digest()[:4]
        except (Trouble, UnicodeEncodeError):
            encoded = identity = b""
        if not proper_name(name) or len(encoded) != 33 or rest[:9] != identity.hex() + "+" or encoded[0] not in (1, 4):
            raise unchecked(f"bukan kunci Ed25519 yang sah: {text}", f"not a proper Ed25519 key: {text}")
        return cls(name, encoded[0], encoded[1:], identity)

    def check(self, text: bytes, signature: bytes) -> int | None:
        """The time of a cosignature, None for a log's own signature. Raises `Trouble` if it does not verify."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        at = None
        if self.kind == 4:
            at, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            text = b"cosignature/v1\ntime %d\n" % at + text
        try:
            if at is not None and at > LARGEST:
                raise InvalidSignature
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            raise tampered(f"tanda tangan {self.name} tidak sah", f"the signature by {self.name} is false") from None
        return at


class Checkpoint(NamedTuple):
    """The head of a log, and which trusted keys have signed it (a witness at a time, in seconds since 1970)."""

    origin: str
    size: int
    root: bytes
    signed: dict[Key, int | None]


def unwitnessed(found: Checkpoint, keys: Sequence[Key], quorum: int | None) -> list[str]:
    """The witnesses whose signatures are missing, none where enough of them have signed."""
    witnesses = {key.public: key for key in keys if key.kind == 4}  # one key is one witness, under whatever names
    seen = {key.public for key in found.signed if key.kind == 4}
    if len(seen) >= (len(witnesses) if quorum is None else quorum):
        return []
    return [key.name for key in witnesses.values() if key.public not in seen] or ["…"]


def parse_note(data: bytes) -> tuple[bytes, list[str]]:
    """A note's text and its signature lines."""
    if len(data) > MOST_NOTE_BYTES:
        raise unchecked("catatan terlalu besar", "the note is too big")
    try:
        note = data.decode()
    except UnicodeDecodeError:
        note = ""
    text, gap, lines = note.rpartition("\n\n")
    if not gap or not lines.endswith("\n") or any(c < " " and c != "\n" for c in note):
        raise tampered("bukan catatan bertanda tangan", "not a signed note")
    return text.encode() + b"\n", lines[:-1].split("\n")


def parse_checkpoint(text: bytes) -> tuple[str, int, bytes]:
    """Origin, size and root."""
    lines = text.decode().split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines):
        raise tampered("bukan checkpoint", "not a checkpoint")
    size, root = whole_number(lines[1]), unbase64(lines[2])
    if len(root) != 32 or (size == 0 and root != EMPTY_ROOT):
        raise tampered("akar pohon rusak", "the root is malformed")
    return lines[0], size, root


def open_checkpoint(data: bytes, keys: Sequence[Key], quorum: int | None = None, origin: str = "") -> Checkpoint:
    """Read and verify a checkpoint: signed by a log's key, and by `quorum` of the witnesses (all that were given).

    Signatures by unknown keys are passed over; one false signature by a known key spoils the whole. Raises `Trouble`.
    """
    text, lines = parse_note(data)
    if len(lines) > MOST_SIGNATURES:
        raise unchecked("terlalu banyak tanda tangan", "too many signatures")
    signed: dict[Key, int | None] = {}
    for line in lines:
        dash, name, encoded = line.split(" ") if line.count(" ") == 2 else ("", "", "")
        signature = unbase64(encoded)
        if dash != "—" or not proper_name(name) or len(signature) < 5:
            raise tampered("baris tanda tangan rusak", "a signature line is malformed")
        for key in keys:
            if (key.name, key.id) == (name, signature[:4]):
                at = key.check(text, signature[4:])
                signed.setdefault(key, at)
    found = Checkpoint(*parse_checkpoint(text), signed)
    logs = [key.name for key in signed if key.kind == 1]
    if not logs:
        raise tampered("tidak ditandatangani oleh kunci log yang diberikan (palsu, atau kuncinya keliru)",
            "not signed by the log's key that was given (forged, or the wrong key)")  # fmt: skip
    if found.origin not in ([origin] if origin else logs):
        raise tampered(f"ini checkpoint log lain: {found.origin}", f"this is another log's checkpoint: {found.origin}")
    if missing := unwitnessed(found, keys, quorum):
        told = ", ".join(missing)
        raise unchecked(f"belum disaksikan oleh {told}", f"not witnessed by {told}")
    return found


# --- proofs of one entry ---------------------------------------------------------------------------------------------


def verify_proof(
    proof: bytes, event: bytes, keys: Sequence[Key], quorum: int | None = None, origin: str = ""
) -> tuple[int, Checkpoint]:
    """Check a `.tlog-proof` (C2SP tlog-proof) of an event's exact bytes; its index, and the head. Raises `Trouble`."""
    if len(proof) > MOST_PROOF_BYTES:
        raise unchecked("bukti terlalu besar", "the proof is too big")
    head, _, note = proof.partition(b"\n\n")
    lines = head.decode("utf-8", "replace").split("\n")
    if len(lines) > 1 and lines[1].startswith("extra ") and unbase64(lines[1][6:]):
        del lines[1]  # nobody has signed it
    if len(lines) < 2 or lines[0] != "c2sp.org/tlog-proof@v1" or not lines[1].startswith("index ") or len(lines) > 65:
        raise tampered("bukan bukti tlog-proof", "not a tlog-proof")
    index, path = whole_number(lines[1][6:]), [unbase64(line) for line in lines[2:]]
    found = open_checkpoint(note, keys, quorum, origin)
    if index >= found.size or any(len(step) != 32 for step in path):
        raise tampered("bukti ini tidak mungkin: indeks atau hash salah", "an impossible proof: wrong index or hashes")
    if root_by_inclusion(leaf(event), index, found.size, path) != found.root:
        if event.endswith(b"\n") and root_by_inclusion(leaf(event[:-1]), index, found.size, path) == found.root:
            raise tampered("ada satu baris baru di akhir berkas yang bukan bagian peristiwa",
                "a line feed at the file's end is not part of the event")  # fmt: skip
        raise tampered(f"peristiwa ini tidak tercatat pada indeks {index}", f"this event is not what stands at {index}")
    return index, found


def event_in(proof: bytes) -> bytes:
    """The event that a proof brings along, as receipts do; the proof says whether it is the right one."""
    _, _, rest = proof.partition(b"\nextra ")
    if not rest:
        raise tampered("bukti ini tidak membawa peristiwanya", "this proof brings no event")
    return unbase64(rest.partition(b"\n")[0].decode("utf-8", "replace"))


# --- sources: a folder, a USB stick, an address ----------------------------------------------------------------------


def limit(size: int, most: int, name: str) -> None:
    """Of what is being read. Raises `Trouble`."""
    if size > most:
        raise unchecked(f"lebih besar dari {most} bita", f"larger than {most} bytes", name)


@dataclass(frozen=True)
class Folder:
    """A copy of the log's files. Only plain files are opened, and never more is read than a file may have."""

    path: str

    def read(self, name: str, most: int) -> bytes | None:
        """None where there is no such file. Raises `Trouble`."""
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            with open(os.open(os.path.join(self.path, name), flags), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise OSError(say("bukan berkas biasa", "not a plain file"))
                data = file.read(most + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise unchecked(f"tidak terbaca: {error}", f"can't be read: {error}", name) from None
        limit(len(data), most, name)
        return data

    def older(self, name: str) -> list[int]:
        """Widths of the partial files of this tile or bundle that lie in the folder."""
        try:
            found = os.listdir(os.path.join(self.path, name + ".p"))
        except OSError:
            return []
        return sorted(int(width) for width in found if re.fullmatch(r"[1-9][0-9]{0,2}", width, re.ASCII))


class StayHere(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: what is checked is what the address gives."""

    def redirect_request(self, *_: Any) -> None:
        """None: the redirection becomes an error."""


@dataclass(frozen=True)
class Web:
    """A log that is served over HTTP."""

    url: str
    token: str = ""

    def read(self, name: str, most: int) -> bytes | None:
        """None where there is no such file. Raises `Trouble`."""
        why = ""
        for attempt in range(3):
            time.sleep(attempt)
            try:
                return self._get(name, most)
            except urllib.error.HTTPError as error:
                if error.code in (404, 410):
                    return None
                why = f"HTTP {error.code}"
                if error.code < 500 and error.code != 429:
                    break
            except (OSError, ValueError, zlib.error, http.client.HTTPException) as error:
                why = str(error) or type(error).__name__
        raise unchecked(f"tidak dapat diambil: {why}", f"can't be fetched: {why}", name)

    def _get(self, name: str, most: int) -> bytes:
        headers = {"User-Agent": "corong-verify", "Accept-Encoding": "gzip"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(f"{self.url.rstrip('/')}/{name}", headers=headers)  # noqa: S310
        until, data = time.monotonic() + 60, bytearray()
        with urllib.request.build_opener(StayHere).open(request, timeout=20) as answer:
            while block := answer.read1(1 << 16):
                data += block
                limit(len(data), most, name)
                if time.monotonic() > until:
                    raise TimeoutError(say("terlalu lambat", "too slow"))
            whole = not answer.length  # what is still to come
            if answer.headers.get("Content-Encoding") == "gzip":
                unpack = zlib.decompressobj(31)
                data = bytearray(unpack.decompress(bytes(data), most + 1))
                limit(len(data), most, name)
                whole = whole and unpack.eof
        if not whole:
            raise OSError(say("terputus", "cut off"))
        return bytes(data)

    def older(self, name: str) -> list[int]:
        """A server has no list of them."""
        return []


Source = Folder | Web


def open_source(place: str) -> Source:
    """A folder or an address. Raises `Trouble`."""
    if re.match(r"https?://", place):
        return Web(place, os.environ.get("CORONG_LOG_TOKEN", ""))  # its name says that it is for this place
    if not os.path.isdir(place):
        raise unchecked(f"tidak ada folder {place}", f"there is no folder {place}")
    return Folder(place)


# --- tiles: C2SP tlog-tiles ------------------------------------------------------------------------------------------

HASH_WRONG = "hash di ubin ini salah, isinya benar", "the hash in this tile is wrong, what it is of is right"
BODY_WRONG = "isinya bukan yang dicatat pohon", "what it says is not what the tree holds"
ONE_WRONG = "isi dan hash tidak cocok", "content and hash don't fit each other"
TILE_WRONG = "bukan yang dicatat ubin di atasnya", "not what the tile above holds"
ROOT_WRONG = "ubin tidak sampai pada akar yang ditandatangani", "the tiles don't lead to the signed root"
FORKED = "bercabang: kedua checkpoint bukan dari satu riwayat", "forked: the two checkpoints are not of one history"
Words = tuple[str, str]


def tile_name(level: int | str, index: int) -> str:
    """Where a tile stands: 1234067 is written x001/x234/067."""
    digits = str(index).zfill(-(-len(str(index)) // 3) * 3)
    parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    return f"tile/{level}/" + "/".join([f"x{part}" for part in parts[:-1]] + parts[-1:])


def read_tile(source: Source, level: int | str, index: int, width: int) -> tuple[str, bytes, bool]:
    """Name, bytes, and whether it is exactly `width` wide: a partial tile may have given way to the full one."""
    name = tile_name(level, index)
    wanted = [f"{name}.p/{width}", name] if width < WIDTH else [name]
    for place in wanted:
        data = source.read(place, MOST_FILE_BYTES)
        if data is not None:
            return place, data, place == wanted[0]
    raise unchecked("berkas ini tidak ada", "this file is missing", wanted[0])


def read_hashes(source: Source, level: int, index: int, width: int) -> tuple[str, list[bytes]]:
    """Name and the first `width` hashes of a tile. Raises `Trouble`."""
    name, data, exact = read_tile(source, level, index, width)
    due = (width if exact else WIDTH) * 32
    if len(data) != due:
        first = index << 8 * (level + 1)
        raise tampered(f"{len(data)} bita, bukan {due}", f"{len(data)} bytes instead of {due}", first, file=name)
    return name, [data[i : i + 32] for i in range(0, width * 32, 32)]


def split_bundle(data: bytes, width: int) -> tuple[list[bytes], int]:
    """Up to `width` bodies, each behind its length in two bytes, and where the last ends; fewer of a short file."""
    bodies: list[bytes] = []
    end = 0
    while len(bodies) < width and end + 2 <= len(data):
        start, stop = end + 2, end + 2 + int.from_bytes(data[end : end + 2], "big")
        if stop > len(data):
            break
        bodies.append(data[start:stop])
        end = stop
    return bodies, end


def check_older(source: Source, level: int | str, index: int, hashes: Sequence[bytes]) -> Iterator[Trouble]:
    """Partial files of earlier checkpoints, where the folder still has them, have to say what `hashes` say."""
    for width in source.older(tile_name(level, index)):
        if width >= len(hashes):
            continue
        file = f"{tile_name(level, index)}.p/{width}"
        try:
            data = source.read(file, MOST_FILE_BYTES) or b""
        except Trouble as trouble:
            yield trouble
            continue
        then, end = [data[i : i + 32] for i in range(0, width * 32, 32)], width * 32
        if level == "entries":
            bodies, end = split_bundle(data, width)
            then = [leaf(body) if body else hashes[place] for place, body in enumerate(bodies)]
        wrong = next((place for place in range(width) if then[place : place + 1] != [hashes[place]]), width)
        if wrong < width or end != len(data):
            first = index * WIDTH + min(wrong, width - 1) << (0 if level == "entries" else 8 * int(level))
            yield tampered("lain dari yang sekarang", "not as it is now", first, file=file)


def differences(
    level: int, index: int, size: int, one: Sequence[bytes], other: Sequence[bytes], words: Words, file: str
) -> Iterator[Trouble]:
    """One finding for each place in a tile where two accounts of it differ."""
    places = [place for place, (mine, yours) in enumerate(zip(one, other, strict=False)) if mine != yours]
    for place in places[:8]:
        first = index * WIDTH + place << 8 * level
        yield tampered(*words, first, min(first + (1 << 8 * level), size) - 1, file)
    if len(places) > 8:
        yield tampered(f"dan {len(places) - 8} lagi", f"and {len(places) - 8} more", file=file)


class Tree:
    """The tiles of a log from the top down: each is taken as what the hash above it binds, the highest by the root.

    Where a tile's file is missing or wrong, the tiles below it (at last the entries) show what it has to be, and the
    finding goes to `troubles`. Of tiles of level 0 nothing is told here: `check_bundle` does that.
    """

    def __init__(self, source: Source, head: Checkpoint, troubles: list[Trouble]) -> None:
        self.source, self.size, self.troubles = source, head.size, troubles
        self.levels = max(1, (head.size.bit_length() + 7) // 8)
        self.edge = self._edge(head.root)

    def _width(self, level: int, index: int) -> int:
        return min(WIDTH, (self.size >> 8 * level) - index * WIDTH)

    def _stored(self, level: int, index: int) -> list[bytes]:
        """As its file has it; empty where that is missing or malformed."""
        width = self._width(level, index)
        try:
            return read_hashes(self.source, level, index, width)[1] if width else []
        except Trouble as trouble:
            self.troubles += [trouble] if level else []
            return []

    def _rebuilt(self, level: int, index: int, stored: list[bytes]) -> list[bytes]:
        """As what is below it says (for a withheld entry, as itself); b"" stands for what can't be known."""
        width, found = self._width(level, index), list[bytes]()
        try:
            if level == 0 and width:
                bodies, _ = split_bundle(read_tile(self.source, "entries", index, width)[1], width)
                found = [leaf(body) if body else b"".join(stored[i : i + 1]) for i, body in enumerate(bodies)]
            for place in range(width if level else 0):
                found.append(root_of(read_hashes(self.source, level - 1, index * WIDTH + place, WIDTH)[1]))
        except Trouble:
            pass
        return found + [b""] * (width - len(found))

    def _settle(self, level: int, index: int, stored: list[bytes], chosen: list[bytes]) -> list[bytes]:
        if level:
            name = tile_name(level, index)
            self.troubles += differences(level, index, self.size, stored, chosen, HASH_WRONG, name)
            self.troubles += check_older(self.source, level, index, chosen)
        return chosen

    def row(self, level: int, index: int, root: bytes) -> list[bytes]:
        """The hashes of a full tile of which `root` is the root (b"" where that is not known)."""
        stored = self._stored(level, index)
        if stored and root_of(stored) == root:
            return self._settle(level, index, stored, stored)
        rebuilt = self._rebuilt(level, index, stored)
        if root_of(rebuilt) == root:
            return self._settle(level, index, stored, rebuilt)
        if root and (stored or b"" not in rebuilt):
            first, last = index << 8 * (level + 1), ((index + 1) << 8 * (level + 1)) - 1
            self.troubles.append(tampered(*TILE_WRONG, first, last, tile_name(level, index)))
        return stored or rebuilt

    def _edge(self, root: bytes) -> list[list[bytes]]:
        """The unfinished tiles, level by level: together they come to the signed root."""
        places = [(level, self.size >> 8 * (level + 1)) for level in range(self.levels)]
        stored = [self._stored(*place) for place in places]
        choices = [[row] for row in stored]
        if root_of_edge(stored) != root:  # then each of them may be wrong
            rebuilt = [self._rebuilt(*place, row) for place, row in zip(places, stored, strict=True)]
            choices = [[row, below] if row else [below] for row, below in zip(stored, rebuilt, strict=True)]
        for rows in itertools.product(*choices):
            if root_of_edge(rows) == root:
                return [self._settle(*places[level], stored[level], row) for level, row in enumerate(rows)]
        best = [row[0] for row in choices]
        if b"" in itertools.chain(*best):
            self.troubles.append(unchecked("akar tidak dapat dihitung", "the root can't be computed"))
        else:
            self.troubles.append(tampered(*ROOT_WRONG, file="checkpoint"))
        return best

    def continues(self, old: Checkpoint) -> bool:
        """Whether the log of `old` is the beginning of this one: its root, computed from the same hashes.

        Only one history can lead to both roots (RFC 6962 section 2.1.2). Raises `Trouble` where they can't be read.
        """
        rows: list[list[bytes]] = []
        above: list[bytes] = []
        for level in reversed(range(self.levels)):
            index = old.size >> 8 * (level + 1)
            at_edge = index == self.size >> 8 * (level + 1)
            above = self.edge[level] if at_edge else self.row(level, index, above[index % WIDTH])
            rows.insert(0, above[: (old.size >> 8 * level) % WIDTH])
        if b"" in itertools.chain(*rows):
            raise unchecked("akar lama tidak dapat dihitung", "the old root can't be computed")
        return root_of_edge(rows) == old.root

    def bundles(self) -> Iterator[tuple[int, bytes]]:
        """Every bundle, in order, and the root of its entries' hashes."""

        def under(level: int, index: int, root: bytes) -> Iterator[tuple[int, bytes]]:
            for place, hashed in enumerate(self.row(level, index, root)) if level else ():
                yield from under(level - 1, index * WIDTH + place, hashed)
            if level == 0:
                yield index, root

        for level in reversed(range(1, self.levels)):
            for place, hashed in enumerate(self.edge[level]):
                yield from under(level - 1, (self.size >> 8 * (level + 1) << 8) + place, hashed)
        if self.size % WIDTH:
            yield self.size // WIDTH, root_of(self.edge[0])


def check_order(old: Checkpoint, new: Checkpoint) -> None:
    """What two checkpoints of one log say against each other without its tiles. Raises `Trouble`."""
    one, two = old.size, new.size
    if one > two:
        raise tampered(f"log menyusut dari {one} ke {two} entri", f"the log shrank from {one} to {two} entries")
    if one == two and old.root != new.root:
        raise tampered(*FORKED)


def verify_consistency(source: Source, old: Checkpoint, new: Checkpoint) -> None:
    """Check by a few tiles that the log of `old` is the beginning of that of `new`. Raises `Trouble`."""
    if old.origin != new.origin:
        raise unchecked("checkpoint dari dua log", "checkpoints of two logs")
    check_order(old, new)
    troubles: list[Trouble] = []
    fits = old.size in (0, new.size) or Tree(source, new, troubles).continues(old)
    for trouble in troubles:
        raise trouble
    if not fits:
        raise tampered(*FORKED)


# --- entries: a bundle of them, the tile of their hashes, and what each says of its writer ---------------------------


@dataclass
class Part:
    """What was found in some bundles."""

    end: int = 0
    seen: int = 0
    withheld: int = 0
    time: str = ""
    runs: list[list[Any]] = field(default_factory=list)  # writer, first number, last number, entry of the first
    latest: dict[str, list[Any]] = field(default_factory=dict)  # writer → its last run
    refused: list[tuple[str, int]] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)


def check_bundles(source: Source, size: int, bundles: Sequence[tuple[int, bytes]], events: bool) -> Part:
    """Work for one process: bundles with the root of each."""
    part = Part()
    for bundle, root in bundles:
        check_bundle(part, source, size, bundle, root, events)
    part.latest = {}
    return part


def check_bundle(part: Part, source: Source, size: int, bundle: int, root: bytes, events: bool) -> None:
    """Hash every body; the tile's hashes and the bodies' have to be the same, and their root `root` (b"": unknown)."""
    first, width, troubles = bundle * WIDTH, min(WIDTH, size - bundle * WIDTH), list[Trouble]()
    tile, bodies, fits, tile_file, file = list[bytes](), list[bytes](), False, "", ""
    try:
        tile_file, tile = read_hashes(source, 0, bundle, width)
    except Trouble as trouble:
        troubles.append(trouble)
    try:
        file, data, exact = read_tile(source, "entries", bundle, width)
        bodies, end = split_bundle(data, width)
        fits = len(bodies) == width and (end == len(data) or not exact)
    except Trouble as trouble:
        troubles.append(trouble)
    hashes = [leaf(body) for body in bodies]
    if b"" in bodies:
        for place in (i for i, body in enumerate(bodies) if not body and tile[i : i + 1] != [hashes[i]]):
            hashes[place] = tile[place] if tile else b""  # withheld: its hash stands for it
            part.withheld += 1
            part.seen -= 1
    part.end, part.seen = first + width, part.seen + len(bodies)
    tile_right, bodies_right = bool(tile) and root_of(tile) == root, fits and hashes == tile
    if not (tile_right and bodies_right):
        bodies_right = fits and root_of(hashes) == root
        words, where = (BODY_WRONG, file) if tile_right else (HASH_WRONG if bodies_right else ONE_WRONG, tile_file)
        troubles += differences(0, bundle, size, tile, hashes, words, where)
        if file and not fits and not troubles:
            words = "panjang entri tidak cocok dengan isi berkas", "the entries' lengths don't fit the file"
            troubles.append(tampered(*words, first + min(len(bodies), width - 1), file=file))
        if root and tile and not tile_right and not troubles:
            troubles.append(tampered(*TILE_WRONG, first, part.end - 1, tile_file))
    right = hashes if bodies_right and not tile_right else tile or hashes
    if b"" not in right:
        for kind in (0, "entries"):
            troubles += check_older(source, kind, bundle, right)
    for place, body in enumerate(bodies) if events else ():
        if body and hashes[place] == right[place]:
            try:
                take_event(part, body, first + place)
            except Trouble as trouble:
                trouble.entry, trouble.file = first + place, file
                troubles.append(trouble)
    part.troubles += troubles


_decode = json.JSONDecoder(parse_constant=dict[str, Any]().__getitem__).raw_decode  # NaN is a KeyError
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


def take_event(part: Part, body: bytes, entry: int) -> None:
    """Note writer and number of an event. Raises `Trouble` where no two readers would be sure to read the same ones.

    JSON lets a name stand twice, or be written with escapes, and parsers differ on what that means. Canonical JSON
    (RFC 8785) knows neither; where a body has a sign of it, it has to be byte for byte what is canonical.
    """
    try:
        text = body.decode()
        event, end = _decode(text)
        refusal = event.get("type") in PUT_ASIDE
        plain = not refusal and b"\\u" not in body and body.count(b'"number"') == body.count(b'"writer"') == 1
        if end != len(text) or not (plain or _encode(event).encode() == body):
            raise ValueError
        writer, number = event["writer"], event["number"]
        if type(writer) is not str or type(number) is not int or not 0 < number < 2**53:
            raise ValueError
        if refusal and writer.startswith("auditing.") and event["data"].get("contradicts") != "number":
            part.refused.append((str(event["data"]["of_writer"]), int(event["data"]["number"])))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise tampered("bukan peristiwa dalam JSON baku", "not an event in canonical JSON") from None
    part.time = str(event.get("recordedtime", ""))[:40]
    run = part.latest.get(writer)
    if run is not None and run[2] + 1 == number:
        run[2] = number
    else:
        part.latest[writer] = run = [writer, number, number, entry]
        part.runs.append(run)


# --- the writers' numbers --------------------------------------------------------------------------------------------


class Numbers:
    """Every writer counts its events 1, 2, 3 …: no number twice, none left out unless the log itself says why."""

    def __init__(self) -> None:
        self.next: dict[str, int] = {}
        self.ahead: dict[str, dict[int, tuple[int, int]]] = {}  # came before their turn: first → last, entry
        self.refused: dict[str, set[int]] = {}  # put aside, which an event of the log tells
        self.repeats: list[Trouble] = []
        self.late = self.told = 0

    def take(self, part: Part) -> None:
        """Count the events of some bundles."""
        for writer, number in part.refused:
            self.refused.setdefault(writer, set()).add(number)
        for writer, first, last, entry in part.runs:
            due, ahead = self.next.get(writer, 1), self.ahead.setdefault(writer, {})
            if first > due and first not in ahead:
                ahead[first] = (last, entry)
                continue
            if first != due:
                self._repeat(writer, first, entry)
            due = max(due, last + 1)
            self.late += bool(ahead)
            while due in ahead:
                due = ahead.pop(due)[0] + 1
            self.next[writer] = due

    def _repeat(self, writer: str, number: int, entry: int) -> None:
        if len(self.repeats) < MOST_FINDINGS:
            words = f"nomor {number} dari {writer} dipakai lagi", f"number {number} of {writer} is used again"
            self.repeats.append(tampered(*words, entry))

    def holes(self) -> Iterator[Trouble]:
        """What is missing at the end."""
        for writer, ahead in self.ahead.items():
            due, refused = self.next.get(writer, 1), sorted(self.refused.get(writer, ()))
            for first, (last, entry) in sorted(ahead.items()):
                if first < due:
                    self._repeat(writer, first, entry)
                known = bisect_left(refused, first) - bisect_left(refused, due) if first > due else 0
                self.told += known
                if known < first - due:
                    gone = f"{due}" if first - due == 1 else f"{due}–{first - 1}"
                    yield tampered(f"hilang nomor {gone} dari {writer}", f"number {gone} of {writer} is missing", entry)
                due = max(due, last + 1)


# --- the walk: a whole log -------------------------------------------------------------------------------------------


@dataclass
class Report:
    """What `verify` found."""

    checkpoint: Checkpoint | None = None
    since: Checkpoint | None = None
    witnessed: Checkpoint | None = None  # an older one, where witnesses have not signed the newest yet
    seen: int = 0
    withheld: int = 0
    writers: int = 0
    newest: str = ""
    notes: list[str] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def code(self) -> int:
        """The exit code."""
        return max((trouble.code for trouble in self.troubles), default=SOUND)


def verify(
    source: Source, keys: Sequence[Key], *, since: bytes | None = None, quorum: int | None = None, origin: str = "",
    events: bool = True, complete: bool = False, processes: int = 0,
    progress: Callable[[int, int], None] = lambda done, size: None,
) -> Report:  # fmt: skip
    """Check a whole log: signatures, every entry, every tile, the writers' numbers, and an older checkpoint `since`.

    `quorum`: how many of the witnesses among `keys` must have signed, all by default. `origin`: the log's, its key's
    name by default. `events`: whether entries are events; other logs' are not. `complete`: whether withheld bodies are
    a fault. Never raises on what it reads.
    """
    report, numbers = Report(), Numbers()
    troubles = report.troubles
    try:
        now, older = open_heads(source, keys, quorum, origin)
        report.checkpoint, report.witnessed = now, older if unwitnessed(now, keys, quorum) else None
        old = report.since = open_older(since, keys, now) if since is not None else None
    except Trouble as trouble:
        trouble.file = trouble.file or "checkpoint"
        troubles.append(trouble)
        return report
    try:
        tree = Tree(source, now, troubles)
        for then, file in (old, "checkpoint"), (older, "checkpoint.witnessed"):
            try:
                if then and then.size and not tree.continues(then):
                    troubles.append(tampered(*FORKED, 0, then.size - 1, file))
            except Trouble as trouble:  # the walk names what is missing
                troubles.append(trouble)
        for part in each_part(source, now.size, tree.bundles(), events, processes):
            report.seen += part.seen
            report.withheld += part.withheld
            report.newest = part.time or report.newest
            troubles += part.troubles
            numbers.take(part)
            progress(part.end, now.size)
            if len(troubles) >= MOST_FINDINGS:
                raise unchecked("terlalu banyak temuan: sisanya tidak diperiksa", "too many findings: then it ended")
    except Trouble as trouble:
        troubles.append(trouble)
        progress(now.size, now.size)
    troubles[:] = {str(trouble): trouble for trouble in troubles}.values()  # a tile that is read twice is told once
    report.writers, withheld = len(numbers.ahead), report.withheld
    if complete and withheld:
        troubles.append(unchecked(f"isi {withheld} entri ditahan", f"{withheld} bodies are withheld"))
    if not troubles:  # else what is missing there would be told a second time
        holes = () if withheld else numbers.holes()
        troubles += itertools.islice(itertools.chain(holes, numbers.repeats), MOST_FINDINGS)
        report.notes += notes(source, now.size, withheld, numbers, report.witnessed)
    return report


def open_heads(
    source: Source, keys: Sequence[Key], quorum: int | None, origin: str
) -> tuple[Checkpoint, Checkpoint | None]:
    """The log's head, and another one that it has to continue, if there is one. Raises `Trouble`.

    A log goes on while its witnesses come now and then: what they signed last it keeps in a file of its own.
    """
    more = source.read("checkpoint.witnessed", MOST_NOTE_BYTES)  # first: the log goes on meanwhile
    data = source.read("checkpoint", MOST_NOTE_BYTES)
    if data is None:
        raise unchecked("tidak ada", "missing")
    now = open_checkpoint(data, keys, quorum if more is None else 0, origin)
    if more is None:
        return now, None
    try:
        older = open_checkpoint(more, keys, quorum if unwitnessed(now, keys, quorum) else 0, now.origin)
        check_order(*sorted((older, now), key=lambda head: head.size))
    except Trouble as trouble:
        trouble.file = "checkpoint.witnessed"
        raise
    if older.size <= now.size:
        return (older, None) if older.size == now.size and unwitnessed(now, keys, quorum) else (now, older)
    return (now, None) if unwitnessed(older, keys, quorum) else (older, now)  # it was copied later


def open_older(data: bytes, keys: Sequence[Key], now: Checkpoint) -> Checkpoint:
    """The checkpoint that the auditor kept. Raises `Trouble`: tampered where the log has become smaller, or another."""
    try:
        old = open_checkpoint(data, keys, 0, now.origin)
    except Trouble as trouble:
        why = trouble.what
        raise unchecked(f"tidak dapat dipakai: {why}", f"it is no use: {why}", "--since") from None
    check_order(old, now)
    return old


def each_part(
    source: Source, size: int, bundles: Iterator[tuple[int, bytes]], events: bool, processes: int
) -> Iterator[Part]:
    """The bundles in order, 16 at a time, by several processes where that is worth their start."""
    groups = iter(lambda: list(itertools.islice(bundles, 16)), [])
    processes = processes or (8 if isinstance(source, Web) else os.cpu_count() or 1)
    if processes == 1 or size < 64 * WIDTH:
        yield from (check_bundles(source, size, group, events) for group in groups)
        return
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin, (language,))
    waiting: deque[Future[Part]] = deque()
    try:
        for group in groups:
            waiting.append(pool.submit(check_bundles, source, size, group, events))
            if len(waiting) > 3 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenExecutor:
        raise unchecked("sebuah proses mati: coba --jobs 1", "a process died: try --jobs 1") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(chosen: str) -> None:
    """In each process: the same language; the first one alone hears Ctrl-C."""
    global language
    language = chosen
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def notes(source: Source, size: int, withheld: int, numbers: Numbers, older: Checkpoint | None) -> Iterator[str]:
    """What an auditor should know beside the answer."""
    if withheld:
        yield say(f"isi {withheld} entri ditahan: hanya hash yang diperiksa, nomor penulis tidak",
                  f"{withheld} bodies are withheld: their hashes alone were checked, and no numbers")  # fmt: skip
    if numbers.late:
        yield say(f"{numbers.late} kali nomor datang menyusul", f"numbers came late {numbers.late} times")
    if numbers.told:
        yield say(f"{numbers.told} nomor disisihkan, dan log sendiri mencatatnya",
                  f"{numbers.told} numbers were put aside, and the log itself says so")  # fmt: skip
    if older:
        newer = size - older.size
        yield say(f"{newer} entri terbaru belum disaksikan: hanya log sendiri yang menandatanganinya",
                  f"the newest {newer} entries are not witnessed yet: the log alone has signed them")  # fmt: skip
    name = tile_name(0, size // WIDTH)
    full = isinstance(source, Folder) and os.path.exists(os.path.join(source.path, name))
    if full or any(width > size % WIDTH for width in source.older(name)):
        yield say("folder ini berisi lebih dari yang ditandatangani checkpoint: mungkin checkpoint lama",
                  "the folder holds more than the checkpoint signs: it may be an old one")  # fmt: skip


# --- exports: entries, each with its path to one checkpoint ----------------------------------------------------------


class Archive:
    """The files of an export: a ZIP archive, or the folder in which it was unpacked. Nothing is unpacked."""

    def __init__(self, place: str) -> None:
        """Raises `Trouble`."""
        self.path, self.zip = place, None
        if not os.path.isdir(place):
            try:
                self.zip = zipfile.ZipFile(place)
            except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
                raise unchecked(f"bukan arsip: {error}", f"no archive: {error}", place) from None
        beside = [] if self.zip else [n for n in os.listdir(place) if os.path.isfile(os.path.join(place, n))]
        self.names = self.zip.namelist() if self.zip else [name for name in beside if not name.startswith(".")]
        if len(set(self.names)) != len(self.names):
            raise tampered("arsip berisi dua berkas bernama sama", "the archive has two files of one name")

    def blocks(self, name: str, most: int = LARGEST) -> Iterator[bytes]:
        """A file, piece by piece; more than `most` bytes of it are refused. Raises `Trouble`."""
        try:
            with self.zip.open(name) if self.zip else open(os.path.join(self.path, name), "rb") as file:
                size = 0
                while block := file.read(1 << 16):
                    size += len(block)
                    limit(size, most, name)
                    yield block
        except (zipfile.BadZipFile, zlib.error) as error:
            raise tampered(f"rusak: {error}", f"damaged: {error}", file=name) from None
        except (OSError, KeyError, ValueError, NotImplementedError, RuntimeError) as error:
            raise unchecked(f"tidak terbaca: {error}", f"can't be read: {error}", name) from None


def verify_export(
    place: str, keys: Sequence[Key], quorum: int | None = None, origin: str = "",
    progress: Callable[[int, int], None] = lambda done, size: None,
) -> Report:  # fmt: skip
    """Check an export: every line against the checkpoint, and every file against the log's own record of the export.

    Never raises `Trouble`: what it found is in the report. A file that the record does not name is nobody's word.
    """
    report = Report()
    try:
        files = Archive(place)
        head = open_checkpoint(b"".join(files.blocks("checkpoint", MOST_NOTE_BYTES)), keys, quorum, origin)
        report.checkpoint = head
        check_lines(files, head, report, progress)
        check_record(files, head, keys, origin, report)
    except Trouble as trouble:
        report.troubles.append(trouble)
    return report


def check_lines(files: Archive, head: Checkpoint, report: Report, progress: Callable[[int, int], None]) -> None:
    """Each line of `events.ndjson`: index, event (or the hash of one that is withheld), and path to the root."""
    rest, before, number = b"", -1, 0
    for block in itertools.chain(files.blocks("events.ndjson"), [b""]):
        *lines, rest = (rest + block).split(b"\n")
        if len(rest) > MOST_LINE_BYTES or (rest and not block):
            lines.append(rest)
        for line in lines:
            number += 1
            try:
                before = check_line(line, head, before, report)
            except Trouble as trouble:
                words = f"baris {number}: {trouble.what}", f"line {number}: {trouble.what}"
                report.troubles.append(tampered(*words, trouble.entry, file="events.ndjson"))
                if len(report.troubles) >= MOST_FINDINGS:
                    return
        if lines:
            progress(before + 1, head.size)
    progress(head.size, head.size)


def check_line(line: bytes, head: Checkpoint, before: int, report: Report) -> int:
    """One line; its index, which must be above that of the line before. Raises `Trouble`."""
    try:
        found: Any = json.loads(line) if len(line) <= MOST_LINE_BYTES else None
        index, path, text = found["index"], [unbase64(step) for step in found["path"]], found.get("event")
        names = {"index", "path", "hash" if text is None else "event"}
        hashed = unbase64(found["hash"]) if text is None else leaf(text.encode())
        if found.keys() != names or type(index) is not int or len(hashed) != 32 or any(len(s) != 32 for s in path):
            raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise tampered("bukan baris ekspor", "not a line of an export") from None
    if not before < index < head.size:
        raise tampered("indeks tidak urut, atau di luar log", "out of order, or not in the log", index)
    if root_by_inclusion(hashed, index, head.size, path) != head.root:
        raise tampered("bukan yang tercatat di log", "not what stands in the log", index)
    report.seen, report.withheld = report.seen + (text is not None), report.withheld + (text is None)
    return index


def check_record(files: Archive, head: Checkpoint, keys: Sequence[Key], origin: str, report: Report) -> None:
    """The event in the log that tells of this export, and the digests in it. Raises `Trouble`."""
    record = "record.tlog-proof"
    if record not in files.names:
        words = "tidak ada: berkas lain tidak dapat diperiksa", "missing: the other files can't be checked"
        raise unchecked(*words, record)
    proof = b"".join(files.blocks(record, MOST_PROOF_BYTES))
    event = event_in(proof)
    index, _ = verify_proof(proof, event, keys, 0, origin)
    try:
        told = json.loads(event)
        data, digests = told["data"], dict(told["data"]["files"])
        by = f"{data['officer']}, {told['time']}"
        found = [told["type"], data["size"], data["root"], data["count"], data["withheld"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        found, digests, by = [], {}, ""
    if found[:3] != ["id.corong.audit.exported.v1", head.size, head.root.hex()] or index < head.size:
        raise tampered("catatan ini bukan tentang ekspor ini", "not the record of this export", file=record)
    for name in sorted({*files.names, *digests} - {record}):
        digest = hashlib.sha256()
        for block in files.blocks(name) if name in files.names else ():
            digest.update(block)
        if name not in digests:
            words = "tidak disebut dalam catatan ekspor", "not named in the record of the export"
        elif name not in files.names:
            words = "tidak ada, padahal tercatat", "missing, though it is recorded"
        elif digest.hexdigest() != digests[name]:
            words = "bukan berkas yang tercatat", "not the file that was recorded"
        else:
            continue
        report.troubles.append(tampered(*words, file=name))
    if found[3:] != [report.seen + report.withheld, report.withheld] and not report.troubles:
        words = "jumlah baris bukan yang tercatat", "not as many lines as were recorded"
        report.troubles.append(tampered(*words, file="events.ndjson"))
    report.notes.append(say(f"ekspor oleh {by}: entri {index}", f"exported by {by}: entry {index}"))


def is_export(place: str) -> bool:
    """Whether the place is an export and not a log."""
    return os.path.isfile(place) or os.path.isfile(os.path.join(place, "events.ndjson"))


# --- the command line ------------------------------------------------------------------------------------------------


def read_file(path: str, most: int = MOST_PROOF_BYTES) -> bytes:
    """A file that the auditor names. Raises `Trouble`."""
    data = Folder(os.path.dirname(path) or ".").read(os.path.basename(path), most)
    if data is None:
        raise unchecked("berkas ini tidak ada", "there is no such file", path)
    return data


def read_keys(given: Sequence[str]) -> list[Key]:
    """Keys as they are, or as `@FILE` with one on a line. Raises `Trouble`."""
    texts = [read_file(text[1:]).decode("utf-8", "replace") if text.startswith("@") else text for text in given]
    lines = [line.strip() for text in texts for line in text.split("\n")]
    keys = [Key.parse(line) for line in lines if line and not line.startswith("#")]
    if not any(key.kind == 1 for key in keys):
        raise unchecked("perlu kunci log: --key", "a log's key is needed: --key")
    return keys


def as_text(report: Report) -> str:
    """For people."""
    lines: list[tuple[str, object]] = []
    if now := report.checkpoint:
        lines += [("Log", now.origin), (say("Jumlah entri", "Entries"), now.size)]
        lines += [(say("Akar", "Root"), base64.b64encode(now.root).decode())]
        for key, at in now.signed.items():
            lines += [(say("Ditandatangani", "Signed by"), key.name + told_time(at))]
        lines += [(say("Isi diperiksa", "Bodies hashed"), report.seen)]
        if older := report.witnessed:
            names = ", ".join(key.name + told_time(at) for key, at in older.signed.items() if key.kind == 4)
            lines += [(say("Disaksikan", "Witnessed"), say(f"{older.size} entri pertama: {names}",
                                                           f"the first {older.size} entries: {names}"))]  # fmt: skip
        if report.code == SOUND and report.since:
            lines += [(say("Lanjutan dari entri", "Continues entry"), report.since.size)]
        if report.code == SOUND and report.writers and not report.withheld:
            writers = say(f"{report.writers} penulis", f"{report.writers} writers")
            lines += [(say("Nomor lengkap dari", "Numbers complete of"), writers)]
        if report.newest:
            lines += [(say("Peristiwa terakhir", "Newest event"), report.newest)]
    told = [f"{name:20}{say(str(value), str(value))}" for name, value in lines]
    told += [f"* {note}" for note in report.notes] + [f"! {trouble}" for trouble in report.troubles]
    return "\n".join([*told, verdict(report.code)])


def told_time(at: int | None) -> str:
    """Of a cosignature, behind its signer's name."""
    return time.strftime(", %Y-%m-%d %H:%M:%S UTC", time.gmtime(min(at, 2**37))) if at is not None else ""


def verdict(code: int) -> str:
    """The last line."""
    if code == NOT_CHECKED:
        return say("TIDAK DAPAT DIPERIKSA SELURUHNYA", "COULD NOT BE CHECKED")
    return say("UTUH", "SOUND") if code == SOUND else say("TIDAK UTUH: ADA YANG DIUBAH", "TAMPERED WITH")


def bar(done: int, size: int) -> None:
    """How far it is."""
    part = 40 * done // max(size, 1)
    end = "\r\033[K" if done >= size else ""
    print(f"\r[{'█' * part}{'·' * (40 - part)}] {done}/{size}", end=end, file=sys.stderr, flush=True)


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    whole = commands.add_parser("verify", help=say("periksa seluruh log", "check a whole log"))
    one = commands.add_parser("proof", help=say("periksa bukti satu peristiwa", "check the proof of one event"))
    two = commands.add_parser("consistency", help=say("periksa dua checkpoint", "check two checkpoints"))

    def add(name: str, id: str, en: str, *to: argparse.ArgumentParser, **more: Any) -> None:
        for command in to:
            command.add_argument(name, help=say(id, en), **more)

    add("file", "berkas .tlog-proof", "the .tlog-proof file", one)
    add("old", "berkas checkpoint lama", "the older checkpoint's file", two)
    add("new", "berkas checkpoint baru", "the newer checkpoint's file", two)
    add("place", "folder atau alamat log, atau ekspor", "the log's folder or address, or an export", whole, two)
    add("--since", "checkpoint lama yang disimpan pemeriksa", "an old checkpoint that you kept", whole)
    flag, every = {"action": "store_true"}, (whole, one, two)
    add("--raw", "entri bukan peristiwa", "entries are no events", whole, **flag)
    add("--complete", "isi yang ditahan adalah kesalahan", "a withheld body is a fault", whole, **flag)
    add("--public", "salinan publik: isi boleh ditahan", "a public copy: bodies may be withheld", whole, **flag)
    add("--jobs", "jumlah proses", "number of processes", whole, type=int, default=0)
    add("--event", "isi peristiwa, persis (bila tidak: dari bukti)", "the event's exact bytes (the proof's)", one)
    add("--key", "kunci log dan saksi, atau @BERKAS; boleh diulang", "keys of log and witnesses, or @FILE; repeatable",
        *every, action="append", required=True)  # fmt: skip
    add("--quorum", "berapa saksi harus menandatangani (semua)", "witnesses needed (all)", *every, type=int)
    add("--origin", "nama log (nama kuncinya)", "the log's name (its key's)", *every, default="")
    return parser


def run(asked: argparse.Namespace) -> int:
    """Do what is asked. Raises `Trouble`."""
    keys, progress = read_keys(asked.key), bar if sys.stderr.isatty() else lambda done, size: None
    if asked.command == "verify" and is_export(asked.place):
        report = verify_export(asked.place, keys, asked.quorum, asked.origin, progress)
        print(as_text(report))
        return report.code
    if asked.command == "verify":
        source, since = open_source(asked.place), read_file(asked.since) if asked.since else None
        complete = asked.complete or (isinstance(source, Folder) and not asked.public)
        report = verify(
            source, keys, since=since, quorum=asked.quorum, origin=asked.origin, events=not asked.raw,
            complete=complete, processes=asked.jobs, progress=progress,
        )  # fmt: skip
        print(as_text(report))
        return report.code
    if asked.command == "proof":
        proof = read_file(asked.file)
        if not asked.event and b"\nextra " not in proof:
            raise unchecked("bukti ini tidak membawa peristiwanya: beri --event",
                "this proof brings no event: give --event", asked.file)  # fmt: skip
        event = read_file(asked.event) if asked.event else event_in(proof)
        index, found = verify_proof(proof, event, keys, asked.quorum, asked.origin)
        print(say(f"{found.origin}: entri {index} dari {found.size}", f"{found.origin}: entry {index} of {found.size}"))
    else:
        old = open_checkpoint(read_file(asked.old), keys, 0, asked.origin)
        new = open_checkpoint(read_file(asked.new), keys, asked.quorum, asked.origin)
        verify_consistency(open_source(asked.place), old, new)
        print(say(f"{new.origin}: {old.size} → {new.size} entri", f"{new.origin}: {old.size} → {new.size} entries"))
    print(verdict(SOUND))
    return SOUND


def main() -> int:
    """The program."""
    try:
        return run(arguments().parse_args())
    except Trouble as trouble:
        print(f"! {trouble}\n{verdict(trouble.code)}")
        return trouble.code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
