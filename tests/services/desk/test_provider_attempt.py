"""A try to come in by the provider is of one browser, for ten minutes."""

import base64
import hashlib
import secrets

import pytest

from corong.desk.access.provider_attempt import SECONDS, BadAttempt, begin, resume

NOW = 1_800_000_000
KEY = secrets.token_bytes(32)


def test_it_comes_back_as_it_went() -> None:
    attempt, cookie = begin(KEY, "/desk?unit=dinas-pupr", NOW)
    found = resume([secrets.token_bytes(32), KEY], cookie, attempt.state, NOW + SECONDS - 1)
    assert found == attempt
    assert found.where == "/desk?unit=dinas-pupr"
    digest = hashlib.sha256(attempt.verifier.encode()).digest()
    assert base64.urlsafe_b64decode(f"{attempt.challenge}=") == digest
    assert 43 <= len(attempt.verifier) <= 128, "RFC 7636, section 4.1"
    for secret in (attempt.state, attempt.nonce, attempt.verifier):
        assert secret not in cookie
    assert len({attempt.state, attempt.nonce, attempt.verifier}) == 3


def test_each_is_another() -> None:
    first, second = begin(KEY, "/desk", NOW)[0], begin(KEY, "/desk", NOW)[0]
    assert not {first.state, first.nonce, first.verifier} & {second.state, second.nonce, second.verifier}


def test_what_is_not_this_browsers_or_too_old() -> None:
    attempt, cookie = begin(KEY, "/desk", NOW)
    other, others_cookie = begin(KEY, "/desk", NOW)
    seed, expires, where, mac = cookie.split(".")
    later = f"{seed}.{int(expires) + 1}.{where}.{mac}"
    elsewhere = f"{seed}.{expires}.{base64.urlsafe_b64encode(b'//jahat.example').decode()}.{mac}"
    for given, state, now in (
        (cookie, other.state, NOW), (others_cookie, attempt.state, NOW), (cookie, "", NOW), (cookie, "\udcff", NOW),
        (cookie, attempt.state, NOW + SECONDS), (later, attempt.state, NOW), (elsewhere, attempt.state, NOW),
        (f"{cookie}0", attempt.state, NOW), (cookie[:-1], attempt.state, NOW), ("", attempt.state, NOW),
        (".", attempt.state, NOW), ("...", attempt.state, NOW), ("x" * 5_000, attempt.state, NOW),
    ):  # fmt: skip
        with pytest.raises(BadAttempt):
            resume([KEY], given, state, now)
    with pytest.raises(BadAttempt):
        resume([secrets.token_bytes(32)], cookie, attempt.state, NOW)
    assert resume([KEY], cookie, attempt.state, NOW) == attempt
