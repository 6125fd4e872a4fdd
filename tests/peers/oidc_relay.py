"""Stands between the hub and the provider: passes on, keeps what was asked, and spoils answers as a test says.

The provider makes its addresses from the Host that it is asked by, so the hub knows this one as the issuer. With a key
of its own it is an issuer that can write any token: it signs anew what the provider had signed.
"""

import json
import threading
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.peers.oidc_provider import HOST
from tests.ports import find_free_port

DISCOVERY, KEYS, TOKEN, USERINFO = "/.well-known/openid-configuration", "/jwks", "/oauth2/token", "/userinfo"

Spoil = Callable[[dict[str, Any]], object]
"""A good answer → another: an object as JSON, a number as a status, bytes as they are, None for a closed connection."""


class Relay:
    """One relay; `spoil` has what is done to the answers of a path."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.issuer = f"http://{HOST}:{find_free_port()}"
        self.key = RSAKey.generate_key(2048, {"kid": "pengantara"})
        self.spoil: dict[str, Spoil] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        """Method and path, authorization, form."""

    def writes(self, change: Callable[[dict[str, Any]], None] = lambda claims: None, **header: Any) -> None:
        """From now on tokens are signed here, after `change` was made to their claims; `header` beside alg and kid."""
        headed = {"alg": "RS256", "kid": self.key.kid, **header}

        def again(answer: dict[str, Any]) -> object:
            body = answer["id_token"].split(".")[1]
            claims = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
            change(claims)
            return {**answer, "id_token": jwt.encode(headed, claims, self.key)}

        self.spoil = {KEYS: lambda _: {"keys": [self.key.as_dict(private=False)]}, TOKEN: again}

    def form(self, path: str = TOKEN) -> tuple[str, dict[str, str]]:
        """Authorization and form of the last request of a path."""
        return next((auth, form) for asked, auth, form in reversed(self.asked) if asked.endswith(path))


@contextmanager
def oidc_relay(upstream: str) -> Iterator[Relay]:
    """A relay that answers until the block ends."""
    relay = Relay(upstream)
    upward = httpx.Client(verify=False, timeout=20)

    class Handler(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            path = urlsplit(self.path).path
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            relay.asked.append((f"{self.command} {path}", self.headers.get("Authorization", ""), form))
            kept = ("Host", "Content-Type", "Authorization", "Accept")
            headers = {name: value for name, value in self.headers.items() if name in kept}
            said = upward.request(self.command, f"{relay.upstream}{self.path}", content=body, headers=headers)
            status, content = said.status_code, said.content
            spoil = relay.spoil.get(path)
            if spoil is not None:
                found = spoil(said.json())
                if found is None:
                    self.close_connection = True
                    return
                status = found if isinstance(found, int) else status
                content = found if isinstance(found, bytes) else json.dumps(found).encode()
            self.send_response(status)
            for name in ("Content-Type", "Location", "Set-Cookie"):
                if name in said.headers:
                    self.send_header(name, said.headers[name])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _pass_on  # noqa: N815  # http.server calls them so

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer((HOST, int(relay.issuer.rpartition(":")[2])), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        server.shutdown()
        upward.close()
        server.server_close()
        thread.join()
