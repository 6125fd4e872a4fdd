"""The tree and its entries as files: tiles, partial tiles and entry bundles of C2SP tlog-tiles. Pure.

A tile has 256 hashes, the roots of 256 full tiles below it; its rightmost one may be partial. A bundle holds the
entries of a tile of level 0, each behind its length in two bytes.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from corong.auditing.tlog import HASH_SIZE, LARGEST, parents, root_of

__all__ = [
    "ENTRIES", "HEIGHT", "LARGEST_ENTRY", "WIDTH", "BadBundle", "BadPath", "BadTile", "Edge", "Tile", "TileNodes",
    "decode_bundle", "decode_tile", "encode_bundle", "encode_tile", "new_tiles", "parse_path",
]  # fmt: skip

WIDTH = 256
HEIGHT = 8
"""Levels of the tree in one tile."""
MOST_LEVELS = 64
LARGEST_ENTRY = 65_535
"""Bytes of an entry: its length has 16 bits."""
ENTRIES = -1
"""In place of a tile's level: the bundle of the entries themselves."""

_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


class BadPath(ValueError):
    """No tile has such a path."""


class BadTile(ValueError):
    """The bytes are not a tile of that width."""


class BadBundle(ValueError):
    """The bytes are not a bundle of that width."""


@dataclass(frozen=True, order=True)
class Tile:
    """One tile, or with level `ENTRIES` one bundle. `width` below 256 makes it partial."""

    level: int
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if not (ENTRIES <= self.level < MOST_LEVELS and 0 <= self.index <= LARGEST and 1 <= self.width <= WIDTH):
            raise BadPath("there is no such tile")

    @property
    def path(self) -> str:
        """As in `tile/0/x001/x234/067.p/5`."""
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[place : place + 3] for place in range(0, len(digits), 3)]
        parts = [*(f"x{group}" for group in groups[:-1]), groups[-1]]
        level = "entries" if self.level == ENTRIES else str(self.level)
        return f"tile/{level}/{'/'.join(parts)}{'' if self.width == WIDTH else f'.p/{self.width}'}"

    @property
    def start(self) -> int:
        """Where the leaves begin that it spans."""
        return int(self.index * WIDTH ** (max(self.level, 0) + 1))


def parse_path(path: str) -> Tile:
    """The tile of a path; only the one right way to write it is taken. Raises `BadPath`."""
    found = _PATH.fullmatch(path) if len(path) < 200 else None
    if found is None:
        raise BadPath("no path of a tile")
    level, digits, width = found.groups()
    tile = Tile(
        level=ENTRIES if level == "entries" else int(level),
        index=int(digits.replace("x", "").replace("/", "")),
        width=WIDTH if width is None else int(width),
    )
    if tile.path != path:  # digits too many, a partial tile of 256
        raise BadPath("no path of a tile")
    return tile


def new_tiles(old: int, new: int) -> list[Tile]:
    """The tiles and bundles that a tree of `new` leaves has and one of `old` had not; from 0 all of them."""
    found: list[Tile] = []
    for level in range(MOST_LEVELS):
        before, after = old >> (HEIGHT * level), new >> (HEIGHT * level)
        if not after:
            break
        if before == after:
            continue
        tiles = [Tile(level, index) for index in range(before // WIDTH, after // WIDTH)]
        if after % WIDTH:
            tiles.append(Tile(level, after // WIDTH, after % WIDTH))
        if level == 0:
            found += [Tile(ENTRIES, tile.index, tile.width) for tile in tiles]
        found += tiles
    return found


def encode_tile(hashes: Sequence[bytes]) -> bytes:
    """The bytes of a tile."""
    if not 1 <= len(hashes) <= WIDTH or any(len(item) != HASH_SIZE for item in hashes):
        raise BadTile("a tile has 1 to 256 hashes of 32 bytes")
    return b"".join(hashes)


def decode_tile(data: bytes, width: int) -> list[bytes]:
    """The hashes of a tile of this width. Raises `BadTile`."""
    if not 1 <= width <= WIDTH or len(data) != width * HASH_SIZE:
        raise BadTile(f"not a tile of {width} hashes")
    return [data[place : place + HASH_SIZE] for place in range(0, len(data), HASH_SIZE)]


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """The bytes of a bundle. Raises `BadBundle` where an entry is larger than its length can say."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > LARGEST_ENTRY:
            raise BadBundle(f"an entry has more than {LARGEST_ENTRY} bytes")
        parts += (len(entry).to_bytes(2, "big"), entry)
    if not 2 <= len(parts) <= 2 * WIDTH:
        raise BadBundle("a bundle has 1 to 256 entries")
    return b"".join(parts)


def decode_bundle(data: bytes, width: int) -> list[bytes]:
    """The entries of a bundle of this width, and nothing after them. Raises `BadBundle`."""
    if not 1 <= width <= WIDTH:
        raise BadBundle("a bundle has 1 to 256 entries")
    found: list[bytes] = []
    place = 0
    for _ in range(width):
        end = place + 2 + int.from_bytes(data[place : place + 2], "big")
        if place + 2 > len(data) or end > len(data):
            raise BadBundle("the bundle ends too early")
        found.append(data[place + 2 : end])
        place = end
    if place != len(data):
        raise BadBundle("the bundle goes on after its last entry")
    return found


class Edge:
    """The right edge of a growing tree: for each level of tiles the hashes of its last, partial one.

    That is all that appending and the root need: at most 255 hashes on each level, whatever the size.
    """

    def __init__(self, size: int = 0, partial: Sequence[Sequence[bytes]] = ()) -> None:
        """`partial`: level by level the hashes of the last tile. Raises `BadTile` where they don't fit `size`."""
        self.size = size
        self.partial = [list(row) for row in partial]
        while len(self.partial) < 1 or size >> (HEIGHT * len(self.partial)):
            self.partial.append([])
        if [len(row) for row in self.partial] != [
            (size >> (HEIGHT * level)) % WIDTH for level in range(len(self.partial))
        ]:
            raise BadTile(f"this is not the edge of a tree of {size}")

    def append(self, more: Iterable[bytes]) -> list[tuple[Tile, bytes]]:
        """Add leaf hashes; the tiles that became full by it, in the order in which they did."""
        leaves = list(more)
        full: list[tuple[Tile, bytes]] = []
        bottom = self.partial[0]
        taken = 0
        while taken < len(leaves):
            part = leaves[taken : taken + WIDTH - len(bottom)]
            bottom += part
            taken += len(part)
            self.size += len(part)
            if len(bottom) == WIDTH:
                self._carry(full)
        return full

    def _carry(self, full: list[tuple[Tile, bytes]]) -> None:
        level = 0
        while len(self.partial[level]) == WIDTH:
            row = self.partial[level]
            index = (self.size >> (HEIGHT * (level + 1))) - 1
            full.append((Tile(level, index), b"".join(row)))
            if level + 1 == len(self.partial):
                self.partial.append([])
            self.partial[level + 1].append(root_of(row))
            row.clear()
            level += 1

    def copy(self) -> "Edge":
        """One that grows by itself."""
        return Edge(self.size, self.partial)

    def root(self) -> bytes:
        """The root of the tree as it is."""
        below: list[bytes] = []
        for row in self.partial:
            if row or below:
                below = [root_of([*row, *below])]
        return root_of(below)

    def tiles(self) -> list[tuple[Tile, bytes]]:
        """The partial tiles of this size."""
        found = []
        for level, row in enumerate(self.partial):
            if row:
                found.append((Tile(level, (self.size >> (HEIGHT * level)) // WIDTH, len(row)), b"".join(row)))
        return found


class TileNodes:
    """The complete nodes of a tree of some size, read from its tiles: what proofs are made from."""

    def __init__(self, size: int, read: Callable[[Tile], bytes], keep: int = 64) -> None:
        """`read` gives a tile's bytes; of the tiles that were read, `keep` are kept."""
        self.size = size
        self._read = read
        self._keep = keep
        self._known: OrderedDict[tuple[int, int], list[list[bytes]]] = OrderedDict()

    def __call__(self, level: int, index: int) -> bytes:
        """The node's hash. Raises `BadTile`, what `read` raises, and `ValueError` outside of the tree."""
        if level < 0 or index < 0 or (index + 1) << level > self.size:
            raise ValueError(f"no complete node {level}/{index} in a tree of {self.size}")
        height, above = level % HEIGHT, level // HEIGHT
        rows = self._rows(above, index >> (HEIGHT - height))
        return rows[height][index & ((1 << (HEIGHT - height)) - 1)]

    def _rows(self, level: int, index: int) -> list[list[bytes]]:
        """A tile's hashes, and above them those of the complete nodes inside of it."""
        known = self._known.get((level, index))
        if known is not None:
            self._known.move_to_end((level, index))
            return known
        width = min(WIDTH, (self.size >> (HEIGHT * level)) - index * WIDTH)
        rows = [decode_tile(self._read(Tile(level, index, width)), width)]
        for _ in range(HEIGHT - 1):
            rows.append(parents(rows[-1]))
        self._known[level, index] = rows
        if len(self._known) > self._keep:
            self._known.popitem(last=False)
        return rows
