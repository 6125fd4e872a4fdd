"""Fuzz the log's parsers: `python -m tests.fuzz note|checkpoint|proof|bundle|key [SECONDS]`.

It takes atheris, which is not among the packages of `make venv`:

    .venv/bin/python -m pip install --require-hashes -r requirements-fuzz.txt

Both readers, the hub's and the auditors' one file, get the same bytes; a crash or two answers end it, with the input in
`.fuzz/`, where what it found to try is kept too. What has a signature is signed after it was made up, so that the
fuzzer gets behind it.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

try:
    import atheris
except ImportError:
    sys.exit(f"atheris is not installed. {(__doc__ or '').split('venv`:')[1].strip().splitlines()[0]}")

with atheris.instrument_imports(include=["corong.auditing", "base64", "json"]):
    from tests.services.auditing import malformed
    from tests.services.auditing.handmade import LOG
    from tests.services.auditing.two_readers import (
        both,
        file_bundle,
        file_checkpoint,
        file_key,
        file_proof,
        hub_bundle,
        hub_checkpoint,
        hub_key,
        hub_proof,
    )  # fmt: skip


def note(data: bytes) -> None:
    """Any bytes as a note, and as lines of signatures behind a true one."""
    both(hub_checkpoint, file_checkpoint, data)
    both(hub_checkpoint, file_checkpoint, malformed.signed(malformed.TEXT, data))


def checkpoint(data: bytes) -> None:
    """Any text, truly signed."""
    both(hub_checkpoint, file_checkpoint, malformed.signed(data))


def proof(data: bytes) -> None:
    """Any bytes as a proof, and before a sound checkpoint."""
    both(hub_proof, file_proof, data)
    both(hub_proof, file_proof, data + b"\n\n" + malformed.GOOD)


def bundle(data: bytes) -> None:
    """Any bytes, the first of them as the bundle's width."""
    width, rest = data[0] if data else 0, data[1:]
    if hub_bundle(rest, width) != file_bundle(rest, width):
        raise AssertionError(width, rest)


def key(data: bytes) -> None:
    """Any text as a verifier key, and behind a name with the id that belongs to it."""
    both(hub_key, file_key, data.decode("utf-8", "surrogateescape"))
    both(hub_key, file_key, malformed.vkey("log.example/x", data))


TARGETS: dict[str, tuple[Callable[[bytes], None], list[bytes]]] = {
    "note": (note, [malformed.GOOD, LOG.line(malformed.TEXT.encode())]),
    "checkpoint": (checkpoint, [malformed.TEXT.encode(), f"{malformed.TEXT}extension\n".encode()]),
    "proof": (proof, [malformed.proof(), malformed.proof(note=b""), malformed.proof(extra="extra YQ==", note=b"")]),
    "bundle": (bundle, [b"\x03\x00\x04satu\x00\x00\x00\x03dua"]),
    "key": (key, [LOG.vkey.encode(), b"\x01" + bytes(32), b"\x04" + bytes(32)]),
}


def main() -> None:
    """Run one target for so many seconds."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("seconds", nargs="?", type=int, default=60)
    asked = parser.parse_args()
    target, seeds = TARGETS[asked.target]
    corpus = Path(".fuzz") / asked.target
    corpus.mkdir(parents=True, exist_ok=True)
    for place, seed in enumerate(seeds):
        (corpus / f"seed{place}").write_bytes(seed)
    words = ["— ", "index ", "extra ", "c2sp.org/tlog-proof@v1", "=", "\n\n", "9223372036854775807", malformed.ROOT]
    spelt = ["".join(f"\\x{byte:02x}" for byte in word.encode()) for word in words]
    dictionary = Path(".fuzz") / "words"
    dictionary.write_text("".join(f'"{word}"\n' for word in spelt))
    options = [f"-max_total_time={asked.seconds}", "-max_len=4096", f"-dict={dictionary}", "-artifact_prefix=.fuzz/"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
