#!/usr/bin/env python3
"""Checks a Corong log without trusting whoever keeps it. One file: Python 3.11 or later, and `cryptography`.

    python3 corong_verify.py verify FOLDER|URL --key KEY [--since OLD-CHECKPOINT]
    python3 corong_verify.py verify EXPORT.zip --key KEY
    python3 corong_verify.py proof FILE.tlog-proof --event FILE --key KEY
    python3 corong_verify.py consistency OLD-CHECKPOINT NEW-CHECKPOINT FOLDER|URL --key KEY

Exit code: 0 sound, 1 could not be checked, 6 tampered with (2: wrong usage).

The log is a Merkle tree (RFC 6962, SHA-256) in tiles (C2SP tlog-tiles). Its head, the checkpoint, is a signed note
(C2SP signed-note, tlog-checkpoint, tlog-cosignature). An entry is one event: canonical JSON that names its writer and
the writer's own number of it. `verify` takes nothing on trust but the key: it hashes every entry, compares with the
tile of its hash, hashes the tiles upward to the root, compares with the signed root, and counts each writer's numbers.

Read from top to bottom: words, tree, notes, sources, one bundle, the writers' numbers, the whole log, proofs, commands.
"""

import argparse
import base64
import binascii
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
import urllib.parse
import urllib.request
import zipfile
import zlib
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

SOUND, NOT_CHECKED, TAMPERED = 0, 1, 6
WIDTH = 256  # hashes in a full tile, entries in a full bundle
MOST_FINDINGS = 50  # then the rest is not looked at
MOST_NOTE_BYTES = 500_000
MOST_BUNDLE_BYTES = WIDTH * (2 + 0xFFFF)
LARGEST = 2**63 - 1
PUT_ASIDE = ("id.corong.audit.entry_refused.v1", "id.corong.audit.conflict_found.v1")  # why a number is missing
EMPTY_ROOT = hashlib.sha256(b"").digest()

# --- words -----------------------------------------------------------------------------------------------------------

language = "en" if (os.environ.get("CORONG_LANG") or os.environ.get("LANG") or "id").startswith("en") else "id"


def say(indonesian: str, english: str) -> str:
    """The text in the reader's language; what comes from the log can't steer the terminal."""
    return "".join(c if c.isprintable() else "?" for c in (english if language == "en" else indonesian))


class Trouble(Exception):
    """Why the answer is not "sound": `code` says whether something was tampered with, or could not be checked."""

    def __init__(self, code: int, what: str, entry: int | None = None, last: int | None = None, file: str = "") -> None:
        super().__init__(code, what, entry, last, file)
        self.code, self.what, self.entry, self.last, self.file = code, what, entry, last, file

    def __reduce__(self) -> tuple[Any, ...]:  # from one process to another
        return Trouble, (self.code, self.what, self.entry, self.last, self.file)

    def __str__(self) -> str:
        where = "" if self.entry is None else say(f"entri {self.entry}", f"entry {self.entry}")
        where += f"–{self.last}" if self.last not in (None, self.entry) else ""
        return ": ".join(part for part in (where, say(self.file, self.file), self.what) if part)


# --- tree: RFC 6962 section 2.1, inclusion as in RFC 9162 section 2.1.3.2 ---------------------------------------------


def leaf(body: bytes) -> bytes:
    """The hash of an entry."""
    return hashlib.sha256(b"\x00" + body).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash over two hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(row: Sequence[bytes]) -> bytes:
    """The root over a row of hashes: pairs are hashed, one left over goes up as it is."""
    if not row:
        return EMPTY_ROOT
    while len(row) > 1:
        above = [node(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = above + list(row[len(above) * 2 :])
    return row[0]


def root_of_edge(rows: Sequence[Sequence[bytes]]) -> bytes:
    """The root of a tree, from its unfinished tiles: level by level, with what is left below as the last one."""
    below: list[bytes] = []
    for row in rows:
        if row or below:
            below = [root_of([*row, *below])]
    return root_of(below)


def root_by_inclusion(hashed: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which the path leads from leaf `index` of `size`; None if it is too short or too long."""
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


def bad(what: str) -> NoReturn:
    """Of data that is not what it has to be."""
    raise Trouble(TAMPERED, what)


def unbase64(text: str) -> bytes:
    """Base64 in its one canonical form (RFC 4648 section 4): no other text means the same bytes."""
    try:
        found = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        bad(say("bukan base64", "not base64"))
    return found if base64.b64encode(found).decode() == text else bad(say("bukan base64 baku", "not canonical base64"))


def whole_number(text: str) -> int:
    """Decimal, from 0 to 2**63 - 1, without leading zeroes."""
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", text, re.ASCII) or int(text) > LARGEST:
        bad(say("bukan bilangan desimal yang sah", "not a proper decimal number"))
    return int(text)


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
        name, _, rest = text.strip().partition("+")
        try:
            encoded = unbase64(rest[9:])
        except Trouble:
            encoded = b""
        identity = hashlib.sha256(name.encode() + b"\n" + encoded).digest()[:4]
        if not proper_name(name) or len(encoded) != 33 or rest[:9] != identity.hex() + "+" or encoded[0] not in (1, 4):
            raise Trouble(
                NOT_CHECKED, say(f"bukan kunci Ed25519 yang sah: {text}", f"not a proper Ed25519 key: {text}")
            )
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
            bad(say(f"tanda tangan {self.name} tidak sah", f"the signature by {self.name} is false"))
        return at


def proper_name(name: str) -> bool:
    """Whether a key may be called so."""
    return bool(name) and "+" not in name and not any(c.isspace() for c in name)


class Checkpoint(NamedTuple):
    """The head of a log, and which trusted keys have signed it (a witness at a time, in seconds since 1970)."""

    origin: str
    size: int
    root: bytes
    signed: dict[Key, int | None]


def open_checkpoint(data: bytes, keys: Sequence[Key], quorum: int | None = None, origin: str = "") -> Checkpoint:
    """Read and verify a checkpoint: signed by a log's key, and by `quorum` of the witnesses (all that were given).

    Signatures by unknown keys are passed over; one false signature by a known key spoils the whole. Raises `Trouble`.
    """
    text, lines = parse_note(data)
    signed: dict[Key, int | None] = {}
    for line in lines:
        dash, name, encoded = line.split(" ") if line.count(" ") == 2 else ("", "", "")
        signature = unbase64(encoded)
        if dash != "—" or not proper_name(name) or len(signature) < 5:
            bad(say("baris tanda tangan rusak", "a signature line is malformed"))
        for key in keys:
            if (key.name, key.id) == (name, signature[:4]):
                at = key.check(text, signature[4:])
                signed.setdefault(key, at)
    found = Checkpoint(*parse_checkpoint(text), signed)
    if not any(key.kind == 1 for key in signed):
        bad(say("tidak ditandatangani oleh kunci log yang diberikan (palsu, atau kuncinya keliru)",
                "not signed by the log's key that was given (forged, or the wrong key)"))  # fmt: skip
    if found.origin not in ([origin] if origin else [key.name for key in signed if key.kind == 1]):
        bad(say(f"checkpoint ini milik log lain: {found.origin}", f"this checkpoint is of another log: {found.origin}"))
    witnesses = {key.public: key for key in keys if key.kind == 4}  # one key is one witness, under whatever names
    seen = {key.public for key in signed if key.kind == 4}
    missing = [key.name for key in witnesses.values() if key.public not in seen]
    if len(witnesses) - len(missing) < (len(witnesses) if quorum is None else quorum):
        told = ", ".join(missing)
        raise Trouble(NOT_CHECKED, say(f"belum disaksikan oleh {told}", f"not witnessed by {told}"))
    return found


def parse_note(data: bytes) -> tuple[bytes, list[str]]:
    """A note's text and its signature lines."""
    try:
        note = data.decode() if len(data) <= MOST_NOTE_BYTES else ""
    except UnicodeDecodeError:
        note = ""
    text, gap, lines = note.rpartition("\n\n")
    if not gap or not lines.endswith("\n") or any(c < " " and c != "\n" for c in note):
        bad(say("bukan catatan bertanda tangan", "not a signed note"))
    return text.encode() + b"\n", lines[:-1].split("\n")


def parse_checkpoint(text: bytes) -> tuple[str, int, bytes]:
    """Origin, size and root."""
    lines = text.decode().split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines):
        bad(say("bukan checkpoint", "not a checkpoint"))
    size, root = whole_number(lines[1]), unbase64(lines[2])
    if len(root) != 32 or (size == 0 and root != EMPTY_ROOT):
        bad(say("akar pohon rusak", "the root is malformed"))
    return lines[0], size, root


# --- sources: a folder, a USB stick, an address -----------------------------------------------------------------------


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
            raise Trouble(NOT_CHECKED, say(f"tidak terbaca: {error}", f"can't be read: {error}"), file=name) from None
        return data if len(data) <= most else too_big(name, most)

    def older(self, name: str) -> list[int]:
        """Widths of the partial files of this tile or bundle that lie in the folder."""
        try:
            found = os.listdir(os.path.join(self.path, name + ".p"))
        except OSError:
            return []
        return sorted(int(width) for width in found if re.fullmatch(r"[1-9][0-9]{0,2}", width, re.ASCII))


@dataclass(frozen=True)
class Web:
    """A log that is served over HTTP. No redirection is followed: what is checked is what the address gives."""

    url: str
    token: str = ""

    def read(self, name: str, most: int) -> bytes | None:
        """None where there is no such file. Raises `Trouble`."""
        headers = {"User-Agent": "corong-verify", "Accept-Encoding": "gzip"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(f"{self.url.rstrip('/')}/{name}", headers=headers)  # noqa: S310
        why = ""
        for attempt in range(3):
            time.sleep(attempt)
            try:
                return self._get(request, name, most)
            except urllib.error.HTTPError as error:
                if error.code in (404, 410):
                    return None
                why = f"HTTP {error.code}"
                if error.code < 500 and error.code != 429:
                    break
            except (OSError, ValueError, zlib.error, http.client.HTTPException) as error:
                why = str(error) or type(error).__name__
        raise Trouble(NOT_CHECKED, say(f"tidak dapat diambil: {why}", f"can't be fetched: {why}"), file=name)

    def _get(self, request: urllib.request.Request, name: str, most: int) -> bytes:
        until = time.monotonic() + 60
        opener = urllib.request.build_opener(StayHere)
        with opener.open(request, timeout=20) as answer:
            data = bytearray()
            while block := answer.read1(1 << 16):
                data += block
                if len(data) > most:
                    too_big(name, most)
                if time.monotonic() > until:
                    raise TimeoutError(say("terlalu lambat", "too slow"))
            whole = not answer.length  # what is still to come
            if answer.headers.get("Content-Encoding") == "gzip":
                unpack = zlib.decompressobj(31)
                data = bytearray(unpack.decompress(bytes(data), most + 1))
                whole = whole and (unpack.eof or len(data) > most)
            if not whole:
                raise OSError(say("terputus", "cut off"))
        return bytes(data) if len(data) <= most else too_big(name, most)

    def older(self, name: str) -> list[int]:
        """A server has no list of them."""
        return []


class StayHere(urllib.request.HTTPRedirectHandler):
    """Follows nobody."""

    def redirect_request(self, *_: Any) -> None:
        """None: the redirection becomes an error."""


def too_big(name: str, most: int) -> NoReturn:
    """Of a file that is larger than any such file can be."""
    raise Trouble(TAMPERED, say(f"lebih besar dari {most} bita", f"larger than {most} bytes"), file=name)


Source = Folder | Web


def open_source(place: str) -> Source:
    """A folder or an address."""
    if re.match(r"https?://", place):
        return Web(place, os.environ.get("CORONG_LOG_TOKEN", ""))  # its name says that it is for this place
    if not os.path.isdir(place):
        raise Trouble(NOT_CHECKED, say(f"tidak ada folder {place}", f"there is no folder {place}"))
    return Folder(place)


def tile_name(level: int | str, index: int) -> str:
    """Where a tile stands: 1234067 is written x001/x234/067."""
    digits = str(index).zfill(-(-len(str(index)) // 3) * 3)
    parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    return f"tile/{level}/" + "/".join([f"x{part}" for part in parts[:-1]] + parts[-1:])


def read_tile(source: Source, level: int | str, index: int, width: int, most: int) -> tuple[str, bytes, bool]:
    """Name, bytes, and whether it is exactly `width` wide: a partial tile may have given way to the full one."""
    name = tile_name(level, index)
    wanted = [f"{name}.p/{width}", name] if width < WIDTH else [name]
    for place in wanted:
        data = source.read(place, most)
        if data is not None:
            return place, data, place == wanted[0]
    raise Trouble(NOT_CHECKED, say("berkas ini tidak ada", "this file is missing"), file=wanted[0])


def read_hashes(source: Source, level: int, index: int, width: int) -> tuple[str, list[bytes]]:
    """Name and the first `width` hashes of a tile. Raises `Trouble`."""
    name, data, exact = read_tile(source, level, index, width, WIDTH * 32)
    expected = (width if exact else WIDTH) * 32
    if len(data) != expected:
        told = say(f"{len(data)} bita, seharusnya {expected}", f"{len(data)} bytes instead of {expected}")
        raise Trouble(TAMPERED, told, entry=index << 8 * (level + 1), file=name)
    return name, [data[i : i + 32] for i in range(0, width * 32, 32)]


# --- one bundle of entries, and the tile of their hashes --------------------------------------------------------------


@dataclass
class Part:
    """What was found in one bundle. Of two accounts of it, the tile's and the bodies', the tile above decides later."""

    bundle: int
    by_tile: list[bytes] = field(default_factory=list)  # hashes; only their root, but where single ones are asked for
    by_body: list[bytes] = field(default_factory=list)  # empty where the bundle could not be read to its end
    differ: list[int] = field(default_factory=list)  # places where body and hash don't fit
    seen: int = 0
    withheld: int = 0
    time: str = ""
    runs: list[list[Any]] = field(default_factory=list)  # writer, first number, last number, entry of the first
    latest: dict[str, list[Any]] = field(default_factory=dict)  # writer → its last run
    refused: list[tuple[str, int]] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)


def check_bundles(source: Source, bundles: Sequence[int], size: int, whole: set[int], events: bool) -> list[Part]:
    """Work for one process; `whole` are the bundles of which single hashes are needed."""
    found = [check_bundle(source, bundle, min(WIDTH, size - bundle * WIDTH), events) for bundle in bundles]
    for part in found:
        part.latest = {}
        if part.bundle not in whole:
            part.by_tile, part.by_body = [[root_of(row)] if row else [] for row in (part.by_tile, part.by_body)]
    return found


def check_bundle(source: Source, bundle: int, width: int, events: bool) -> Part:
    """Hash every body and compare with the tile; read writer and number out of each."""
    part, first = Part(bundle), bundle * WIDTH
    try:
        _, part.by_tile = read_hashes(source, 0, bundle, width)
        part.troubles += check_older(source, 0, bundle, part.by_tile)
    except Trouble as trouble:
        part.troubles.append(trouble)
    try:
        file, data, exact = read_tile(source, "entries", bundle, width, MOST_BUNDLE_BYTES)
    except Trouble as trouble:
        part.troubles.append(trouble)
        return part
    bodies, ends_of = split_bundle(data, width)
    hashes: list[bytes] = []
    for place, body in enumerate(bodies):
        in_tile = part.by_tile[place] if part.by_tile else b""
        if not body and in_tile != leaf(b""):  # withheld: its hash stands for it
            hashes.append(in_tile)
            part.withheld += 1
            continue
        hashes.append(leaf(body))
        part.seen += 1
        if in_tile and hashes[place] != in_tile:
            part.differ.append(place)
        elif events:
            try:
                take_event(part, body, first + place)
            except Trouble as trouble:
                trouble.entry, trouble.file = first + place, file
                part.troubles.append(trouble)
    part.troubles += check_older(source, "entries", bundle, part.by_tile or hashes)
    if len(bodies) == width and (len(data) == ends_of[-1] or not exact):
        part.by_body = hashes if all(hashes) else []
    elif not part.differ:
        told = say("panjang entri tidak cocok dengan isi berkas", "the entries' lengths don't fit the file")
        part.troubles.append(Trouble(TAMPERED, told, entry=first + min(len(bodies), width - 1), file=file))
    return part


def split_bundle(data: bytes, width: int) -> tuple[list[bytes], list[int]]:
    """Up to `width` bodies, each behind its length in two bytes, and where each ends; fewer where the file is short."""
    bodies: list[bytes] = []
    ends: list[int] = []
    end = 0
    while len(bodies) < width and end + 2 <= len(data):
        start, end = end + 2, end + 2 + int.from_bytes(data[end : end + 2], "big")
        if end > len(data):
            break
        bodies.append(data[start:end])
        ends.append(end)
    return bodies, ends


def check_older(source: Source, level: int | str, index: int, hashes: Sequence[bytes]) -> Iterator[Trouble]:
    """Partial files of earlier checkpoints, where the folder still has them, have to say what `hashes` say."""
    first, span = (index * WIDTH, 1) if level == "entries" else (index * WIDTH << 8 * int(level), 1 << 8 * int(level))
    for width in source.older(tile_name(level, index)):
        if width >= len(hashes):
            continue
        file, told = f"{tile_name(level, index)}.p/{width}", say("lain dari yang sekarang", "not as it is now")
        try:
            data = source.read(file, MOST_BUNDLE_BYTES) or b""
        except Trouble as trouble:
            yield trouble
            continue
        if level == "entries":
            bodies, ends = split_bundle(data, width)
            then = [leaf(body) if body else hashes[place] for place, body in enumerate(bodies)]
            rest = ends[-1:] != [len(data)]
        else:
            then, rest = [data[i : i + 32] for i in range(0, width * 32, 32)], len(data) != width * 32
        wrong = next((place for place in range(width) if then[place : place + 1] != [hashes[place]]), width)
        if wrong < width or rest:
            yield Trouble(TAMPERED, told, entry=first + min(wrong, width - 1) * span, file=file)


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _integer(text: str) -> int:
    return int(text) if len(text) < 16 or abs(int(text)) < 2**53 else _no_number(text)


_decode = json.JSONDecoder(parse_float=_no_number, parse_constant=_no_number, parse_int=_integer).raw_decode
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
        if type(writer) is not str or type(number) is not int or number < 1:
            raise ValueError
        if refusal and writer.startswith("auditing.") and event["data"].get("contradicts") != "number":
            part.refused.append((str(event["data"]["of_writer"]), int(event["data"]["number"])))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        bad(say("bukan peristiwa dalam JSON baku", "not an event in canonical JSON"))
    part.time = str(event.get("recordedtime", ""))[:40]
    run = part.latest.get(writer)
    if run is not None and run[2] + 1 == number:
        run[2] = number
    else:
        part.latest[writer] = run = [writer, number, number, entry]
        part.runs.append(run)


# --- the writers' numbers ---------------------------------------------------------------------------------------------


class Numbers:
    """Every writer counts its events 1, 2, 3 …: no number twice, none left out unless the log itself says why."""

    def __init__(self) -> None:
        self.next: dict[str, int] = {}
        self.ahead: dict[
            str, dict[int, tuple[int, int]]
        ] = {}  # first → last, entry: numbers that came before their turn
        self.refused: dict[str, set[int]] = {}  # put aside, which an event of the log tells
        self.repeats: list[Trouble] = []
        self.late = 0
        self.told = 0

    def take(self, part: Part) -> None:
        """Count a bundle's events."""
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
            told = say(f"nomor {number} dari {writer} dipakai lagi", f"number {number} of {writer} is used again")
            self.repeats.append(Trouble(TAMPERED, told, entry=entry))

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
                    told = f"{due}" if first - due == 1 else f"{due}–{first - 1}"
                    yield Trouble(
                        TAMPERED, say(f"sebelum ini hilang nomor {told} dari {writer}",
                                      f"number {told} of {writer} is missing before this"), entry=entry,
                    )  # fmt: skip
                due = max(due, last + 1)


# --- the whole log ----------------------------------------------------------------------------------------------------


@dataclass
class Report:
    """What `verify` found."""

    checkpoint: Checkpoint | None = None
    since: Checkpoint | None = None
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


class Climb:
    """Hashes tiles upward. Where a tile and what follows from below differ, the tile above says which is wrong."""

    def __init__(self, source: Source, size: int, troubles: list[Trouble]) -> None:
        self.source, self.size, self.troubles = source, size, troubles
        self.rows: list[list[bytes]] = [[] for _ in range(max(1, (size.bit_length() + 7) // 8))]
        self.known: tuple[int, int, list[bytes]] = (0, 0, [])

    def stored(self, level: int, index: int) -> list[bytes]:
        """A tile's hashes; empty where it is missing or malformed."""
        if self.known[:2] != (level, index):
            width = min(WIDTH, (self.size >> 8 * level) - index * WIDTH)
            try:
                self.known = (level, index, read_hashes(self.source, level, index, width)[1] if width > 0 else [])
            except Trouble:
                self.known = (level, index, [])
        return self.known[2]

    def up(self, level: int, index: int, by_tile: list[bytes], by_below: list[bytes], differ: list[int]) -> None:
        """Take a full tile of `level`: what its own hashes and those from below come to."""
        own, below = root_of(by_tile) if by_tile else b"", root_of(by_below) if by_below else b""
        place = index % WIDTH
        above = (self.stored(level + 1, index // WIDTH)[place:] or [b""])[0] if own != below else own
        chosen = below if above and above == below else own or below or above
        if not chosen:
            raise Trouble(NOT_CHECKED, say("akar tidak dapat dihitung", "the root can't be computed"))
        if differ:
            self.blame(level, index, differ, own=above != own, below=above != below)
        row = self.rows[level + 1]
        row.append(chosen)
        if len(row) == WIDTH:
            self.rows[level + 1] = []
            self.up(level + 1, index // WIDTH, *self.compare(level + 1, index // WIDTH, row))

    def compare(self, level: int, index: int, row: list[bytes]) -> tuple[list[bytes], list[bytes], list[int]]:
        """The stored tile beside what was computed for it, and where they differ."""
        own = self.stored(level, index)
        self.troubles += check_older(self.source, level, index, own)
        if not own:
            try:
                read_hashes(self.source, level, index, len(row))
            except Trouble as trouble:
                self.troubles.append(trouble)
        return own, row, [place for place, hashed in enumerate(own) if hashed != row[place]]

    def blame(self, level: int, index: int, differ: list[int], *, own: bool, below: bool) -> None:
        """Say of each place in a tile who is wrong: the tile (`own`), what it is of (`below`), or one of both."""
        span, file = 1 << 8 * level, tile_name(level, index)
        if below and not own:
            told = say("isinya bukan yang dicatat pohon", "what it says is not what the tree holds")
            file = file if level else tile_name("entries", index)
        elif own and not below:
            told = say("hash di ubin ini salah, isinya benar", "the hash in this tile is wrong, what it is of is right")
        else:
            told = say("isi dan hash tidak cocok", "content and hash don't fit each other")
        for place in differ[:8]:
            first = (index * WIDTH + place) * span
            self.troubles.append(Trouble(TAMPERED, told, entry=first, last=min(first + span, self.size) - 1, file=file))
        if len(differ) > 8:
            more = len(differ) - 8
            self.troubles.append(Trouble(TAMPERED, say(f"dan {more} lagi", f"and {more} more"), file=file))

    def finish(self, last: Part | None, root: bytes) -> None:
        """The unfinished tiles at the right edge lead to the root; where there is doubt, the signed root decides."""
        accounts: list[tuple[list[bytes], list[bytes], list[int]]] = [([], [], [])]
        if last is not None:
            own = last.by_tile or last.by_body
            if not own:
                raise Trouble(NOT_CHECKED, say("akar tidak dapat dihitung", "the root can't be computed"))
            accounts[0] = (own, last.by_body or own, last.differ)
        for level, row in enumerate(self.rows[1:], 1):
            accounts.append(self.compare(level, self.size >> 8 * (level + 1), row) if row else ([], [], []))
        choices = [(0, 1) if differ else (1,) for _, _, differ in accounts]
        for chosen in itertools.product(*choices):
            rows = [account[0] if which == 0 else account[1] for account, which in zip(accounts, chosen, strict=True)]
            if root_of_edge(rows) == root:
                break
        else:
            chosen = ()
            told = say("entri dan ubin tidak menghasilkan akar yang ditandatangani",
                       "entries and tiles don't lead to the root that is signed")  # fmt: skip
            self.troubles.append(Trouble(TAMPERED, told, file="checkpoint"))
        for level, (_, _, differ) in enumerate(accounts):
            if differ:
                which = chosen[level] if chosen else None
                self.blame(level, self.size >> 8 * (level + 1), differ, own=which != 0, below=which != 1)


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
    report = Report()
    try:
        data = source.read("checkpoint", MOST_NOTE_BYTES)
        if data is None:
            raise Trouble(NOT_CHECKED, say("tidak ada", "missing"))
        now = report.checkpoint = open_checkpoint(data, keys, quorum, origin)
        if since is not None:
            report.since = open_older(since, keys, now)
    except Trouble as trouble:
        trouble.file = trouble.file or "checkpoint"
        report.troubles.append(trouble)
        return report
    numbers, climb, last = Numbers(), Climb(source, now.size, report.troubles), None
    border = report.since.size if report.since else 0
    whole = {now.size // WIDTH, border // WIDTH}
    try:
        for part in each_part(source, now.size, whole, events, processes):
            full = (part.bundle + 1) * WIDTH <= now.size
            report.seen += part.seen
            report.withheld += part.withheld
            report.newest = part.time or report.newest
            report.troubles += part.troubles
            numbers.take(part)
            if report.since and 0 < border < now.size and part.bundle == border // WIDTH:
                check_since(report.since, climb, part, border % WIDTH)
            if full:
                climb.up(0, part.bundle, part.by_tile, part.by_body, part.differ)
            else:
                last = part
            progress(min((part.bundle + 1) * WIDTH, now.size), now.size)
            if len(report.troubles) >= MOST_FINDINGS:
                raise Trouble(NOT_CHECKED, say("terlalu banyak temuan: sisanya tidak diperiksa",
                                               "too many findings: the rest was not checked"))  # fmt: skip
        climb.finish(last, now.root)
    except Trouble as trouble:
        report.troubles.append(trouble)
    report.writers = len(numbers.ahead)
    if complete and report.withheld:
        told = say(f"isi {report.withheld} entri ditahan", f"{report.withheld} bodies are withheld")
        report.troubles.append(Trouble(NOT_CHECKED, told))
    if not report.troubles:  # else what is missing there would be told a second time
        holes = () if report.withheld else numbers.holes()
        report.troubles += itertools.islice(itertools.chain(holes, numbers.repeats), MOST_FINDINGS)
        add_notes(report, source, numbers)
    return report


def open_older(data: bytes, keys: Sequence[Key], now: Checkpoint) -> Checkpoint:
    """The checkpoint that the auditor kept. Raises `Trouble`: tampered where the log has become smaller, or another."""
    try:
        old = open_checkpoint(data, keys, 0, now.origin)
    except Trouble as trouble:
        told = say(
            f"checkpoint lama tidak dapat dipakai: {trouble.what}", f"the old checkpoint is no use: {trouble.what}"
        )
        raise Trouble(NOT_CHECKED, told) from None
    if old.size > now.size:
        bad(shrunk(old.size, now.size))
    if old.size == now.size and old.root != now.root:
        bad(forked())
    return old


def shrunk(old: int, new: int) -> str:
    """Of a log that has become smaller: an old checkpoint was put back, or entries were cut off."""
    return say(f"log menyusut dari {old} ke {new} entri", f"the log shrank from {old} to {new} entries")


def forked() -> str:
    """Of two checkpoints that can't both be of one log."""
    return say(
        "bercabang: kedua checkpoint bukan dari satu riwayat", "forked: the two checkpoints are not of one history"
    )


def check_since(old: Checkpoint, climb: Climb, part: Part, width: int) -> None:
    """Whether the entries before the border lead to the older root. Called before the border's bundle goes up."""
    accounts = [row for row in (part.by_tile, part.by_body) if row]
    if accounts and not any(root_of_edge([row[:width], *climb.rows[1:]]) == old.root for row in accounts):
        climb.troubles.append(Trouble(TAMPERED, forked(), entry=0, last=old.size - 1, file="checkpoint"))


def add_notes(report: Report, source: Source, numbers: Numbers) -> None:
    """What an auditor should know beside the answer."""
    if count := report.withheld:
        told = say(f"isi {count} entri ditahan: dari itu hanya hash yang diperiksa, dan nomor penulis tidak",
                   f"{count} bodies are withheld: of those the hashes alone were checked, and no numbers")  # fmt: skip
        report.notes.append(told)
    if count := numbers.late:
        report.notes.append(say(f"{count} kali nomor datang menyusul", f"numbers came late {count} times"))
    if count := numbers.told:
        told = say(f"{count} nomor disisihkan, dan log sendiri mencatatnya",
                   f"{count} numbers were put aside, and the log itself says so")  # fmt: skip
        report.notes.append(told)
    size = report.checkpoint.size if report.checkpoint else 0
    name = tile_name(0, size // WIDTH)
    if isinstance(source, Folder) and (
        os.path.exists(os.path.join(source.path, name)) or any(w > size % WIDTH for w in source.older(name))
    ):
        told = say("folder ini berisi lebih dari yang ditandatangani checkpoint: mungkin checkpoint lama",
                   "the folder holds more than the checkpoint signs: it may be an old one")  # fmt: skip
        report.notes.append(told)


def each_part(source: Source, size: int, whole: set[int], events: bool, processes: int) -> Iterator[Part]:
    """Every bundle in order, by several processes where that is worth their start."""
    bundles, step = -(-size // WIDTH), 8
    processes = processes or (8 if isinstance(source, Web) else os.cpu_count() or 1)
    if processes == 1 or bundles < 4 * step:
        for bundle in range(bundles):
            yield from check_bundles(source, [bundle], size, whole, events)
        return
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin, (language,))
    waiting: deque[Future[list[Part]]] = deque()
    try:
        for start in range(0, bundles, step):
            task = range(start, min(start + step, bundles))
            waiting.append(pool.submit(check_bundles, source, task, size, whole, events))
            if len(waiting) > 3 * processes:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    except BrokenExecutor:
        raise Trouble(NOT_CHECKED, say("sebuah proses mati: coba --jobs 1", "a process died: try --jobs 1")) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(chosen: str) -> None:
    """In each process: the same language; the first one alone hears Ctrl-C."""
    global language
    language = chosen
    signal.signal(signal.SIGINT, signal.SIG_IGN)


# --- proofs of one entry, and of two checkpoints ----------------------------------------------------------------------


def verify_proof(
    proof: bytes, event: bytes, keys: Sequence[Key], quorum: int | None = None, origin: str = ""
) -> tuple[int, Checkpoint]:
    """Check a `.tlog-proof` (C2SP tlog-proof) of an event's exact bytes; its index, and the head. Raises `Trouble`."""
    head, _, note = proof.partition(b"\n\n")
    try:
        lines = head.decode().split("\n")
    except UnicodeDecodeError:
        lines = []
    if len(lines) > 1 and lines[1].startswith("extra "):
        unbase64(lines.pop(1)[6:])  # nobody has signed it
    if len(lines) < 2 or lines[0] != "c2sp.org/tlog-proof@v1" or not lines[1].startswith("index ") or len(lines) > 65:
        bad(say("bukan bukti tlog-proof", "not a tlog-proof"))
    index, path = whole_number(lines[1][6:]), [unbase64(line) for line in lines[2:]]
    found = open_checkpoint(note, keys, quorum, origin)
    if index >= found.size or any(len(step) != 32 for step in path):
        bad(say("bukti ini tidak mungkin: indeks atau hash salah", "an impossible proof: wrong index or hashes"))
    if root_by_inclusion(leaf(event), index, found.size, path) != found.root:
        if event.endswith(b"\n") and root_by_inclusion(leaf(event[:-1]), index, found.size, path) == found.root:
            bad(say("ada satu baris baru di akhir berkas yang bukan bagian peristiwa",
                    "a line feed at the file's end is not part of the event"))  # fmt: skip
        bad(say(f"peristiwa ini tidak tercatat pada indeks {index}", f"this event is not what stands at {index}"))
    return index, found


def event_in(proof: bytes) -> bytes:
    """The event that a proof brings along, as receipts do; the proof says whether it is the right one."""
    _, _, rest = proof.partition(b"\nextra ")
    if not rest:
        bad(say("bukti ini tidak membawa peristiwanya: beri --event", "this proof brings no event: give --event"))
    return unbase64(rest.partition(b"\n")[0].decode("ascii", "replace"))


def verify_consistency(source: Source, old: Checkpoint, new: Checkpoint) -> None:
    """Check by a few tiles that the log of `old` is the beginning of that of `new`. Raises `Trouble`.

    From the same hashes both roots are computed (RFC 6962 section 2.1.2): only one history can lead to both.
    """
    if old.origin != new.origin:
        raise Trouble(NOT_CHECKED, say("checkpoint dari dua log", "checkpoints of two logs"))
    if old.size > new.size:
        bad(shrunk(old.size, new.size))
    if old.size == new.size and old.root != new.root:
        bad(forked())
    if old.size in (0, new.size):
        return
    tiles: dict[tuple[int, int], list[bytes]] = {}

    def root(start: int, end: int) -> bytes:
        """Over the entries from start to end, where start is a multiple of the largest power of two in that range."""
        height = (end - start).bit_length() - 1
        if 1 << height != end - start:
            middle = start + (1 << height)
            return node(root(start, middle), root(middle, end))
        level, count = height // 8, 1 << height % 8
        first = start >> 8 * level
        key = (level, first // WIDTH)
        if key not in tiles:
            tiles[key] = read_hashes(source, *key, min(WIDTH, (new.size >> 8 * level) - first // WIDTH * WIDTH))[1]
        return root_of(tiles[key][first % WIDTH :][:count])

    def both(start: int, end: int) -> tuple[bytes, bytes]:
        """The root of the new tree over start to end, and of the old one over its part of that."""
        if old.size >= end:
            whole = root(start, end)
            return whole, whole
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        if old.size <= middle:
            left, before = both(start, middle)
            return node(left, root(middle, end)), before
        left = root(start, middle)
        right, before = both(middle, end)
        return node(left, right), node(left, before)

    found, before = both(0, new.size)
    if found != new.root:
        bad(say("ubin tidak menghasilkan akar checkpoint baru", "the tiles don't lead to the new checkpoint's root"))
    if before != old.root:
        bad(forked())


# --- exports: entries, each with its path to one checkpoint -----------------------------------------------------------

MOST_LINE_BYTES = 1_000_000


class Archive:
    """The files of an export: a ZIP archive, or the folder in which it was unpacked. Nothing is unpacked."""

    def __init__(self, place: str) -> None:
        """Raises `Trouble`."""
        self.folder, self.zip = Folder(place), None
        if not os.path.isdir(place):
            try:
                self.zip = zipfile.ZipFile(place)
            except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
                raise Trouble(NOT_CHECKED, say(f"bukan arsip: {error}", f"no archive: {error}"), file=place) from None
        beside = [] if self.zip else [n for n in os.listdir(place) if os.path.isfile(os.path.join(place, n))]
        self.names = self.zip.namelist() if self.zip else [name for name in beside if not name.startswith(".")]
        if len(set(self.names)) != len(self.names):
            bad(say("arsip berisi dua berkas bernama sama", "the archive has two files of one name"))

    def blocks(self, name: str, most: int = LARGEST) -> Iterator[bytes]:
        """A file, piece by piece; more than `most` bytes of it are refused. Raises `Trouble`."""
        try:
            with self.zip.open(name) if self.zip else open(os.path.join(self.folder.path, name), "rb") as file:
                while block := file.read(1 << 16):
                    most -= len(block)
                    yield block if most >= 0 else too_big(name, most)
        except (zipfile.BadZipFile, zlib.error) as error:
            raise Trouble(TAMPERED, say(f"rusak: {error}", f"damaged: {error}"), file=name) from None
        except (OSError, KeyError, ValueError, NotImplementedError, RuntimeError) as error:
            raise Trouble(NOT_CHECKED, say(f"tidak terbaca: {error}", f"can't be read: {error}"), file=name) from None


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
                told = say(f"baris {number}: {trouble.what}", f"line {number}: {trouble.what}")
                report.troubles.append(Trouble(TAMPERED, told, trouble.entry, file="events.ndjson"))
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
        bad(say("bukan baris ekspor", "not a line of an export"))
    if not before < index < head.size:
        raise Trouble(TAMPERED, say("indeks tidak urut, atau di luar log", "out of order, or not in the log"), index)
    if root_by_inclusion(hashed, index, head.size, path) != head.root:
        raise Trouble(TAMPERED, say("bukan yang tercatat di log", "not what stands in the log"), index)
    report.seen, report.withheld = report.seen + (text is not None), report.withheld + (text is None)
    return index


def check_record(files: Archive, head: Checkpoint, keys: Sequence[Key], origin: str, report: Report) -> None:
    """The event in the log that tells of this export, and the digests in it. Raises `Trouble`."""
    record = "record.tlog-proof"
    if record not in files.names:
        what = say("tidak ada: berkas lain tidak dapat diperiksa", "missing: the other files can't be checked")
        raise Trouble(NOT_CHECKED, what, file=record)
    proof = b"".join(files.blocks(record, 2_000_000))
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
        raise Trouble(
            TAMPERED, say("catatan ini bukan tentang ekspor ini", "not the record of this export"), file=record
        )
    for name in sorted({*files.names, *digests} - {record}):
        digest = hashlib.sha256()
        for block in files.blocks(name) if name in files.names else ():
            digest.update(block)
        if name not in digests:
            what = say("tidak disebut dalam catatan ekspor", "not named in the record of the export")
        elif name not in files.names:
            what = say("tidak ada, padahal tercatat", "missing, though it is recorded")
        elif digest.hexdigest() != digests[name]:
            what = say("bukan berkas yang tercatat", "not the file that was recorded")
        else:
            continue
        report.troubles.append(Trouble(TAMPERED, what, file=name))
    if found[3:] != [report.seen + report.withheld, report.withheld] and not report.troubles:
        what = say("jumlah baris bukan yang tercatat", "not as many lines as were recorded")
        report.troubles.append(Trouble(TAMPERED, what, file="events.ndjson"))
    report.notes.append(say(f"ekspor oleh {by}: entri {index}", f"exported by {by}: entry {index}"))


def is_export(place: str) -> bool:
    """Whether the place is an export and not a log."""
    return os.path.isfile(place) or os.path.isfile(os.path.join(place, "events.ndjson"))


# --- commands ---------------------------------------------------------------------------------------------------------


def read_file(path: str, most: int = 2_000_000) -> bytes:
    """A file that the auditor names. Raises `Trouble`."""
    data = Folder(os.path.dirname(path) or ".").read(os.path.basename(path), most)
    if data is None:
        raise Trouble(NOT_CHECKED, say("berkas ini tidak ada", "there is no such file"), file=path)
    return data


def read_keys(given: Sequence[str]) -> list[Key]:
    """Keys as they are, or as `@FILE` with one on a line. Raises `Trouble`."""
    texts = [read_file(text[1:]).decode("utf-8", "replace") if text.startswith("@") else text for text in given]
    lines = [line.strip() for text in texts for line in text.split("\n")]
    keys = [Key.parse(line) for line in lines if line and not line.startswith("#")]
    if not any(key.kind == 1 for key in keys):
        raise Trouble(NOT_CHECKED, say("perlu kunci log: --key", "a log's key is needed: --key"))
    return keys


def as_text(report: Report) -> str:
    """For people."""
    lines: list[str] = []

    def line(indonesian: str, english: str, value: object) -> None:
        lines.append(f"{say(indonesian, english):20}{say(str(value), str(value))}")

    if now := report.checkpoint:
        line("Log", "Log", now.origin)
        line("Jumlah entri", "Entries", now.size)
        line("Akar", "Root", base64.b64encode(now.root).decode())
        for key, at in now.signed.items():
            line("Ditandatangani", "Signed by", key.name if at is None else f"{key.name}, {utc(at)}")
        line("Isi diperiksa", "Bodies hashed", report.seen)
        if report.code == SOUND and report.since:
            line("Lanjutan dari entri", "Continues entry", report.since.size)
        if report.code == SOUND and report.writers and not report.withheld:
            line(
                "Nomor lengkap dari",
                "Numbers complete of",
                say(f"{report.writers} penulis", f"{report.writers} writers"),
            )
        if report.newest:
            line("Peristiwa terakhir", "Newest event", report.newest)
    lines += [f"* {note}" for note in report.notes] + [f"! {trouble}" for trouble in report.troubles]
    return "\n".join([*lines, verdict(report.code)])


def utc(at: int) -> str:
    """A moment, in seconds since 1970."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at)) if at < 253402300800 else "?"


def verdict(code: int) -> str:
    """The last line."""
    return {
        SOUND: say("UTUH", "SOUND"),
        NOT_CHECKED: say("TIDAK DAPAT DIPERIKSA SELURUHNYA", "COULD NOT BE CHECKED"),
        TAMPERED: say("TIDAK UTUH: ADA YANG DIUBAH", "TAMPERED WITH"),
    }[code]


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
    told = say("folder atau alamat log, atau ekspor", "the log's folder or address, or an export")
    whole.add_argument("place", help=told)
    whole.add_argument(
        "--since", help=say("checkpoint lama yang disimpan pemeriksa", "an old checkpoint that you kept")
    )
    whole.add_argument("--raw", action="store_true", help=say("entri bukan peristiwa", "entries are no events"))
    told = say("isi yang ditahan adalah kesalahan", "a withheld body is a fault")
    whole.add_argument("--complete", action="store_true", help=told)
    told = say("salinan publik: isi boleh ditahan", "a public copy: bodies may be withheld")
    whole.add_argument("--public", action="store_true", help=told)
    whole.add_argument("--jobs", type=int, default=0, help=say("jumlah proses", "number of processes"))
    one = commands.add_parser("proof", help=say("periksa bukti satu peristiwa", "check the proof of one event"))
    one.add_argument("file", help=say("berkas .tlog-proof", "the .tlog-proof file"))
    told = say(
        "berkas isi peristiwa, persis (bila tidak: yang dibawa bukti)", "the event's exact bytes (the proof's own)"
    )
    one.add_argument("--event", help=told)
    two = commands.add_parser("consistency", help=say("periksa dua checkpoint", "check two checkpoints"))
    two.add_argument("old")
    two.add_argument("new")
    two.add_argument("place", help=say("folder atau alamat log", "the log's folder or address"))
    for command in (whole, one, two):
        told = say(
            "kunci log dan saksi, atau @BERKAS; boleh diulang", "keys of log and witnesses, or @FILE; repeatable"
        )
        command.add_argument("--key", action="append", required=True, help=told)
        told = say("berapa saksi harus menandatangani (semua)", "how many witnesses must have signed (all)")
        command.add_argument("--quorum", type=int, help=told)
        command.add_argument("--origin", default="", help=say("nama log (nama kuncinya)", "the log's name (its key's)"))
    return parser


def run(asked: argparse.Namespace) -> int:
    """Do what is asked. Raises `Trouble`."""
    keys = read_keys(asked.key)
    options: dict[str, Any] = {}
    if asked.command == "verify" and is_export(asked.place):
        options = {"progress": bar} if sys.stderr.isatty() else {}
        report = verify_export(asked.place, keys, asked.quorum, asked.origin, **options)
        print(as_text(report))
        return report.code
    if asked.command == "verify":
        since = read_file(asked.since) if asked.since else None
        options = {"progress": bar} if sys.stderr.isatty() else {}
        source = open_source(asked.place)
        complete = asked.complete or (isinstance(source, Folder) and not asked.public)
        report = verify(
            source, keys, since=since, quorum=asked.quorum, origin=asked.origin, events=not asked.raw,
            complete=complete, processes=asked.jobs, **options,
        )  # fmt: skip
        print(as_text(report))
        return report.code
    if asked.command == "proof":
        proof = read_file(asked.file)
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
