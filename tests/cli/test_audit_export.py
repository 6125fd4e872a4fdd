"""An export by the command line, carried to another machine and checked there."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from corong.auditing.note import SigningKey
from corong.auditing.standalone import corong_verify
from corong.cli.parts import Broken, parts
from tests.cli.test_audit import run, size_of
from tests.peers.waiting import wait_for
from tests.processes import HubProcess

AUDITOR, MAIN = "auditor-inspektorat", "ppid-utama"
WHY = ("--reason", "Pemeriksaan tahunan")


@pytest.fixture(scope="module")
def registration(hub: HubProcess) -> str:
    number: str = hub.message("Lampu RAHASIA-11 mati.", sender="warga-ekspor", key="ekspor-1")["registration"]
    wait_for(
        "the case in the log", lambda: "case.routed" in hub.corong("audit", "log", "--case", number, officer=AUDITOR)
    )
    return number


@pytest.fixture(scope="module")
def key(hub: HubProcess, registration: str) -> str:
    return str(SigningKey.parse((hub.data / "secrets" / "log.key").read_text().strip()).verifier)


def test_an_export_is_made_told_of_and_checked(hub: HubProcess, registration: str, key: str, tmp_path: Path) -> None:
    file = tmp_path / "ekspor.zip"
    told = hub.json("audit", "export", "--out", str(file), *WHY, "--case", registration, officer=AUDITOR)
    assert told["reason"] == "Pemeriksaan tahunan"
    assert told["event"] in hub.corong("audit", "log", "--type", "audit.exported", "--ndjson", officer=AUDITOR)
    assert b"RAHASIA-11" not in file.read_bytes()
    assert not list(tmp_path.glob("*.part"))
    found = json.loads(run("audit", "verify", file, "--key", key, "--json"))
    assert (found["result"], found["seen"]) == ("sound", told["count"])
    assert run("audit", "verify", file, "--key", key).endswith("SOUND\n")
    carried = [sys.executable, "-I", corong_verify.__file__, "verify", str(file), "--key", key]
    assert subprocess.run(carried, capture_output=True, timeout=60, check=False).returncode == 0
    # Unpacked, and with one letter changed.
    folder = tmp_path / "ekspor"
    zipfile.ZipFile(file).extractall(folder)
    assert run("audit", "verify", folder, "--key", key).endswith("SOUND\n")
    lines = (folder / "events.ndjson").read_bytes()
    (folder / "events.ndjson").write_bytes(lines.replace(b"citizen", b"Citizen", 1))
    assert "line 1: " in run("audit", "verify", folder, "--key", key, code=6)
    assert run("audit", "verify", file, "--key", str(SigningKey("lain.example/log", b"k" * 32).verifier), code=6)
    # The same files again, at the checkpoint that the export has.
    (tmp_path / "checkpoint").write_bytes((folder / "checkpoint").read_bytes())
    again = hub.json(
        "audit", "export", "-o", str(tmp_path / "lagi.zip"), *WHY, "--case", registration, "--checkpoint",
        str(tmp_path / "checkpoint"), officer=AUDITOR,
    )  # fmt: skip
    assert again["files"] == told["files"]
    assert again["event"] != told["event"]


def test_filters_rights_and_files_in_the_way(hub: HubProcess, registration: str, tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    ranged = hub.json(
        "audit", "export", "-o", str(file), *WHY, "--since", "1", "--until", "3", "--public", officer=AUDITOR
    )
    assert (ranged["count"], ranged["withheld"], ranged["filter"]) == (2, 2, {"first": 1, "before": 3})
    hub.corong("audit", "export", "-o", str(file), *WHY, officer=AUDITOR, code=1)
    hub.corong("audit", "export", "-o", str(file), "--force", *WHY, "--open", officer=AUDITOR, code=4)
    hub.corong("audit", "export", "-o", str(file), "--force", *WHY, officer="petugas-dinas-pupr", code=4)
    assert json.loads(run("audit", "verify", file, "--json", CORONG_LOG_VERIFIER=log_key(hub)))["withheld"] == 2
    hub.corong(
        "audit", "export", "-o", str(file), "--force", "--reason", "NIK 1209011203850001", officer=AUDITOR, code=1
    )
    hub.corong("audit", "export", "-o", str(tmp_path / "tidak" / "ada.zip"), *WHY, officer=AUDITOR, code=1)
    opened = tmp_path / "terbuka.zip"
    shown = hub.corong("audit", "export", "-o", str(opened), *WHY, "--open", "--unit", "diskominfo", officer=MAIN)
    assert "Dicatat sebagai" in shown
    checkpoint = tmp_path / "checkpoint"
    checkpoint.write_bytes(zipfile.ZipFile(opened).read("checkpoint"))
    assert size_of(checkpoint) > 2


def log_key(hub: HubProcess) -> str:
    return str(SigningKey.parse((hub.data / "secrets" / "log.key").read_text().strip()).verifier)


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_an_answer_in_parts_however_it_comes(size: int) -> None:
    whole = (
        b"--b\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}\r\n"
        b"--b\r\nContent-Type: application/zip\r\nContent-Length: 9\r\n\r\n--b\r\n\r\n--\r\n--b--\r\n"
    )
    blocks = [whole[start : start + size] for start in range(0, len(whole), size)]
    found = [(kind, b"".join(body)) for kind, body in parts(iter(blocks))]
    assert found == [("application/json", b"{}"), ("application/zip", b"--b\r\n\r\n--")]
    for end in (len(whole) - 20, 70, 10):
        with pytest.raises(Broken):
            [(kind, b"".join(body)) for kind, body in parts(iter([whole[:end]]))]
