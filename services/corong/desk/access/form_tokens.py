"""The hidden token of each form of the desk: another site can't know it, so it can't send a form for an officer.

Derived from what the browser keeps in its cookie, and masked anew on each page, so that a compressed page does not tell
it by its length.
"""

import hmac
import secrets
from urllib.parse import urlsplit

from starlette.requests import Request

from corong.runtime.deployment_key import DeploymentKey
from corong.runtime.refusal import Refused

FIELD = "token"
HEADER = "x-corong-token"
"""For requests of scripts."""


class FormTokens:
    """Makes and checks them."""

    def __init__(self, key: DeploymentKey) -> None:
        self._key = key

    def make(self, binding: str) -> str:
        """A token for the browser with this cookie, or session."""
        mask = secrets.token_hex(8)
        return f"{mask}.{_mac(self._key.derive('desk forms'), mask, binding)}"

    def good(self, binding: str, token: str) -> bool:
        """Whether the token was made for it."""
        mask, _, mac = token.partition(".")
        given = mac.encode("utf-8", "surrogatepass")
        keys = self._key.derive_all("desk forms")
        return bool(binding) and any(hmac.compare_digest(_mac(key, mask, binding).encode(), given) for key in keys)

    async def check(self, request: Request, binding: str) -> None:
        """Let a form of our own pass. Raises `Refused` (403)."""
        token = request.headers.get(HEADER)
        if token is None:
            given = (await request.form()).get(FIELD)
            token = given if isinstance(given, str) else ""
        if not _from_here(request) or not self.good(binding, token):
            raise Refused(
                403, "foreign_form", "Formulir ini sudah terlalu lama terbuka, atau bukan dari halaman ini. Muat ulang "
                "halamannya, lalu kirim lagi.",
                "This form was open for too long, or is not from this page. Load the page again, then send it.",
            )  # fmt: skip


def _from_here(request: Request) -> bool:
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")


def _mac(key: bytes, mask: str, binding: str) -> str:
    return hmac.digest(key, f"{mask}\n{binding}".encode("utf-8", "surrogatepass"), "sha256").hex()[:40]
