"""What the hub's readers and the auditors' one file say of the same bytes: what was read, or that it is refused.

Only their proper errors are taken for a refusal: anything else is a crash and comes through.
"""

import base64
from collections.abc import Callable
from typing import Any

from corong.auditing import note, proof, tiles, tlog
from corong.auditing.standalone import corong_verify as verifier
from tests.services.auditing.handmade import COSIGNER, LOG
from tests.services.auditing.malformed import BODIES, INDEX, LEAVES

LOG_KEY, WITNESS_KEY = note.VerifierKey.parse(LOG.vkey), note.VerifierKey.parse(COSIGNER.vkey)
KEYS = [verifier.Key.parse(LOG.vkey), verifier.Key.parse(COSIGNER.vkey)]
REFUSED = "refused"


def hub_checkpoint(data: bytes, quorum: int = 0) -> Any:
    """What the hub's reader says: whose, how large, which root, and who signed when."""
    try:
        found, opened = note.open_checkpoint(data, LOG_KEY, [WITNESS_KEY])
    except note.NoteError:
        return REFUSED
    if sum(key.kind == note.COSIGNATURE for key in opened.signers) < quorum:
        return REFUSED
    return found.origin, found.size, found.root, {str(key): at for key, at in opened.signers.items()}


def file_checkpoint(data: bytes, quorum: int = 0) -> Any:
    """The same, by the auditors' file."""
    try:
        found = verifier.open_checkpoint(data, KEYS, quorum)
    except verifier.Trouble:
        return REFUSED
    return found.origin, found.size, found.root, {spelt(key): at for key, at in found.signed.items()}


def spelt(key: verifier.Key) -> str:
    return f"{key.name}+{key.id.hex()}+{base64.b64encode(bytes([key.kind]) + key.public).decode()}"


def hub_proof(data: bytes) -> Any:
    try:
        read = proof.parse_proof(data)
        head, _ = proof.verify_proof(read, LEAVES[INDEX], LOG_KEY, [WITNESS_KEY])
    except (proof.BadProof, tlog.ProofError, note.NoteError):
        return REFUSED
    return read.index, head.size, head.root


def file_proof(data: bytes) -> Any:
    try:
        index, head = verifier.verify_proof(data, BODIES[INDEX], KEYS, 0)
    except verifier.Trouble:
        return REFUSED
    return index, head.size, head.root


def hub_bundle(data: bytes, width: int) -> Any:
    try:
        return tiles.decode_bundle(data, width)
    except tiles.BadBundle:
        return REFUSED


def file_bundle(data: bytes, width: int) -> Any:
    bodies, end = verifier.split_bundle(data, width)
    return bodies if width > 0 and width <= verifier.WIDTH and len(bodies) == width and end == len(data) else REFUSED


def hub_key(text: str) -> Any:
    try:
        return str(note.VerifierKey.parse(text))
    except note.BadKey:
        return REFUSED


def file_key(text: str) -> Any:
    try:
        return spelt(verifier.Key.parse(text))
    except verifier.Trouble as trouble:
        return REFUSED if trouble.code == verifier.NOT_CHECKED else "the auditor's mistake is nobody's tampering"


def both(hub: Callable[[Any], Any], file: Callable[[Any], Any], data: Any) -> Any:
    """What both say; only their proper errors are taken for a refusal, anything else is a crash and fails the test."""
    mine, theirs = hub(data), file(data)
    assert mine == theirs, data
    return mine
