"""An auditor's and a witness's work by the command line: against a hub, and with a copy of its log on a stick."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corong.auditing.note import COSIGNATURE, SigningKey
from tests.peers.waiting import wait_for
from tests.processes import HubProcess, clean_environment, corong

AUDITOR = "auditor-inspektorat"
WITNESS = SigningKey("saksi.universitas.example/w2", b"w" * 32, COSIGNATURE)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """A hub that knows a witness."""
    data = tmp_path_factory.mktemp("hub") / "data"
    with HubProcess(data, CORONG_SETTLE_SECONDS="1", CORONG_LOG_WITNESSES=str(WITNESS.verifier)) as running:
        running.wait_ready()
        yield running


def run(*arguments: str | Path, code: int = 0, **env: str) -> str:
    """Without a hub: what it printed, on both outputs."""
    done = corong(*map(str, arguments), env=clean_environment(CORONG_LANG="en", **env))
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def size_of(checkpoint: Path) -> int:
    return int(checkpoint.read_text().split("\n")[1])


@pytest.fixture(scope="module")
def registration(hub: HubProcess) -> str:
    receipt = hub.message("Lampu jalan mati.", sender="warga-audit", key="audit-1")
    number: str = receipt["registration"]
    wait_for(
        "the case in the log", lambda: "case.routed" in hub.corong("audit", "log", "--case", number, officer=AUDITOR)
    )
    return number


@pytest.fixture(scope="module")
def key(hub: HubProcess, registration: str) -> str:
    return str(SigningKey.parse((hub.data / "secrets" / "log.key").read_text().strip()).verifier)


@pytest.fixture
def stick(hub: HubProcess, key: str, tmp_path: Path) -> Path:
    """A copy of the log's folder, made while the hub runs: the checkpoint first, so that all it speaks of is there."""

    def copied() -> Path | None:
        target = tmp_path / "stick"
        shutil.rmtree(target, ignore_errors=True)
        if not (hub.data / "log" / "checkpoint").exists():
            return None
        target.mkdir()
        shutil.copy(hub.data / "log" / "checkpoint", target)
        shutil.copytree(hub.data / "log" / "tile", target / "tile")
        return target if size_of(target / "checkpoint") > 2 else None

    return wait_for("the log's folder", copied)


def test_a_copy_on_a_stick_is_checked_without_the_hub(stick: Path, key: str, tmp_path: Path) -> None:
    told = run("audit", "verify", stick, "--key", key)
    assert told.endswith("SOUND\n")
    found = json.loads(run("audit", "verify", stick, "--json", CORONG_LOG_VERIFIER=key))
    assert (found["result"], found["seen"], found["withheld"]) == ("sound", size_of(stick / "checkpoint"), 0)
    (tmp_path / "key.txt").write_text(f"# the log's\n{key}\n")
    carried = tmp_path / "corong_verify.py"
    digest = run("audit", "verifier", "-o", carried)
    assert hashlib.sha256(carried.read_bytes()).hexdigest() in digest
    assert "is there already" in run("audit", "verifier", "-o", carried, code=1)
    command = [sys.executable, "-I", str(carried), "verify", str(stick), "--key", f"@{tmp_path / 'key.txt'}"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, env={"LANG": "id_ID.UTF-8"}, cwd=tmp_path
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "UTUH"), done.stderr


def test_a_changed_entry_is_named(stick: Path, key: str) -> None:
    for bundle in (stick / "tile" / "entries").rglob("*"):
        if bundle.is_file():  # a shorter one may still lie beside that of the checkpoint
            bundle.write_bytes(bundle.read_bytes().replace(b'"actor":"', b'"Actor":"', 1))
    told = run("audit", "verify", stick, "--key", key, code=6)
    assert "entry 0:" in told
    assert "TAMPERED WITH\n" in told
    found = json.loads(run("audit", "verify", stick, "--key", key, "--json", code=6))
    assert {finding["entry"] for finding in found["findings"]} == {0}
    assert run("audit", "verify", stick / "nowhere", "--key", key, code=1)
    assert run("audit", "verify", stick, code=1)


def test_the_hub_itself_is_checked_as_an_auditor_and_as_a_stranger(hub: HubProcess, key: str) -> None:
    whole = json.loads(hub.corong("audit", "verify", f"{hub.url}/log", "--key", key, "--json", officer=AUDITOR))
    assert (whole["result"], whole["withheld"]) == ("sound", 0)
    public = json.loads(hub.corong("audit", "verify", f"{hub.url}/log", "--key", key, "--json"))
    assert public["result"] == "sound"
    assert public["withheld"] > 0
    assert public["seen"] + public["withheld"] == public["checkpoint"]["size"]


def test_a_proof_of_a_registration(hub: HubProcess, registration: str, key: str, tmp_path: Path) -> None:
    file, event = tmp_path / "perkara.tlog-proof", tmp_path / "perkara.json"
    hub.corong("audit", "prove", registration, "-o", str(file), "--key", key, officer=AUDITOR)
    assert json.loads(event.read_text())["type"] == "id.corong.case.registered.v1"
    from corong.auditing.standalone import corong_verify

    command = [sys.executable, "-I", corong_verify.__file__, "proof", str(file), "--event", str(event), "--key", key]
    assert subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    without = [*command[:5], *command[7:]]
    assert subprocess.run(without, capture_output=True, timeout=60, check=False).returncode == 1, "nobody tampered"
    shown = hub.json("audit", "show", json.loads(event.read_text())["id"], officer=AUDITOR)
    assert (shown["event"], shown["checked"]) == (json.loads(event.read_text()), False)
    again = hub.corong("audit", "show", str(shown["position"]), "--key", key, "--lang", "en", officer=AUDITOR)
    assert "proven in a log of" in again
    event.write_bytes(event.read_bytes().replace(b"citizen", b"Citizen", 1))
    assert subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 6
    other = str(SigningKey("lain.example/log", b"k" * 32).verifier)
    hub.corong("audit", "show", registration, "--key", other, officer=AUDITOR, code=6)
    hub.corong("audit", "prove", registration, "-o", str(file), "--key", key, officer=AUDITOR, code=1)
    hub.corong("audit", "show", "999999999", officer=AUDITOR, code=1)
    hub.corong("audit", "show", registration, officer="petugas-dinas-pupr", code=4)


def test_two_checkpoints_and_what_lies_between(hub: HubProcess, stick: Path, key: str, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copy(stick / "checkpoint", old)
    size = size_of(old)
    hub.message("Satu lagi.", sender="warga-audit", key="audit-2")
    new = tmp_path / "new"

    def grown() -> bool:
        shutil.copy(hub.data / "log" / "checkpoint", new)
        return size_of(new) > size

    wait_for("a longer log", grown)
    told = hub.corong("audit", "consistency", str(old), str(new), f"{hub.url}/log", "--key", key, "--lang", "en")
    assert told.endswith("SOUND\n")
    assert hub.corong("audit", "consistency", str(new), str(old), f"{hub.url}/log", "--key", key, code=6, err=True)
    between = hub.json("audit", "diff", str(old), str(new), officer=AUDITOR)
    assert [item["position"] for item in between["events"]] == list(range(size, size_of(new)))
    some = hub.json("audit", "diff", "1", "3", officer=AUDITOR)
    assert [item["position"] for item in some["events"]] == [1, 2]
    assert hub.json("audit", "diff", str(new), str(new), officer=AUDITOR)["events"] == []
    hub.corong("audit", "diff", "3", "1", officer=AUDITOR, code=1)
    kept = json.loads(hub.corong("audit", "verify", f"{hub.url}/log", "--since", str(old), "--key", key, "--json"))
    assert (kept["result"], kept["since"]["size"]) == ("sound", size)


def witness(place: str | Path, key: str, folder: Path, *more: str | Path, code: int = 0) -> str:
    given: list[Any] = ["--key", key, "--secret", folder / "saksi.key", "--state", folder / "state"]
    return run("audit", "witness", place, *given, *more, code=code)


def test_a_witness(hub: HubProcess, stick: Path, key: str, tmp_path: Path) -> None:
    cosigned = tmp_path / "cosigned"
    assert "no witness key" in witness(stick, key, tmp_path, code=1)
    made = witness(stick, key, tmp_path, "--name", "saksi.universitas.example/w1", "--first", "-o", cosigned)
    public = next(word for word in made.split() if word.startswith("saksi.universitas.example/w1+"))
    assert (tmp_path / "saksi.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state").read_bytes() == (stick / "checkpoint").read_bytes()
    # The cosigned checkpoint stands in the copy, and is asked for.
    assert "not witnessed" in run("audit", "verify", stick, "--key", key, "--key", public, code=1)
    shutil.copy(cosigned, stick / "checkpoint")
    assert ", 20" in run("audit", "verify", stick, "--key", key, "--key", public)
    # Again, and a lost state is not taken for a new log.
    assert witness(stick, key, tmp_path, "-o", cosigned)
    assert cosigned.read_text().count("saksi.universitas.example/w1") == 1
    state = (tmp_path / "state").read_bytes()
    (tmp_path / "state").unlink()
    assert "what was witnessed last is not known" in witness(stick, key, tmp_path, code=1)
    (tmp_path / "state").write_bytes(state)
    (tmp_path / "state").write_bytes(state[:-9])
    assert "can't be used" in witness(stick, key, tmp_path, code=1)
    (tmp_path / "state").write_bytes(state)
    assert witness(stick, str(SigningKey("lain.example", b"k" * 32).verifier), tmp_path, code=6)


def test_a_signature_that_a_witness_hands_in_is_given_out_with_the_log(
    hub: HubProcess, registration: str, stick: Path, key: str, tmp_path: Path
) -> None:
    (tmp_path / "saksi.key").write_text(f"{WITNESS.secret}\n")
    both = ("--key", key, "--key", str(WITNESS.verifier))
    log = f"{hub.url}/log"
    assert "not witnessed" in run("audit", "verify", log, *both, code=1)
    assert "address" in witness(stick, key, tmp_path, "--first", "--hand-in", code=1), "a folder takes nothing"
    told = witness(log, key, tmp_path, "--first", "--hand-in", "-o", tmp_path / "cosigned")
    assert f"signature of {WITNESS.name}" in told
    hub.message("Sesudah saksi datang.", sender="warga-audit", key="audit-3")
    size = size_of(tmp_path / "cosigned")
    wait_for("a longer log", lambda: size_of(hub.data / "log" / "checkpoint") > size)
    wait_for("the witnessed checkpoint", lambda: (hub.data / "log" / "checkpoint.witnessed").exists())
    for place in (log, str(hub.data / "log")):
        told = run("audit", "verify", place, *both)
        assert f"the first {size} entries: {WITNESS.name}, 20" in told
        assert "are not witnessed yet" in told
    found = json.loads(run("audit", "verify", log, *both, "--json"))
    assert (found["code"], found["witnessed"]["size"]) == (0, size)
    # The proof of what stood there then brings the witness's word along.
    proof = tmp_path / "perkara.tlog-proof"
    hub.corong("audit", "prove", registration, "-o", str(proof), "--key", key, officer=AUDITOR)
    event = next(path for path in tmp_path.glob("perkara*") if path != proof)
    script = tmp_path / "corong_verify.py"
    run("audit", "verifier", "-o", script)
    checked = [sys.executable, str(script), "proof", str(proof), "--event", str(event), *both]
    assert subprocess.run(checked, check=False, capture_output=True, timeout=60).returncode == 0
    # By another's hand, and what is none of a known witness.
    assert "was taken" in run("audit", "add-cosignature", tmp_path / "cosigned", log)
    assert json.loads(run("audit", "add-cosignature", tmp_path / "cosigned", log, "--json"))["size"] == size
    assert "no witness" in run("audit", "add-cosignature", stick / "checkpoint", log, code=1).lower()
    assert run("audit", "add-cosignature", tmp_path / "none", log, code=1)
