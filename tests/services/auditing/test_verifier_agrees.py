"""The verifier and the log writer share no code: they are held against each other on random logs."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corong.auditing import note, proof, tiles, tlog
from corong.auditing.standalone import corong_verify as verifier

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
KEY = note.SigningKey("log.example/uji", b"k" * 32)
KEYS = [verifier.Key.parse(str(KEY.verifier))]
LEAVES = [tlog.leaf_hash(b"%d" % number) for number in range(700)]


def signed(size: int) -> bytes:
    edge = tiles.Edge()
    edge.append(LEAVES[:size])
    return note.sign(note.Checkpoint(KEY.name, size, edge.root()).text, [KEY]).data


def written(folder: Path, bodies: list[bytes]) -> None:
    """A log as the hub's own modules write it."""
    edge = tiles.Edge()
    full = edge.append(map(tlog.leaf_hash, bodies))
    for tile, data in [*full, *edge.tiles()]:
        path = folder / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if tile.level == 0:
            bundle = tiles.Tile(tiles.ENTRIES, tile.index, tile.width)
            path = folder / bundle.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(tiles.encode_bundle(bodies[bundle.start : bundle.start + bundle.width]))
    checkpoint = note.Checkpoint(KEY.name, len(bodies), edge.root())
    (folder / "checkpoint").write_bytes(note.sign(checkpoint.text, [KEY]).data)


@settings(PATIENT, max_examples=25)
@given(st.randoms(use_true_random=False), st.integers(0, 900))
def test_logs(tmp_path_factory: pytest.TempPathFactory, chance: Random, size: int) -> None:
    folder = tmp_path_factory.mktemp("log")
    bodies = [chance.randbytes(chance.randrange(1, 90)) for _ in range(size)]
    written(folder, bodies)
    report = verifier.verify(verifier.Folder(str(folder)), KEYS, events=False, processes=1)
    assert (report.code, report.seen) == (verifier.SOUND, size)


@settings(PATIENT)
@given(st.integers(1, 700), st.integers(0, 699))
def test_inclusion_proofs(size: int, index: int) -> None:
    index %= size
    edge = tiles.Edge()
    edge.append(LEAVES[:size])
    path = tlog.inclusion_proof(index, size, lambda level, place: tlog.root_of(LEAVES[place << level :][: 1 << level]))
    data = proof.LogProof(index, tuple(path), signed(size)).data
    assert verifier.verify_proof(data, b"%d" % index, KEYS)[0] == index


@settings(PATIENT, max_examples=40)
@given(st.integers(0, 700), st.integers(0, 700))
def test_consistency(tmp_path_factory: pytest.TempPathFactory, one: int, other: int) -> None:
    old, new = sorted((one, other))
    folder = tmp_path_factory.mktemp("log")
    written(folder, [b"%d" % number for number in range(new)])
    heads = [verifier.open_checkpoint(signed(size), KEYS) for size in (old, new)]
    verifier.verify_consistency(verifier.Folder(str(folder)), *heads)
    if 0 < old < new:
        forged = heads[0]._replace(root=tlog.leaf_hash(b"another"))
        with pytest.raises(verifier.Trouble) as told:
            verifier.verify_consistency(verifier.Folder(str(folder)), forged, heads[1])
        assert told.value.code == verifier.TAMPERED


@settings(PATIENT)
@given(st.binary(max_size=300), st.integers(0, 250), st.integers(0, 250))
def test_notes_are_taken_or_refused_by_both(junk: bytes, start: int, stop: int) -> None:
    whole = signed(5)
    data = whole[:start] + junk + whole[stop:]
    try:
        mine: object = verifier.open_checkpoint(data, KEYS)[:3]
    except verifier.Trouble:
        mine = None
    try:
        found, _ = note.open_checkpoint(data, KEY.verifier)
        theirs: object = (found.origin, found.size, found.root)
    except note.NoteError:
        theirs = None
    assert mine == theirs
