"""`corong doctor` finds what is broken, says what to do, and changes nothing."""

import json
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from pydantic import SecretStr

from corong.auditing import log_key
from corong.doctor import Finding, examine, network, storage
from corong.runtime.database import Database
from corong.runtime.deployment_key import DeploymentKey
from corong.runtime.installation import example_folder
from corong.runtime.migrate import migrate
from corong.runtime.permissions import server_config
from corong.runtime.settings import Settings
from corong.runtime.web import make_app
from corong_contracts.base import SERVICES
from tests.cli.brokers import Deployment, deployment
from tests.peers.oidc_provider import oidc_provider
from tests.peers.waiting import wait_for
from tests.processes import HubProcess, clean_environment, corong

ACCOUNT = """
[[account]]
id = "{id}"
channel = "{channel}"
unit = "diskominfo"
name = "Akun"
receipts = false
[account.settings]
{settings}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration to be broken."""
    copy = tmp_path / "config"
    shutil.copytree(example_folder(), copy)
    return copy


@pytest.fixture
def settings(tmp_path: Path, folder: Path, free_port: int) -> Settings:
    return Settings(data=tmp_path / "data", config=folder, port=free_port)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Deployment]:
    with deployment(tmp_path) as found:
        yield found


async def _troubles(settings: Settings, service: str | None = None) -> dict[str, Finding]:
    found = await examine(settings, service)
    for finding in found:
        assert all(finding.told)
        assert finding.state != "trouble" or all(finding.do), "what to do must be told"
    return {finding.check: finding for finding in found if finding.state == "trouble"}


async def test_nothing_is_wrong_before_the_first_start_and_nothing_is_made(settings: Settings) -> None:
    assert await _troubles(settings) == {}
    assert not settings.data.exists()


async def test_every_mistake_of_the_files_is_told(settings: Settings, folder: Path) -> None:
    with (folder / "officers.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[officer]]\nid = "x"\nname = "X"\nrole = "king"\nunit = "tidak-ada"\n')
    (folder / "hub.toml").unlink()
    found = await examine(settings)
    told = " ".join(finding.told[1] for finding in found if finding.state == "trouble")
    assert "officers.toml" in told
    assert "hub.toml" in told


async def test_rules_that_cannot_be_read_are_told(settings: Settings, folder: Path) -> None:
    (folder / "rules.toml").write_text('[[rule]]\nid = "a"\n', encoding="utf-8")
    assert "rules" in await _troubles(settings)


async def test_decrees_and_clocks_that_do_not_fit_are_told(settings: Settings, folder: Path) -> None:
    (folder / "decrees.toml").write_text("[[decree]]\nnumber = 'SK 1'\n", encoding="utf-8")
    (folder / "clocks.toml").write_text("[targets]\nrequest_notice = 11\n", encoding="utf-8")
    found = await _troubles(settings)
    assert set(found) == {"calendar", "clocks"}
    assert "laxer than the law" in found["clocks"].told[1]


async def test_the_public_information_list_is_looked_at(settings: Settings, folder: Path) -> None:
    with (folder / "information.toml").open("a", encoding="utf-8") as file:
        file.write("[[information]]\nid = 'x'\n")
    found = await _troubles(settings)
    assert set(found) == {"information"}
    assert "'x'" in found["information"].told[1]


async def test_accounts_are_looked_at_one_by_one(settings: Settings, folder: Path) -> None:
    mastodon = 'base_url = "https://sosial.example"\ntoken = {{ env = "{}" }}'
    with (folder / "accounts.toml").open("a", encoding="utf-8") as file:
        for account in (
            {"id": "asing", "channel": "telepati", "settings": ""},
            {"id": "tanpa-rahasia", "channel": "mastodon", "settings": mastodon.format("CORONG_TEST_NOT_THERE")},
            {"id": "tanpa-alamat", "channel": "mastodon", "settings": ""},
        ):
            file.write(ACCOUNT.format(**account))
    found = await _troubles(settings)
    assert set(found) == {"account asing", "account tanpa-rahasia", "account tanpa-alamat"}
    assert "telepati" in found["account asing"].told[1]
    assert "CORONG_TEST_NOT_THERE" in found["account tanpa-rahasia"].told[1]
    assert "base_url" in found["account tanpa-alamat"].told[1]
    settings.demo = True
    assert await _troubles(settings) == {}, "in training no account's settings matter"


async def test_the_key_must_be_there_and_nobody_else_may_read_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = settings.data / "secrets" / "deployment.key"
    DeploymentKey.load(path, create=True)
    path.chmod(0o644)
    assert "chmod 600" in (await _troubles(settings))["key"].do[0]
    path.chmod(0o600)
    assert await _troubles(settings) == {}
    path.write_text("short")
    assert set(await _troubles(settings)) == {"key"}
    monkeypatch.setenv("CORONG_KEY", "short")
    assert set(await _troubles(settings)) == {"key"}


async def test_the_wrong_key_is_found(settings: Settings) -> None:
    path = settings.data / "secrets" / "deployment.key"
    from corong.runtime.installation import Installation

    installation = Installation.open(settings, create=True)
    installation.key_database.create_schema()
    migrate(installation.key_database)
    installation.keys.ensure(["somebody"])
    installation.key_database.close()
    assert await _troubles(settings) == {}
    path.unlink()
    DeploymentKey.load(path, create=True)
    assert set(await _troubles(settings)) == {"key"}


async def test_databases_must_be_there_and_of_the_newest_version(settings: Settings) -> None:
    database = Database(settings.database, "routing")
    database.create_schema()
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE schema_version (version_num VARCHAR(32) NOT NULL)")
        connection.exec_driver_sql("INSERT INTO schema_version VALUES ('0000')")
    database.close()
    found = await _troubles(settings)
    assert set(found) == {"database routing"}
    assert found["database routing"].do[0] == "corong migrate routing"
    (settings.data / "db" / "desk.sqlite").write_bytes(b"no database at all " * 100)
    assert set(await _troubles(settings)) == {"database routing", "database desk"}


async def test_a_database_server_that_does_not_answer_is_told_without_its_password(
    settings: Settings, free_port: int
) -> None:
    settings.database_url = f"postgresql+psycopg://corong:geheim@127.0.0.1:{free_port}/corong"
    found = await _troubles(settings)
    assert {f"database {name}" for name in (*SERVICES, "keys", "channels")} <= set(found)
    assert "geheim" not in str(found)
    settings.database_url = "no url"
    DeploymentKey.load(settings.data / "secrets" / "deployment.key", create=True)
    assert "CORONG_DATABASE_URL" in (await _troubles(settings))["database keys"].told[0]


async def test_an_object_store_that_cannot_be_written_is_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    settings.objects = str(tmp_path / "file" / "objects")
    DeploymentKey.load(settings.data / "secrets" / "deployment.key", create=True)
    assert "objects" in await _troubles(settings)


async def test_a_taken_port_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "ANSWER_SECONDS", 0.1)  # what took it says nothing
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", settings.port))
        taken.listen()
        assert set(await _troubles(settings)) == {"port"}


class Part:
    """What `/readyz` asks."""

    name = "portal"

    def __init__(self, missing: dict[str, str]) -> None:
        self.missing = missing

    async def ready(self) -> dict[str, str]:
        return self.missing


@pytest.mark.parametrize("missing", [{}, {"broker": "away"}])
async def test_a_port_is_no_trouble_where_the_process_that_it_is_for_answers(
    settings: Settings, missing: dict[str, str]
) -> None:
    server = uvicorn.Server(uvicorn.Config(make_app([Part(missing)], 1024), port=settings.port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_for("the process", lambda: server.started)
        found = await _troubles(settings)
    finally:
        server.should_exit = True
        thread.join()
    assert set(found) == ({"port"} if missing else set())
    assert not missing or "portal: broker" in found["port"].told[1]


@pytest.mark.parametrize("service", ["auditing", "desk"])
async def test_only_who_writes_below_the_data_folder_must_be_able_to(
    settings: Settings, service: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.data.mkdir()
    settings.nats_password = SecretStr("word")
    monkeypatch.setattr(network, "BROKER_SECONDS", 0.1)  # there is none
    settings.objects = str(tmp_path / "objects")
    monkeypatch.setattr(storage, "_writable", lambda folder: False)  # as on a read-only file system, for root too
    assert "data" in await _troubles(settings, service), "its database is a file there"
    settings.database_url = "postgresql+psycopg://corong@127.0.0.1:1/corong"
    assert ("data" in await _troubles(settings, service)) == (service == "auditing")
    assert "data" not in await _troubles(settings)


async def test_the_logs_key_and_head_are_looked_at(settings: Settings) -> None:
    path, head = settings.data / "secrets" / "log.key", settings.data / "log-head"
    log_key.load(path, "kota.example/log", create=True)
    assert "CORONG_LOG_ORIGIN=kota.example/log" in (await _troubles(settings))["log"].told[1]
    settings.log_origin = "kota.example/log"
    assert await _troubles(settings) == {}
    path.chmod(0o640)
    assert "chmod 600" in (await _troubles(settings))["log"].do[0]
    path.chmod(0o600)
    settings.log_witnesses = "saksi.example/w1"
    assert "CORONG_LOG_WITNESSES" in (await _troubles(settings))["log"].told[1]
    settings.log_witnesses = ""
    head.write_text("no checkpoint\n")
    assert str(head) in (await _troubles(settings))["log"].told[1]
    path.unlink()
    assert "log" in await _troubles(settings), "a log that was signed has a key"


async def test_a_broker_of_its_own_is_asked_for_all_it_needs(
    place: Deployment, settings: Settings, free_port: int
) -> None:
    settings.nats_url = place.server.url
    settings.nats_password = SecretStr("wrong")
    DeploymentKey.load(settings.data / "secrets" / "deployment.key", create=True)
    assert "CORONG_NATS_PASSWORD" in (await _troubles(settings))["broker"].do[0]
    settings.nats_password = SecretStr(place.server.known["deploy"])
    assert "corong topology apply" in (await _troubles(settings))["broker"].do[0]
    place.deploy("topology", "apply")
    assert await _troubles(settings) == {}
    settings.nats_monitor_url = f"http://127.0.0.1:{place.server.monitor_port}"
    assert await _troubles(settings) == {}
    settings.nats_password = SecretStr(place.server.known["routing"])
    assert await _troubles(settings, "routing") == {}
    settings.nats_url = f"nats://127.0.0.1:{free_port}"
    assert "broker" in await _troubles(settings, "routing")


async def test_an_unsafe_broker_is_told(tmp_path: Path, settings: Settings) -> None:
    text = server_config().replace("sync_interval: always", 'sync_interval: "10s"')
    DeploymentKey.load(settings.data / "secrets" / "deployment.key", create=True)
    with deployment(tmp_path, text=text) as place:
        settings.nats_url = place.server.url
        settings.nats_password = SecretStr(place.server.known["deploy"])
        settings.nats_monitor_url = f"http://127.0.0.1:{place.server.monitor_port}"
        assert "sync_interval" in (await _troubles(settings))["broker"].told[1]


def test_beside_a_running_hub_it_ends_with_0_and_on_trouble_with_1(tmp_path: Path) -> None:
    with HubProcess(tmp_path / "data") as hub:
        hub.wait_ready()
        assert {line["state"] for line in hub.json("doctor")} == {"ok", "note"}
        assert "berjalan dan siap" in hub.corong("doctor")
        assert "All is well." in hub.corong("--lang", "en", "doctor", err=True)
    broken = clean_environment(CORONG_CONFIG=str(tmp_path), CORONG_DATA=str(tmp_path / "data"))
    done = corong("doctor", "--json", env=broken)
    assert done.returncode == 1
    lines = json.loads(done.stdout)
    assert all(set(line) == {"check", "state", "told", "do"} for line in lines)
    assert any(line["state"] == "trouble" and "hub.toml" in line["told"] for line in lines)
    assert os.listdir(tmp_path / "data")


async def test_the_sign_in_provider_is_asked(settings: Settings, folder: Path, free_port: int) -> None:
    officers = folder / "officers.toml"
    settings = settings.model_copy(update={"port": 0, "public_url": "https://corong.asahan.example/"})
    with (folder / "hub.toml").open("a", encoding="utf-8") as file:
        file.write(
            f'[sign_in_provider]\nissuer = "http://127.0.0.1:{free_port}"\nclient_id = "corong"\nname = "Akun"\n'
            'client_secret = { file = "provider.secret" }\n'
        )
    found = [one for one in await examine(settings) if one.check == "sign-in provider"]
    assert [one.state for one in found] == ["trouble"] * 3
    assert "provider.secret" in found[0].told[1]
    assert "no officer has an identity" in found[1].told[1]
    assert "can't be used (ConnectError)" in found[2].told[1]
    (folder / "provider.secret").write_text("rahasia", encoding="utf-8")
    text = officers.read_text(encoding="utf-8")
    officers.write_text(text.replace('id = "ppid-utama"\n', 'id = "ppid-utama"\nidentity = "ade"\n'), encoding="utf-8")
    with oidc_provider(free_port):
        found = [one for one in await examine(settings, "desk") if one.check == "sign-in provider"]
        assert [one.state for one in found] == ["ok"]
        assert "https://corong.asahan.example/masuk/penyedia/kembali" in found[0].told[1]
        assert not [one for one in await examine(settings, "routing") if one.check == "sign-in provider"]
