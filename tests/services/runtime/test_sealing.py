"""Seals open for their own field of their own event and nothing else, and tell nothing of the words."""

import base64
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from structlog.testing import capture_logs

import corong_contracts
from corong.runtime.keys import key_table
from corong.runtime.sealing import BadSeal, Erased, SealedAt, Sealer, sealed_at, sealed_field
from corong_contracts.base import Sealed
from corong_contracts.catalogue import decode
from tests.services.stores import make_keys

EVENT, TYPE, FIELD = UUID(int=1), "id.corong.message.received.v1", "content"
MARK = "Ibu Sri Wahyuni"
NOTED = (Path(corong_contracts.__file__).parent / "examples/case.noted.v1/full.json").read_bytes()
BYTES = st.binary(max_size=60)


class Place:
    """A key store for the whole file; the keys of two persons."""

    def __init__(self) -> None:
        self.folder = TemporaryDirectory(prefix="corong-seals-")
        self.keys = make_keys(Path(self.folder.name))
        self.sealer = Sealer(self.keys)
        self.one, self.other = self.keys.ensure(["satu", "dua"]).values()


@cache
def place() -> Place:
    return Place()


@pytest.fixture(autouse=True, scope="module")
def _close() -> Iterator[None]:
    yield
    place().folder.cleanup()
    place.cache_clear()


def sealed(words: str | bytes, key: str | None = None) -> SealedAt:
    found = place().sealer.seal(key or place().one, EVENT, TYPE, FIELD, words)
    return SealedAt(str(EVENT), TYPE, FIELD, found.key, found.box)


@given(words=BYTES | st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
@settings(deadline=None)
def test_what_is_sealed_opens(words: bytes | str) -> None:
    at = sealed(words)
    assert place().sealer.open(at) == (words.encode() if isinstance(words, str) else words)
    assert SealedAt.of(str(at)) == at


@given(key=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64), box=st.binary(max_size=60))
@settings(deadline=None)
def test_what_tables_keep_is_the_same_text_by_both_ways(key: str, box: bytes) -> None:
    note = Sealed(key=key, box=base64.urlsafe_b64encode(b"x" + box).decode())
    event = decode(NOTED)
    event = event.model_copy(update={"data": event.data.model_copy(update={"note": note})})
    assert sealed_field(event, "note") == str(sealed_at(event, "note"))


@given(words=BYTES, name=st.sampled_from(["event", "type", "field", "key"]))
@settings(deadline=None)
def test_it_opens_nowhere_else(words: bytes, name: str) -> None:
    at = sealed(words)
    other = {"event": str(UUID(int=2)), "type": "id.corong.case.noted.v1", "field": "sender", "key": place().other}
    moved = SealedAt(**{**vars(at), name: other[name]})
    with pytest.raises(BadSeal):
        place().sealer.open(moved)


@given(words=BYTES, place_of=st.integers(0, 10**6), flip=st.integers(1, 255))
@settings(deadline=None)
def test_any_flipped_byte_is_noticed(words: bytes, place_of: int, flip: int) -> None:
    at = sealed(words)
    box = bytearray(base64.urlsafe_b64decode(at.box + "=" * (-len(at.box) % 4)))
    box[place_of % len(box)] ^= flip
    changed = base64.urlsafe_b64encode(bytes(box)).decode().rstrip("=")
    with pytest.raises(BadSeal):
        place().sealer.open(SealedAt(at.event, at.type, at.field, at.key, changed))


@given(words=BYTES, place_of=st.integers(0, 10**6), to=st.characters(min_codepoint=32, max_codepoint=126))
@settings(deadline=None)
def test_any_changed_letter_of_the_box_is_noticed(words: bytes, place_of: int, to: str) -> None:
    at = sealed(words)
    index = place_of % len(at.box)
    changed = at.box[:index] + to + at.box[index + 1 :]
    if changed != at.box:
        with pytest.raises(BadSeal):
            place().sealer.open(SealedAt(at.event, at.type, at.field, at.key, changed))


@pytest.mark.parametrize("box", ["", "A", "AAAA", "A" * 37, "é" * 40, "A" * 40 + "=", "A\nA" * 20])
def test_what_is_no_box_is_a_bad_seal(box: str) -> None:
    with pytest.raises(BadSeal):
        place().sealer.open(SealedAt(str(EVENT), TYPE, FIELD, place().one, box))


@given(words=BYTES)
@settings(deadline=None)
def test_the_same_work_done_again_gives_the_same_bytes(words: bytes) -> None:
    assert sealed(words) == sealed(words)
    assert place().sealer.seal_file(place().one, words) == place().sealer.seal_file(place().one, words)


def nonce(box: str) -> bytes:
    return base64.urlsafe_b64decode(box + "=" * (-len(box) % 4))[:12]


@given(one=BYTES, other=BYTES, where=st.sampled_from(["words", "event", "field", "key"]))
@settings(deadline=None)
def test_a_nonce_never_serves_two_different_texts(one: bytes, other: bytes, where: str) -> None:
    sealer, key = place().sealer, place().one
    first = sealer.seal(key, EVENT, TYPE, FIELD, one)
    second = {
        "words": lambda: sealer.seal(key, EVENT, TYPE, FIELD, other),
        "event": lambda: sealer.seal(key, UUID(int=7), TYPE, FIELD, one),
        "field": lambda: sealer.seal(key, EVENT, TYPE, "sender", one),
        "key": lambda: sealer.seal(place().other, EVENT, TYPE, FIELD, one),
    }[where]()
    assert (nonce(first.box) == nonce(second.box)) == (where == "words" and one == other)
    assert nonce(first.box) != sealer.seal_file(key, one)[:12]


@given(content=BYTES, place_of=st.integers(0, 10**6), flip=st.integers(1, 255))
@settings(deadline=None)
def test_files_open_under_their_key_alone(content: bytes, place_of: int, flip: int) -> None:
    sealer = place().sealer
    box = bytearray(sealer.seal_file(place().one, content))
    assert sealer.open_file(place().one, bytes(box)) == content
    with pytest.raises(BadSeal):
        sealer.open_file(place().other, bytes(box))
    box[place_of % len(box)] ^= flip
    with pytest.raises(BadSeal):
        sealer.open_file(place().one, bytes(box))


def test_after_the_key_is_destroyed_it_is_erased(tmp_path: Path) -> None:
    keys = make_keys(tmp_path)
    key = keys.ensure(["warga"])["warga"]
    sealer = Sealer(keys)
    at = SealedAt(str(EVENT), TYPE, FIELD, key, sealer.seal(key, EVENT, TYPE, FIELD, MARK).box)
    file = sealer.seal_file(key, MARK.encode())
    with keys._database.write() as connection:
        connection.execute(update(key_table).values(wrapped=None))
    fresh = Sealer(make_keys(tmp_path))
    for attempt in (
        lambda: fresh.open(at),
        lambda: fresh.open_file(key, file),
        lambda: fresh.seal(key, EVENT, TYPE, FIELD, "baru"),
        lambda: fresh.seal_file(key, b"baru"),
    ):
        with pytest.raises(Erased) as erased:
            attempt()
        assert MARK not in str(erased.value)


def test_nothing_of_the_words_is_shown() -> None:
    sealer = place().sealer
    with capture_logs() as logs:
        at = sealed(json.dumps({"name": MARK}))
        shown = [repr(at), str(at), repr(sealer), repr(sealer.keys), repr(vars(sealer))]
        assert sealer.open_json(str(at)) == {"name": MARK}
        assert MARK in sealer.open_text(str(at))
        with pytest.raises(BadSeal) as bad:
            sealer.open(SealedAt(str(UUID(int=3)), TYPE, FIELD, at.key, at.box))
        shown += [str(bad.value), repr(bad.value), str(bad.value.__cause__)]
    secret = sealer.keys.get(place().one)
    assert secret is not None
    for text in [*shown, str(logs), Sealed(key=at.key, box=at.box).model_dump_json()]:
        assert "Sri" not in text
        assert secret.hex() not in text
        assert repr(secret) not in text
