"""The one secret of an installation: where it comes from, what is derived, what goes wrong."""

import base64
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corong.runtime.deployment_key import BadDeploymentKey, DeploymentKey, receipt_secret

SECRET = bytes(range(32))
TEXT = base64.b64encode(SECRET).decode()
WRAPPING_OF_ZEROS = "a717c33bb405aeac09921ca1762ecf63c62461291f58af8bcfc3fb9f40eda629"
PSEUDONYM_OF_ZEROS = "bd052fbd50f362e40502cb2668c6cdd1"
RECEIPT_OF_ZEROS = "HUTP-MHOC-ZPIL-J5ME"
PARTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@pytest.fixture(autouse=True)
def _no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CORONG_KEY", raising=False)


def test_it_is_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "deployment.key"
    made = DeploymentKey.load(path, create=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(base64.b64decode(path.read_text().strip(), validate=True)) == 32
    for create in (True, False):
        assert DeploymentKey.load(path, create=create).wrapping == made.wrapping
    assert [item.name for item in path.parent.iterdir()] == ["deployment.key"]


def test_two_installations_differ(tmp_path: Path) -> None:
    one, other = (DeploymentKey.load(tmp_path / name, create=True) for name in ("one", "other"))
    assert one.wrapping != other.wrapping


def test_none_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadDeploymentKey, match="CORONG_KEY"):
        DeploymentKey.load(tmp_path / "deployment.key")
    assert list(tmp_path.iterdir()) == []


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "deployment.key"
    DeploymentKey.load(path, create=True)
    monkeypatch.setenv("CORONG_KEY", f" {TEXT}\n")
    assert DeploymentKey.load(path).wrapping == DeploymentKey(SECRET).wrapping


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"kunci", base64.b64encode(b"x" * 31), base64.b64encode(b"x" * 33), b"\xff\xfe" * 20, b"=" * 44],
    ids=["empty", "blank", "words", "short", "long", "binary", "padding"],
)
def test_a_bad_one_is_told_and_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    path = tmp_path / "deployment.key"
    path.write_bytes(content)
    with pytest.raises(BadDeploymentKey) as bad:
        DeploymentKey.load(path, create=True)
    assert "32 bytes" in str(bad.value)
    assert path.read_bytes() == content, "somebody's key is never written over"
    text = content.decode("latin-1").strip()
    if text:
        assert text not in str(bad.value)
        monkeypatch.setenv("CORONG_KEY", text)
        with pytest.raises(BadDeploymentKey):
            DeploymentKey.load(path)


def test_each_use_has_a_key_of_its_own() -> None:
    key = DeploymentKey(SECRET)
    derived = [key.derive(use) for use in ("wrapping", "tokens", "pseudonyms", "receipts", "transit")]
    assert len(set(derived)) == 5
    assert all(len(one) == 32 and one != SECRET for one in derived)
    assert key.wrapping == derived[0] == DeploymentKey(SECRET).wrapping
    assert key.tokens == derived[1]


def test_derived_keys_stay_what_they_are() -> None:
    """From the deployment key of all zeros; another value here would close every installation's data."""
    key = DeploymentKey(bytes(32))
    assert key.derive("wrapping").hex() == WRAPPING_OF_ZEROS
    assert key.pseudonym("person", "email", "a@contoh.id") == PSEUDONYM_OF_ZEROS
    assert receipt_secret(bytes(32), "00000000-0000-0000-0000-000000000001") == RECEIPT_OF_ZEROS


@given(one=st.lists(PARTS, min_size=1, max_size=4), other=st.lists(PARTS, min_size=1, max_size=4))
def test_pseudonyms_are_alike_for_the_same_parts_alone(one: list[str], other: list[str]) -> None:
    key = DeploymentKey(SECRET)
    found = key.pseudonym(*one)
    assert re.fullmatch("[0-9a-f]{32}", found)
    assert (found == key.pseudonym(*other)) == (one == other)
    assert found != DeploymentKey(bytes(32)).pseudonym(*one)


@given(st.uuids(), st.uuids())
def test_receipt_secrets_are_of_the_case(one: object, other: object) -> None:
    secret = receipt_secret(SECRET, str(one))
    assert re.fullmatch("[A-Z2-7]{4}(-[A-Z2-7]{4}){3}", secret)
    assert (secret == receipt_secret(SECRET, str(other))) == (one == other)


def test_it_is_not_shown() -> None:
    key = DeploymentKey(SECRET)
    assert key.wrapping
    shown = f"{key!r} {key} {[key]}"
    for secret in (TEXT, SECRET.hex(), repr(SECRET), key.wrapping.hex(), repr(key.wrapping)):
        assert secret not in shown
