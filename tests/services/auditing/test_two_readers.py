"""The hub's readers and the auditors' one file take and refuse the same: what one calls sound, the other does too.

They share no code, so they are held against each other on hundreds of malformed inputs, on valid ones bent at each
place, and on whatever hypothesis makes of them.
"""

import base64
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corong.auditing import note, proof, tiles, tlog
from corong.auditing.standalone import corong_verify as verifier
from tests.services.auditing import malformed
from tests.services.auditing.handmade import COSIGNER, LOG, Signer
from tests.services.auditing.malformed import BODIES, GOOD, INDEX, LEAVES, TEXT
from tests.services.auditing.two_readers import (
    KEYS,
    LOG_KEY,
    REFUSED,
    WITNESS_KEY,
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

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
PROOF = malformed.proof()

# --- malformed by the hundred: an error each, never accepted


def test_what_is_bent_was_right_before() -> None:
    assert both(hub_checkpoint, file_checkpoint, GOOD)[1] == malformed.SIZE
    assert both(hub_checkpoint, file_checkpoint, malformed.signed(TEXT))[1] == malformed.SIZE
    assert both(hub_checkpoint, file_checkpoint, malformed.signed(TEXT + "extension\n"))[1] == malformed.SIZE
    assert both(hub_proof, file_proof, PROOF)[0] == INDEX
    assert both(hub_proof, file_proof, malformed.proof(extra="extra YQ=="))[0] == INDEX
    assert both(hub_key, file_key, LOG.vkey) == LOG.vkey
    assert both(hub_key, file_key, malformed.vkey("é/字\x7f", b"\x04" + bytes(32))) != REFUSED


@pytest.mark.parametrize(
    ("bent", "hub", "file", "least"),
    [
        (malformed.checkpoints, hub_checkpoint, file_checkpoint, 180),
        (malformed.notes, hub_checkpoint, file_checkpoint, 500),
        (malformed.proofs, hub_proof, file_proof, 450),
        (malformed.keys, hub_key, file_key, 100),
    ],
    ids=["checkpoints", "notes", "proofs", "keys"],
)
def test_malformed_ones_are_an_error_each(bent: Any, hub: Any, file: Any, least: int) -> None:
    found = list(bent())
    assert len({data for _, data in found}) >= least
    for name, data in found:
        assert hub(data) == REFUSED, f"the hub takes: {name}"
        assert file(data) == REFUSED, f"the auditors' file takes: {name}"


def test_malformed_bundles_are_an_error_each() -> None:
    found = list(malformed.bundles())
    assert len(found) >= 300
    for name, data, width in found:
        assert hub_bundle(data, width) == file_bundle(data, width) == REFUSED, name


# --- valid ones, bent at each place

LETTERS = [b"", b" ", b"\n", b"0", b"A", b"=", b"\xff"]


@pytest.mark.parametrize(
    ("whole", "hub", "file"),
    [(GOOD, hub_checkpoint, file_checkpoint), (PROOF, hub_proof, file_proof)],
    ids=["checkpoint", "proof"],
)
def test_bent_at_each_place(whole: bytes, hub: Any, file: Any) -> None:
    right = both(hub, file, whole)
    assert right != REFUSED
    for place in range(len(whole) + 1 if whole is GOOD else whole.index(GOOD) + 2):
        for letter in LETTERS:
            for data in (whole[:place] + letter + whole[place + 1 :], whole[:place] + letter + whole[place:]):
                if data != whole:
                    said = both(hub, file, data)
                    # Only a witness's name or key id can change: then it is a stranger's line.
                    assert said == REFUSED or said[:3] == right[:3]
                    assert said == REFUSED or whole is PROOF or set(said[3]) == {LOG.vkey}


def test_keys_bent_at_each_place() -> None:
    for place in range(len(LOG.vkey) + 1):
        for letter in ("", *" \n\t+=-0A/aé", "\x00", "\udcff", "\u2028"):
            for text in (
                LOG.vkey[:place] + letter + LOG.vkey[place + 1 :],
                LOG.vkey[:place] + letter + LOG.vkey[place:],
            ):
                assert both(hub_key, file_key, text) in (REFUSED, LOG.vkey)


PARTS = [b"\n", b"\n\n", "— ".encode(), b" ", b"=", b"+", b"0", b"index ", b"extra ", b"extra YQ==\n",
         TEXT.encode(), GOOD,
         LOG.line(TEXT.encode()), COSIGNER.line(TEXT.encode(), 7), Signer("orang.example",
         5).line(TEXT.encode())]  # fmt: skip


def bends(whole: bytes) -> st.SearchStrategy[bytes]:
    """The valid bytes with parts taken out, doubled, moved, or put in: of their own, of the standards', or any."""
    place = st.integers(0, len(whole))
    piece = (
        st.sampled_from(PARTS)
        | st.binary(max_size=8)
        | st.tuples(place, place).map(lambda cut: whole[min(cut) : max(cut)])
    )

    def bend(steps: list[tuple[int, int, bytes]]) -> bytes:
        data = whole
        for start, length, put in steps:
            start = min(start, len(data))
            data = data[:start] + put + data[start + length :]
        return data

    return st.lists(st.tuples(place, st.integers(0, 90), piece), min_size=1, max_size=4).map(bend)


@settings(PATIENT, max_examples=400)
@given(bends(GOOD) | st.binary(max_size=300))
@example(b"")
def test_checkpoints_that_are_made_of_anything(data: bytes) -> None:
    for quorum in (0, 1):
        assert hub_checkpoint(data, quorum) == file_checkpoint(data, quorum)


@settings(PATIENT, max_examples=400)
@given(bends(PROOF) | st.binary(max_size=300))
@example(b"")
def test_proofs_that_are_made_of_anything(data: bytes) -> None:
    both(hub_proof, file_proof, data)


TEXTS = st.lists(
    st.sampled_from([LOG.name, "0", "21", "9223372036854775807", malformed.ROOT, "", "x", " ", "—", "\x7f", "\u2028"])
    | st.text(max_size=20),
    max_size=6,
).map("\n".join)


@settings(PATIENT, max_examples=400)
@given(TEXTS, st.booleans())
def test_any_text_that_is_truly_signed(text: str, ended: bool) -> None:
    both(hub_checkpoint, file_checkpoint, malformed.signed(f"{text}\n" if ended else text))


@settings(PATIENT, max_examples=300)
@given(bends(LOG.vkey.encode()).map(lambda data: data.decode("utf-8", "surrogateescape")) | st.text(max_size=80))
def test_keys_that_are_made_of_anything(text: str) -> None:
    both(hub_key, file_key, text)


@settings(PATIENT, max_examples=400)
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=8), st.data())
def test_bundles_that_are_made_of_anything(bodies: list[bytes], draw: st.DataObject) -> None:
    whole = tiles.encode_bundle(bodies)
    assert file_bundle(whole, len(bodies)) == bodies
    data = draw.draw(bends(whole) | st.binary(max_size=60))
    width = draw.draw(st.integers(-1, 9) | st.sampled_from([255, 256, 257]))
    assert hub_bundle(data, width) == file_bundle(data, width)


@settings(PATIENT, max_examples=60)
@given(st.integers(1, 256), st.integers(-40, 40), st.integers(0, 3))
def test_tiles_of_any_length(tmp_path_factory: pytest.TempPathFactory, width: int, more: int, level: int) -> None:
    folder = tmp_path_factory.mktemp("tile")
    tile = tiles.Tile(level, 1_234_067, width)
    data = bytes(max(0, width * 32 + more))
    path = folder / tile.path
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    try:
        theirs: Any = tiles.decode_tile(data, width)
    except tiles.BadTile:
        theirs = REFUSED
    try:
        mine: Any = verifier.read_hashes(verifier.Folder(str(folder)), level, 1_234_067, width)[1]
    except verifier.Trouble:
        mine = REFUSED
    assert mine == theirs


@given(st.integers(0, 2**63 - 1), st.integers(0, 63))
def test_every_tile_has_one_path(index: int, level: int) -> None:
    assert verifier.tile_name(level, index) == tiles.Tile(level, index).path
    assert verifier.tile_name("entries", index) == tiles.Tile(tiles.ENTRIES, index).path


@settings(PATIENT, max_examples=300)
@given(st.integers(-1, 70), st.integers(0, 70), st.data())
def test_paths_of_proofs_that_are_made_of_anything(index: int, size: int, draw: st.DataObject) -> None:
    right = [tlog.inclusion_proof(index, size, tlog.nodes_of(LEAVES[:1] * size))] if 0 <= index < size else []
    hashes = st.sampled_from([LEAVES[0], tlog.node_hash(LEAVES[0], LEAVES[0]), bytes(32)])
    path = draw.draw(st.one_of(*map(st.just, right), st.lists(hashes, max_size=8)))
    root = tlog.root_of(LEAVES[:1] * size)
    try:
        tlog.verify_inclusion(LEAVES[0], index, size, path, root)
        theirs = True
    except tlog.ProofError:
        theirs = False
    mine = 0 <= index < size and verifier.root_by_inclusion(LEAVES[0], index, size, path) == root
    assert mine == theirs


# --- limits, and strangers


def test_what_is_too_big_was_not_checked_which_is_not_tampering() -> None:
    line = LOG.line(TEXT.encode())
    for data in (TEXT.encode() + b"\n" + line * 101, malformed.signed(TEXT + "x" * 1_000_000 + "\n")):
        with pytest.raises(verifier.Trouble) as told:
            verifier.open_checkpoint(data, KEYS, 0)
        assert told.value.code == verifier.NOT_CHECKED
    with pytest.raises(verifier.Trouble) as told:
        verifier.verify_proof(malformed.proof(extra=f"extra {'YWFh' * 500_000}"), BODIES[INDEX], KEYS, 0)
    assert told.value.code == verifier.NOT_CHECKED
    assert both(hub_checkpoint, file_checkpoint, TEXT.encode() + b"\n" + line * 100) != REFUSED
    most = malformed.signed(TEXT + "x" * (1_000_000 - len(malformed.signed(TEXT)) - 1) + "\n")
    assert len(most) == 1_000_000
    assert both(hub_checkpoint, file_checkpoint, most) != REFUSED


def test_strangers_lines_count_for_nothing() -> None:
    """Other names, other ids, other types: ECDSA, RFC 6962 tree heads, ML-DSA-44, what is not assigned yet."""
    own = base64.b64decode(LOG.line(TEXT.encode()).split(b" ")[2])
    lines = [f"— {LOG.name} {base64.b64encode(b'abcd' + own[4:]).decode()}\n".encode()]
    lines += [f"— orang.example/log {base64.b64encode(own).decode()}\n".encode()]
    for kind, length in ((2, 72), (5, 80), (6, 8 + 2420), (0xFA, 1), (0xFF, 4627)):
        identity = note.key_id(COSIGNER.name, kind, bytes(1312 if kind == 6 else 32))
        lines.append(f"— {COSIGNER.name} {base64.b64encode(identity + b's' * length).decode()}\n".encode())
    right = both(hub_checkpoint, file_checkpoint, GOOD)
    for line in lines:
        assert both(hub_checkpoint, file_checkpoint, GOOD + line) == right
        assert both(hub_checkpoint, file_checkpoint, TEXT.encode() + b"\n" + line) == REFUSED
    assert both(hub_checkpoint, file_checkpoint, GOOD + b"".join(lines)) == right


def test_one_signer_twice_is_one_and_the_first_time_counts() -> None:
    text = TEXT.encode()
    twice = malformed.signed(
        text, LOG.line(text), COSIGNER.line(text, 5), COSIGNER.line(text, 9), COSIGNER.line(text, 5)
    )
    assert both(hub_checkpoint, file_checkpoint, twice)[3] == {LOG.vkey: None, COSIGNER.vkey: 5}


def test_one_witness_under_two_names_is_one() -> None:
    other = Signer("saksi.lain.example", 2, 4)
    data = malformed.proof(note=malformed.signed(TEXT, COSIGNER.line(TEXT.encode(), 5), other.line(TEXT.encode(), 6)))
    hub_keys = [WITNESS_KEY, note.VerifierKey.parse(other.vkey)]
    for quorum, taken in ((1, True), (2, False)):
        try:
            proof.verify_proof(proof.parse_proof(data), LEAVES[INDEX], LOG_KEY, hub_keys, quorum=quorum)
            theirs = True
        except proof.BadProof:
            theirs = False
        try:
            verifier.verify_proof(data, BODIES[INDEX], [*KEYS, verifier.Key.parse(other.vkey)], quorum)
            mine = True
        except verifier.Trouble as trouble:
            mine = trouble.code != verifier.NOT_CHECKED
        assert mine == theirs == taken


def test_keys_in_a_file_may_have_blanks_around_them(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"# of the log\n\n  {LOG.vkey} \r\n\t{COSIGNER.vkey}\n")
    assert verifier.read_keys([f"@{tmp_path / 'keys'}"]) == KEYS
