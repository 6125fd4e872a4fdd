"""deploy/systemd and the scripts that make its environment: the same processes, users, settings and secrets."""

import os
import re
import shlex
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from corong.runtime.deployment_key import Secrets
from corong.runtime.natsserver import program
from corong.runtime.permissions import password_variable
from tests.deploy import files
from tests.deploy.files import PROCESSES, SECRETS
from tests.programs import find_program

SYSTEMD = files.DEPLOY / "systemd"
UNITS = sorted(path.name for path in SYSTEMD.iterdir() if path.suffix in (".service", ".target"))
JOBS = ("topology", "keys")


def unit(name: str) -> dict[str, list[str]]:
    """Key → its values, in order; systemd lets keys stand more than once."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in (SYSTEMD / name).read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, value = line.split("=", 1)
            found[key].append(value)
    return found


def words(name: str, key: str) -> list[str]:
    """All words of a key's values."""
    return [word for value in unit(name)[key] for word in value.split()]


def test_the_target_starts_every_process() -> None:
    assert UNITS == [
        "corong-keys.service", "corong-nats.service", "corong-topology.service", "corong.target", "corong@.service",
    ]  # fmt: skip
    wanted = set(words("corong.target", "Wants"))
    assert wanted == {f"corong@{name}.service" for name in PROCESSES} | {name for name in UNITS if "-" in name}
    for name in UNITS:
        if name != "corong.target":
            assert "corong.target" in words(name, "PartOf")


@pytest.mark.parametrize("name", ["corong@.service", "corong-topology.service", "corong-keys.service"])
def test_each_command_is_one_of_the_command_line(name: str) -> None:
    ((started),) = unit(name)["ExecStart"]
    command, *arguments = shlex.split(started)
    assert command == "/opt/corong/bin/corong"
    for instance in PROCESSES if "@" in name else ("",):
        assert files.knows_command(*(word.replace("%i", instance) for word in arguments))


def test_the_broker_is_the_wheels_with_the_generated_configuration() -> None:
    command = shlex.split(unit("corong-nats.service")["ExecStart"][0])
    assert command[:3] == ["/opt/corong/bin/nats-server", "-c", "/etc/corong/nats.conf"]
    assert Path(program()).name == "nats-server"
    assert "8222" in command


def test_each_unit_has_a_user_of_its_own() -> None:
    declared = (SYSTEMD / "corong.sysusers.conf").read_text(encoding="utf-8")
    users = set(re.findall(r"^u (\S+) ", declared, re.MULTILINE))
    assert users == {f"corong-{name}" for name in (*PROCESSES, *JOBS, "nats")}
    assert set(re.findall(r"^m (\S+) corong$", declared, re.MULTILINE)) == users - {"corong-nats"}
    assert unit("corong@.service")["User"] == ["corong-%i"]
    for name in (*JOBS, "nats"):
        assert unit(f"corong-{name}.service")["User"] == [f"corong-{name}"]


@pytest.mark.skipif(find_program("systemd-analyze") is None, reason="no systemd-analyze on this machine")
def test_systemd_understands_every_line() -> None:
    command = ["systemd-analyze", "verify", *(str(SYSTEMD / name) for name in UNITS)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    # The programs are where the units say on the machine that they are for.
    complaints = [line for line in said.stderr.splitlines() if "is not executable: No such file" not in line]
    assert complaints == []


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """.env, and the folder env that was split from it."""
    path = files.made_environment(tmp_path)
    (tmp_path / "accounts.env").write_text("CORONG_EMAIL_PPID_PASSWORD=rahasia\n")
    subprocess.run(["sh", str(SYSTEMD / "split-env.sh"), path, tmp_path / "env"], check=True, timeout=30)
    return tmp_path


def test_new_secrets_are_new_whole_and_readable(made: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    first = files.read_environment(made / ".env")
    second = files.read_environment(files.made_environment(tmp_path_factory.mktemp("other")))
    assert set(first) == SECRETS
    assert not set(first.values()) & set(second.values())
    assert len(set(first.values())) == len(first)
    assert all(re.fullmatch(r"p[0-9a-f]{48}", word) for name, word in first.items() if name != files.DEPLOYMENT_KEY)
    assert len(Secrets.read(first[files.DEPLOYMENT_KEY]).current) == 32
    command = [program(), "-c", str(files.DEPLOY / "nats" / "nats.conf"), "-t"]
    checked = subprocess.run(command, env=first, capture_output=True, text=True, timeout=30, check=False)
    assert checked.returncode == 0, checked.stderr


def test_each_unit_gets_its_own_secrets_and_no_other(made: Path) -> None:
    secrets = files.read_environment(made / ".env")
    found = {path.name: files.read_environment(path) for path in (made / "env").iterdir()}
    assert set(found) == {f"{name}.env" for name in (*PROCESSES, *JOBS, "corong", "nats")} | {
        "channels.accounts.env", "publishing.accounts.env",
    }  # fmt: skip
    assert set(found["nats.env"]) == files.BROKER_SECRETS
    assert found["nats.env"].items() <= secrets.items()
    for name in (*PROCESSES, *JOBS):
        own = found[f"{name}.env"]
        expected = set()
        if name != "keys":
            expected.add(secrets[password_variable({"topology": "deploy"}.get(name, name))])
            assert own["CORONG_NATS_PASSWORD"] in expected
        if name != "topology":
            url = make_url(own["CORONG_DATABASE_URL"])
            assert (url.drivername, url.username, url.database) == ("postgresql+psycopg", f"corong_{name}", "corong")
            assert url.password == secrets[f"CORONG_DB_{name.upper()}_PASSWORD"]
            expected.add(url.password)
        assert {word for word in secrets.values() if word in str(own)} == expected
        assert set(own) <= files.SETTINGS
    common = found["corong.env"]
    assert set(common) - files.SETTINGS == {files.DEPLOYMENT_KEY}
    assert {word for word in secrets.values() if word in str(common)} == {secrets[files.DEPLOYMENT_KEY]}
    ports = [found[f"{name}.env"]["CORONG_PORT"] for name in PROCESSES]
    assert len(set(ports)) == len(ports)
    shown = files.example()[1]
    for name in ("intake", "desk", "portal"):
        assert found[f"{name}.env"]["CORONG_PORT"] == shown[f"CORONG_{name.upper()}_PORT"], "as in the compose file"


def test_the_logs_key_and_files_are_in_a_folder_of_auditings_own(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    common, own = (files.read_environment(made / "env" / f"{name}.env") for name in ("corong", "auditing"))
    monkeypatch.setenv(files.DEPLOYMENT_KEY, common[files.DEPLOYMENT_KEY])
    folders = {
        Path(path): (mode, user)
        for _, path, mode, user, _ in map(str.split, re.findall("^d .+$", _tmpfiles(), re.MULTILINE))
    }
    written = files.files_of("auditing", tmp_path / "root", common | own)
    assert len(written) == 3
    for path in written:
        (folder,) = set(path.parents) & set(folders)
        assert folders[folder] == ("0700", "corong-auditing"), f"others could change {path}"
        assert any(word.lstrip("-") == str(folder) for word in words("corong@.service", "ReadWritePaths"))


def _tmpfiles() -> str:
    return (SYSTEMD / "corong.tmpfiles.conf").read_text(encoding="utf-8")


def test_nobody_else_reads_the_environment(made: Path) -> None:
    for path in (made / "env").iterdir():
        assert path.stat().st_mode & 0o077 == 0 or path.name.endswith("accounts.env")


def test_settings_of_the_env_file_reach_the_units(made: Path) -> None:
    with (made / ".env").open("a") as env:
        env.write("CORONG_PUBLIC_URL=https://corong.asahan.example\nCORONG_PARTITIONS=32\n")
        env.write("CORONG_LOG_ORIGIN=asahan.example/log\nCORONG_OBJECTS=s3://lampiran\n")
        env.write("CORONG_LOG_WITNESSES=saksi.example/w1+1a2b3c4d+AAA= saksi.example/w2+1a2b3c4d+AAA=\n")
    subprocess.run(["sh", str(SYSTEMD / "split-env.sh"), made / ".env", made / "env"], check=True, timeout=30)
    common = files.read_environment(made / "env" / "corong.env")
    assert (common["CORONG_PUBLIC_URL"], common["CORONG_PARTITIONS"]) == ("https://corong.asahan.example", "32")
    assert (common["CORONG_LOG_ORIGIN"], common["CORONG_OBJECTS"]) == ("asahan.example/log", "s3://lampiran")
    assert len(common["CORONG_LOG_WITNESSES"].split()) == 2


def test_a_missing_secret_stops_the_split(made: Path) -> None:
    text = (made / ".env").read_text()
    for name in SECRETS - {"POSTGRES_PASSWORD", *files.BROKER_SECRETS} | {"CORONG_NATS_DESK_PASSWORD"}:
        (made / ".env").write_text(re.sub(rf"^{name}=.*$", f"{name}=", text, flags=re.MULTILINE))
        command = ["sh", str(SYSTEMD / "split-env.sh"), str(made / ".env"), str(made / "env")]
        said = subprocess.run(command, env=os.environ, capture_output=True, text=True, timeout=30, check=False)
        assert said.returncode == 1
        assert f"no {name}" in said.stderr
