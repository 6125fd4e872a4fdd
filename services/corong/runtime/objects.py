"""Attachments: sealed, stored by the digest of the sealed bytes, through obstore: a folder, or S3 in production."""

import contextlib
import hashlib
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import obstore
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from obstore.store import LocalStore, ObjectStore, from_url

from corong.runtime.sealing import BadSeal, Sealer
from corong_contracts.message import AttachmentRef


class Missing(LookupError):
    """The object is not in the store."""


class Transit(Protocol):
    """What gives the keys for files on their way: the deployment's key."""

    def derive_all(self, use: str) -> Sequence[bytes]:
        """The current one first."""

    def reload(self) -> bool:
        """Whether there are others now."""


class Objects:
    """The object store of an installation."""

    def __init__(self, where: str, sealer: Sealer, transit: Transit) -> None:
        self._sealer = sealer
        self._transit = transit
        if "://" in where:
            self._store: ObjectStore = from_url(where)
        else:
            Path(where).mkdir(parents=True, exist_ok=True)
            self._store = LocalStore(where)

    async def keep(self, key: str, content: bytes, media_type: str) -> AttachmentRef:
        """Seal a file under `key` and store it; putting the same file again changes nothing. Raises `Erased`."""
        sealed = self._sealer.seal_file(key, content)
        digest = hashlib.sha256(sealed).hexdigest()
        await obstore.put_async(self._store, _path(key, digest), sealed)
        return AttachmentRef(digest=f"sha256-{digest}", size=len(content), media_type=plain_media_type(media_type))

    async def get(self, key: str, ref: AttachmentRef) -> bytes:
        """The file. Raises `Missing`, `Erased` or `BadSeal`."""
        digest = ref.digest.removeprefix("sha256-")
        sealed = await self._read(_path(key, digest))
        if hashlib.sha256(sealed).hexdigest() != digest:  # another file of the same person would open
            raise BadSeal(f"the object {ref.digest} holds other bytes")
        return self._sealer.open_file(key, sealed)

    async def stage(self, content: bytes) -> str:
        """Leave a large file for intake, encrypted for the way; the name that a message carries."""
        name = secrets.token_hex(16)
        nonce = secrets.token_bytes(12)
        box = nonce + AESGCM(self._transit.derive_all("transit")[0]).encrypt(nonce, content, name.encode())
        await obstore.put_async(self._store, _staged_path(name), box)
        return name

    async def staged(self, name: str) -> bytes:
        """What was staged. Raises `Missing`."""
        box = await self._read(_staged_path(name))
        content = self._open_staged(name, box)
        if content is None and self._transit.reload():  # staged after a change of keys that was not seen here yet
            content = self._open_staged(name, box)
        if content is None:
            raise Missing("a staged file does not open")
        return content

    def _open_staged(self, name: str, box: bytes) -> bytes | None:
        for secret in self._transit.derive_all("transit"):
            with contextlib.suppress(InvalidTag, ValueError):
                return AESGCM(secret).decrypt(box[:12], box[12:], name.encode())
        return None

    async def unstage(self, name: str) -> None:
        """Remove a staged file after the commit; one that is gone already is as well. Raises `Missing` on no name."""
        with contextlib.suppress(FileNotFoundError):
            await obstore.delete_async(self._store, _staged_path(name))

    def listed(self, key: str) -> list[tuple[str, int]]:
        """Path and size in bytes of every file under a key, whether or not an event names it."""
        if not re.fullmatch("[0-9a-f]{32}", key):
            return []
        pages = obstore.list(self._store, prefix=_folder(key))
        return [(meta["path"], meta["size"]) for page in pages for meta in page]

    def erase(self, key: str) -> int:
        """Remove every file under a key; how many there were."""
        paths = [path for path, _ in self.listed(key)]
        for path in paths:
            with contextlib.suppress(FileNotFoundError):
                obstore.delete(self._store, path)
        return len(paths)

    def erasures(self) -> int:
        """How many erasures this installation has decided, as was last noted here: a second place beside the key store.

        So an old key store that is put back is known to be old.
        """
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int(bytes(obstore.get(self._store, _ERASURES).bytes()))
        return 0

    def note_erasures(self, count: int) -> None:
        """Write that number down; it never goes back."""
        if count > self.erasures():
            obstore.put(self._store, _ERASURES, str(count).encode())

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


_ERASURES = "erasures"


def _folder(key: str) -> str:
    """A folder for each key: an erasure finds the person's files without asking what events name."""
    return f"sealed/{key[:2]}/{key}"


def _path(key: str, digest: str) -> str:
    return f"{_folder(key)}/{digest}"
