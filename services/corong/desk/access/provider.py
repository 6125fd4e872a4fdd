"""What is asked of the sign-in provider by HTTP: how it is reached, its keys, and a code for its token.

Its own description (OpenID Connect Discovery 1.0) and its keys are kept for an hour. What it answers is believed after
it was checked alone; nothing of it stands in an error's text.
"""

import asyncio
import json
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx

from corong.desk.access.id_tokens import BadIdToken, UnknownKey, keys_of, verify
from corong.desk.access.provider_attempt import Attempt
from corong.runtime.clock import Clock
from corong.runtime.provider_entry import SignInProvider, is_loopback, is_safe
from corong.runtime.secret_ref import SecretMissing

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

SECONDS = 10.0
"""How long one answer is waited for."""
KEPT = timedelta(hours=1)
ASKED_AGAIN = timedelta(minutes=1)
"""Keys are asked for anew this often at most, though tokens name keys that nobody knows. As old may a description be by
which somebody is sent there: who is sent to a provider that is away sees no page of ours."""
LEFT_ALONE = timedelta(seconds=5)
"""After it did not answer: who waited meanwhile must not wait in turn."""
_MOST_BYTES = 1_000_000


class ProviderAway(Exception):
    """It does not answer, or not as a provider does. The text is a word for the log."""


class BadCode(Exception):
    """The provider does not take the code that a browser came back with."""


@dataclass(frozen=True)
class Metadata:
    """What the provider says of itself."""

    authorization: str
    token: str
    keys: str
    userinfo: str | None
    basic: bool
    """Whether it takes the client's secret as Basic does (RFC 6749, section 2.3.1); else as a field of the form."""
    names_itself: bool
    """Whether each answer by the browser says who made it (RFC 9207)."""


class Provider:
    """One provider as this desk sees it."""

    def __init__(self, entry: SignInProvider, clock: Clock) -> None:
        self.entry = entry
        self._clock = clock
        self._lock = asyncio.Lock()
        self._metadata: Metadata | None = None
        self._described_at: datetime | None = None
        self._away_at: datetime | None = None
        self._keys: KeySet | None = None
        self._keys_at: datetime | None = None
        self._trusted: ssl.SSLContext | None = None

    async def metadata(self, no_older: timedelta = KEPT) -> Metadata:
        """Its description. Raises `ProviderAway`."""
        async with self._lock:
            if self._metadata is None or self._is_older(self._described_at, no_older):
                if not self._is_older(self._away_at, LEFT_ALONE):
                    raise ProviderAway("a moment ago")
                address = f"{self.entry.issuer.rstrip('/')}/.well-known/openid-configuration"
                try:
                    self._metadata = self._described(await self._ask("GET", address))
                except ProviderAway:
                    self._away_at = self._clock()
                    raise
                self._described_at = self._clock()
            return self._metadata

    async def keys(self, *, anew: bool = False) -> "KeySet":
        """Its keys; `anew` where a token named one that is not among them. Raises `ProviderAway`."""
        address = (await self.metadata()).keys
        async with self._lock:
            if self._keys is None or self._is_older(self._keys_at, ASKED_AGAIN if anew else KEPT):
                try:
                    self._keys = keys_of(await self._ask("GET", address))
                except ValueError:
                    raise ProviderAway("no keys") from None
                self._keys_at = self._clock()
            return self._keys

    async def address(self, attempt: Attempt, back: str) -> str:
        """Where the browser goes to sign in (RFC 6749, section 4.1.1). Raises `ProviderAway`."""
        asked = {
            "response_type": "code",
            "client_id": self.entry.client_id,
            "redirect_uri": back,
            "scope": "openid email profile",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return str(httpx.URL((await self.metadata(ASKED_AGAIN)).authorization).copy_merge_params(asked))

    async def claims(self, attempt: Attempt, code: str, back: str) -> dict[str, Any]:
        """What the provider says of who came back with `code`. Raises `ProviderAway`, `BadCode`, `BadIdToken`.

        What its token leaves out is asked of its userinfo, as with most providers (OpenID Connect Core 1.0, 5.4).
        """
        metadata = await self.metadata()
        given = await self._exchange(metadata, attempt, code, back)
        if not isinstance(given.get("id_token"), str):
            raise BadIdToken("none came")
        claims = await self._verified(given["id_token"], attempt)
        missing = {self.entry.claim, *(("email_verified",) if self.entry.claim == "email" else ())} - claims.keys()
        access = given.get("access_token")
        if missing and metadata.userinfo is not None and isinstance(access, str) and _plain(access):
            told = await self._ask("GET", metadata.userinfo, headers={"Authorization": f"Bearer {access}"})
            if told.get("sub") != claims["sub"]:
                raise BadIdToken("userinfo of somebody else")
            claims = {**told, **claims}
        return claims

    async def _verified(self, text: str, attempt: Attempt) -> dict[str, Any]:
        check = partial(
            verify,
            text,
            issuer=self.entry.issuer,
            client_id=self.entry.client_id,
            nonce=attempt.nonce,
            now=int(self._clock().timestamp()),
        )
        keys = await self.keys()
        try:
            return await asyncio.to_thread(check, keys=keys)
        except UnknownKey:
            keys = await self.keys(anew=True)
        return await asyncio.to_thread(check, keys=keys)

    async def _exchange(self, metadata: Metadata, attempt: Attempt, code: str, back: str) -> dict[str, Any]:
        try:
            secret = await asyncio.to_thread(self.entry.client_secret.reveal)
        except SecretMissing:
            raise ProviderAway("the client's secret is missing") from None
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": attempt.verifier,
        }  # fmt: skip
        if metadata.basic:
            auth = httpx.BasicAuth(quote(self.entry.client_id, safe=""), quote(secret, safe=""))
        else:
            auth = None
            form |= {"client_id": self.entry.client_id, "client_secret": secret}
        return await self._ask("POST", metadata.token, data=form, auth=auth)

    async def _ask(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        """The JSON object that an address answers. Raises `ProviderAway`, and `BadCode` where a code is not taken."""
        headers = {"Accept": "application/json", "User-Agent": "Corong", **more.pop("headers", {})}
        if self._trusted is None:  # to read all authorities takes as long as many a page
            self._trusted = await asyncio.to_thread(httpx.create_ssl_context)
        made: dict[str, Any] = {
            "timeout": SECONDS,
            "follow_redirects": False,
            "headers": headers,
            "verify": self._trusted,
        }
        try:
            async with (
                asyncio.timeout(SECONDS),
                httpx.AsyncClient(**made) as client,
                client.stream(method, address, **more) as answer,
            ):
                body = bytearray()
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > _MOST_BYTES:
                        raise ProviderAway("it says too much")
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
            raise ProviderAway(type(error).__name__) from None
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            said = None
        if status == 400 and isinstance(said, dict) and said.get("error") == "invalid_grant":
            raise BadCode
        if status != 200 or not isinstance(said, dict):
            raise ProviderAway(f"status {status}")
        return said

    def _described(self, said: dict[str, Any]) -> Metadata:
        """As it was said, where everything in it can be used. Raises `ProviderAway`."""
        if said.get("issuer") != self.entry.issuer:
            raise ProviderAway("another issuer")
        loopback = is_loopback(self.entry.issuer)
        found: dict[str, str | None] = {}
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"):
            address = said.get(name)
            found[name] = address if isinstance(address, str) and is_safe(address, loopback=loopback) else None
        authorization, token, keys = found["authorization_endpoint"], found["token_endpoint"], found["jwks_uri"]
        if authorization is None or token is None or keys is None:
            raise ProviderAway("addresses that can't be used")
        ways = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return Metadata(
            authorization,
            token,
            keys,
            found["userinfo_endpoint"],
            basic=not isinstance(ways, list) or "client_secret_post" not in ways or "client_secret_basic" in ways,
            names_itself=said.get("authorization_response_iss_parameter_supported") is True,
        )

    def _is_older(self, at: datetime | None, than: timedelta) -> bool:
        return at is None or self._clock() - at >= than


def _plain(token: str) -> bool:
    """Whether it can stand in a header."""
    return token.isascii() and token.isprintable() and " " not in token
