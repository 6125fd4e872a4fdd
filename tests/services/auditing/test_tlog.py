"""Hashes and proofs against RFC 6962 by the letter: every pair of sizes to 300, every leaf, every bit of some."""

import hashlib
import itertools
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corong.auditing import tlog
from corong.auditing.tlog import ProofError
from tests.services.auditing.trees import SIZES, entry, leaf, mth, node, path, proof

INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
"""The entries of the test of Certificate Transparency's own tree (google/certificate-transparency, Apache-2.0)."""
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
NAMED = {(0, 0): "a", (0, 1): "b", (0, 2): "c", (0, 3): "d", (0, 4): "e", (0, 5): "f", (0, 6): "j",
         (1, 0): "g", (1, 1): "h", (1, 2): "i", (2, 0): "k"}  # fmt: skip


def test_known_roots() -> None:
    leaves = [tlog.leaf_hash(bytes.fromhex(text)) for text in INPUTS]
    assert [tlog.root_of(leaves[:size]).hex() for size in range(1, 9)] == ROOTS
    assert tlog.root_of([]) == tlog.EMPTY_ROOT == hashlib.sha256().digest()


def test_the_example_of_the_rfc() -> None:
    """RFC 6962 section 2.1.3: seven leaves, its audit paths and its consistency proofs, node by node."""
    hashes = {place: node(*place) for place in NAMED}
    letters = {digest: NAMED[place] for place, digest in hashes.items()} | {mth(4, 7): "l"}

    def named(found: list[bytes]) -> str:
        return "".join(letters[item] for item in found)

    assert named(tlog.inclusion_proof(0, 7, node)) == "bhl"
    assert named(tlog.inclusion_proof(3, 7, node)) == "cgl"
    assert named(tlog.inclusion_proof(4, 7, node)) == "fjk"
    assert named(tlog.inclusion_proof(6, 7, node)) == "ik"
    assert named(tlog.consistency_proof(3, 7, node)) == "cdgl"
    assert named(tlog.consistency_proof(4, 7, node)) == "l"
    assert named(tlog.consistency_proof(6, 7, node)) == "ijk"


@pytest.mark.parametrize("size", range(SIZES + 1))
def test_roots_of_every_size(size: int) -> None:
    leaves = [tlog.leaf_hash(entry(index)) for index in range(size)]
    assert leaves == [leaf(index) for index in range(size)]
    assert tlog.root_of(leaves) == tlog.root_from(size, node) == mth(0, size)


def test_every_leaf_of_every_size_is_proved() -> None:
    for size in range(1, SIZES + 1):
        for index in range(size):
            found = tlog.inclusion_proof(index, size, node)
            assert found == path(index, 0, size)
            tlog.verify_inclusion(leaf(index), index, size, found, mth(0, size))


def test_every_pair_of_sizes_is_proved() -> None:
    for new in range(SIZES + 1):
        for old in range(new + 1):
            found = tlog.consistency_proof(old, new, node)
            assert found == (proof(old, 0, new) if old else [])
            tlog.verify_consistency(old, new, mth(0, old), mth(0, new), found)


def flips(data: bytes) -> list[bytes]:
    """The bytes with one bit changed, each of them."""
    number = int.from_bytes(data, "big")
    return [(number ^ (1 << bit)).to_bytes(len(data), "big") for bit in range(len(data) * 8)]


def refused(check: Any, *arguments: Any) -> None:
    with pytest.raises(ProofError):
        check(*arguments)


@pytest.mark.parametrize(("index", "size"), [(0, 1), (2, 3), (4, 7), (5, 8), (255, 257)])
def test_every_flipped_bit_of_an_inclusion_proof_is_found(index: int, size: int) -> None:
    good = tlog.inclusion_proof(index, size, node)
    root = mth(0, size)
    for bad in flips(leaf(index)):
        refused(tlog.verify_inclusion, bad, index, size, good, root)
    for bad in flips(root):
        refused(tlog.verify_inclusion, leaf(index), index, size, good, bad)
    for place, item in enumerate(good):
        for bad in flips(item):
            refused(tlog.verify_inclusion, leaf(index), index, size, [*good[:place], bad, *good[place + 1 :]], root)


@pytest.mark.parametrize(("old", "new"), [(1, 2), (3, 7), (4, 7), (6, 8), (8, 8), (200, 257)])
def test_every_flipped_bit_of_a_consistency_proof_is_found(old: int, new: int) -> None:
    good = tlog.consistency_proof(old, new, node)
    roots = mth(0, old), mth(0, new)
    for bad in flips(roots[0]):
        refused(tlog.verify_consistency, old, new, bad, roots[1], good)
    for bad in flips(roots[1]):
        refused(tlog.verify_consistency, old, new, roots[0], bad, good)
    for place, item in enumerate(good):
        for bad in flips(item):
            refused(tlog.verify_consistency, old, new, *roots, [*good[:place], bad, *good[place + 1 :]])


def test_a_proof_shows_no_other_leaf_and_no_other_size() -> None:
    for size, index in itertools.product(range(1, 34), range(33)):
        if index >= size:
            continue
        good = tlog.inclusion_proof(index, size, node)
        for other in range(size):
            if other != index:
                refused(tlog.verify_inclusion, leaf(index), other, size, good, mth(0, size))
        for other in range(1, 34):
            if other != size:
                refused(tlog.verify_inclusion, leaf(index), index, other, good, mth(0, other))


def test_proofs_too_short_too_long_and_mixed_up_are_refused() -> None:
    for size in (2, 3, 5, 8, 33, 300):
        for index in {0, 1, size // 2, size - 1}:
            good = tlog.inclusion_proof(index, size, node)
            for bad in [good[:-1], good[1:], [*good, good[-1]], [good[0], *good], [*good, bytes(32)]]:
                refused(tlog.verify_inclusion, leaf(index), index, size, bad, mth(0, size))
            if len(set(good)) > 1:
                refused(tlog.verify_inclusion, leaf(index), index, size, good[::-1], mth(0, size))
        for old in {1, size // 2, size - 1}:
            good = tlog.consistency_proof(old, size, node)
            for bad in [good[:-1], good[1:], [*good, good[-1]], [good[0], *good], [*good, bytes(32)], []]:
                if bad != good:
                    refused(tlog.verify_consistency, old, size, mth(0, old), mth(0, size), bad)


def test_proofs_out_of_nowhere_are_refused() -> None:
    rng = random.Random(6962)
    for _ in range(500):
        size = rng.randrange(1, 2 ** rng.randrange(1, 63))
        steps = [rng.randbytes(32) for _ in range(rng.randrange(70))]
        refused(tlog.verify_inclusion, rng.randbytes(32), rng.randrange(size), size, steps, rng.randbytes(32))
        old = rng.randrange(1, size + 1)
        refused(tlog.verify_consistency, old, size, rng.randbytes(32), rng.randbytes(32), steps)


@pytest.mark.parametrize(
    ("index", "size"), [(0, 0), (1, 1), (7, 7), (-1, 7), (0, -1), (2**63, 2**63 + 1), (0, 2**63), (8, 7)]
)
def test_leaves_outside_of_a_tree(index: int, size: int) -> None:
    refused(tlog.verify_inclusion, leaf(0), index, size, [], leaf(0))
    with pytest.raises(ValueError, match=r"leaf|size"):
        tlog.inclusion_proof(index, size, node)


@pytest.mark.parametrize(("old", "new"), [(2, 1), (-1, 1), (0, -1), (1, 2**63)])
def test_sizes_that_are_none(old: int, new: int) -> None:
    refused(tlog.verify_consistency, old, new, leaf(0), leaf(0), [])
    with pytest.raises(ValueError, match=r"tree|size"):
        tlog.consistency_proof(old, new, node)


def test_the_empty_tree_and_the_same_tree_take_an_empty_proof() -> None:
    tlog.verify_consistency(0, 7, tlog.EMPTY_ROOT, mth(0, 7), [])
    tlog.verify_consistency(0, 0, tlog.EMPTY_ROOT, tlog.EMPTY_ROOT, [])
    tlog.verify_consistency(7, 7, mth(0, 7), mth(0, 7), [])
    refused(tlog.verify_consistency, 0, 7, mth(0, 1), mth(0, 7), [])
    refused(tlog.verify_consistency, 0, 7, tlog.EMPTY_ROOT, mth(0, 7), [leaf(0)])
    refused(tlog.verify_consistency, 7, 7, mth(0, 7), mth(0, 6), [])
    refused(tlog.verify_consistency, 7, 7, mth(0, 7), mth(0, 7), [mth(0, 7)])


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_hashes_of_another_length_are_refused(length: int) -> None:
    bad = bytes(length)
    refused(tlog.verify_inclusion, bad, 0, 1, [], bad)
    refused(tlog.verify_inclusion, leaf(0), 0, 2, [bad], mth(0, 2))
    refused(tlog.verify_consistency, 1, 1, bad, bad, [])
    refused(tlog.verify_consistency, 1, 2, mth(0, 1), mth(0, 2), [bad])


@settings(deadline=None)
@given(index=st.integers(0, 2**62), size=st.integers(1, 2**63 - 1), steps=st.lists(st.binary(max_size=40), max_size=70))
def test_anything_is_refused_or_right_and_never_a_crash(index: int, size: int, steps: list[bytes]) -> None:
    with pytest.raises(ProofError):
        tlog.verify_inclusion(leaf(0), index, size, steps, leaf(1))
    with pytest.raises(ProofError):
        tlog.verify_consistency(index, size, leaf(0), leaf(1), steps)
