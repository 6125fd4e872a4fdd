"""What somebody may do to a log who holds its files, or its key: each is found, none brings the verifier down."""

import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from corong.auditing.standalone import corong_verify as verifier
from tests.services.auditing.handmade import (
    COSIGNER,
    LOG,
    HandmadeLog,
    Signer,
    checkpoint,
    event,
    events,
    leaf,
    mth,
    tile_path,
)

KEYS = [verifier.Key.parse(LOG.vkey)]
SOUND, NOT_CHECKED, TAMPERED = 0, 1, 6


def verify(folder: Path, since: bytes | None = None, keys: list[verifier.Key] = KEYS) -> verifier.Report:
    return verifier.verify(verifier.Folder(str(folder)), keys, since=since, processes=1)


def made(folder: Path, bodies: list[bytes]) -> verifier.Report:
    return verify(HandmadeLog(folder, bodies).publish().folder)


@pytest.mark.parametrize("size", [*range(0, 260), 511, 512, 513, 1000])
def test_sound_logs_of_every_width(tmp_path: Path, size: int) -> None:
    log = HandmadeLog(tmp_path, events(size, seed=size)).publish()
    report = verify(tmp_path, since=log.checkpoint(size * 2 // 3))
    assert (report.code, report.seen, report.troubles, report.notes) == (SOUND, size, [], [])


def test_a_tree_with_a_third_level(tmp_path: Path) -> None:
    """More than 65,536 entries; bodies that are no events, so that writing them takes no time."""
    bodies = [b"%d" % number for number in range(65_536 + 300)]
    log = HandmadeLog(tmp_path, bodies).publish()
    for since in (1, 65_535, 65_536, 65_700):
        source, old = verifier.Folder(str(tmp_path)), log.checkpoint(since)
        assert verifier.verify(source, KEYS, since=old, events=False, processes=1).code == SOUND
    path = tmp_path / tile_path(1, 0)
    data = bytearray(path.read_bytes())
    data[77 * 32] ^= 1
    path.write_bytes(data)
    report = verifier.verify(verifier.Folder(str(tmp_path)), KEYS, events=False, processes=2)
    assert [(t.entry, t.last, t.file) for t in report.troubles] == [(77 * 256, 78 * 256 - 1, "tile/1/000")]


def test_several_processes_find_the_same(tmp_path: Path) -> None:
    log = HandmadeLog(tmp_path, events(256 * 40 + 3)).publish()
    assert verifier.verify(verifier.Folder(str(tmp_path)), KEYS, processes=2).code == SOUND
    path = tmp_path / tile_path("entries", 37)
    path.write_bytes(path.read_bytes().replace(b"kutipan", b"cuplik_", 1))
    one, two = (verifier.verify(verifier.Folder(str(tmp_path)), KEYS, processes=count) for count in (1, 2))
    assert str(one.troubles[0]) == str(two.troubles[0])
    assert (one.code, one.troubles[0].entry, two.seen) == (TAMPERED, 37 * 256, len(log.bodies))


def test_swapped_entries(tmp_path: Path) -> None:
    log = HandmadeLog(tmp_path, events(300)).publish()
    other = list(log.bodies)
    other[3], other[280] = other[280], other[3]
    swapped = HandmadeLog(tmp_path / "other", other).publish()
    for name in (tile_path("entries", 0), tile_path("entries", 1, 44)):
        log.write(name, (swapped.folder / name).read_bytes())
    assert [trouble.entry for trouble in verify(tmp_path).troubles] == [3, 280]


@pytest.mark.parametrize("name", ["checkpoint", tile_path("entries", 0), tile_path(0, 1, 44), tile_path(1, 0, 1)])
def test_truncated_and_missing_files(tmp_path: Path, name: str) -> None:
    log = HandmadeLog(tmp_path, events(300)).publish()
    whole = (tmp_path / name).read_bytes()
    for data in (whole[:-1], whole[: len(whole) // 2], b"", whole + b"\0", whole * 2):
        log.write(name, data)
        report = verify(tmp_path)
        assert report.code == TAMPERED, data
        assert report.troubles[0].file == name
    (tmp_path / name).unlink()
    report = verify(tmp_path)
    assert (report.code, report.troubles[0].file) == (NOT_CHECKED, name)


def test_a_missing_folder_or_an_empty_one_is_no_sound_log(tmp_path: Path) -> None:
    assert verify(tmp_path).code == NOT_CHECKED
    with pytest.raises(verifier.Trouble) as told:
        verifier.open_source(str(tmp_path / "nowhere"))
    assert told.value.code == NOT_CHECKED


def test_an_old_checkpoint_put_back(tmp_path: Path) -> None:
    log = HandmadeLog(tmp_path, events(300))
    kept = log.publish(290).checkpoint(290)
    log.publish(300)
    newer = log.checkpoint(300)
    assert verify(tmp_path, since=kept).code == SOUND
    log.write("checkpoint", kept)
    report = verify(tmp_path)
    assert report.code == SOUND  # by itself it is a sound, older log: said, as far as it can be seen
    assert any("checkpoint" in note for note in report.notes)
    report = verify(tmp_path, since=newer)
    assert report.code == TAMPERED
    assert "300" in report.troubles[0].what
    assert "290" in report.troubles[0].what


@pytest.mark.parametrize("old", [1, 100, 255, 256, 257, 299, 300])
def test_a_forked_log(tmp_path: Path, old: int) -> None:
    bodies = events(300)
    genuine = HandmadeLog(tmp_path / "a", bodies)
    forked = HandmadeLog(tmp_path / "b", [event("intake.77", 1), *bodies[1:]]).publish()
    report = verify(forked.folder, since=genuine.checkpoint(old))
    assert report.code == TAMPERED
    assert "bercabang" in report.troubles[0].what
    with pytest.raises(verifier.Trouble) as told:
        verifier.verify_consistency(
            verifier.Folder(str(forked.folder)),
            verifier.open_checkpoint(genuine.checkpoint(old), KEYS),
            verifier.open_checkpoint(forked.checkpoint(300), KEYS),
        )
    assert told.value.code == TAMPERED


def test_a_tree_that_the_key_holder_signed_over_other_entries(tmp_path: Path) -> None:
    log = HandmadeLog(tmp_path, events(10)).publish()
    log.write("checkpoint", checkpoint(10, leaf(b"something else")))
    report = verify(tmp_path)
    assert (report.code, report.troubles[0].file) == (TAMPERED, "checkpoint")
    log.write("checkpoint", checkpoint(0, leaf(b"")))
    assert verify(tmp_path).code == TAMPERED


def test_other_keys_and_other_logs(tmp_path: Path) -> None:
    log = HandmadeLog(tmp_path, events(3)).publish()
    root = log.root(3)
    for signer, origin in (
        (Signer(LOG.name, seed=9), LOG.name), (Signer("log.lain.example"), LOG.name), (LOG, "log.lain.example"),
    ):  # fmt: skip
        log.write("checkpoint", checkpoint(3, root, origin=origin, signer=signer))
        assert verify(tmp_path).code == TAMPERED
    # A log's key may be used for a log of another name where the auditor says so.
    found = verifier.verify(verifier.Folder(str(tmp_path)), KEYS, origin="log.lain.example")
    assert found.code == SOUND
    # By a key that is known, one false signature spoils the whole, also beside a true one.
    bad = Signer(LOG.name).line(b"another text\n")
    log.write("checkpoint", log.checkpoint(3) + bad)
    assert verify(tmp_path).code == TAMPERED
    log.write("checkpoint", log.checkpoint(3) + Signer("siapa.example", 7).line(b"another text\n"))
    assert verify(tmp_path).code == SOUND


def test_witnesses(tmp_path: Path) -> None:
    log = HandmadeLog(tmp_path, events(3)).publish()
    keys = [*KEYS, verifier.Key.parse(COSIGNER.vkey)]
    assert verify(tmp_path, keys=keys).code == NOT_CHECKED
    assert verifier.verify(verifier.Folder(str(tmp_path)), keys, quorum=0).code == SOUND
    log.write("checkpoint", log.checkpoint(3, (COSIGNER, 1_700_000_000)))
    report = verify(tmp_path, keys=keys)
    assert report.code == SOUND
    assert report.checkpoint is not None
    assert report.checkpoint.signed[keys[1]] == 1_700_000_000


def test_a_public_copy_with_withheld_bodies(tmp_path: Path) -> None:
    bodies = events(300)
    log = HandmadeLog(tmp_path, bodies).publish(280, withheld=frozenset(range(0, 280, 2)))
    log.publish(300, withheld=frozenset(range(2, 300, 2)))  # 0 is given by now
    report = verify(tmp_path, since=log.checkpoint(280))
    assert (report.code, report.seen, report.withheld) == (SOUND, 151, 149)
    assert any("149" in note for note in report.notes)
    path = tmp_path / tile_path("entries", 0)
    path.write_bytes(path.read_bytes().replace(b"kutipan", b"cuplik_", 2))
    assert [trouble.entry for trouble in verify(tmp_path).troubles] == [0, 1]


def test_an_entry_can_not_be_hidden_as_withheld_beyond_its_hash(tmp_path: Path) -> None:
    """Withholding is told, and the hash still binds the log's keeper."""
    log = HandmadeLog(tmp_path, events(5)).publish(withheld=frozenset({2}))
    path = tmp_path / tile_path(0, 0, 5)
    path.write_bytes(path.read_bytes()[:64] + leaf(b"another") + path.read_bytes()[96:])
    assert verify(log.folder).code == TAMPERED


# --- numbers


def test_numbers_without_hole_or_repeat(tmp_path: Path) -> None:
    one, two, three, five = (event("intake.00", number) for number in (1, 2, 3, 5))
    other = event("routing.00", 1)
    hole = made(tmp_path / "hole", [one, other, two, five])
    assert (hole.code, hole.troubles[0].entry) == (TAMPERED, 3)
    assert "3–4" in hole.troubles[0].what
    first = made(tmp_path / "first", [other, two])
    assert (first.code, first.troubles[0].entry) == (TAMPERED, 1)
    again = made(tmp_path / "again", [one, two, other, event("intake.00", 2, actor="somebody else"), three])
    assert (again.code, again.troubles[0].entry) == (TAMPERED, 3)
    late = made(tmp_path / "late", [one, three, other, two])
    assert (late.code, late.notes != []) == (SOUND, True)
    ahead = made(tmp_path / "ahead", [one, three, event("intake.00", 3, actor="x"), two])
    assert ahead.code == TAMPERED


def test_a_number_that_the_log_itself_says_was_put_aside(tmp_path: Path) -> None:
    told = event(
        "auditing.00", 1, type="id.corong.audit.entry_refused.v1", data={"of_writer": "intake.00", "number": 2}
    )
    bodies = [event("intake.00", 1), event("intake.00", 3), told]
    report = made(tmp_path / "told", bodies)
    assert (report.code, len(report.notes)) == (SOUND, 1)
    assert made(tmp_path / "not told", bodies[:2]).code == TAMPERED
    forged = told.replace(b"auditing.00", b"routing.000")  # only auditing may say so
    assert made(tmp_path / "forged", [*bodies[:2], forged]).code == TAMPERED


def test_a_number_whose_bytes_claimed_another_entrys_id(tmp_path: Path) -> None:
    """They were kept apart, and the log says so; of a number that was used again it says nothing new."""

    def told(contradicts: str) -> bytes:
        data = {"of_writer": "intake.00", "number": 2, "contradicts": contradicts}
        return event("auditing.00", 1, type="id.corong.audit.conflict_found.v1", data=data)

    bodies = [event("intake.00", 1), event("intake.00", 3)]
    assert made(tmp_path / "id", [*bodies, told("id")]).code == SOUND
    assert made(tmp_path / "number", [*bodies, told("number")]).code == TAMPERED
    forged = told("id").replace(b"auditing.00", b"routing.000")
    assert made(tmp_path / "forged", [*bodies, forged]).code == TAMPERED


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":{"number":1,"writer":"intake.00"}}',  # not at the top level
        b'{"number":1,"number":2,"writer":"intake.00"}',  # parsers differ
        b'{"number":1,"number" :2,"writer":"intake.00"}',
        b'{"number":1,"\\u006eumber":2,"writer":"intake.00"}',
        b'{"data":{"number":9},"number":1,"number":2,"writer":"intake.00"}',
        b'{"number":1,"writer":"intake.00","writer":"routing.00"}',
        b'{"number":true,"writer":"intake.00"}',
        b'{"number":1.0,"writer":"intake.00"}',
        b'{"number":1e0,"writer":"intake.00"}',
        b'{"number":0,"writer":"intake.00"}',
        b'{"number":-1,"writer":"intake.00"}',
        b'{"number":"1","writer":"intake.00"}',
        b'{"number":9007199254740993,"writer":"intake.00"}',
        b'{"number":' + b"9" * 5000 + b',"writer":"intake.00"}',
        b'{"number":1,"writer":["intake.00"]}',
        b'{"number":1,"writer":"intake.00"} ',
        b' {"number":1,"writer":"intake.00"}',
        b'{"number":1,"writer":"intake.00"}{}',
        b'[{"number":1,"writer":"intake.00"}]',
        b'{"x":' + b"[" * 30000 + b"]" * 30000 + b',"number":1,"writer":"intake.00"}',
        b"[" * 60000, b"\xff\xfe", b"null", b"1", b'"number"', b'{"number":NaN,"writer":"intake.00"}',
        b'{"data":"\\ud800","number":1,"writer":"intake.00"}',
        b'{"data":{"of_writer":[],"number":[]},"number":1,"type":"id.corong.audit.entry_refused.v1","writer":"auditing.00"}',
    ],
)  # fmt: skip
def test_what_is_no_event_is_told_with_its_entry(tmp_path: Path, body: bytes) -> None:
    report = made(tmp_path, [event("intake.01", 1), body, event("intake.01", 2)])
    assert report.code == TAMPERED
    assert report.troubles[0].entry == 1


def test_nested_numbers_and_writers_don_t_count(tmp_path: Path) -> None:
    nested = {"number": 77, "writer": "x", "inner": {"number": 78, "writer": "y", "z": '"number":79,"writer":"z"}'}}
    assert made(tmp_path, [event("intake.00", 1, data=nested), event("intake.00", 2, data=nested)]).code == SOUND


# --- hostile sizes and files


def test_enormous_signed_sizes_end_soon(tmp_path: Path) -> None:
    for size in (2**40, 2**62, 2**63 - 1):
        (tmp_path / "checkpoint").write_bytes(checkpoint(size, leaf(b"x")))
        report = verify(tmp_path)
        assert report.code == NOT_CHECKED
        assert len(report.troubles) < 200
        with_processes = verifier.verify(verifier.Folder(str(tmp_path)), KEYS, processes=2)
        assert with_processes.code == NOT_CHECKED
    (tmp_path / "checkpoint").write_bytes(checkpoint(2**63, leaf(b"x")))
    assert verify(tmp_path).code == TAMPERED


def test_files_that_are_too_big_are_not_read_whole(tmp_path: Path) -> None:
    log = HandmadeLog(tmp_path, events(3)).publish()
    for name in ("checkpoint", tile_path("entries", 0, 3), tile_path(0, 0, 3)):
        before = (tmp_path / name).read_bytes()
        with open(tmp_path / name, "wb") as file:
            file.truncate(20 << 30)  # sparse
        tracemalloc.start()
        report = verify(tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert report.code == NOT_CHECKED
        assert peak < 60_000_000
        log.write(name, before)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
def test_what_is_no_plain_file_is_not_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    HandmadeLog(tmp_path, events(3)).publish()
    for name in ("checkpoint", tile_path("entries", 0, 3), tile_path(0, 0, 3)):
        (tmp_path / name).unlink()
        make(tmp_path / name)
        assert verify(tmp_path).code == NOT_CHECKED


def test_a_log_of_the_largest_entries(tmp_path: Path) -> None:
    body = b'{"data":"' + b"x" * (0xFFFF - 43) + b'","number":1,"writer":"intake.00"}'
    assert len(body) <= 0xFFFF
    assert made(tmp_path, [body]).code == SOUND


def test_other_logs_are_checked_without_reading_events(tmp_path: Path) -> None:
    log = HandmadeLog(tmp_path, [b"not json", b"", b"\0\1\2"]).publish()
    source = verifier.Folder(str(tmp_path))
    assert verifier.verify(source, KEYS, events=False).code == SOUND
    assert verifier.verify(source, KEYS).code == TAMPERED
    assert log.root(3) == mth(log.leaves)


def test_in_a_folder_nothing_may_be_withheld_unless_it_is_a_public_copy(tmp_path: Path) -> None:
    log = HandmadeLog(tmp_path / "log", events(5)).publish(withheld=frozenset({3}))
    asked = ["verify", str(log.folder), "--key", LOG.vkey]
    assert verifier.run(verifier.arguments().parse_args(asked)) == verifier.NOT_CHECKED
    assert verifier.run(verifier.arguments().parse_args([*asked, "--public"])) == verifier.SOUND
