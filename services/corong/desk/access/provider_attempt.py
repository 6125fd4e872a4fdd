"""One try to come in by the provider: what the browser keeps of it, signed, until it comes back.

`<seed>.<expires>.<where>.<mac>`: the mac is HMAC-SHA256 (RFC 2104) under a key derived from the deployment's. State,
nonce and verifier are made from the seed under the same key, so the cookie tells none of them, and nothing is stored
until the try has succeeded: then its seed is spent.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

KEY_USE = "sign-in by provider"
"""For `DeploymentKey.derive`."""

SECONDS = 600
"""How long somebody may stay with the provider: a telephone is looked for, a password is typed twice."""

_PURPOSE = b"corong sign-in by provider v1\n"
_MOST = 1024


class BadAttempt(Exception):
    """It is no try of this browser, or too old. Nothing of it is told."""


@dataclass(frozen=True)
class Attempt:
    """A try that is good and has not been found to be spent."""

    seed: str
    expires: int
    """Unix seconds."""
    where: str
    """The page to go to afterwards."""
    state: str = field(repr=False)
    """Comes back with the browser (RFC 6749, section 10.12)."""
    nonce: str = field(repr=False)
    """Comes back in the token (OpenID Connect Core 1.0, section 15.5.2)."""
    verifier: str = field(repr=False)
    """Shown to the provider at the end, its hash at the beginning (RFC 7636)."""

    @property
    def challenge(self) -> str:
        """The verifier's hash (S256)."""
        return _text(hashlib.sha256(self.verifier.encode()).digest())


def begin(key: bytes, where: str, now: int) -> tuple[Attempt, str]:
    """A new try at `now` (Unix seconds), and the cookie that keeps it."""
    seed, expires = secrets.token_hex(16), now + SECONDS
    body = f"{seed}.{expires}.{_text(where.encode())}"
    return _attempt(key, seed, expires, where), f"{body}.{_mac(key, body)}"


def resume(keys: Sequence[bytes], cookie: str, state: str, now: int) -> Attempt:
    """The try that a cookie keeps, for who comes back with its `state`. Raises `BadAttempt`.

    Both are compared in constant time, the cookie before anything that it says is believed.
    """
    body, _, mac = cookie.rpartition(".")
    if not body or len(cookie) > _MOST:
        raise BadAttempt
    key = next((key for key in keys if _same(_mac(key, body), mac)), None)
    if key is None:
        raise BadAttempt
    seed, expires, where = body.split(".")
    attempt = _attempt(key, seed, int(expires), base64.urlsafe_b64decode(where + "=" * (-len(where) % 4)).decode())
    if now >= attempt.expires or not _same(attempt.state, state):
        raise BadAttempt
    return attempt


def _attempt(key: bytes, seed: str, expires: int, where: str) -> Attempt:
    def made(use: str) -> str:
        return _text(hmac.digest(key, _PURPOSE + f"{use}\n{seed}".encode(), "sha256"))

    return Attempt(seed, expires, where, made("state"), made("nonce"), made("verifier"))


def _mac(key: bytes, body: str) -> str:
    return hmac.digest(key, _PURPOSE + b"cookie\n" + body.encode("utf-8", "surrogatepass"), "sha256").hex()


def _same(ours: str, given: str) -> bool:
    return hmac.compare_digest(ours.encode(), given.encode("utf-8", "surrogatepass"))


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
