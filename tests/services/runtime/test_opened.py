"""Events by their bytes: who gets one that was not opened gets what opening would have given."""

from datetime import timedelta, timezone
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from corong.auditing.rules import entry_of, read
from corong.runtime import opened as module
from corong.runtime.opened import opened, remember, written_here
from corong_contracts.base import AnyEvent, Payload
from corong_contracts.catalogue import CATALOGUE, BadEvent, decode, encode
from tests.contracts.golden import event_examples
from tests.contracts.strategies import events
from tests.services.stores import NOW, Store, Works, make_keys, prioritised

ANY: st.SearchStrategy[AnyEvent] = st.sampled_from(list(CATALOGUE.values())).flatmap(events)


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_known", type(module._known)())
    monkeypatch.setattr(module, "_bytes", 0)


@pytest.mark.parametrize("path", event_examples(), ids=lambda path: path.parent.name + "/" + path.stem)
def test_an_example_is_opened_as_decode_does(path: Path) -> None:
    body = encode(decode(path.read_bytes()))
    first = opened(body)
    assert repr(first) == repr(decode(body))
    assert opened(bytes(bytearray(body))) is first


@settings(max_examples=60, deadline=None)
@given(event=ANY)
def test_what_was_written_here_is_what_opening_gives(event: AnyEvent) -> None:
    body = encode(event)
    remember(body, event)
    assert opened(body) == decode(body)


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_a_unit_recorded_is_what_opening_gives_to_the_letter(store: Store, tmp_path: Path) -> None:
    works = Works(store, make_keys(tmp_path))
    west = NOW.astimezone(timezone(timedelta(hours=7)))
    (event,) = works.commit(lambda unit: unit.record(uuid4(), [prioritised(UUID(int=7))], west))
    (body,) = works.bodies()
    assert repr(event) == repr(decode(body))


def test_what_can_not_be_opened_is_not_kept() -> None:
    with pytest.raises(BadEvent):
        opened(b"{}")
    assert not module._known


@pytest.mark.parametrize(("most", "most_bytes"), [(3, 10**9), (10**9, 3 * 400)])
def test_the_memory_is_bounded_and_the_oldest_go_first(
    monkeypatch: pytest.MonkeyPatch, most: int, most_bytes: int
) -> None:
    monkeypatch.setattr(module, "MOST", most)
    monkeypatch.setattr(module, "MOST_BYTES", most_bytes)
    event = decode(event_examples()[0].read_bytes())
    bodies = [bytes([number]) * 400 for number in range(10)]
    for body in [*bodies, bodies[-1]]:
        remember(body, event)
    assert list(module._known) == bodies[-3:]
    assert module._bytes == 3 * 400


@pytest.mark.parametrize("payload", CATALOGUE.values(), ids=lambda payload: payload.type)
def test_nothing_of_an_event_can_be_set(payload: type[Payload]) -> None:
    assert payload.model_config.get("frozen")


@settings(max_examples=30, deadline=None)
@given(event=ANY)
def test_only_bytes_that_were_made_here_are_known_as_such(event: AnyEvent) -> None:
    body = encode(event)
    module._known.clear()  # the same event may have come before
    opened(body)
    assert written_here(body) is None, "it was only read"
    module._known.clear()
    remember(body, event)
    opened(body)
    assert written_here(body) is event
    assert written_here(body + b" ") is None


@settings(max_examples=60, deadline=None)
@given(event=ANY)
def test_the_log_knows_of_an_event_written_here_what_its_bytes_tell(event: AnyEvent) -> None:
    assume("\0" not in event.actor + event.subject)  # no writer has it, and the log takes none
    assert entry_of(event) == read(encode(event), event.writer, event.number)
