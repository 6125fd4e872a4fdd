"""Some seconds of work that a browser does for a message while its sender reads the form: a flood costs that each time.

The work hangs on the form's key, which is one message for ever: nothing is kept of it, and to send a solution again
only brings the same receipt. The browser's side is `runtime/static/work.js`.
"""

import hashlib
import hmac
from dataclasses import dataclass

MOST = 100_000
"""The number is below: a browser tries half of them before it finds it, some seconds on a small telephone."""


@dataclass(frozen=True)
class ProofOfWork:
    """Sets the work and looks at it, under a secret derived from the deployment's key."""

    secret: bytes

    def challenge(self, key: str) -> str:
        """SHA-256 of the key and the number that is to be found, in hexadecimal."""
        return hashlib.sha256(f"{key}{self._number(key)}".encode()).hexdigest()

    def solved(self, key: str, given: str) -> bool:
        """Whether it was found."""
        return hmac.compare_digest(str(self._number(key)).encode(), given.encode())

    def _number(self, key: str) -> int:
        return int.from_bytes(hmac.digest(self.secret, key.encode(), "sha256")[:8]) % MOST
