"""Sealing personal data: AES-256-GCM (NIST SP 800-38D), bound to one field of one event.

The nonce is derived from the key, the associated data and the words (as in RFC 8452's idea of a synthetic nonce): work
done again on the same cause gives the same bytes, and a nonce never serves two different texts.
"""

import base64
import hmac
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic_core import from_json

from corong.runtime.deployment_key import keyed, receipt_secret
from corong.runtime.identities import text_of
from corong.runtime.keys import Keys, Notice
from corong_contracts.base import AnyEvent, Sealed

_text_of = json.JSONEncoder(separators=(",", ":")).encode
_quoted = json.encoder.encode_basestring_ascii


class Erased(LookupError):
    """The key is gone: the person's data was erased by the decision in `notice`.

    Without a notice nobody decided anything: the key store is not the one that belongs to this data.
    """

    def __init__(self, text: str, notice: Notice | None = None) -> None:
        super().__init__(text)
        self.notice = notice


class BadSeal(ValueError):
    """The box was not sealed for this field of this event, or was changed."""


@dataclass(frozen=True)
class SealedAt:
    """A sealed field and where it belongs; what tables keep, as text."""

    event: str
    type: str
    field: str
    key: str
    box: str

    def __str__(self) -> str:
        return _text_of([self.event, self.type, self.field, self.key, self.box])

    @classmethod
    def of(cls, text: str) -> "SealedAt":
        """Read what `str` wrote."""
        return cls(*json.loads(text))


def sealed_at(event: AnyEvent, field: str) -> SealedAt:
    """A sealed field of an event."""
    value: Sealed = getattr(event.data, field)
    return SealedAt(text_of(event.id), event.type, field, value.key, value.box)


def sealed_field(event: AnyEvent, field: str) -> str:
    """A sealed field of an event, as tables keep it."""
    value: Sealed = getattr(event.data, field)
    # As `SealedAt` writes it, and quicker: of all that only the key's id may hold what JSON has to quote.
    return f'["{text_of(event.id)}","{event.type}","{field}",{_quoted(value.key)},"{value.box}"]'


class Sealer:
    """Seals and opens with the keys of the key store."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys

    def seal(self, key: str, event: UUID, event_type: str, field: str, words: str | bytes) -> Sealed:
        """Seal `words` for one field of one event. Raises `Erased`."""
        data = words.encode() if isinstance(words, str) else words
        return Sealed(key=key, box=_text(self._encrypt(key, _associated(text_of(event), event_type, field, key), data)))

    def open(self, sealed: SealedAt) -> bytes:
        """The words. Raises `Erased` or `BadSeal`."""
        associated = _associated(sealed.event, sealed.type, sealed.field, sealed.key)
        try:
            box = _bytes(sealed.box)
        except ValueError:
            raise BadSeal(f"a sealed field under key {sealed.key} is no box") from None
        return self._decrypt(sealed.key, associated, box)

    def open_text(self, kept: str) -> str:
        """Open what a table keeps. Raises `Erased` or `BadSeal`."""
        return self.open(SealedAt.of(kept)).decode()

    def open_json(self, kept: str | SealedAt) -> dict[str, Any]:
        """Open what a table or an event keeps, where the words are a JSON object. Raises `Erased` or `BadSeal`."""
        value: dict[str, Any] = _read(self.open(SealedAt.of(kept) if isinstance(kept, str) else kept))
        return value

    def seal_file(self, key: str, content: bytes) -> bytes:
        """Seal a file for the object store. Raises `Erased`."""
        return self._encrypt(key, f"file\n{key}\n".encode(), content)

    def open_file(self, key: str, sealed: bytes) -> bytes:
        """Open a file of the object store. Raises `Erased` or `BadSeal`."""
        return self._decrypt(key, f"file\n{key}\n".encode(), sealed)

    def keyed(self, key: str, *parts: str) -> str:
        """The parts' keyed hash under a person's key: it means nothing when that is gone. Raises `Erased`."""
        return keyed(self._secret(key), *parts)

    def receipt_secret(self, key: str, case: str) -> str:
        """The secret on the receipt of a case of the person. Raises `Erased`."""
        return receipt_secret(self._secret(key), case)

    def _encrypt(self, key: str, associated: bytes, data: bytes) -> bytes:
        secret = self._secret(key)
        nonce = hmac.digest(secret, b"nonce\n" + associated + data, "sha256")[:12]
        return nonce + AESGCM(secret).encrypt(nonce, data, associated)

    def _decrypt(self, key: str, associated: bytes, box: bytes) -> bytes:
        try:
            return AESGCM(self._secret(key)).decrypt(box[:12], box[12:], associated)
        except (InvalidTag, ValueError):
            raise BadSeal(f"a sealed field under key {key} does not open") from None

    def _secret(self, key: str) -> bytes:
        secret = self.keys.get(key)
        if secret is None:
            raise Erased(f"key {key} is destroyed", self.keys.notice(key))
        return secret


def _read(data: bytes) -> Any:
    """JSON of our own; `from_json` is five times as quick, and takes no half of a surrogate pair."""
    try:
        return from_json(data)
    except ValueError:
        return json.loads(data)


def _associated(event: str, event_type: str, field: str, key: str) -> bytes:
    return f"{event}\n{event_type}\n{field}\n{key}\n".encode()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _text(data) != text:  # the decoder passes over strange letters and over the bits that are left at the end
        raise ValueError("another text for the same bytes")
    return data
