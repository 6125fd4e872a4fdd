"""Coming in by passkey, and the passkeys of an officer: what the pages call."""

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, select
from starlette.requests import Request

from corong.desk.access.passkeys import BadPasskey, Challenge, Known, Passkeys, Site, credential_of, identity
from corong.desk.access.sessions import Session, browser_name
from corong.desk.access.sign_in import SignIn, tell
from corong.desk.access.tables import passkey as passkeys
from corong.desk.access.tables import spent_challenge
from corong.desk.context import Desk
from corong.runtime.clock import moment, stamp
from corong.runtime.directory import Officer
from corong.runtime.unit import Unit

MOST_EACH = 20
"""Passkeys of one officer."""


@dataclass(frozen=True)
class Listed:
    """A passkey as its officer sees it."""

    id: str
    name: str
    made_at: datetime
    used_at: datetime | None


class PasskeyDoor:
    """Passkeys of one desk."""

    def __init__(self, desk: Desk, sign_in: SignIn) -> None:
        self._desk = desk
        self._sign_in = sign_in
        self._passkeys = Passkeys(desk.installation.key)

    async def ask(self, site: Site, binding: str) -> str:
        """What a browser is asked for, to come in: JSON."""
        return await asyncio.to_thread(self._passkeys.request, site, binding, self._seconds())

    async def come_in(
        self, request: Request, site: Site, credential: dict[str, Any], binding: str, before: str | None
    ) -> str:
        """The cookie of a new session. Raises `BadPasskey`, `TooManyTries`."""
        self._sign_in.check_tries(request)
        try:
            cookie = await self._come_in(request, site, credential, binding, before)
        except BadPasskey:
            self._sign_in.note_try(request)
            tell("passkey", "refused")
            raise
        tell("passkey", "signed in")
        return cookie

    async def _come_in(
        self, request: Request, site: Site, credential: dict[str, Any], binding: str, before: str | None
    ) -> str:
        which = identity(await asyncio.to_thread(credential_of, credential))
        row = await self._desk.read(lambda connection: _row(connection, which))
        officer = self._sign_in.officer(row["officer"]) if row else None
        if row is None or officer is None:
            raise BadPasskey
        known = Known(_bytes(row["credential"]), _bytes(row["key"]), row["count"])
        count, challenge = await asyncio.to_thread(
            self._passkeys.signed, site, credential, known, binding, self._seconds()
        )

        def begin(unit: Unit) -> str:
            kept = unit.rows.get(passkeys, which)
            if kept is None or kept["count"] != known.count:  # removed, or used meanwhile
                raise BadPasskey
            _spend(unit, challenge)
            unit.rows.put(passkeys, {**kept, "count": count, "used_at": stamp(unit.now)})
            return self._sign_in.begin(unit, request, officer, "passkey", before)

        return await self._desk.service.committer.run(begin)

    async def offer(self, site: Site, officer: Officer, session: Session) -> str:
        """What a browser is asked for, to make a passkey: JSON."""
        rows = await self._desk.read(lambda connection: _rows(connection, officer.id))
        known = [_bytes(row["credential"]) for row in rows]
        return await asyncio.to_thread(
            self._passkeys.creation, site, officer.id, officer.name, known, session.id, self._seconds()
        )

    async def add(self, request: Request, site: Site, session: Session, credential: dict[str, Any]) -> None:
        """Keep the passkey that a browser made. Raises `BadPasskey`."""
        made, challenge = await asyncio.to_thread(
            self._passkeys.registered, site, credential, session.id, self._seconds()
        )
        row = {
            "id": identity(made.credential),
            "credential": _text(made.credential),
            "officer": session.officer,
            "key": _text(made.key),
            "count": made.count,
            "name": browser_name(request.headers.get("user-agent", "")),
            "used_at": None,
        }

        def keep(unit: Unit) -> None:
            unit.rows.flush()
            if len(_rows(unit.connection, session.officer)) >= MOST_EACH or unit.rows.get(passkeys, row["id"]):
                raise BadPasskey
            _spend(unit, challenge)
            unit.rows.put(passkeys, {**row, "made_at": stamp(unit.now)})

        await self._desk.service.committer.run(keep)

    async def remove(self, officer: str, which: str) -> None:
        """Forget one of the officer's own; another's is left as it is."""

        def forget(unit: Unit) -> None:
            row = unit.rows.get(passkeys, which)
            if row is not None and row["officer"] == officer:
                unit.rows.remove(passkeys, which)

        await self._desk.service.committer.run(forget)

    async def of_officer(self, officer: str) -> list[Listed]:
        """The officer's passkeys, the newest last."""
        rows = await self._desk.read(lambda connection: _rows(connection, officer))
        return [
            Listed(row["id"], row["name"], moment(row["made_at"]), moment(row["used_at"]) if row["used_at"] else None)
            for row in rows
        ]

    def _seconds(self) -> int:
        return int(self._desk.now().timestamp())


def _spend(unit: Unit, challenge: Challenge) -> None:
    if unit.rows.get(spent_challenge, challenge.nonce) is not None:
        raise BadPasskey
    unit.rows.flush()
    unit.connection.execute(delete(spent_challenge).where(spent_challenge.c.expires_at < stamp(unit.now)))
    expires = datetime.fromtimestamp(challenge.expires, UTC)
    unit.rows.put(spent_challenge, {"nonce": challenge.nonce, "expires_at": stamp(expires)})


def _row(connection: Connection, which: str) -> dict[str, Any] | None:
    found = connection.execute(select(passkeys).where(passkeys.c.id == which)).mappings().first()
    return dict(found) if found else None


def _rows(connection: Connection, officer: str) -> Sequence[dict[str, Any]]:
    chosen = select(passkeys).where(passkeys.c.officer == officer).order_by(passkeys.c.made_at, passkeys.c.id)
    return [dict(row) for row in connection.execute(chosen).mappings()]


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text)
