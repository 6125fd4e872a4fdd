"""Every bit of a small log: turned over, it is found, and the entry that it concerns is named."""

import random
from pathlib import Path

import pytest

from corong.auditing.standalone import corong_verify as verifier
from tests.services.auditing.handmade import COSIGNER, LOG, HandmadeLog, events, tile_path

KEYS = [verifier.Key.parse(LOG.vkey)]


def verify(folder: Path, keys: list[verifier.Key] = KEYS, since: bytes | None = None) -> verifier.Report:
    return verifier.verify(verifier.Folder(str(folder)), keys, since=since, processes=1)


def flip(log: HandmadeLog, name: str, byte: int, bit: int) -> None:
    path = log.folder / name
    before = path.read_bytes()
    path.write_bytes(before[:byte] + bytes([before[byte] ^ 1 << bit]) + before[byte + 1 :])
    report = verify(log.folder)
    path.write_bytes(before)
    where = f"{name}, bit {bit} of byte {byte}: {[str(trouble) for trouble in report.troubles]}"
    assert report.code == verifier.TAMPERED, where
    first, last = log.entry_at(name, byte)
    trouble = report.troubles[0]
    if name == "checkpoint":
        assert trouble.file == "checkpoint", where
    else:
        assert trouble.entry is not None, where
        assert (trouble.entry, trouble.last or trouble.entry) == (first, min(last, len(log.bodies) - 1)), where
        assert trouble.file.removesuffix(f".p/{trouble.file.rpartition('/')[2]}") in name, where


def test_every_bit_of_a_small_log(tmp_path: Path) -> None:
    short = [b'{"number":%d,"writer":"a.00"}' % number for number in (1, 2, 3)]  # every bit costs a whole check
    log = HandmadeLog(tmp_path, short).publish(1).publish()
    for name in log.files():
        for byte in range(len((tmp_path / name).read_bytes())):
            for bit in range(8):
                flip(log, name, byte, bit)
    assert verify(tmp_path).code == verifier.SOUND


def test_every_bit_of_a_tile_of_the_second_level(tmp_path: Path) -> None:
    """Of the tiles at the right edge too, one above the other."""
    log = HandmadeLog(tmp_path, [b'{"number":%d,"writer":"a.00"}' % number for number in range(1, 258)]).publish()
    for name in (tile_path(1, 0, 1), tile_path(0, 1, 1), tile_path("entries", 1, 1)):
        for byte in range(len((tmp_path / name).read_bytes())):
            for bit in range(8):
                flip(log, name, byte, bit)
    assert verify(tmp_path).code == verifier.SOUND


@pytest.mark.parametrize(("name", "size"), [("checkpoint", 4), ("checkpoint.witnessed", 3)])
def test_every_bit_of_a_cosignature(tmp_path: Path, name: str, size: int) -> None:
    """And where witnesses came before the last entry, every bit of what they signed, too."""
    log = HandmadeLog(tmp_path, events(4)).publish()
    whole = log.checkpoint(size, (COSIGNER, 1_700_000_000))
    keys = [*KEYS, verifier.Key.parse(COSIGNER.vkey)]
    log.write(name, whole)
    assert verify(tmp_path, keys).code == verifier.SOUND
    start = whole.rindex("—".encode()) if name == "checkpoint" else 0
    for byte in range(start, len(whole)):
        for bit in range(8):
            log.write(name, whole[:byte] + bytes([whole[byte] ^ 1 << bit]) + whole[byte + 1 :])
            # A line with another name or key id is by somebody unknown: then the witness's own is missing.
            line = whole.rindex("—".encode())
            unknown = line <= byte < whole.index(b" ", line + 4) + 1 + 6
            code = verify(tmp_path, keys).code
            assert code == verifier.TAMPERED or (unknown and code == verifier.NOT_CHECKED), (byte, bit)


@pytest.mark.parametrize("size", [255, 256, 257, 600])
def test_bits_of_larger_logs(tmp_path: Path, size: int) -> None:
    log = HandmadeLog(tmp_path, events(size, seed=size)).publish(size - 3).publish()
    chance = random.Random(size)
    for name in log.files():
        length = len((tmp_path / name).read_bytes())
        for _ in range(4):
            flip(log, name, chance.randrange(length), chance.randrange(8))


def test_the_tile_above_says_who_is_wrong(tmp_path: Path) -> None:
    log = HandmadeLog(tmp_path, events(520)).publish()
    for name, place, told in (
        (tile_path("entries", 1), 5, "isinya bukan"), (tile_path(0, 1), 261, "hash di ubin"),
        (tile_path("entries", 2, 8), 7, "isinya bukan"), (tile_path(0, 2, 8), 7, "hash di ubin"),
        (tile_path(1, 0, 2), 40, "hash di ubin"),
    ):  # fmt: skip
        path = log.folder / name
        before = path.read_bytes()
        path.write_bytes(before[:place] + b"\x7f" + before[place + 1 :])
        report = verify(log.folder)
        path.write_bytes(before)
        assert [trouble.what.startswith(told) for trouble in report.troubles] == [True], (name, report.troubles)


def test_a_body_and_its_hash_changed_together_is_found_by_the_tile_above(tmp_path: Path) -> None:
    log = HandmadeLog(tmp_path, events(600)).publish()
    genuine = log.checkpoint(600)
    other = list(log.bodies)
    other[300] = other[300].replace(b"kutipan", b"pujian_")
    forged = HandmadeLog(tmp_path, other).publish()
    for name in (tile_path(1, 0, 2), "checkpoint"):
        honest = HandmadeLog(tmp_path / "honest", log.bodies).publish()
        forged.write(name, (honest.folder / name).read_bytes())
    assert (tmp_path / "checkpoint").read_bytes() == genuine
    report = verify(tmp_path)
    assert report.code == verifier.TAMPERED
    assert (report.troubles[0].entry, report.troubles[0].last) == (256, 511)
