"""What oidc-provider-mock does, as tests/peers/oidc_provider.py says."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.peers.oidc_provider import oidc_provider

pytestmark = pytest.mark.peers

BACK = "http://127.0.0.1:1/kembali"


def test_a_code_is_good_once_and_only_for_the_client_that_is_registered() -> None:
    with oidc_provider(registration=True) as provider, httpx.Client(base_url=provider.issuer) as client:
        described = client.get("/.well-known/openid-configuration").json()
        assert described["issuer"] == provider.issuer
        assert described["id_token_signing_alg_values_supported"] == ["RS256"]
        identity, secret = provider.registered(BACK)
        asked = {"response_type": "code", "client_id": identity, "redirect_uri": BACK, "scope": "openid", "state": "s"}
        refused = client.post("/oauth2/authorize", params=asked, data={"sub": "ani"})
        assert parse_qs(urlsplit(refused.headers["location"]).query)["error"] == ["invalid_request"], "no nonce"
        asked["nonce"] = "n"
        answer = client.post("/oauth2/authorize", params=asked, data={"sub": "ani"})
        back = parse_qs(urlsplit(answer.headers["location"]).query)
        assert back["state"] == ["s"]
        form = {"grant_type": "authorization_code", "code": back["code"][0], "redirect_uri": BACK}
        assert client.post("/oauth2/token", data=form, auth=(identity, f"{secret}x")).status_code == 401
        assert "id_token" in client.post("/oauth2/token", data=form, auth=(identity, secret)).json()
        again = client.post("/oauth2/token", data=form, auth=(identity, secret))
        assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
