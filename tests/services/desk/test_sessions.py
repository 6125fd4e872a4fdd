"""A session ends: after a time without a page, after a longest time, with its officer, by anybody who may end it."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from corong.desk.access.sessions import Session, Sessions, browser_name
from corong.desk.access.tables import access_metadata
from corong.desk.access.tables import session as sessions
from tests.services.stores import BACKENDS, NOW, Store, Works, make_keys

pytestmark = pytest.mark.parametrize("backend", BACKENDS)

IDLE, LONGEST = timedelta(hours=2), timedelta(hours=10)


class Door:
    """Sessions on a store, with a clock that tests move."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.works = Works(store, make_keys(folder), service="desk")
        with self.works.database.write() as connection:
            access_metadata.create_all(connection)
        self.now = NOW
        self.generations = {"ani": 1, "budi": 1}
        self.sessions = Sessions(lambda: self.now, self.generations.get, IDLE, LONGEST)

    def begin(self, officer: str, before: str | None = None) -> str:
        return self.works.commit(
            lambda unit: self.sessions.begin(unit, officer, "password", "Firefox, Linux", before), self.now
        )

    def of(self, cookie: str | None) -> Session | None:
        with self.works.database.read() as connection:
            return self.sessions.of(connection, cookie)

    def saw(self, session: Session) -> None:
        self.works.commit(lambda unit: self.sessions.saw(unit, session), self.now)

    def kept(self) -> int:
        with self.works.database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(sessions)).scalar_one())


@pytest.fixture
def door(store: Store, tmp_path: Path) -> Door:
    return Door(store, tmp_path / "keys")


def test_it_lasts_while_it_is_used_and_not_for_ever(door: Door) -> None:
    cookie = door.begin("ani")
    end = door.now + LONGEST
    while door.now + timedelta(hours=1.5) < end:
        door.now += timedelta(hours=1.5)
        found = door.of(cookie)
        assert found is not None
        assert door.sessions.is_stale(found)
        door.saw(found)
        again = door.of(cookie)
        assert again is not None
        assert not door.sessions.is_stale(again)
    door.now = end
    assert door.of(cookie) is None
    idle = door.begin("ani")
    assert door.kept() == 1, "what is over goes with the next sign-in"
    door.now += IDLE - timedelta(seconds=1)
    assert door.of(idle) is not None
    door.now += timedelta(seconds=1)
    assert door.of(idle) is None


def test_it_ends_with_its_officer(door: Door) -> None:
    cookie = door.begin("ani")
    door.generations["ani"] = 2  # every token of before is void
    assert door.of(cookie) is None
    door.generations["ani"] = 1
    assert door.of(cookie) is not None
    del door.generations["ani"]  # left, or no longer active
    assert door.of(cookie) is None


def test_each_officer_ends_the_own_ones(door: Door) -> None:
    first, second, third, other = door.begin("ani"), door.begin("ani"), door.begin("ani"), door.begin("budi")
    ids = {cookie: found.id for cookie in (first, second, third, other) if (found := door.of(cookie))}
    door.works.commit(lambda unit: door.sessions.end(unit, "budi", ids[first]))
    assert door.of(first) is not None
    door.works.commit(lambda unit: door.sessions.end(unit, "ani", ids[first]))
    assert door.of(first) is None
    door.works.commit(lambda unit: door.sessions.end_all(unit, "ani", but=ids[second]))
    assert [door.of(cookie) is not None for cookie in (first, second, third, other)] == [False, True, False, True]
    with door.works.database.read() as connection:
        assert [one.id for one in door.sessions.of_officer(connection, "ani")] == [ids[second]]


def test_one_that_ended_is_not_brought_back_by_a_page_under_way(door: Door) -> None:
    cookie = door.begin("ani")
    found = door.of(cookie)
    assert found is not None
    door.works.commit(lambda unit: door.sessions.end(unit, "ani", found.id))
    door.saw(found)
    assert door.of(cookie) is None


def test_the_browser_keeps_what_the_table_does_not(door: Door) -> None:
    cookie = door.begin("ani")
    with door.works.database.read() as connection:
        row = connection.execute(select(sessions)).mappings().one()
    assert cookie not in str(dict(row))
    for wrong in (None, "", row["id"], cookie[:-1], f"{cookie}x", cookie.swapcase(), "é" * 43):
        assert door.of(wrong) is None
    renewed = door.begin("ani", before=cookie)
    assert renewed != cookie
    assert door.of(cookie) is None


def test_browsers_by_name(backend: str) -> None:
    android = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"
    assert browser_name(android) == "Chrome, Android"
    assert browser_name("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0") == "Firefox, Linux"
    assert browser_name("curl/8") == ""
