"""The hidden key of a form: signed when the page is made, the message's native id when it comes back.

The same form sent twice is the same message, so the second press gets the first one's receipt. The signature covers the
cookie of the browser that the page was made for: another site can't send the form for somebody, and who finds a key
can't fetch a receipt with it.
"""

import hmac
import re
import secrets
import time
from dataclasses import dataclass
from uuid import UUID

COOKIE = "corong_form"
LIFETIME = 14 * 86_400
"""Seconds: somebody may begin to write and come back another day."""


@dataclass(frozen=True)
class FormKeys:
    """Makes and checks keys under a secret derived from the deployment's key."""

    secret: bytes

    def browser(self, cookie: str | None) -> str:
        """What the browser's cookie should be: as it is, or a new one."""
        return cookie if cookie and re.fullmatch(r"[A-Za-z0-9_-]{22}", cookie) else secrets.token_urlsafe(16)

    def make(self, browser: str) -> str:
        """A new key for this browser."""
        words = f"{int(time.time()):x}.{secrets.token_urlsafe(16)}"
        return f"{words}.{self._signature(words, browser)}"

    def native_id(self, key: str, browser: str | None) -> str | None:
        """The native id that the key stands for; None where it was made for another browser, or long ago."""
        when, _, rest = key.partition(".")
        name, _, signature = rest.partition(".")
        expected = self._signature(f"{when}.{name}", browser or "")
        if not browser or not hmac.compare_digest(expected.encode(), signature.encode()):
            return None
        return name if time.time() - int(when, 16) < LIFETIME else None

    def name_request(self, case_id: UUID, registration: str, browser: str) -> str:
        """That this browser showed the receipt of that case: what an objection carries instead of the secret."""
        words = f"{case_id}.{registration}"
        return f"{words}.{self._signature(f'request {words}', browser)}"

    def named_request(self, given: str, browser: str | None) -> tuple[UUID, str] | None:
        """Case and registration number; None where nothing of ours for this browser stands there."""
        words, _, signature = given.rpartition(".")
        expected = self._signature(f"request {words}", browser or "")
        if not browser or not hmac.compare_digest(expected.encode(), signature.encode()):
            return None
        case_id, _, registration = words.partition(".")
        return UUID(case_id), registration

    def _signature(self, words: str, browser: str) -> str:
        return hmac.digest(self.secret, f"{words}\n{browser}".encode(), "sha256").hex()[:32]
