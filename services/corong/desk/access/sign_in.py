"""Coming in, by password or by a one-time link, and going out: what the pages call."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Connection, delete, select
from starlette.requests import Request

from corong.desk.access import links
from corong.desk.access.form_tokens import FormTokens
from corong.desk.access.passwords import Passwords
from corong.desk.access.sessions import Means, Session, Sessions, browser_name
from corong.desk.access.tables import password as passwords
from corong.desk.access.tables import spent_link
from corong.desk.context import Desk
from corong.runtime.clock import stamp
from corong.runtime.directory import Officer
from corong.runtime.unit import Unit
from corong.runtime.wrong_tries import WrongTries

log = structlog.get_logger()

AN_HOUR = 3600
"""Seconds."""


class TooManyTries(Exception):
    """From this address, or for this officer."""


class SignIn:
    """Sessions, passwords and links of one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._key = desk.installation.key
        settings = desk.installation.settings
        self.sessions = Sessions(
            desk.installation.clock,
            self._generation,
            timedelta(minutes=settings.session_idle_minutes),
            timedelta(hours=settings.session_hours),
        )
        self.forms = FormTokens(self._key)
        self._passwords = Passwords()
        self._addresses = WrongTries()
        # An officer who is kept out by a stranger's guesses still has a link (`corong invite`).
        self._officers = WrongTries(100, AN_HOUR)
        self.ended: list[Callable[[], None]] = []
        """Called when sessions were ended by anybody's will."""

    def _generation(self, officer: str) -> int | None:
        return self._desk.directory.token_generation("officer", officer)

    def officer(self, identity: str) -> Officer | None:
        """The active officer of that id."""
        return self._desk.directory.officer(identity) if self._generation(identity) is not None else None

    async def session(self, cookie: str | None) -> Session | None:
        """Who asks, by the cookie; marked as seen now and then."""
        found = await self._desk.read(lambda connection: self.sessions.of(connection, cookie))
        if found is not None and self.sessions.is_stale(found):
            seen = found
            await self._desk.service.committer.run(lambda unit: self.sessions.saw(unit, seen))
        return found

    async def is_open(self, cookie: str | None) -> bool:
        """Whether the session still is; it is not marked as seen: a page that only lies open must not lengthen it."""
        return await self._desk.read(lambda connection: self.sessions.of(connection, cookie)) is not None

    async def by_password(self, request: Request, identity: str, password: str, before: str | None) -> str | None:
        """The cookie of a new session; None where id and password don't belong together. Raises `TooManyTries`."""
        client = _address(request)
        officer = self.officer(identity)
        if not (self._addresses.allowed(client) and (officer is None or self._officers.allowed(identity))):
            tell("password", "too many tries")
            raise TooManyTries
        kept = await self._desk.read(lambda connection: _hash_of(connection, identity)) if officer else None
        good = await self._passwords.fits(kept, password)
        if not good or officer is None or kept is None:
            self._addresses.note(client)
            if officer is not None:
                self._officers.note(identity)
            tell("password", "refused")
            return None
        renewed = await self._passwords.hash(password) if self._passwords.outdated(kept) else kept

        def begin(unit: Unit) -> str | None:
            row = unit.rows.get(passwords, identity)
            if row is None or row["hash"] != kept:  # changed meanwhile
                return None
            if renewed != kept:
                unit.rows.put(passwords, {**row, "hash": renewed})
            return self.begin(unit, request, officer, "password", before)

        cookie = await self._desk.service.committer.run(begin)
        tell("password", "signed in" if cookie else "refused")
        return cookie

    def link(self, request: Request, text: str) -> links.Link:
        """The link, if it is good and not known to be spent. Raises `links.BadLink`, `TooManyTries`."""
        self.check_tries(request)
        keys = self._key.derive_all(links.KEY_USE)
        now = int(self._desk.now().timestamp())
        try:
            return links.read(keys, text, now=now, current=self._generation)
        except links.BadLink:
            self.note_try(request)
            tell("link", "refused")
            raise

    async def is_spent(self, link: links.Link) -> bool:
        """Whether the link was used."""
        chosen = select(spent_link.c.nonce).where(spent_link.c.nonce == link.nonce)
        return bool(await self._desk.read(lambda connection: connection.execute(chosen).first()))

    async def by_link(self, request: Request, link: links.Link, password: str, before: str | None) -> str | None:
        """Spend a link and set a password: the cookie of a new session, and every other session ends.

        None where the link is spent already.
        """
        officer = self._desk.directory.officer(link.officer)
        made = await self._passwords.hash(password)

        def begin(unit: Unit) -> str | None:
            if unit.rows.get(spent_link, link.nonce) is not None:
                return None
            unit.rows.flush()
            unit.connection.execute(delete(spent_link).where(spent_link.c.expires_at < stamp(unit.now)))
            expires = datetime.fromtimestamp(link.expires, UTC)
            unit.rows.put(spent_link, {"nonce": link.nonce, "expires_at": stamp(expires)})
            unit.rows.put(passwords, {"officer": officer.id, "hash": made, "set_at": stamp(unit.now)})
            self.sessions.end_all(unit, officer.id)
            return self.begin(unit, request, officer, "link", before)

        cookie = await self._desk.service.committer.run(begin)
        self._tell_ended()
        tell("link", "signed in" if cookie else "spent")
        return cookie

    def check_tries(self, request: Request) -> None:
        """Raises `TooManyTries` where there were too many wrong ones from this address."""
        if not self._addresses.allowed(_address(request)):
            raise TooManyTries

    def note_try(self, request: Request) -> None:
        """A wrong one came from this address."""
        self._addresses.note(_address(request))

    async def knows_password(self, request: Request, session: Session, password: str) -> bool:
        """Whether who is signed in can say the password: for what outlives the session. Raises `TooManyTries`."""
        self.check_tries(request)
        if not self._officers.allowed(session.officer):
            raise TooManyTries
        kept = await self._desk.read(lambda connection: _hash_of(connection, session.officer))
        if await self._passwords.fits(kept, password):
            return True
        self.note_try(request)
        self._officers.note(session.officer)
        return False

    async def change_password(self, request: Request, session: Session, old: str, new: str) -> bool:
        """Set a new password for who knows the old one, and end the officer's other sessions.

        False where the old one is wrong. Raises `TooManyTries`.
        """
        if not await self.knows_password(request, session, old):
            return False
        made = await self._passwords.hash(new)

        def change(unit: Unit) -> None:
            unit.rows.put(passwords, {"officer": session.officer, "hash": made, "set_at": stamp(unit.now)})
            self.sessions.end_all(unit, session.officer, but=session.id)

        await self._desk.service.committer.run(change)
        self._tell_ended()
        return True

    async def end(self, session: Session, which: str) -> None:
        """End one of the officer's own sessions."""
        await self._desk.service.committer.run(lambda unit: self.sessions.end(unit, session.officer, which))
        self._tell_ended()

    async def end_others(self, session: Session) -> None:
        """End all of the officer's sessions but this one."""
        await self._desk.service.committer.run(
            lambda unit: self.sessions.end_all(unit, session.officer, but=session.id)
        )
        self._tell_ended()

    def _tell_ended(self) -> None:
        for tell_ended in self.ended:
            tell_ended()

    def begin(self, unit: Unit, request: Request, officer: Officer, means: Means, before: str | None) -> str:
        """A session for who has shown to be the officer; its cookie."""
        browser = browser_name(request.headers.get("user-agent", ""))
        return self.sessions.begin(unit, officer.id, means, browser, before)


def _hash_of(connection: Connection, officer: str) -> str | None:
    return connection.execute(select(passwords.c.hash).where(passwords.c.officer == officer)).scalar()


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def tell(means: Means, outcome: str) -> None:
    """Into the process's log, without a name and an address: both would be personal."""
    log.info("sign-in", means=means, outcome=outcome)
