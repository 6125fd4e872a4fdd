"""Exports are made page by page: equal pages make equal bytes, and memory does not grow with the log."""

import fcntl
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from corong.desk.exporting.workplace import sweep, workplace
from corong_contracts.audit import ExportFilter
from tests.services.auditing.facts import body
from tests.services.desk.exporting.pages import asked, lines, make


def test_the_same_pages_make_the_same_bytes(tmp_path: Path) -> None:
    made = [make(tmp_path / name / "files", 450) for name in ("a", "b")]
    archives = [making.pack("bukti").read_bytes() for making in made]
    assert archives[0] == archives[1]
    other = make(tmp_path / "c" / "files", 450, asked(reason="Lain")).made.digests
    assert {name for name in other if other[name] != made[0].made.digests[name]} == {"cover.pdf"}


def test_the_exact_bytes_of_each_event_are_in_its_line(tmp_path: Path) -> None:
    strange: dict[str, Any] = {"data": {"text": 'tab\t kutip" garis\\ \u2028 emoji 🙂 \x01 akhir'}}
    make(tmp_path / "files", 3, **strange)
    for number, line in enumerate(lines(tmp_path / "files"), 1):
        assert line["event"].encode() == body(number, **strange)


def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    def peak(size: int) -> int:
        tracemalloc.start()
        try:
            make(tmp_path / str(size) / "files", size)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(200)  # what is loaded once
    few, many = peak(400), peak(2400)
    sizes = [(tmp_path / str(n) / "files" / "events.ndjson").stat().st_size for n in (400, 2400)]
    more = sizes[1] - sizes[0]
    assert many - few < more / 5, (few, many, more)


def test_the_cover_sheet_tells_who_why_what_and_the_checkpoint(tmp_path: Path) -> None:
    wanted = ExportFilter(unit="dinas-pupr", type="case.", first=7)
    reason = "Pemeriksaan “tahunan” – łódź 🙂"
    making = make(tmp_path / "files", 450, asked(wanted=wanted, reason=reason, role="auditor"))
    reader = PdfReader(tmp_path / "files" / "cover.pdf")
    text = "\n".join(found.extract_text() for found in reader.pages)
    for told in (
        "Ade Contoh (auditor-inspektorat)", "“tahunan” –", "dinas-pupr", "case.", "1 Juli 2026", "2026-07-01T03:04:05Z",
        "Entri / Entries", "450", "case.prioritised.v1", "log.example/uji+1234abcd", "— log.example/uji",
        "A" * 43 + "=",
        "corong_verify.py verify", making.made.digests["events.ndjson"], "record.tlog-proof",
    ):  # fmt: skip
        assert told in text, told
    metadata = reader.metadata
    assert metadata is not None
    assert str(metadata.creation_date) == "2026-07-01 03:04:05+00:00"


def test_a_long_cover_sheet_goes_on_to_the_next_page(tmp_path: Path) -> None:
    make(tmp_path / "files", 2, asked(name="N" * 120, reason="R " * 100))
    assert len(PdfReader(tmp_path / "files" / "cover.pdf").pages) >= 1


def test_what_a_dead_process_left_is_swept_and_what_works_is_not(tmp_path: Path) -> None:
    with workplace(tmp_path) as busy:
        (busy / "events.csv").write_text("terbuka")
        dead = tmp_path / "export-mati"
        (dead / "files").mkdir(parents=True)
        (dead / "files" / "events.csv").write_text("terbuka")
        (dead / "lock").touch()
        sweep(tmp_path)
        assert not dead.exists()
        assert (busy / "events.csv").exists()
        assert busy.parent.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ZeroDivisionError), workplace(tmp_path):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_sweeping_waits_for_nobody(tmp_path: Path) -> None:
    held = tmp_path / "export-x"
    held.mkdir()
    lock = os.open(held / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    sweep(tmp_path)
    assert held.exists()
    os.close(lock)
    sweep(tmp_path)
    assert not held.exists()
