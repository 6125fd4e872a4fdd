import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corong.runtime.tokens import BadToken, Principal, TokenKind, issue, verify

KEY = bytes(range(32))
NOW = 1_790_000_000

kinds = st.sampled_from(("officer", "account"))
holders = st.from_regex(r"[a-z0-9][a-z0-9-]{0,62}", fullmatch=True)
generations = st.integers(min_value=1, max_value=10**6)


@given(kinds, holders, generations, st.none() | st.integers(min_value=NOW + 1, max_value=2**40))
def test_what_was_issued_is_verified(kind: TokenKind, holder: str, generation: int, expires: int | None) -> None:
    token = issue(KEY, kind, holder, generation=generation, expires=expires)
    assert verify(KEY, token, now=NOW) == Principal(kind, holder, generation, expires)


@given(kinds, holders, generations, st.data())
def test_any_changed_character_fails(kind: TokenKind, holder: str, generation: int, data: st.DataObject) -> None:
    token = issue(KEY, kind, holder, generation=generation)
    place = data.draw(st.integers(min_value=0, max_value=len(token) - 1))
    other = data.draw(st.characters().filter(lambda c: c != token[place]))
    with pytest.raises(BadToken):
        verify(KEY, token[:place] + other + token[place + 1 :], now=NOW)


@given(kinds, holders, st.data())
def test_a_character_more_or_less_fails(kind: TokenKind, holder: str, data: st.DataObject) -> None:
    token = issue(KEY, kind, holder)
    place = data.draw(st.integers(min_value=0, max_value=len(token) - 1))
    more = data.draw(st.sampled_from(string.printable))
    for changed in (token[:place] + token[place + 1 :], token[:place] + more + token[place:], token + more):
        with pytest.raises(BadToken):
            verify(KEY, changed, now=NOW)


@given(st.text() | st.text(alphabet="corng_ficeaut01-", max_size=300))
def test_anything_else_is_a_bad_token_and_nothing_worse(token: str) -> None:
    with pytest.raises(BadToken):
        verify(KEY, token, now=NOW)


@given(holders, st.binary(min_size=32, max_size=64).filter(lambda key: key.rstrip(b"\0") != KEY))
def test_another_key_fails(holder: str, key: bytes) -> None:
    with pytest.raises(BadToken, match="mac"):
        verify(key, issue(KEY, "officer", holder), now=NOW)


def test_it_ends_at_its_second() -> None:
    token = issue(KEY, "account", "web", expires=NOW)
    assert verify(KEY, token, now=NOW - 1).expires == NOW
    with pytest.raises(BadToken, match="expired"):
        verify(KEY, token, now=NOW)


def test_a_later_generation_makes_earlier_tokens_invalid() -> None:
    generations: dict[tuple[str, str], int] = {("officer", "petugas-a"): 2}
    current = lambda kind, holder: generations.get((kind, holder))  # noqa: E731
    assert verify(KEY, issue(KEY, "officer", "petugas-a", generation=2), now=NOW, current=current).generation == 2
    for stale in (
        issue(KEY, "officer", "petugas-a"),
        issue(KEY, "account", "petugas-a"),
        issue(KEY, "officer", "gone"),
    ):
        with pytest.raises(BadToken, match="revoked"):
            verify(KEY, stale, now=NOW, current=current)


def test_a_kind_is_not_another_kind() -> None:
    officer, account = (issue(KEY, kind, "web") for kind in ("officer", "account"))
    assert officer.rpartition("_")[2] != account.rpartition("_")[2]


def test_nothing_of_the_token_is_told() -> None:
    token = issue(KEY, "officer", "petugas-a")
    with pytest.raises(BadToken) as caught:
        verify(KEY, token + "0", now=NOW)
    assert "petugas" not in str(caught.value)
    assert token[-20:] not in str(caught.value)


@pytest.mark.parametrize("holder", ["", "A", "a_b", "a.b", "-a", "a" * 64, "a\n"])
def test_an_id_that_cannot_stand_in_a_token(holder: str) -> None:
    with pytest.raises(ValueError, match="by its id"):
        issue(KEY, "officer", holder)


def test_a_short_key_or_a_number_of_nothing() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        issue(KEY[:31], "officer", "a")
    with pytest.raises(ValueError, match="positive"):
        issue(KEY, "officer", "a", generation=0)
    with pytest.raises(ValueError, match="positive"):
        issue(KEY, "officer", "a", expires=0)
