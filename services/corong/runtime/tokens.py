"""Bearer tokens of officers and channel accounts, checked without a store.

`corong_<kind>_<id>_<generation>_<expires>_<mac>`: the mac is HMAC-SHA256 (RFC 2104) under the deployment's key over all
that stands before it, in lower-case hexadecimal. Raising the holder's `token_generation` in the directory makes every
earlier token invalid; `expires` is in Unix seconds, 0 for never. A token is used as RFC 6750 section 2.1 tells.
"""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["BadToken", "Principal", "TokenKind", "issue", "verify"]

TokenKind = Literal["officer", "account"]
MIN_KEY_BYTES = 32

_KINDS: tuple[TokenKind, ...] = get_args(TokenKind)
_HOLDER = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_PURPOSE = b"corong token v1\n"
_MAX_LENGTH = 256


class BadToken(Exception):
    """The token isn't good. `reason` is a code: malformed, mac, expired, revoked; nothing of the token is told."""

    def __init__(self, reason: Literal["malformed", "mac", "expired", "revoked"]) -> None:
        self.reason = reason
        super().__init__(f"bad token ({reason})")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who holds a good token."""

    kind: TokenKind
    id: str
    generation: int
    expires: int | None
    """Unix seconds; None for never."""


def issue(key: bytes, kind: TokenKind, holder: str, *, generation: int = 1, expires: int | None = None) -> str:
    """A token for `holder`, an id of the directory. `expires` is in Unix seconds.

    Raises ValueError where the key has fewer than 32 bytes, or the id or a number can't stand in a token.
    """
    if kind not in _KINDS or not _HOLDER.fullmatch(holder):
        raise ValueError("a token is for an officer or account, by its id in the directory")
    if generation < 1 or (expires is not None and expires < 1):
        raise ValueError("generation and expires are positive")
    body = f"corong_{kind}_{holder}_{generation}_{expires or 0}"
    return f"{body}_{_mac(key, body)}"


def verify(
    key: bytes, token: str, *, now: int, current: Callable[[TokenKind, str], int | None] | None = None
) -> Principal:
    """Who holds `token` at `now` (Unix seconds). `current` tells a holder's present generation, None for nobody.

    `Directory.token_generation` is such a `current`. Raises BadToken; the mac is compared in constant time before
    anything that the token says is believed.
    """
    body, _, mac = token.rpartition("_")
    if not body or len(token) > _MAX_LENGTH:
        raise BadToken("malformed")
    if not hmac.compare_digest(_mac(key, body).encode(), mac.encode("utf-8", "surrogatepass")):
        raise BadToken("mac")
    _, kind, holder, generation, expires = body.split("_")
    principal = Principal(
        kind="officer" if kind == "officer" else "account",
        id=holder,
        generation=int(generation),
        expires=int(expires) or None,
    )
    if principal.expires is not None and now >= principal.expires:
        raise BadToken("expired")
    if current is not None and current(principal.kind, holder) != principal.generation:
        raise BadToken("revoked")
    return principal


def _mac(key: bytes, body: str) -> str:
    if len(key) < MIN_KEY_BYTES:
        raise ValueError(f"the key of the tokens has at least {MIN_KEY_BYTES} bytes")
    return hmac.digest(key, _PURPOSE + body.encode("utf-8", "surrogatepass"), "sha256").hex()
