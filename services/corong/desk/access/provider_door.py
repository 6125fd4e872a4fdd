"""Coming in by the government's own sign-in: what the pages call."""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import delete
from starlette.requests import Request

from corong.desk.access import provider_attempt
from corong.desk.access.id_tokens import BadIdToken
from corong.desk.access.provider import BadCode, Metadata, Provider, ProviderAway
from corong.desk.access.provider_attempt import Attempt, BadAttempt
from corong.desk.access.sign_in import SignIn, tell
from corong.desk.access.tables import spent_challenge
from corong.desk.context import Desk
from corong.runtime.clock import stamp
from corong.runtime.directory import Officer
from corong.runtime.unit import Unit

log = structlog.get_logger()

_MOST_CODE = 4096


class Declined(Exception):
    """Who went to the provider did not sign in there."""


class NotAnOfficer(Exception):
    """The provider knows who it is; no active officer is called so."""


class NotTaken(Exception):
    """What came back from the provider does not hold. Nothing of it is told."""


@dataclass(frozen=True)
class Returned:
    """What the browser brings back from the provider, in the address."""

    state: str
    code: str
    error: str
    issuer: str
    """Empty where it does not say."""


class ProviderDoor:
    """The provider of one desk; without one nothing of this is reached."""

    def __init__(self, desk: Desk, sign_in: SignIn, provider: Provider) -> None:
        self._desk = desk
        self._sign_in = sign_in
        self._provider = provider
        self._key = desk.installation.key

    @property
    def name(self) -> str:
        """As it stands on the button."""
        return self._provider.entry.name

    async def begin(self, where: str, back: str) -> tuple[str, str]:
        """The provider's address, and the cookie that keeps the try. Raises `ProviderAway`."""
        attempt, cookie = provider_attempt.begin(self._key.derive(provider_attempt.KEY_USE), where, self._seconds())
        try:
            return await self._provider.address(attempt, back), cookie
        except ProviderAway as error:
            _tell_away(error)
            raise

    def attempt(self, cookie: str | None, returned: Returned) -> Attempt:
        """The try of this browser. Raises `BadAttempt`."""
        keys = self._key.derive_all(provider_attempt.KEY_USE)
        try:
            return provider_attempt.resume(keys, cookie or "", returned.state, self._seconds())
        except BadAttempt:
            tell("oidc", "no such try")
            raise

    async def come_in(
        self, request: Request, attempt: Attempt, returned: Returned, back: str, before: str | None
    ) -> str:
        """The cookie of a new session.

        Raises `Declined`, `NotAnOfficer`, `NotTaken`, `ProviderAway`, `TooManyTries`.
        """
        self._sign_in.check_tries(request)
        try:
            cookie = await self._come_in(request, attempt, returned, back, before)
        except (BadCode, BadIdToken) as error:
            self._sign_in.note_try(request)
            log.warning("the sign-in provider's answer does not hold", why=str(error) or "the code")
            tell("oidc", "refused")
            raise NotTaken from None
        except ProviderAway as error:
            _tell_away(error)
            raise
        except (Declined, NotAnOfficer) as error:
            tell("oidc", "declined" if isinstance(error, Declined) else "not an officer")
            raise
        tell("oidc", "signed in")
        return cookie

    async def _come_in(
        self, request: Request, attempt: Attempt, returned: Returned, back: str, before: str | None
    ) -> str:
        self._check_issuer(await self._provider.metadata(), returned)
        if returned.error:
            raise ProviderAway("it says that it can't") if _its_own(returned.error) else Declined
        if not 0 < len(returned.code) <= _MOST_CODE:
            raise BadCode
        officer = self._officer(await self._provider.claims(attempt, returned.code, back))

        def begin(unit: Unit) -> str:
            if unit.rows.get(spent_challenge, attempt.seed) is not None:
                raise BadCode
            unit.rows.flush()
            unit.connection.execute(delete(spent_challenge).where(spent_challenge.c.expires_at < stamp(unit.now)))
            expires = datetime.fromtimestamp(attempt.expires, UTC)
            unit.rows.put(spent_challenge, {"nonce": attempt.seed, "expires_at": stamp(expires)})
            return self._sign_in.begin(unit, request, officer, "oidc", before)

        return await self._desk.service.committer.run(begin)

    def _check_issuer(self, metadata: Metadata, returned: Returned) -> None:
        """RFC 9207: the answer of another provider is not taken for this one's. Raises `BadIdToken`."""
        said, ours = returned.issuer.encode("utf-8", "surrogatepass"), self._provider.entry.issuer.encode()
        if (said or metadata.names_itself) and not hmac.compare_digest(said, ours):
            raise BadIdToken("another issuer's answer")

    def _officer(self, claims: dict[str, Any]) -> Officer:
        """The active officer of that identity. Raises `NotAnOfficer`.

        An address of mail is one only where the provider has seen that it is that person's.
        """
        claim = self._provider.entry.claim
        value = claims.get(claim)
        if not isinstance(value, str) or (claim == "email" and claims.get("email_verified") is not True):
            raise NotAnOfficer
        found = self._desk.directory.identified(value, exact=claim == "sub")
        officer = self._sign_in.officer(found.id) if found is not None else None
        if officer is None:
            raise NotAnOfficer
        return officer

    def _seconds(self) -> int:
        return int(self._desk.now().timestamp())


def _its_own(error: str) -> bool:
    """Whether the provider, not the person, is why there was no sign-in (RFC 6749, section 4.1.2.1)."""
    return error in ("server_error", "temporarily_unavailable", "unauthorized_client", "invalid_request",
                     "unsupported_response_type", "invalid_scope")  # fmt: skip


def _tell_away(error: ProviderAway) -> None:
    log.warning("the sign-in provider can't be used", why=str(error))
    tell("oidc", "the provider is away")
