"""A telephone that makes and uses passkeys, as WebAuthn level 3 tells: ES256, no attestation, user verified."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def coded(value: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


@dataclass
class Authenticator:
    """One passkey. What is wrong with its answers is said by its fields."""

    host: str = "localhost"
    origin: str = "http://localhost"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    """Many telephones never count."""
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: str, **said: Any) -> dict[str, Any]:
        """For `navigator.credentials.create`."""
        numbers = self.key.public_key().public_numbers()
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        about = bytes(16) + len(self.id).to_bytes(2) + self.id + key
        whole = {"fmt": "none", "attStmt": {}, "authData": self._data(self.flags | ATTESTED) + about}
        client = self._client("webauthn.create", options, said)
        return self._answer(clientDataJSON=client, attestationObject=cbor2.dumps(whole))

    def use(self, options: str, **said: Any) -> dict[str, Any]:
        """For `navigator.credentials.get`."""
        data, client = self._data(self.flags), self._client("webauthn.get", options, said)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature)

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _client(self, kind: str, options: str, said: dict[str, Any]) -> bytes:
        words = {
            "type": kind,
            "challenge": json.loads(options)["challenge"],
            "origin": self.origin,
            "crossOrigin": False,
        }
        return json.dumps({**words, **said}).encode()

    def _answer(self, **parts: bytes) -> dict[str, Any]:
        response = {name: coded(value) for name, value in parts.items()}
        return {"id": coded(self.id), "rawId": coded(self.id), "type": "public-key", "response": response}
