"""Attachments: sealed, stored by the digest of the sealed bytes, through obstore: a folder, or S3 in production."""

import hashlib
import secrets
from pathlib import Path

import obstore
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from obstore.store import LocalStore, ObjectStore, from_url

from corong.runtime.sealing import Sealer
from corong_contracts.message import AttachmentRef


class Missing(LookupError):
    """The object is not in the store."""


class Objects:
    """The object store of an installation."""

    def __init__(self, where: str, sealer: Sealer, transit: bytes) -> None:
        self._sealer = sealer
        self._transit = AESGCM(transit)
        if "://" in where:
            self._store: ObjectStore = from_url(where)
        else:
            Path(where).mkdir(parents=True, exist_ok=True)
            self._store = LocalStore(where)

    async def keep(self, key: str, content: bytes, media_type: str) -> AttachmentRef:
        """Seal a file under `key` and store it; putting the same file again changes nothing. Raises `Erased`."""
        sealed = self._sealer.seal_file(key, content)
        digest = hashlib.sha256(sealed).hexdigest()
        await obstore.put_async(self._store, _path(digest), sealed)
        return AttachmentRef(digest=f"sha256-{digest}", size=len(content), media_type=media_type)

    async def get(self, key: str, ref: AttachmentRef) -> bytes:
        """The file. Raises `Missing`, `Erased` or `BadSeal`."""
        sealed = await self._read(_path(ref.digest.removeprefix("sha256-")))
        return self._sealer.open_file(key, sealed)

    async def stage(self, content: bytes) -> str:
        """Leave a large file for intake, encrypted for the way; the name that a message carries."""
        name = secrets.token_hex(16)
        nonce = secrets.token_bytes(12)
        box = nonce + self._transit.encrypt(nonce, content, name.encode())
        await obstore.put_async(self._store, f"staged/{name}", box)
        return name

    async def staged(self, name: str) -> bytes:
        """What was staged. Raises `Missing`."""
        if not name.isalnum():
            raise Missing("not a staged file")
        box = await self._read(f"staged/{name}")
        try:
            return self._transit.decrypt(box[:12], box[12:], name.encode())
        except InvalidTag:
            raise Missing("a staged file does not open") from None

    async def unstage(self, name: str) -> None:
        """Remove a staged file after the commit."""
        await obstore.delete_async(self._store, f"staged/{name}")

    async def _read(self, path: str) -> bytes:
        try:
            found = await obstore.get_async(self._store, path)
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            raise Missing("the object is not in the store") from None


def _path(digest: str) -> str:
    return f"sealed/{digest[:2]}/{digest}"
