"""Who is signed in. The browser keeps 256 random bits, the desk their SHA-256 alone: a stolen table opens nothing."""

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, delete, or_, select

from corong.desk.access.tables import session as sessions
from corong.runtime.clock import Clock, moment, stamp
from corong.runtime.unit import Unit

Means = Literal["password", "link", "passkey", "oidc"]

SEEN_AGAIN = timedelta(minutes=2)
"""A session is marked as seen this often at most: a page should not wait for a disk."""

_COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Session:
    """One browser in which an officer is signed in."""

    id: str
    officer: str
    means: Means
    browser: str
    begun_at: datetime
    seen_at: datetime


@dataclass(frozen=True)
class Sessions:
    """Begins, finds and ends them: functions for a unit of work, and for a transaction that reads."""

    clock: Clock
    generation: Callable[[str], int | None]
    """An officer's present one; None for nobody and who is no longer active."""
    idle: timedelta
    longest: timedelta

    def begin(self, unit: Unit, officer: str, means: Means, browser: str, before: str | None) -> str:
        """A new session, and its cookie; the one that the browser had `before` ends. Those that are over go too."""
        if before is not None:
            unit.rows.remove(sessions, identity(before))
        unit.rows.flush()
        idle, longest = (stamp(unit.now - time) for time in (self.idle, self.longest))
        unit.connection.execute(delete(sessions).where(or_(sessions.c.seen_at <= idle, sessions.c.begun_at <= longest)))
        cookie = secrets.token_urlsafe(32)
        at = stamp(unit.now)
        row = {"id": identity(cookie), "officer": officer, "generation": self.generation(officer), "means": means}
        unit.rows.put(sessions, {**row, "browser": browser, "begun_at": at, "seen_at": at})
        return cookie

    def of(self, connection: Connection, cookie: str | None) -> Session | None:
        """The session of a cookie; None where it has ended, by time or by anybody's will."""
        if not cookie or not _COOKIE.fullmatch(cookie):
            return None
        found = connection.execute(select(sessions).where(sessions.c.id == identity(cookie))).mappings().first()
        return self._alive(dict(found)) if found else None

    def of_officer(self, connection: Connection, officer: str) -> list[Session]:
        """All of an officer's, the one last seen first."""
        chosen = select(sessions).where(sessions.c.officer == officer).order_by(sessions.c.seen_at.desc())
        found = (self._alive(dict(row)) for row in connection.execute(chosen).mappings())
        return [session for session in found if session is not None]

    def _alive(self, row: dict[str, Any]) -> Session | None:
        now = self.clock()
        begun, seen = moment(row["begun_at"]), moment(row["seen_at"])
        if now - seen >= self.idle or now - begun >= self.longest:
            return None
        if self.generation(row["officer"]) != row["generation"]:
            return None
        return Session(row["id"], row["officer"], row["means"], row["browser"], begun, seen)

    def is_stale(self, session: Session) -> bool:
        """Whether it should be marked as seen now."""
        return self.clock() - session.seen_at >= SEEN_AGAIN

    @staticmethod
    def saw(unit: Unit, session: Session) -> None:
        """Mark it as seen."""
        unit.rows.change(sessions, session.id, seen_at=stamp(unit.now))

    @staticmethod
    def end(unit: Unit, officer: str, session_id: str) -> None:
        """End one of an officer's sessions; another's is left as it is."""
        row = unit.rows.get(sessions, session_id)
        if row is not None and row["officer"] == officer:
            unit.rows.remove(sessions, session_id)

    @staticmethod
    def end_all(unit: Unit, officer: str, but: str | None = None) -> None:
        """End an officer's sessions, all or all `but` one."""
        for row in unit.rows.query(select(sessions.c.id).where(sessions.c.officer == officer)):
            if row["id"] != but:
                unit.rows.remove(sessions, row["id"])


def identity(cookie: str) -> str:
    """The id under which a cookie's session is kept."""
    return hashlib.sha256(cookie.encode("utf-8", "surrogatepass")).hexdigest()


def browser_name(user_agent: str) -> str:
    """A browser as its officer knows it again: `Chrome, Android`; no versions, which would tell one from another."""
    makers = {"Edg": "Edge", "OPR/": "Opera", "SamsungBrowser": "Samsung Internet", "Firefox": "Firefox",
              "FxiOS": "Firefox", "Chrome": "Chrome", "CriOS": "Chrome", "Safari": "Safari"}  # fmt: skip
    systems = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "CrOS": "ChromeOS",
               "Mac OS X": "macOS", "Linux": "Linux"}  # fmt: skip
    parts = (next((name for sign, name in known.items() if sign in user_agent), "") for known in (makers, systems))
    return ", ".join(part for part in parts if part)
