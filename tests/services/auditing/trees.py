"""Merkle trees as RFC 6962 section 2.1 writes them down, by recursion over the leaves: slow, and plainly right."""

import hashlib
from functools import cache

SIZES = 300


def leaf(index: int) -> bytes:
    """The hash of the leaf number `index` of the tests' log."""
    return hashlib.sha256(b"\x00" + entry(index)).digest()


def entry(index: int) -> bytes:
    """The leaf's own bytes."""
    return f"entri {index}".encode() * (index % 7 + 1)


def largest_power_below(count: int) -> int:
    """K of the RFC: the largest power of two smaller than `count`."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power


@cache
def mth(start: int, end: int) -> bytes:
    """MTH(D[start:end])."""
    if start == end:
        return hashlib.sha256().digest()
    if end - start == 1:
        return leaf(start)
    middle = start + largest_power_below(end - start)
    return hashlib.sha256(b"\x01" + mth(start, middle) + mth(middle, end)).digest()


def path(index: int, start: int, end: int) -> list[bytes]:
    """PATH(m, D[start:end]), with m counted from the log's beginning."""
    if end - start == 1:
        return []
    middle = start + largest_power_below(end - start)
    if index < middle:
        return [*path(index, start, middle), mth(middle, end)]
    return [*path(index, middle, end), mth(start, middle)]


def proof(old: int, start: int, end: int, whole: bool = True) -> list[bytes]:
    """SUBPROOF(m, D[start:end], b), with m counted from the log's beginning."""
    if old == end:
        return [] if whole else [mth(start, end)]
    middle = start + largest_power_below(end - start)
    if old <= middle:
        return [*proof(old, start, middle, whole), mth(middle, end)]
    return [*proof(old, middle, end, False), mth(start, middle)]


def node(level: int, index: int) -> bytes:
    """A complete node."""
    return mth(index << level, (index + 1) << level)
