"""Tiles, partial tiles, their paths and bundles as C2SP tlog-tiles has them; a growing edge gives the same tree."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corong.auditing import tiles, tlog
from corong.auditing.tiles import ENTRIES, BadBundle, BadPath, BadTile, Edge, Tile, TileNodes, new_tiles, parse_path
from tests.services.auditing.trees import SIZES, leaf, mth, node, path, proof

PATHS = {
    Tile(0, 0): "tile/0/000",
    Tile(0, 999): "tile/0/999",
    Tile(0, 1000): "tile/0/x001/000",
    Tile(0, 1234067): "tile/0/x001/x234/067",  # the specification's own example
    Tile(1, 273, 112): "tile/1/273.p/112",
    Tile(2, 0, 1): "tile/2/000.p/1",
    Tile(0, 1234067, 5): "tile/0/x001/x234/067.p/5",
    Tile(ENTRIES, 12, 255): "tile/entries/012.p/255",
    Tile(ENTRIES, 123456789): "tile/entries/x123/x456/789",
    Tile(63, 0): "tile/63/000",
}


@pytest.mark.parametrize(("tile", "text"), PATHS.items(), ids=PATHS.values())
def test_paths(tile: Tile, text: str) -> None:
    assert tile.path == text
    assert parse_path(text) == tile


@pytest.mark.parametrize(
    "text",
    ["", "tile", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000", "tile/64/000",
     "tile/-1/000", "tile/+1/000", "tile/0/x000", "tile/0/x000/001", "tile/0/001/002", "tile/0/x001/x002",
     "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p", "tile/0/000.p/1/",
     "tile/0/000/", "/tile/0/000", "tile/0/000.p/1.p/1", "tile/0/X001/000", "tile/data/000", "tile/entries/0",
     "tile/8/0/000", "tile/0/٠٠٠", "tile/0/000\n", "tile/0/ 00", "tile//000", "tile/0/../000",
     "tile/0/" + "x999/" * 7 + "999", "tile/0/" + "x001/" * 60 + "000", "tile/0/000.p/1000", "TILE/0/000",
     "tile/1/000.p/-1", "tile/0x0/000", "checkpoint", "tile/entries", "tile/Entries/000"],
)  # fmt: skip
def test_paths_that_are_none(text: str) -> None:
    with pytest.raises(BadPath):
        parse_path(text)


LOOKS_LIKE_ONE = r"tile/(entries|\d{1,2})/(x?\d{3}/){0,4}\d{3}(\.p/\d{1,3})?"


@given(st.text(max_size=60) | st.from_regex(LOOKS_LIKE_ONE, fullmatch=True))
def test_any_text_is_the_one_path_of_a_tile_or_refused(text: str) -> None:
    try:
        tile = parse_path(text)
    except BadPath:
        return
    assert tile.path == text


@given(st.integers(0, 5), st.integers(0, 2**20), st.integers(1, 256))
def test_every_tile_has_its_path(level: int, index: int, width: int) -> None:
    for tile in (Tile(level, index, width), Tile(ENTRIES, index, width)):
        assert parse_path(tile.path) == tile


@pytest.mark.parametrize(("level", "index", "width"), [(-2, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_tiles_that_are_none(level: int, index: int, width: int) -> None:
    with pytest.raises(BadPath):
        Tile(level, index, width)


def test_the_tiles_of_the_specifications_example() -> None:
    """tlog-tiles: 273 full tiles of level 0 and one of 112, one full of level 1 and one of 17, one of 1 at level 2."""
    found = new_tiles(0, 70_000)
    by_level = {level: [tile.width for tile in found if tile.level == level] for level in (ENTRIES, 0, 1, 2, 3)}
    assert by_level[0] == by_level[ENTRIES] == [256] * 273 + [112]
    assert (by_level[1], by_level[2], by_level[3]) == ([256, 17], [1], [])
    assert [tile.path for tile in new_tiles(0, 256) if tile.level >= 0] == ["tile/0/000", "tile/1/000.p/1"]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 300, 511, 512, 65_535, 65_536, 65_537, 70_000])
def test_an_edge_is_the_tree(size: int) -> None:
    edge = Edge()
    files = dict(edge.append(leaf(index) for index in range(size)))
    files |= edge.tiles()
    assert edge.size == size
    assert edge.root() == mth(0, size)
    assert sorted(files) == sorted(tile for tile in new_tiles(0, size) if tile.level >= 0)
    for tile, data in files.items():
        hashes = tiles.decode_tile(data, tile.width)
        assert hashes == [node(8 * tile.level, tile.index * 256 + place) for place in range(tile.width)]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 400), max_size=8))
def test_an_edge_that_grows_in_any_steps_and_is_read_again_is_the_same(steps: list[int]) -> None:
    edge = Edge()
    before = 0
    for step in steps:
        grown = edge.copy()
        full = grown.append(leaf(index) for index in range(before, before + step))
        assert edge.size == before, "the copy grows by itself"
        written = {tile for tile, _ in (*full, *grown.tiles())}
        assert {tile for tile in new_tiles(before, before + step) if tile.level >= 0} <= written
        edge = Edge(grown.size, grown.partial)
        before += step
        assert edge.root() == mth(0, before)


@pytest.mark.parametrize("size", [1, 2, 255, 257, 512])
def test_what_is_no_edge_of_that_size_is_refused(size: int) -> None:
    edge = Edge()
    edge.append(leaf(index) for index in range(size))
    for bad in [edge.partial[:-1], [*edge.partial, [leaf(0)]], [row[:-1] for row in edge.partial], []]:
        with pytest.raises(BadTile):
            Edge(size, bad)
    with pytest.raises(BadTile):
        Edge(size + 1, edge.partial)


def reader(size: int) -> Any:
    """Reads the tiles of a log of that size, and refuses to read others."""
    there = set(new_tiles(0, size))

    def read(tile: Tile) -> bytes:
        assert tile in there
        return b"".join(node(8 * tile.level, tile.index * 256 + place) for place in range(tile.width))

    return read


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, SIZES, 512, 700])
def test_proofs_from_tiles(size: int) -> None:
    nodes = TileNodes(size, reader(size))
    for index in range(0, size, 7):
        assert tlog.inclusion_proof(index, size, nodes) == path(index, 0, size)
    for old in range(1, size + 1, 5):
        assert tlog.consistency_proof(old, size, nodes) == proof(old, 0, size)
    assert tlog.root_from(size, nodes) == mth(0, size)


def test_proofs_from_tiles_of_three_levels() -> None:
    size = 66_000
    nodes = TileNodes(size, reader(size), keep=3)
    for index in (0, 65_535, 65_536, 65_999, 12_345):
        found = tlog.inclusion_proof(index, size, nodes)
        tlog.verify_inclusion(leaf(index), index, size, found, mth(0, size))
    for old in (1, 256, 65_536, 65_537, 40_000):
        found = tlog.consistency_proof(old, size, nodes)
        tlog.verify_consistency(old, size, mth(0, old), mth(0, size), found)


@pytest.mark.parametrize(("level", "index"), [(0, 300), (9, 0), (-1, 0), (0, -1), (2, 75)])
def test_nodes_that_are_not_complete(level: int, index: int) -> None:
    with pytest.raises(ValueError, match="no complete node"):
        TileNodes(300, reader(300))(level, index)


@pytest.mark.parametrize(("data", "width"), [(b"", 1), (bytes(31), 1), (bytes(33), 1), (bytes(64), 1), (b"", 0),
                                             (bytes(257 * 32), 257), (bytes(32), 2)])  # fmt: skip
def test_tiles_of_another_length_are_refused(data: bytes, width: int) -> None:
    with pytest.raises(BadTile):
        tiles.decode_tile(data, width)


def test_bundles() -> None:
    assert tiles.encode_bundle([b"ab", b"", b"c" * 300]) == b"\x00\x02ab\x00\x00\x01\x2c" + b"c" * 300
    most = [bytes(65_535)] * 256
    assert tiles.decode_bundle(tiles.encode_bundle(most), 256) == most


@pytest.mark.parametrize("entries", [[], [bytes(65_536)], [b""] * 257])
def test_what_fits_in_no_bundle(entries: list[bytes]) -> None:
    with pytest.raises(BadBundle):
        tiles.encode_bundle(entries)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=20))
def test_a_bundle_cut_or_lengthened_anywhere_is_refused(entries: list[bytes]) -> None:
    data = tiles.encode_bundle(entries)
    assert tiles.decode_bundle(data, len(entries)) == entries
    for end in range(len(data)):
        with pytest.raises(BadBundle):
            tiles.decode_bundle(data[:end], len(entries))
    for width in (0, len(entries) - 1, len(entries) + 1, 257):
        with pytest.raises(BadBundle):
            tiles.decode_bundle(data, width)
    with pytest.raises(BadBundle):
        tiles.decode_bundle(data + b"\x00", len(entries))


@given(st.binary(max_size=400), st.integers(-1, 300))
def test_any_bytes_are_the_one_bundle_of_their_entries_or_refused(data: bytes, width: int) -> None:
    try:
        entries = tiles.decode_bundle(data, width)
    except BadBundle:
        return
    assert len(entries) == width
    assert tiles.encode_bundle(entries) == data
