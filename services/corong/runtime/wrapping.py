"""Wrapping the persons' keys: AES-256-GCM under the deployment's key, with a mark that tells under which one."""

import hashlib
import os
from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from corong.runtime.deployment_key import DeploymentKey


class WrongDeploymentKey(ValueError):
    """The keys in the store were wrapped under another deployment key."""


class Wrapping:
    """The current wrapping key and older ones. While the keys are changed, the file is read again when it has to be."""

    def __init__(self, secrets: Callable[[], Sequence[bytes]], reload: Callable[[], bool] = lambda: False) -> None:
        """`secrets` gives the wrapping keys, the current one first; `reload` says whether there may be others now."""
        self._secrets = secrets
        self._reload = reload
        self._take()

    @classmethod
    def of(cls, key: DeploymentKey | bytes) -> "Wrapping":
        """The wrapping of a deployment's key, or of one bare wrapping key."""
        if isinstance(key, bytes):
            return cls(lambda: (key,))
        return cls(lambda: key.derive_all("wrapping"), key.reload)

    def _take(self) -> None:
        secrets = self._secrets()
        self._known = {mark_of(secret): AESGCM(secret) for secret in secrets}
        self.current = mark_of(secrets[0])

    def refresh(self) -> None:
        """Take over a change of the deployment's key, where there was one."""
        self._reload()
        self._take()

    def wrap(self, identity: str, secret: bytes) -> tuple[str, bytes]:
        """(mark, nonce with key and tag)."""
        nonce, mark = os.urandom(12), self.current
        return mark, nonce + self._known[mark].encrypt(nonce, secret, identity.encode())

    def unwrap(self, identity: str, mark: str, wrapped: bytes) -> bytes:
        """The key. Raises `WrongDeploymentKey`."""
        if mark not in self._known:
            self.refresh()
        box = self._known.get(mark)
        try:
            if box is not None:
                return box.decrypt(wrapped[:12], wrapped[12:], identity.encode())
        except InvalidTag:
            pass
        raise WrongDeploymentKey(
            "the key store was made under another deployment key: give back the one it was made with"
        ) from None


def mark_of(secret: bytes) -> str:
    """Tells which wrapping key it was, and nothing of it."""
    return hashlib.sha256(b"corong wrapping\n" + secret).hexdigest()[:16]
