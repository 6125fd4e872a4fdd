"""Whether an ID token holds (OpenID Connect Core 1.0, section 3.1.3.7): pure, but for the library's cryptography.

The library is loaded at the first use: most processes have no provider.
"""

import hmac
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""What may sign: public keys alone. `none` signs nothing; HS* would make a secret of what the provider publishes."""

LEEWAY = 60
"""Seconds by which the provider's clock may be off."""

_FEWEST_BITS = 2048
"""Of an RSA key (RFC 7518, section 3.3)."""
_MOST = 32_768
"""Characters of a token."""
_PUBLIC = ("kty", "kid", "alg", "n", "e", "crv", "x", "y")


class BadIdToken(Exception):
    """It does not hold. The text is a word for the log, and nothing of the token."""


class UnknownKey(BadIdToken):
    """It names a key that is not among those known: the provider may have a new one."""


def keys_of(document: object) -> "KeySet":
    """The keys of a JSON Web Key Set (RFC 7517) that may sign ID tokens. Raises `ValueError` where there are none."""
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, KeySet, RSAKey

    listed = document.get("keys") if isinstance(document, dict) else None
    kept: list[RSAKey | ECKey] = []
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict) or one.get("use", "sig") != "sig" or one.get("kty") not in ("RSA", "EC"):
            continue
        public = {name: value for name, value in one.items() if name in _PUBLIC}
        try:
            key = RSAKey.import_key(public) if one["kty"] == "RSA" else ECKey.import_key(public)
            if isinstance(key, ECKey) or key.public_key.key_size >= _FEWEST_BITS:
                kept.append(key)
        except (JoseError, ValueError, TypeError, KeyError):  # one that can't be read does not hide the others
            continue
    if not kept:
        raise ValueError("no key that signs")
    return KeySet([*kept])


def verify(text: str, keys: "KeySet", *, issuer: str, client_id: str, nonce: str, now: int) -> dict[str, Any]:
    """The claims of a token that holds at `now` (Unix seconds). Raises `BadIdToken`, `UnknownKey`."""
    from joserfc import jwt
    from joserfc.errors import InvalidKeyIdError, JoseError

    if len(text) > _MOST:
        raise BadIdToken("too long")
    try:
        token = jwt.decode(text, keys, algorithms=ALGORITHMS)
    except InvalidKeyIdError:
        raise UnknownKey("unknown key") from None
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadIdToken(f"signature: {type(error).__name__}") from None
    registry = jwt.JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer},
        sub={"essential": True},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True},
    )
    claims = token.claims
    try:
        registry.validate(claims)
    except (JoseError, OverflowError) as error:
        raise BadIdToken(f"claims: {type(error).__name__}") from None
    said = claims["nonce"]
    if not isinstance(said, str) or not hmac.compare_digest(said.encode("utf-8", "surrogatepass"), nonce.encode()):
        raise BadIdToken("nonce")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != client_id:
        raise BadIdToken("for another client")
    if len(claims["sub"]) > 255:
        raise BadIdToken("sub")
    return claims
