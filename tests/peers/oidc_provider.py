"""oidc-provider-mock (PyPI): an OpenID Connect provider of another make, on Authlib, with users that a test names.

What 0.3.4 does, as test_oidc_provider_peer.py shows:
- Discovery, keys, authorization with a page that asks who it is and can be denied, token, userinfo; RS256.
- It takes any client and secret unless it is told to have them registered; it does not look at PKCE.
- A code is good once. Who is unknown to it signs in with a name of their own choice.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.peers.supervisor import Supervised
from tests.peers.waiting import wait_for
from tests.ports import find_free_port

HOST = "127.0.0.1"
TOKEN_SECONDS = 10_000_000
"""Tests move the hub's clock far ahead."""


class OidcProvider:
    """One provider that answers."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def knows(self, subject: str, **claims: object) -> None:
        """A user with what the provider says of them."""
        httpx.put(f"{self.issuer}/users/{subject}", json=claims, timeout=30).raise_for_status()

    def registered(self, redirect: str) -> tuple[str, str]:
        """Id and secret of a new client that may send browsers back to `redirect`."""
        asked = {"redirect_uris": [redirect], "token_endpoint_auth_method": "client_secret_basic"}
        told = httpx.post(f"{self.issuer}/oauth2/clients", json=asked, timeout=30).raise_for_status().json()
        return told["client_id"], told["client_secret"]


@contextmanager
def oidc_provider(port: int | None = None, *, registration: bool = False) -> Iterator[OidcProvider]:
    """A provider on a free port, until the block ends. It forgets everything then."""
    port = port or find_free_port()
    program = Path(sys.executable).parent / "oidc-provider-mock"
    assert program.exists(), "no oidc-provider-mock in this environment: `make venv` installs it"
    arguments = [str(program), "--host", HOST, "--port", str(port), "--require-nonce", "true"]
    arguments += ["--token-max-age", str(TOKEN_SECONDS)]
    with tempfile.TemporaryDirectory(prefix="corong-oidc-") as folder:
        log = Path(folder) / "provider.log"
        # Authlib refuses to be asked without encryption, unless it is told.
        environment = {**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1", "PYTHONWARNINGS": "ignore"}
        arguments += ["--require-registration", "true"] if registration else []
        running = Supervised(arguments, log=log, env=environment)
        provider = OidcProvider(f"http://{HOST}:{port}")

        def answers() -> bool:
            assert running.running(), log.read_text(errors="replace")
            try:
                return httpx.get(f"{provider.issuer}/.well-known/openid-configuration", timeout=5).is_success
            except httpx.TransportError:
                return False

        try:
            wait_for("oidc-provider-mock answers", answers)
            yield provider
        finally:
            running.kill()
