"""Attachments: sealed, stored by the digest of the sealed bytes, through obstore: a folder, or S3 in production."""

import contextlib
import hashlib
import re
import secrets
from pathlib import Path

import obstore
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from obstore.store import LocalStore, ObjectStore, from_url

from corong.runtime.sealing import BadSeal, Sealer
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
        return AttachmentRef(digest=f"sha256-{digest}", size=len(content), media_type=plain_media_type(media_type))

    async def get(self, key: str, ref: AttachmentRef) -> bytes:
        """The file. Raises `Missing`, `Erased` or `BadSeal`."""
        digest = ref.digest.removeprefix("sha256-")
        sealed = await self._read(_path(digest))
        if hashlib.sha256(sealed).hexdigest() != digest:  # another file of the same person would open
            raise BadSeal(f"the object {ref.digest} holds other bytes")
        return self._sealer.open_file(key, sealed)

    async def stage(self, content: bytes) -> str:
        """Leave a large file for intake, encrypted for the way; the name that a message carries."""
        name = secrets.token_hex(16)
        nonce = secrets.token_bytes(12)
        box = nonce + self._transit.encrypt(nonce, content, name.encode())
        await obstore.put_async(self._store, _staged_path(name), box)
        return name

    async def staged(self, name: str) -> bytes:
        """What was staged. Raises `Missing`."""
        box = await self._read(_staged_path(name))
        try:
            return self._transit.decrypt(box[:12], box[12:], name.encode())
        except (InvalidTag, ValueError):
            raise Missing("a staged file does not open") from None

    async def unstage(self, name: str) -> None:
        """Remove a staged file after the commit; one that is gone already is as well. Raises `Missing` on no name."""
        with contextlib.suppress(FileNotFoundError):
            await obstore.delete_async(self._store, _staged_path(name))

    async def _read(self, path: str) -> bytes:
        try:
            found = await obstore.get_async(self._store, path)
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            raise Missing("the object is not in the store") from None


_NAME = r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}"
_MEDIA_TYPE = re.compile(f"{_NAME}/{_NAME}")


def plain_media_type(given: str) -> str:
    """Type and subtype alone (RFC 6838 section 4.2): an event shows them, and parameters may hold the file's name."""
    kind = given.split(";")[0].strip().lower()
    return kind if _MEDIA_TYPE.fullmatch(kind) else "application/octet-stream"


def _staged_path(name: str) -> str:
    """Only names that `stage` made: they come back from outside. Raises `Missing`."""
    if not re.fullmatch("[0-9a-f]{32}", name):
        raise Missing("not a staged file")
    return f"staged/{name}"


def _path(digest: str) -> str:
    return f"sealed/{digest[:2]}/{digest}"
