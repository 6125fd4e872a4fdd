"""Settings from the environment: what is set counts, what makes no sense is refused at the start by name."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from corong.runtime.cores import usable_cores
from corong.runtime.settings import Settings


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("CORONG_"):
            monkeypatch.delenv(name)


def test_without_any_it_is_a_hub_in_a_folder() -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.partitions) == ("127.0.0.1", 8080, 16)
    assert settings.database == f"sqlite:///{Path('data/db').absolute()}"
    assert settings.owned_range == range(16)
    assert not settings.demo


def test_each_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "CORONG_DATA": "/srv/corong",
        "CORONG_PORT": "0",
        "CORONG_DATABASE_URL": "postgresql+psycopg://corong@db/corong",
        "CORONG_PARTITIONS": "8",
        "CORONG_OWNED": "2-5",
        "CORONG_NATS_PASSWORD": "rahasia",
        "CORONG_DEMO": "true",
        "CORONG_LOG_LEVEL": "DEBUG",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.data == Path("/srv/corong")
    assert settings.database == "postgresql+psycopg://corong@db/corong"
    assert list(settings.owned_range) == [2, 3, 4, 5]
    assert (settings.port, settings.partitions, settings.demo) == (0, 8, True)
    assert "rahasia" not in repr(settings) + str(settings)


@pytest.mark.parametrize("name", ["CORONG_DATABASE_URL", "CORONG_OWNED", "CORONG_PORT", "CORONG_OBJECTS"])
def test_an_empty_one_is_as_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "")
    assert Settings() == Settings(port=8080)


@pytest.mark.parametrize(("text", "owned"), [("0-15", range(16)), ("7", range(7, 8)), ("0-0", range(1))])
def test_owned_partitions(monkeypatch: pytest.MonkeyPatch, text: str, owned: range) -> None:
    monkeypatch.setenv("CORONG_OWNED", text)
    assert Settings().owned_range == owned


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CORONG_PORT", "70000"),
        ("CORONG_PORT", "eight"),
        ("CORONG_PARTITIONS", "0"),
        ("CORONG_PARTITIONS", "101"),
        ("CORONG_OWNED", "a-b"),
        ("CORONG_OWNED", "5-3"),
        ("CORONG_OWNED", "8-16"),
        ("CORONG_OWNED", "-3"),
        ("CORONG_PROCESSES", "0"),
        ("CORONG_PROCESSES", "3"),
        ("CORONG_PROCESSES", "two"),
        ("CORONG_LEASE_MINUTES", "0"),
        ("CORONG_SETTLE_SECONDS", "-1"),
        ("CORONG_SEND_TIMEOUT_SECONDS", "0"),
        ("CORONG_MAX_BODY_BYTES", "10"),
        ("CORONG_LOG_LEVEL", "loud"),
        ("CORONG_LOG_FORMAT", "xml"),
    ],
)
def test_what_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert name.removeprefix("CORONG_").lower() in str(refused.value)


@pytest.mark.parametrize(("cores", "processes"), [(1, 1), (1.5, 1), (2, 2), (64, 2)])
def test_a_hub_has_two_processes_where_there_are_cores_for_them(
    monkeypatch: pytest.MonkeyPatch, cores: float, processes: int
) -> None:
    monkeypatch.setattr("corong.runtime.settings.usable_cores", lambda: cores)
    assert Settings().hub_processes == processes
    for chosen in (1, 2):
        monkeypatch.setenv("CORONG_PROCESSES", str(chosen))
        assert Settings().hub_processes == chosen


def _group(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("cpu_", "cpu.", 1)).write_text(f"{text}\n")


@pytest.mark.parametrize(
    ("mine", "limits", "cores"),
    [
        ("0::/", {}, 8),
        ("0::/", {"": {"cpu_max": "max 100000"}}, 8),
        ("0::/", {"": {"cpu_max": "150000 100000"}}, 1.5),  # in a container
        ("0::/hub", {"hub": {"cpu_max": "300000 100000"}, "": {"cpu_max": "200000 100000"}}, 2),  # the least of all
        ("0::/hub", {"hub": {"cpu_max": "1600000 100000"}}, 8),
        ("0::/../hub", {"": {"cpu_max": "50000 100000"}}, 0.5),
        ("4:cpu,cpuacct:/hub\n2:pids:/", {"cpu/hub": {"cpu_cfs_quota_us": "50000", "cpu_cfs_period_us": "50000"}}, 1),
        ("1:cpu:/docker/x", {"cpu": {"cpu_cfs_quota_us": "250000", "cpu_cfs_period_us": "100000"}}, 2.5),
        ("1:cpu:/", {"cpu": {"cpu_cfs_quota_us": "-1", "cpu_cfs_period_us": "100000"}}, 8),
        ("1:cpu:/", {"cpu": {"cpu_cfs_quota_us": "many", "cpu_cfs_period_us": "100000"}}, 8),
    ],
)
def test_usable_cores_are_those_that_control_groups_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mine: str, limits: dict[str, dict[str, str]], cores: float
) -> None:
    monkeypatch.setattr("corong.runtime.cores._allowed", lambda: 8)
    (tmp_path / "mine").write_text(f"{mine}\n")
    for folder, files in limits.items():
        _group(tmp_path / "groups" / folder, **files)
    assert usable_cores(tmp_path / "mine", tmp_path / "groups") == cores


def test_usable_cores_of_this_machine() -> None:
    assert 0 < usable_cores() <= len(os.sched_getaffinity(0))
    assert usable_cores(Path("/nowhere"), Path("/nowhere")) == len(os.sched_getaffinity(0))
