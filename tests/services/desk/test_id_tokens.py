"""What an ID token must have to be believed; each way of forging one is refused, and the good one beside it taken."""

import hmac
import json
import warnings
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from corong.desk.access.id_tokens import LEEWAY, BadIdToken, UnknownKey, keys_of, verify

NOW = 1_800_000_000
ISSUER, CLIENT, NONCE = "https://masuk.asahan.example", "corong", "n-0S6"
RSA = RSAKey.generate_key(2048, {"kid": "satu", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "dua"})
OTHER = RSAKey.generate_key(2048, {"kid": "satu"})
PUBLISHED = {"keys": [RSA.as_dict(private=False), EC.as_dict(private=False)]}
KEYS = keys_of(PUBLISHED)
CLAIMS = {"iss": ISSUER, "sub": "s-1", "aud": CLIENT, "exp": NOW + 300, "iat": NOW - 5, "nonce": NONCE}


def signed(
    key: Any = RSA, header: dict[str, Any] | None = None, algorithms: tuple[str, ...] | None = None, **more: Any
) -> str:
    """A token; a claim that is None is left out."""
    claims = {name: value for name, value in {**CLAIMS, **more}.items() if value is not None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of what is forged here
        return jwt.encode(header or {"alg": "RS256", "kid": "satu"}, claims, key, algorithms=algorithms)


def checked(text: str) -> dict[str, Any]:
    return verify(text, KEYS, issuer=ISSUER, client_id=CLIENT, nonce=NONCE, now=NOW)


def part(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "text",
    [
        signed(),
        signed(header={"alg": "PS256", "kid": "satu"}, algorithms=("PS256",)),
        signed(EC, {"alg": "ES256", "kid": "dua"}),
        signed(aud=[CLIENT]),
        signed(aud=[CLIENT, "lain"], azp=CLIENT),
        signed(exp=NOW - LEEWAY + 1),
        signed(iat=NOW + LEEWAY - 1),
    ],
    ids=("RS256", "PS256", "ES256", "list", "several", "just ended", "clock ahead"),
)
def test_one_that_holds(text: str) -> None:
    assert checked(text)["sub"] == "s-1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://masuk.jahat.example"}, {"iss": f"{ISSUER}/"}, {"iss": None}, {"iss": [ISSUER]},
        {"aud": "lain"}, {"aud": None}, {"aud": ["lain", "lagi"]}, {"aud": [CLIENT, "lain"]}, {"aud": {CLIENT: 1}},
        {"aud": [CLIENT, "lain"], "azp": "lain"}, {"azp": "lain"},
        {"exp": NOW - LEEWAY}, {"exp": None}, {"exp": "2100-01-01"}, {"exp": True},
        {"iat": NOW + LEEWAY + 1}, {"iat": None}, {"nbf": NOW + LEEWAY + 1},
        {"nonce": "lain"}, {"nonce": None}, {"nonce": ""}, {"nonce": [NONCE]}, {"nonce": "\u00e9"},
        {"sub": None}, {"sub": ""}, {"sub": 7}, {"sub": "x" * 256},
    ],
    ids=str,
)  # fmt: skip
def test_a_claim_that_is_not_as_it_must_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadIdToken):
        checked(signed(**wrong))


def test_a_signature_of_nobody_known() -> None:
    header, claims, signature = signed().split(".")

    def headed(**more: Any) -> str:
        return f"{part({'alg': 'RS256', 'kid': 'satu', **more})}.{claims}"

    secret = headed(alg="HS256")
    mac = hmac.digest(RSA.as_pem(private=False), secret.encode(), "sha256")
    forged = {
        "another key under a known name": signed(OTHER),
        "another key, in the header": signed(
            OTHER, {"alg": "RS256", "kid": "satu", "jwk": OTHER.as_dict(private=False)}
        ),
        "the public key as a secret": f"{secret}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}",
        "none": f"{headed(alg='none')}.",
        "none, with the signature": f"{headed(alg='none')}.{signature}",
        "None": f"{headed(alg='None')}.{signature}",
        "other claims": f"{header}.{part({**CLAIMS, 'sub': 's-2'})}.{signature}",
        "the other key's algorithm": f"{headed(alg='ES256')}.{signature}",
        "the other key's name": f"{headed(kid='dua')}.{signature}",
        "what must be understood": f"{headed(crit=['b64'], b64=False)}.{signature}",
        "no signature": f"{header}.{claims}.",
        "no token": "x",
        "nothing": "",
        "five parts": "a.b.c.d.e",
        "not ASCII": "\u00e9.\u00e9.\u00e9",
        "half of a letter": "\udcff.a.b",
        "too long": signed(lain="x" * 40_000),
        "a list": f"{header}.{part([1])}.{signature}",
    }
    assert json.loads(urlsafe_b64decode(claims + "==")) == CLAIMS
    for name, text in forged.items():
        with pytest.raises(BadIdToken):
            pytest.fail(f"{name}: {checked(text)}")
    assert checked(f"{header}.{claims}.{signature}") == CLAIMS


def test_a_key_that_is_not_known_yet() -> None:
    for header in ({"alg": "RS256", "kid": "tiga"}, {"alg": "RS256"}):
        with pytest.raises(UnknownKey):
            checked(signed(OTHER, header))


def test_only_public_keys_that_sign_are_kept() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of it
        weak = RSAKey.generate_key(1024, {"kid": "lemah"})
    seal = RSAKey.generate_key(2048, {"kid": "segel", "use": "enc"})
    secret = OctKey.generate_key(256, {"kid": "rahasia"})
    bad = [weak.as_dict(private=False), seal.as_dict(private=False), secret.as_dict(private=True)]
    strange = [{"kty": "RSA"}, {"kty": "AKP", "kid": "baru"}, {"kty": "EC", "crv": "X", "x": "AA", "y": "AA"}, 7, {}]
    kept = keys_of({"keys": [*bad, *strange, RSA.as_dict(private=True)]})
    assert [key.kid for key in kept] == ["satu"]
    assert not any(key.is_private for key in kept)
    nothing: list[object] = [{"keys": bad}, {"keys": []}, {"keys": None}, {}, [], None]
    for none in nothing:
        with pytest.raises(ValueError):
            keys_of(none)
