"""The government's own sign-in, one OpenID Connect provider, as `hub.toml` names it: `[sign_in_provider]`."""

import ipaddress
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import StringConstraints, ValidationInfo, field_validator

from corong.runtime.entry_files import Entry
from corong.runtime.secret_ref import SecretRef, with_references

__all__ = ["Identity", "SignInProvider", "is_loopback", "is_safe"]

Identity = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,255}$")]
"""What a provider calls a person. ASCII alone: letters that look alike, or fold to one, must not be somebody else's."""


class SignInProvider(Entry):
    """One provider. Nothing of it is asked before somebody wants to come in by it."""

    issuer: Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$", max_length=255)]
    """Exactly as the provider writes it in its tokens (OpenID Connect Core 1.0, section 2)."""
    client_id: Annotated[str, StringConstraints(pattern=r"^[!-~]+$", max_length=255)]
    client_secret: SecretRef
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    """Stands on the button."""
    claim: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/-]{1,100}$")] = "email"
    """The claim that an officer's `identity` in officers.toml is held against."""

    @field_validator("issuer")
    @classmethod
    def _encrypted(cls, value: str) -> str:
        parts = urlsplit(value)
        if not is_safe(value, loopback=True) or parts.query or parts.fragment or parts.username is not None:
            raise ValueError("not an https address without a query (http only on this machine itself)")
        return value

    @field_validator("client_secret", mode="before")
    @classmethod
    def _by_reference(cls, value: object, info: ValidationInfo) -> Any:
        folder = info.context["folder"] if info.context else Path()
        return with_references(value, folder, "client_secret")


def is_safe(address: str, *, loopback: bool) -> bool:
    """Whether what goes to this address is read by nobody on the way; `loopback`: on this machine it is not either."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (loopback and is_loopback(address)))


def is_loopback(address: str) -> bool:
    """Whether it is http on this machine itself."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = host == "localhost"
    return here and parts.scheme == "http"
