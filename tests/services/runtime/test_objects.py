"""Attachments: sealed under the sender's key, found by the digest of the sealed bytes, and nothing else is let out."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from corong.runtime.deployment_key import DeploymentKey
from corong.runtime.keys import Keys, key_table
from corong.runtime.objects import Missing, Objects, plain_media_type
from corong.runtime.sealing import BadSeal, Erased, Sealer
from corong_contracts.message import AttachmentRef
from tests.services.stores import make_keys

MARK = b"KTP 1209 Ibu Sri"
PER_EXAMPLE = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # an object store may hold what it holds


class Place:
    """An object store in a folder, with two persons' keys."""

    def __init__(self, folder: Path) -> None:
        self.keys: Keys = make_keys(folder)
        self.folder = folder / "objects"
        self.objects = Objects(str(self.folder), Sealer(self.keys), DeploymentKey(b"t" * 32))
        self.one, self.other = self.keys.ensure(["satu", "dua"]).values()

    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


async def test_a_file_is_kept_sealed_under_its_digest(place: Place) -> None:
    ref = await place.objects.keep(place.one, MARK, "image/jpeg")
    (file,) = place.files()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert ref == AttachmentRef(digest=f"sha256-{digest}", size=len(MARK), media_type="image/jpeg")
    assert file.name == digest
    assert MARK not in file.read_bytes()
    assert await place.objects.get(place.one, ref) == MARK


async def test_the_same_file_again_changes_nothing(place: Place) -> None:
    assert await place.objects.keep(place.one, MARK, "a/b") == await place.objects.keep(place.one, MARK, "a/b")
    assert len(place.files()) == 1
    other = await place.objects.keep(place.other, MARK, "a/b")
    assert len(place.files()) == 2, "nobody can tell that two persons sent the same file"
    assert await place.objects.get(place.other, other) == MARK


@PER_EXAMPLE
@given(content=st.binary(max_size=200))
async def test_whatever_is_kept_comes_back(place: Place, content: bytes) -> None:
    ref = await place.objects.keep(place.one, content, "application/pdf")
    assert ref.size == len(content)
    assert await place.objects.get(place.one, ref) == content
    with pytest.raises(Missing):
        await place.objects.get(place.other, ref)


@PER_EXAMPLE
@given(where=st.integers(0, 10**6), flip=st.integers(1, 255))
async def test_a_changed_file_is_noticed(place: Place, where: int, flip: int) -> None:
    ref = await place.objects.keep(place.one, MARK, "a/b")
    (file,) = place.files()
    content = bytearray(file.read_bytes())
    content[where % len(content)] ^= flip
    file.write_bytes(content)
    with pytest.raises(BadSeal):
        await place.objects.get(place.one, ref)
    file.write_bytes(b"")
    with pytest.raises(BadSeal):
        await place.objects.get(place.one, ref)
    file.unlink()


async def test_another_file_of_the_same_person_in_its_place_is_noticed(place: Place) -> None:
    ref = await place.objects.keep(place.one, MARK, "a/b")
    (file,) = place.files()
    await place.objects.keep(place.one, b"surat lain", "a/b")
    (other,) = [path for path in place.files() if path != file]
    file.write_bytes(other.read_bytes())
    with pytest.raises(BadSeal):
        await place.objects.get(place.one, ref)


async def test_what_is_not_there_is_missing(place: Place) -> None:
    ref = await place.objects.keep(place.one, MARK, "a/b")
    place.files()[0].unlink()
    with pytest.raises(Missing):
        await place.objects.get(place.one, ref)
    with pytest.raises(Missing):
        await place.objects.staged("0" * 32)


async def test_a_file_of_an_erased_person_stays_closed(place: Place, tmp_path: Path) -> None:
    ref = await place.objects.keep(place.one, MARK, "a/b")
    with place.keys._database.write() as connection:
        connection.execute(update(key_table).values(wrapped=None))
    fresh = Objects(str(place.folder), Sealer(make_keys(tmp_path)), DeploymentKey(b"t" * 32))
    with pytest.raises(Erased):
        await fresh.get(place.one, ref)
    with pytest.raises(Erased):
        await fresh.keep(place.one, b"baru", "a/b")


async def test_a_staged_file_is_encrypted_and_goes_away(place: Place) -> None:
    name = await place.objects.stage(MARK)
    assert name != await place.objects.stage(MARK)
    assert not any(MARK in path.read_bytes() for path in place.files())
    assert await place.objects.staged(name) == MARK
    await place.objects.unstage(name)
    with pytest.raises(Missing):
        await place.objects.staged(name)
    await place.objects.unstage(name)  # again, after a crash: nothing is wrong
    assert len(place.files()) == 1


async def test_a_staged_file_opens_under_its_own_name_alone(place: Place) -> None:
    one, other = await place.objects.stage(MARK), await place.objects.stage(b"lain")
    first, second = (next(path for path in place.files() if path.name == name) for name in (one, other))
    second.write_bytes(first.read_bytes())
    with pytest.raises(Missing):
        await place.objects.staged(other)
    first.write_bytes(b"short")
    with pytest.raises(Missing):
        await place.objects.staged(one)


@pytest.mark.parametrize(
    "name",
    ["../secret", "..", ".", "", "/etc/passwd", "a/../../secret", "..%2fsecret", "%2e%2e/secret", "a\0b", "a\\..\\b",
     "sealed/aa/bb", "a.b", "ab\n", "~root", "²" * 8, "é"],
)  # fmt: skip
async def test_a_staged_name_leads_nowhere_else(place: Place, name: str) -> None:
    outside = place.folder.parent / "secret"
    outside.write_bytes(MARK)
    inside = place.folder / "secret"
    inside.write_bytes(MARK)
    with pytest.raises(Missing):
        await place.objects.staged(name)
    with pytest.raises(Missing):
        await place.objects.unstage(name)
    assert outside.exists()
    assert inside.exists()


@pytest.mark.parametrize(
    ("given_type", "kept"),
    [
        ("image/jpeg", "image/jpeg"),
        ("Image/JPEG", "image/jpeg"),
        (" text/plain ; charset=utf-8", "text/plain"),
        ('application/pdf; name="KTP Ibu Sri.pdf"', "application/pdf"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("image/svg+xml", "image/svg+xml"),
        ("", "application/octet-stream"),
        ("Ibu Sri", "application/octet-stream"),
        ("text/Ibu Sri", "application/octet-stream"),
        ("text/plain/x", "application/octet-stream"),
        ("a/\0", "application/octet-stream"),
        ("a/" + "b" * 100, "application/octet-stream"),
        ("text/pläin", "application/octet-stream"),
    ],
)  # fmt: skip
def test_a_media_type_carries_nothing_else(given_type: str, kept: str) -> None:
    assert plain_media_type(given_type) == kept
