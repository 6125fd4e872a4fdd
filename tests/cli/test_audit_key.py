"""`corong audit key`: the log's public key, or what to do where there is none."""

import subprocess
from pathlib import Path

from corong.auditing import log_key
from corong.auditing.note import VerifierKey
from tests.processes import clean_environment, corong


def run(data: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return corong("--lang", "en", "audit", "key", env=clean_environment(CORONG_DATA=str(data), **environment))


def test_it_prints_the_key_that_signs(tmp_path: Path) -> None:
    made = log_key.load(tmp_path / "secrets" / "log.key", "asahan.example/log", create=True)
    done = run(tmp_path)
    assert done.returncode == 0, done.stderr
    assert VerifierKey.parse(done.stdout.strip()) == made.verifier
    assert (tmp_path / "secrets" / "log.key").stat().st_mode & 0o777 == 0o600
    assert VerifierKey.parse(run(tmp_path / "other", CORONG_LOG_KEY=made.secret).stdout.strip()) == made.verifier


def test_without_a_key_or_with_another_logs_it_says_what_to_do(tmp_path: Path) -> None:
    missing = run(tmp_path)
    assert missing.returncode == 1
    assert "CORONG_LOG_KEY" in missing.stderr
    log_key.load(tmp_path / "secrets" / "log.key", "lain.example/log", create=True)
    other = run(tmp_path)
    assert other.returncode == 1
    assert "CORONG_LOG_ORIGIN=lain.example/log" in other.stderr
    (tmp_path / "secrets" / "log.key").write_text("?")
    assert run(tmp_path).returncode == 1
