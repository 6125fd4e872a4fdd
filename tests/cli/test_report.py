"""The register and the yearly report by the command line: the same files again, and only what one may see."""

import csv
import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from tests.peers.waiting import wait_for
from tests.processes import HubProcess

AUDITOR, MAIN, UNIT = "auditor-inspektorat", "ppid-utama", "petugas-dinas-pupr"


@pytest.fixture(scope="module")
def number(hub: HubProcess) -> str:
    words = "Jalan di depan pasar Kisaran rusak parah: mohon salinan RAHASIA-31 anggarannya."
    found: str = hub.message(words, sender="pemohon-1", key="laporan-1", kind="information_request")["registration"]
    wait_for("the case in the log", lambda: "dinas-pupr" in hub.corong("audit", "log", "--case", found, "--ndjson",
                                                                       officer=MAIN))  # fmt: skip
    return found


def rows(file: Path, number: str) -> dict[str, str]:
    (row,) = [one for one in csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline=""))
              if one["Nomor"] == number]  # fmt: skip
    return row


def register(hub: HubProcess, out: Path, *more: str, officer: str = MAIN, code: int = 0) -> Any:
    given = ("report", "register", "--format", "csv", "--out", str(out), *more)
    return hub.json(*given, officer=officer) if code == 0 else hub.corong(*given, officer=officer, code=code)


def test_the_same_register_again_and_told_of_in_the_log(hub: HubProcess, number: str, tmp_path: Path) -> None:
    first = register(hub, tmp_path / "satu.csv")
    assert rows(tmp_path / "satu.csv", number)["Informasi yang diminta"].endswith("RAHASIA-31 anggarannya.")
    assert (first["opened"], first["file"]) == (True, str(tmp_path / "satu.csv"))
    assert first["event"] in hub.corong("audit", "log", "--type", "audit.reported", "--ndjson", officer=AUDITOR)
    again = register(hub, tmp_path / "dua.csv", "--at", str(first["size"]))
    assert (tmp_path / "dua.csv").read_bytes() == (tmp_path / "satu.csv").read_bytes()
    assert (again["sha256"], again["root"]) == (first["sha256"], first["root"])
    assert again["sha256"] == hashlib.sha256((tmp_path / "dua.csv").read_bytes()).hexdigest()
    assert again["event"] != first["event"]


def test_who_sees_what_and_files_in_the_way(hub: HubProcess, number: str, tmp_path: Path) -> None:
    out = tmp_path / "register.csv"
    for officer, more in ((AUDITOR, ()), (UNIT, ()), (MAIN, ("--closed",))):
        assert register(hub, out, "--force", *more, officer=officer)["opened"] is False
        assert rows(out, number)["Nama"] == "ditahan"
        assert b"RAHASIA" not in out.read_bytes()
    before = out.read_bytes()
    register(hub, out, code=1)
    register(hub, out, "--force", "--open", officer=AUDITOR, code=4)
    register(hub, out, "--force", "--unit", "dinas-kesehatan", officer=UNIT, code=4)
    register(hub, out, "--force", "--at", "999999999", code=1)
    assert out.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["register.csv"]


def test_a_yearly_report_as_pages_and_for_programs(hub: HubProcess, number: str, tmp_path: Path) -> None:
    words = tmp_path / "hambatan.txt"
    words.write_text("Arsip lama belum digital.", encoding="utf-8")
    pages, figures = tmp_path / "laporan.pdf", tmp_path / "laporan.json"
    given = ("report", "yearly", "--obstacles", f"@{words}", "--plan", "Digitalisasi, Rp 25.000.000.")
    shown = hub.corong(*given, "-o", str(pages), officer=AUDITOR, err=True)
    assert re.search(r"--at [1-9]", shown), "how to have the same again"
    text = "".join(page.extract_text() for page in PdfReader(pages).pages)
    assert "Arsip lama belum digital." in text
    assert number in text
    made = hub.json(*given, "--format", "json", "-o", str(figures), officer=AUDITOR)
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert (found["log"]["size"], found["requests"]["received"]) == (made["size"], made["count"])
    assert found["asked"]["plan"] == "Digitalisasi, Rp 25.000.000."
    hub.corong(*given, "--force", "--plan", "surel budi@contoh.id", "-o", str(pages), officer=AUDITOR, code=1)
