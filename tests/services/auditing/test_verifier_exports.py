"""The carried verifier on exports: a whole one is sound, and whatever is changed in it is found and named."""

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corong.auditing import proving
from corong.auditing.exporting import Exporting
from corong.auditing.note import SigningKey, sign
from corong.auditing.standalone import corong_verify as verifier
from corong.runtime.policy import Actor
from corong.runtime.service import Service
from corong_contracts.audit import ExportFilter
from corong_contracts.command import ProveEntry, ReadExport
from tests.services.auditing.facts import arrival, body
from tests.services.auditing.logs import KEY, Log
from tests.services.stores import Store

KEYS = [verifier.Key.parse(str(KEY.verifier))]
RECORD, EVENT = "record.tlog-proof", UUID(int=0xE000)
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """An export of 40 entries, every second of them withheld, and recorded at the log's end."""
    folder = tmp_path_factory.mktemp("log")
    store = Store(f"sqlite:///{folder}")
    log = Log(store, folder)
    log.append(*(arrival(body(n), n) for n in range(1, 41)))
    exporting = Exporting(cast(Service, SimpleNamespace(query=lambda *_: 0, command=lambda *_: 0)), log.tree)
    auditor = Actor(kind="officer", id="auditor-inspektorat", role="auditor")
    with log.works.database.read() as connection:
        page = exporting.read(connection, auditor, ReadExport(filter=ExportFilter(), reason="Uji"))
    lines = []
    for entry in page["entries"]:
        given: dict[str, Any] = {"index": entry["position"], "event": entry["event"], "path": entry["path"]}
        if entry["position"] % 2:
            hashed = verifier.leaf(given.pop("event").encode())
            given["hash"] = base64.b64encode(hashed).decode()
        lines.append(json.dumps(given, ensure_ascii=False))
    made = {
        "checkpoint": page["checkpoint"].encode(), "events.ndjson": "".join(f"{line}\n" for line in lines).encode(),
        "events.csv": b"tabel", "README.txt": b"baca",
    }  # fmt: skip
    data = {
        "officer": auditor.id, "size": page["size"], "root": page["root"], "count": 40, "withheld": 20,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in made.items()},
    }  # fmt: skip
    told = body(1, "auditing.00", identity=EVENT, type="id.corong.audit.exported.v1", data=data)
    log.append(arrival(told, 1, "auditing.00"))
    with log.works.database.read() as connection:
        made[RECORD] = proving.prove(connection, ProveEntry(event=EVENT, with_event=True))["proof"].encode()
        made["another.tlog-proof"] = proving.prove(connection, ProveEntry(position=3, with_event=True))[
            "proof"
        ].encode()
    store.close()
    return made


def check(place: Path, files: Files, packed: bool) -> verifier.Report:
    given = {name: content for name, content in files.items() if name != "another.tlog-proof"}
    if packed:
        with zipfile.ZipFile(place / "ekspor.zip", "w") as archive:
            for name, content in given.items():
                archive.writestr(name, content)
        return verifier.verify_export(str(place / "ekspor.zip"), KEYS)
    folder = place / "ekspor"
    folder.mkdir(exist_ok=True)
    for name, content in given.items():
        (folder / name).write_bytes(content)
    return verifier.verify_export(str(folder), KEYS)


@pytest.mark.parametrize("packed", [True, False])
def test_a_whole_export_is_sound(files: Files, packed: bool, tmp_path: Path) -> None:
    report = check(tmp_path, files, packed)
    assert (report.code, report.seen, report.withheld, report.troubles) == (0, 20, 20, [])
    assert "auditor-inspektorat" in report.notes[0]
    place = tmp_path / ("ekspor.zip" if packed else "ekspor")
    assert verifier.is_export(str(place))


def replaced(name: str, old: bytes, new: bytes) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        assert old in files[name]
        return {**files, name: files[name].replace(old, new, 1)}

    return change


def lines_changed(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Files], Files]:
    def changed(files: Files) -> Files:
        return {**files, "events.ndjson": b"".join(change(files["events.ndjson"].splitlines(keepends=True)))}

    return changed


def without(name: str) -> Callable[[Files], Files]:
    return lambda files: {other: content for other, content in files.items() if other != name}


def forged(files: Files) -> Files:
    """Another's key on the same tree."""
    note = sign(verifier.parse_note(files["checkpoint"])[0], [SigningKey(KEY.name, b"x" * 32)])
    return {**files, "checkpoint": note.data}


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(
    ("change", "code", "entry", "told"),
    [
        (replaced("events.ndjson", b"officer:petugas", b"officer:petugaz"), 6, 0, "line 1: "),
        (replaced("events.ndjson", b'"number\\":11,', b'"number\\":12,'), 6, 10, "line 11: "),
        (lines_changed(lambda lines: [*lines[:5], *lines[6:]]), 6, None, "not the file that was recorded"),
        (lines_changed(lambda lines: lines[:-1]), 6, None, "not the file that was recorded"),
        (lines_changed(lambda lines: [lines[1], lines[0], *lines[2:]]), 6, 0, "line 2: out of order"),
        (lines_changed(lambda lines: [lines[0], *lines]), 6, 0, "line 2: out of order"),
        (lines_changed(lambda lines: [lines[0][:90], b"\n", *lines[1:]]), 6, None, "line 1: not a line"),
        (lines_changed(lambda lines: [b"[" * 100_000 + b"\n", *lines]), 6, None, "line 1: not a line"),
        (lines_changed(lambda lines: [*lines, b"\n"]), 6, None, "line 41: not a line"),
        (lines_changed(lambda lines: [b"x" * 3_000_000]), 6, None, "line 1: not a line"),
        (replaced("events.csv", b"tabel", b"tebal"), 6, None, "events.csv: not the file"),
        (replaced("checkpoint", b"\n40\n", b"\n39\n"), 6, None, "signature"),
        (forged, 6, None, "not signed"),
        (lambda files: {**files, RECORD: files["another.tlog-proof"]}, 6, None, "not the record of this export"),
        (replaced(RECORD, b"index 40", b"index 39"), 6, None, "not what stands at 39"),
        (lambda files: {**files, "tambahan.txt": b"x"}, 6, None, "tambahan.txt: not named"),
        (without(RECORD), 1, None, "missing"),
        (without("events.csv"), 6, None, "missing, though"),
        (without("checkpoint"), 1, None, "can't be read"),
    ],
)  # fmt: skip
def test_what_was_changed_is_found(
    files: Files, change: Callable[[Files], Files], code: int, entry: int | None, told: str, packed: bool,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(verifier, "language", "en")
    report = check(tmp_path, change(files), packed)
    assert report.code == code, report.troubles
    assert any(told in str(trouble) for trouble in report.troubles), [str(trouble) for trouble in report.troubles]
    if entry is not None:
        assert entry in {trouble.entry for trouble in report.troubles}


def test_an_archive_that_is_none_or_has_a_file_twice(files: Files, tmp_path: Path) -> None:
    broken = tmp_path / "x.zip"
    broken.write_bytes(b"PK\x03\x04 no archive")
    assert verifier.verify_export(str(broken), KEYS).code == 1
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("checkpoint", files["checkpoint"])
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("checkpoint", files["checkpoint"])
    assert verifier.verify_export(str(broken), KEYS).code == 6


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_flipped_bit_of_an_archive_is_noticed_or_means_nothing(
    files: Files, tmp_path: Path, data: st.DataObject
) -> None:
    """Of the files' own bytes each one counts; a flip elsewhere, in a date say, changes none of them."""
    check(tmp_path, files, packed=True)
    place = tmp_path / "ekspor.zip"
    content = bytearray(place.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    place.write_bytes(content)
    report = verifier.verify_export(str(place), KEYS)
    if report.code == 0:
        with zipfile.ZipFile(place) as archive:
            read = {name: archive.read(name) for name in archive.namelist()}
        assert read == {name: files[name] for name in read}
        assert len(read) == len(files) - 1


NAMES = st.sampled_from(["index", "event", "hash", "path", "x"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(NAMES, x)
)


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_no_line_is_a_crash(value: Any) -> None:
    head = verifier.Checkpoint("x", 5, b"r" * 32, {})
    with pytest.raises(verifier.Trouble):
        verifier.check_line(json.dumps(value).encode(), head, -1, verifier.Report())
