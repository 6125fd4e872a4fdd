"""The Merkle tree of a transparency log: hashes, roots, and proofs that are made and checked. Pure.

    entry                          → leaf_hash → the leaf's hash               RFC 6962 section 2.1, RFC 9162 2.1.1
    leaf hashes                    → root_of → the tree's root
    leaf hashes                    → nodes_of → its nodes, for what follows (a log reads them from tiles: `TileNodes`)
    index, size, nodes             → inclusion_proof → the audit path          RFC 6962 section 2.1.1, RFC 9162 2.1.3.1
    leaf, index, size, path, root  → verify_inclusion                          RFC 9162 section 2.1.3.2
    two sizes, nodes               → consistency_proof                         RFC 6962 section 2.1.2, RFC 9162 2.1.4.1
    sizes, roots, proof            → verify_consistency                        RFC 9162 section 2.1.4.2

Tiles and bundles, as files carry the tree, are in `tiles.py`; who signs a root, in `note.py`.

A node is named by its level and index: the root of the complete subtree over the leaves `index * 2**level` up to
`(index + 1) * 2**level`. Proofs are made from complete nodes alone, so they can be read from tiles that never change.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence

__all__ = [
    "EMPTY_ROOT", "HASH_SIZE", "LARGEST", "Node", "ProofError", "consistency_proof", "inclusion_proof", "leaf_hash",
    "leaf_hashes", "node_hash", "nodes_of", "parents", "root_from", "root_of", "verify_consistency", "verify_inclusion",
]  # fmt: skip

HASH_SIZE = 32
"""Bytes of a hash: SHA-256."""
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of the tree without leaves (RFC 6962 section 2.1)."""
LARGEST = 2**63 - 1
"""The largest size of a tree that is read or written."""

Node = Callable[[int, int], bytes]
"""(level, index) → the hash of that complete node."""


class ProofError(ValueError):
    """The proof does not show what it should."""


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256 of 0x00 and the entry (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """`leaf_hash` of each."""
    sha256 = hashlib.sha256
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and both children (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def parents(row: Sequence[bytes]) -> list[bytes]:
    """`node_hash` of each two that stand side by side; an odd one at the end has no part in it."""
    sha256 = hashlib.sha256
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=False)]


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, or over complete nodes of one level of which the last may be an incomplete subtree."""
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        # An odd one at the end goes up as it is: the same tree as splitting at the largest power of two.
        above = parents(row)
        row = above + row[len(above) * 2 :]
    return row[0]


def nodes_of(hashes: Sequence[bytes]) -> Node:
    """The complete nodes of the tree over these leaf hashes; asked for others they raise `ValueError`."""
    rows = [list(hashes)]
    while len(rows[-1]) > 1:
        row = rows[-1]
        rows.append([node_hash(row[place], row[place + 1]) for place in range(0, len(row) - 1, 2)])

    def node(level: int, index: int) -> bytes:
        if not 0 <= level < len(rows) or not 0 <= index < len(rows[level]):
            raise ValueError(f"no complete node {level}/{index} in a tree of {len(hashes)}")
        return rows[level][index]

    return node


def root_from(size: int, node: Node) -> bytes:
    """The root of the tree with `size` leaves. Raises `ValueError` on a size that is none."""
    _check_size(size)
    return _range(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """The audit path of a leaf, its sibling first (RFC 6962 section 2.1.1). Raises `ValueError` outside of the tree."""
    _check_size(size)
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    return _path(index, 0, size, node)


def _path(index: int, start: int, end: int, node: Node) -> list[bytes]:
    found: list[bytes] = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append(_range(middle, end, node))
            end = middle
        else:
            found.append(_range(start, middle, node))
            start = middle
    found.reverse()
    return found


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """That a tree of `old` leaves is the beginning of one of `new` (RFC 6962 section 2.1.2).

    Empty where `old` is 0 or `new`. Raises `ValueError` where `old` is larger.
    """
    _check_size(new)
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} is not the beginning of one of {new}")
    if old in (0, new):
        return []
    found: list[bytes] = []
    start, end = 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            found.append(_range(middle, end, node))
            end = middle
        else:
            found.append(_range(start, middle, node))
            start = middle
    if start:
        found.append(_range(start, end, node))  # else it is the old root, which the checker has
    found.reverse()
    return found


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check an audit path of the leaf hash `leaf` (RFC 9162 section 2.1.3.2). Raises `ProofError`."""
    if not 0 <= index < size <= LARGEST:
        raise ProofError("there is no such leaf in a tree of that size")
    _check_hashes([leaf, root, *proof])
    place, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise ProofError("the proof is too long")
        if place & 1 or place == last:
            found = node_hash(step, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofError("the proof is too short")
    if not hmac.compare_digest(found, root):
        raise ProofError("the proof leads to another root")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of `old` leaves is the beginning of that of `new` (RFC 9162 section 2.1.4.2).

    The empty tree is the beginning of every tree, by an empty proof. Raises `ProofError`.
    """
    if not 0 <= old <= new <= LARGEST:
        raise ProofError("the older tree is larger, or a size is none")
    _check_hashes([old_root, new_root, *proof])
    if old in (0, new):
        if proof:
            raise ProofError("the proof is too long")
        if old == 0 and not hmac.compare_digest(old_root, EMPTY_ROOT):
            raise ProofError("the root of an empty tree is another")
        if old == new and not hmac.compare_digest(old_root, new_root):
            raise ProofError("two trees of one size have two roots")
        return
    steps = list(proof)
    if not old & (old - 1):
        steps.insert(0, old_root)  # a power of two: the old root is itself a node of the new tree
    if not steps:
        raise ProofError("the proof is too short")
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    was = found = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofError("the proof is too long")
        if place & 1 or place == last:
            was, found = node_hash(step, was), node_hash(step, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofError("the proof is too short")
    if not hmac.compare_digest(was, old_root):
        raise ProofError("the proof does not begin with the older tree")
    if not hmac.compare_digest(found, new_root):
        raise ProofError("the proof leads to another root")


def _check_size(size: int) -> None:
    if not 0 <= size <= LARGEST:
        raise ValueError(f"{size} is no size of a tree")


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(item) != HASH_SIZE for item in hashes):
        raise ProofError("a hash is not of 32 bytes")


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _range(start: int, end: int, node: Node) -> bytes:
    """The root over the leaves from `start` up to `end`, where `start` is a multiple of a power of two not below."""
    parts: list[bytes] = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(node(level, start >> level))
        start += 1 << level
    found = parts.pop()
    while parts:
        found = node_hash(parts.pop(), found)
    return found
