"""Passkeys (WebAuthn level 3): what a browser is asked to sign, and whether what it signed holds.

The challenge is not stored: it is random bytes, its end and an HMAC-SHA256 over both, what it is for and the browser's
cookie. Once used, its nonce is spent like a link's. The library is loaded at the first use: most processes have none.
"""

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from corong.runtime.deployment_key import DeploymentKey

Purpose = Literal["sign in", "register"]

KEY_USE = "passkey challenges"
SECONDS = 300
"""How long a challenge is good: people look for their telephone."""
_NONCE, _END = 16, 8
"""Bytes."""


class BadPasskey(Exception):
    """What the browser sent does not hold. Nothing of it is told."""


@dataclass(frozen=True)
class Site:
    """What a passkey is bound to: the host, and the origin of the pages."""

    host: str
    origin: str
    name: str


def site_of(base: str, asked_host: str | None, name: str) -> Site | None:
    """The site at `base` (scheme and host), as `asked_host` was asked for; None where passkeys can't work.

    They can't on an address in place of a name, nor without encryption on a host other than localhost (WebAuthn 5.1.2).
    """
    parts = urlsplit(base)
    host = parts.hostname or ""
    if not host or host != asked_host or (parts.scheme != "https" and host != "localhost"):
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return Site(host, base, name)
    return None


@dataclass(frozen=True)
class Challenge:
    """One that is good and has not been found to be spent."""

    nonce: str
    expires: int
    """Unix seconds."""


@dataclass(frozen=True)
class Known:
    """A passkey as it is kept."""

    credential: bytes = field(repr=False)
    key: bytes = field(repr=False)
    """COSE public key (RFC 9052)."""
    count: int


class Passkeys:
    """Makes challenges and checks what comes back."""

    def __init__(self, key: DeploymentKey) -> None:
        self._key = key

    def creation(self, site: Site, officer: str, name: str, known: Sequence[bytes], binding: str, now: int) -> str:
        """For `navigator.credentials.create`, as JSON."""
        from webauthn import generate_registration_options, options_to_json
        from webauthn.helpers import structs

        options = generate_registration_options(
            rp_id=site.host,
            rp_name=site.name,
            # The same for ever, or the officer's telephone would keep two: the key of pseudonyms does not change.
            user_id=bytes.fromhex(self._key.pseudonym("passkey", officer)),
            user_name=officer,
            user_display_name=name,
            challenge=self._challenge("register", binding, now),
            exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=credential) for credential in known],
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
        )
        return str(options_to_json(options))

    def request(self, site: Site, binding: str, now: int) -> str:
        """For `navigator.credentials.get`, as JSON: of whichever officer."""
        from webauthn import generate_authentication_options, options_to_json
        from webauthn.helpers import structs

        options = generate_authentication_options(
            rp_id=site.host,
            challenge=self._challenge("sign in", binding, now),
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        )
        return str(options_to_json(options))

    def registered(self, site: Site, credential: dict[str, Any], binding: str, now: int) -> tuple[Known, Challenge]:
        """The passkey that a browser made. Raises `BadPasskey`."""
        from webauthn import verify_registration_response
        from webauthn.helpers.exceptions import WebAuthnException

        challenge, found = self._answered("register", credential, binding, now)
        try:
            made = verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=site.host,
                expected_origin=site.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, TypeError, KeyError):
            raise BadPasskey from None
        return Known(made.credential_id, made.credential_public_key, made.sign_count), found

    def signed(
        self, site: Site, credential: dict[str, Any], known: Known, binding: str, now: int
    ) -> tuple[int, Challenge]:
        """The count of a passkey that signed; one that goes back is a copy (WebAuthn 6.1.1). Raises `BadPasskey`."""
        from webauthn import verify_authentication_response
        from webauthn.helpers.exceptions import WebAuthnException

        challenge, found = self._answered("sign in", credential, binding, now)
        try:
            done = verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=site.host,
                expected_origin=site.origin,
                credential_public_key=known.key,
                credential_current_sign_count=known.count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, TypeError, KeyError):
            raise BadPasskey from None
        return done.new_sign_count, found

    def _answered(
        self, purpose: Purpose, credential: dict[str, Any], binding: str, now: int
    ) -> tuple[bytes, Challenge]:
        """The challenge that the browser says it signed, if it is one of ours for this browser and not too old."""
        from webauthn.helpers import base64url_to_bytes, parse_client_data_json
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            said = parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError):
            raise BadPasskey from None
        challenge = said.challenge
        nonce, end, mac = challenge[:_NONCE], challenge[_NONCE : _NONCE + _END], challenge[_NONCE + _END :]
        good = [_mac(key, purpose, binding, nonce + end) for key in self._key.derive_all(KEY_USE)]
        if not any(hmac.compare_digest(one, mac) for one in good):
            raise BadPasskey
        expires = int.from_bytes(end)
        if now >= expires:
            raise BadPasskey
        return challenge, Challenge(nonce.hex(), expires)

    def _challenge(self, purpose: Purpose, binding: str, now: int) -> bytes:
        words = secrets.token_bytes(_NONCE) + (now + SECONDS).to_bytes(_END)
        return words + _mac(self._key.derive(KEY_USE), purpose, binding, words)


def credential_of(credential: dict[str, Any]) -> bytes:
    """The id of the passkey that a browser speaks of. Raises `BadPasskey`."""
    from webauthn.helpers import base64url_to_bytes

    said = credential.get("rawId")
    if not isinstance(said, str):
        raise BadPasskey
    try:
        return base64url_to_bytes(said)
    except ValueError:
        raise BadPasskey from None


def identity(credential: bytes) -> str:
    """The id under which a passkey is kept: those of authenticators may have a thousand bytes."""
    return hashlib.sha256(credential).hexdigest()


def _mac(key: bytes, purpose: Purpose, binding: str, words: bytes) -> bytes:
    return hmac.digest(key, f"{purpose}\n{binding}\n".encode("utf-8", "surrogatepass") + words, "sha256")
