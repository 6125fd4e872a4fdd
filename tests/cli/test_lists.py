"""A list that does not end says so and goes on; moments are the government's, wherever the terminal stands."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from corong.cli import zone
from corong.cli.instants import instant
from corong.cli.output import moment
from tests.cli.tree import commands
from tests.peers.waiting import wait_for
from tests.processes import HubProcess

MAIN, AUDITOR = "ppid-utama", "auditor-inspektorat"
MORE = re.compile(r"1 ditampilkan, masih ada lagi: --after (\S+), atau --limit lebih besar\.")
BASIS = "UU 14/2008"


@pytest.fixture(scope="module")
def cases(hub: HubProcess) -> list[str]:
    """Three cases in queues, a hold on the person behind each, and three posts."""
    sent = [
        hub.message(f"Jalan rusak di gang {n}, mohon diperbaiki.", sender=f"warga-{n}", key=f"daftar-{n}")[
            "registration"
        ]
        for n in range(3)
    ]
    wait_for("the queue", lambda: len(hub.call("/api/v1/queue", officer=MAIN)["cases"]) == len(sent))
    for case in sent:
        hub.corong("audit", "hold", "place", "--case", case, "--reason", "dispute", "--basis", BASIS, officer=MAIN)
        hub.corong("post", "draft", "Pos.", "--unit", "diskominfo", "--label", "layanan", "--account", "feed",
                   officer=MAIN)  # fmt: skip
    return sent


LISTS = {
    "queue list": ("cases", "case_id"),
    "queue counts": ("queues", "unit"),
    "post list": ("posts", "publication_id"),
    "delivery list": ("deliveries", "delivery_id"),
    "audit log": ("events", "position"),
    "audit diff 0 4": ("events", "position"),
    "audit hold list": ("holds", "hold_id"),
}


@pytest.mark.parametrize("words", LISTS)
def test_what_is_not_shown_is_told_and_fetched(hub: HubProcess, cases: list[str], words: str) -> None:
    name, identity = LISTS[words]
    asked = words.split()
    whole = hub.json(*asked, "--limit", "500", officer=MAIN)
    assert whole["next"] is None
    assert "masih ada lagi" not in hub.corong(*asked, "--limit", "500", officer=MAIN, err=True)
    found = hub.json(*asked, "--limit", "1", officer=MAIN)
    parts: list[Any] = list(found[name])
    told = MORE.search(hub.corong(*asked, "--limit", "1", officer=MAIN, err=True))
    assert told is not None
    assert told[1] == found["next"]
    rest = hub.json(*asked, "--limit", "500", "--after", found["next"], officer=MAIN)
    parts += rest[name]
    assert [item[identity] for item in parts] == [item[identity] for item in whole[name]]
    assert len(parts) >= 3
    assert "there are more: --after" in hub.corong(*asked, "--limit", "1", "--lang", "en", officer=MAIN, err=True)


def test_every_list_with_a_limit_goes_on() -> None:
    limited = [command for command in commands("id") if "--limit" in command.options]
    assert {" ".join(command.path) for command in limited} >= {"dead list", "quarantine list", "audit diff"}
    for command in limited:
        assert "--after" in command.options, command.path


def test_every_list_of_the_api_with_a_limit_goes_on(hub: HubProcess) -> None:
    document = hub.call("/api/v1/openapi.json")
    limited = 0
    for path, methods in document["paths"].items():
        names = {one["name"] for one in methods.get("get", {}).get("parameters", ())}
        if "limit" in names:
            limited += 1
            assert "cursor" in names, path
            answer = methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
            assert "next" in document["components"]["schemas"][answer.rsplit("/", 1)[1]]["properties"], path
    assert limited >= 8


# Moments


@pytest.fixture
def _forgotten() -> Iterator[None]:
    yield
    zone.forget()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Asia/Jakarta", "01-07-2026 00:30 WIB"),
        ("Asia/Makassar", "01-07-2026 01:30 WITA"),
        ("Asia/Jayapura", "01-07-2026 02:30 WIT"),
        ("Somewhere/Else", "30-06-2026 17:30 UTC"),
        (None, "30-06-2026 17:30 UTC"),
    ],
)
@pytest.mark.usefixtures("_forgotten")
def test_a_moment_names_its_zone(name: str | None, expected: str) -> None:
    zone.learn(name)
    assert moment("2026-06-30T17:30:00Z") == expected
    assert moment(None) == ""


def test_a_moment_without_a_zone_is_the_governments() -> None:
    makassar = ZoneInfo("Asia/Makassar")
    assert instant("2026-07-01", lambda: makassar) == "2026-07-01T00:00:00+08:00"
    assert instant("2026-07-01T08:30+07:00", lambda: makassar) == "2026-07-01T08:30:00+07:00"
    assert instant(None, lambda: makassar) is None


def _stamps(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list):
        for item in found:
            yield from _stamps(item)
    elif isinstance(found, str) and re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", found):
        yield found


def test_the_terminals_own_zone_does_not_matter(hub: HubProcess, cases: list[str]) -> None:
    newyork = "America/New_York"
    found = hub.json("queue", "show", cases[0], officer=MAIN)
    at = datetime.fromisoformat(found["registered_at"]).astimezone(ZoneInfo("Asia/Jakarta"))
    assert f"{at:%d-%m-%Y %H:%M} WIB" in hub.corong("queue", "show", cases[0], officer=MAIN, TZ=newyork)
    assert f"{at:%d-%m-%Y %H:%M} WIB" in hub.corong("queue", "list", officer=MAIN, TZ=newyork)
    hour_ago = datetime.now(ZoneInfo("Asia/Jakarta")).replace(tzinfo=None, microsecond=0) - timedelta(hours=1)
    # Taken as New York's time, or as UTC, these would still be to come.
    since = hub.corong("audit", "log", "--since", hour_ago.isoformat(), "--json", officer=AUDITOR, TZ=newyork)
    assert "case.registered" in since
    until = hub.corong("audit", "log", "--until", hour_ago.isoformat(), "--json", officer=AUDITOR, TZ=newyork)
    assert "case.registered" not in until
    for words in (("queue", "list"), ("post", "list"), ("audit", "log"), ("audit", "hold", "list")):
        stamps = list(_stamps(hub.json(*words, officer=MAIN)))
        assert stamps
        assert all(datetime.fromisoformat(stamp).tzinfo is not None for stamp in stamps), words
