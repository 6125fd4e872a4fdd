"""One-time links by which an officer comes in without a password, and sets one.

`<officer>.<generation>.<expires>.<nonce>.<mac>`: the mac is HMAC-SHA256 (RFC 2104) under a key derived from the
deployment's, over all that stands before it. Nothing is stored until it is used: then its nonce is spent. Raising the
officer's `token_generation` makes links void, as it does tokens. `expires` is in Unix seconds.
"""

import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

KEY_USE = "sign-in links"
"""For `DeploymentKey.derive`."""

ADDRESS = "/masuk/tautan"
HOURS = 24
"""How long a link is good unless somebody says otherwise: an officer may read it tomorrow morning."""
MOST_HOURS = 168

_PURPOSE = b"corong sign-in link v1\n"
_MAX_LENGTH = 256


class BadLink(Exception):
    """It is no link of ours, or no longer good. Nothing of it is told."""


@dataclass(frozen=True)
class Link:
    """A link that is good, as far as can be told without the list of spent ones."""

    officer: str
    generation: int
    expires: int
    """Unix seconds."""
    nonce: str


def make(key: bytes, officer: str, *, generation: int, expires: int) -> str:
    """The secret part of a new link."""
    body = f"{officer}.{generation}.{expires}.{secrets.token_hex(16)}"
    return f"{body}.{_mac(key, body)}"


def read(keys: Sequence[bytes], text: str, *, now: int, current: Callable[[str], int | None]) -> Link:
    """Whose link it is at `now` (Unix seconds). `current` tells an officer's generation, None for nobody.

    Raises `BadLink`; the mac is compared in constant time before anything that the link says is believed.
    """
    body, _, mac = text.rpartition(".")
    given = mac.encode("utf-8", "surrogatepass")
    if (
        not body
        or len(text) > _MAX_LENGTH
        or not any(hmac.compare_digest(_mac(key, body).encode(), given) for key in keys)
    ):
        raise BadLink
    officer, generation, expires, nonce = body.split(".")
    link = Link(officer, int(generation), int(expires), nonce)
    if now >= link.expires or current(officer) != link.generation:
        raise BadLink
    return link


def address(base: str, text: str) -> str:
    """The whole link; `base` is scheme and host without a final slash."""
    return f"{base}{ADDRESS}?kunci={text}"


def _mac(key: bytes, body: str) -> str:
    return hmac.digest(key, _PURPOSE + body.encode("utf-8", "surrogatepass"), "sha256").hex()
