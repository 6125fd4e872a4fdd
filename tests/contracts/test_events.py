"""Events of every type go to bytes and back; what is no event raises the two errors that are promised."""

import copy
import json
import pickle
from collections.abc import Callable, Mapping
from typing import Any, get_args, get_origin
from uuid import UUID

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from corong_contracts import BadEvent, EventTooBig, UnknownType
from corong_contracts.base import MAX_EVENT_BYTES, SERVICES, AnyEvent, Payload, event_id, partition_of
from corong_contracts.case import CaseNoted
from corong_contracts.catalogue import CATALOGUE, bad_fields, decode, encode, event_class
from corong_contracts.channel import InboundMessage
from corong_contracts.command import DraftPost
from corong_contracts.frozen import FrozenDict, FrozenMap
from corong_contracts.schemas import file_name
from corong_contracts.topology import READS
from tests.contracts.golden import event_examples, validator
from tests.contracts.strategies import events

BODIES = [file.read_bytes() for file in event_examples() if file.parent.name != "older"]
"""As today's code writes them."""
SECRET = "Budi Santoso 1209012345678901"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | st.just(SECRET),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.just(SECRET), inner, max_size=3)
    ),
    max_leaves=8,
)


def _changeable(annotation: Any, where: str) -> list[str]:
    """Parts of a field's type that can be changed in place. Looks into models, unions and generics."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        assert annotation.model_config.get("frozen"), where
        return [
            found
            for name, field in annotation.model_fields.items()
            if FrozenDict not in [getattr(each, "func", None) for each in field.metadata]
            for found in _changeable(field.annotation, f"{where}.{name}")
        ]
    origin = get_origin(annotation) or annotation
    if origin in (list, dict, set, bytearray, Mapping):
        return [where]
    return [found for part in get_args(annotation) for found in _changeable(part, where)]


@pytest.mark.parametrize("payload", CATALOGUE.values(), ids=lambda payload: payload.type)
def test_nothing_in_an_event_can_be_changed(payload: type[Payload]) -> None:
    """Services of one process share the object."""
    assert _changeable(payload, payload.type) == []


def test_what_could_be_changed_would_be_found() -> None:
    class Loose(Payload):
        one: list[str]
        two: dict[str, int] | None
        three: tuple[tuple[set[int], ...], ...]
        four: Mapping[str, int]
        five: FrozenMap[str, int]

    assert _changeable(Loose, "x") == ["x.one", "x.two", "x.three", "x.four"]


def test_a_map_of_an_event_is_like_a_dict_but_for_changes() -> None:
    found = FrozenDict({"a": 1})
    assert found == {"a": 1}
    assert copy.deepcopy(found) == pickle.loads(pickle.dumps(found)) == found
    changes: list[Callable[[], object]] = [
        lambda: found.__setitem__("b", 2), lambda: found.__delitem__("a"), found.clear, lambda: found.pop("a"),
        found.popitem, lambda: found.setdefault("b", 2), lambda: found.update(b=2), lambda: found.__ior__({"b": 2}),
    ]  # fmt: skip
    for change in changes:
        with pytest.raises(TypeError):
            change()
    assert found == {"a": 1}


@pytest.mark.parametrize("payload", CATALOGUE.values(), ids=lambda payload: payload.type)
def test_has_one_writer_and_a_reader(payload: type[Payload]) -> None:
    assert payload.writer in SERVICES
    assert [reader for reader, writers in READS.items() if payload.writer in writers]


def test_the_catalogue_has_every_payload_class_once() -> None:
    declared = [cls for cls in _subclasses(Payload) if cls.type and cls.__module__.startswith("corong_contracts.")]
    assert sorted(cls.type for cls in declared) == sorted(CATALOGUE)
    assert len({(cls.noun, cls.verb, cls.version) for cls in declared}) == len(declared)


def _subclasses(cls: type[Payload]) -> list[type[Payload]]:
    return [found for sub in cls.__subclasses__() for found in (sub, *_subclasses(sub))]


@pytest.mark.parametrize("payload", CATALOGUE.values(), ids=lambda payload: payload.type)
def test_goes_to_canonical_bytes_and_back(payload: type[Payload]) -> None:
    committed = validator(file_name(payload))

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
    @given(events(payload))
    def check(event: AnyEvent) -> None:
        body = encode(event)
        assert body == rfc8785.dumps(json.loads(body))
        assert decode(body) == event
        assert encode(decode(body)) == body
        assert not [error.message for error in committed.iter_errors(json.loads(body))]

    check()


@given(st.binary(max_size=300))
def test_random_bytes_raise_the_promised_errors(body: bytes) -> None:
    with pytest.raises((BadEvent, UnknownType)):
        decode(body)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_changed_event_raises_the_promised_errors_and_tells_no_value(data: st.DataObject) -> None:
    raw = json.loads(data.draw(st.sampled_from(BODIES)))
    for _ in range(data.draw(st.integers(1, 3))):
        _change(raw, data)
    body = json.dumps(raw).encode()
    refusal = _refusal(body)
    if refusal is None:
        event = decode(body)
        assert event.service in SERVICES
        assert event.partition >= 0
        encode(event)
    else:
        assert SECRET not in str(refusal)
        assert refusal.__suppress_context__ or refusal.__context__ is None


def _refusal(body: bytes) -> BadEvent | UnknownType | None:
    try:
        decode(body)
    except (BadEvent, UnknownType) as error:
        return error
    return None


def _change(raw: dict[str, Any], data: st.DataObject) -> None:
    place: Any = raw
    while True:
        keys = list(range(len(place))) if isinstance(place, list) else list(place)
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or data.draw(st.booleans()):
            break
        place = place[key]
    match data.draw(st.sampled_from(["replace", "remove", "add"])):
        case "replace":
            place[key] = data.draw(JSON)
        case "remove":
            del place[key]
        case _ if isinstance(place, dict):
            place[data.draw(st.text(max_size=8) | st.just(SECRET))] = data.draw(JSON)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'{"type":1}',
        b'{"type":null}',
        b"[" * 100_000,
        b'{"a":1e999}',
        b'"\\ud800"',
    ],
)
def test_what_is_no_event_is_a_bad_event(body: bytes) -> None:
    with pytest.raises(BadEvent):
        decode(body)


def test_a_strangers_type_is_named_only_where_it_has_a_types_form() -> None:
    with pytest.raises(UnknownType, match=r"id\.corong\.case\.merged\.v3"):
        decode(b'{"type":"id.corong.case.merged.v3"}')
    with pytest.raises(UnknownType) as caught:
        decode(json.dumps({"type": SECRET}).encode())
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("writer", ["routing.07", "intake", "intake.7", "intake.07.1", "", "publishing.00"])
def test_only_the_types_own_service_writes_it(writer: str) -> None:
    raw = json.loads(next(body for body in BODIES if b"case.registered.v1" in body))
    with pytest.raises(BadEvent, match="writer"):
        decode(json.dumps(raw | {"writer": writer}).encode())


def test_a_newer_writers_fields_are_passed_over() -> None:
    for file in event_examples():
        if file.parent.name == "older":
            continue  # read again it has the default of a field that came later
        body = file.read_bytes()
        raw = json.loads(body)
        newer = raw | {"later": 1, "data": raw["data"] | {"later": {"deep": [1]}}}
        assert encode(decode(json.dumps(newer).encode())) == body


def test_an_event_may_have_sixty_thousand_bytes_and_no_more() -> None:
    raw = json.loads(next(body for body in BODIES if b"case.noted.v1" in body))
    model = event_class(CaseNoted.type)
    raw["data"]["note"]["box"] = ""
    room = MAX_EVENT_BYTES - len(rfc8785.dumps(raw))
    raw["data"]["note"]["box"] = "A" * room
    assert len(encode(model.model_validate(raw))) == MAX_EVENT_BYTES
    raw["data"]["note"]["box"] = "A" * (room + 1)
    with pytest.raises(EventTooBig, match=r"case\.noted.*60001 bytes"):
        encode(model.model_validate(raw))


def test_a_moment_in_any_zone_is_written_in_utc_with_six_digits() -> None:
    raw = json.loads(BODIES[0])
    for given_time, written in [
        ("2026-03-09T08:15:00+07:00", b'"time":"2026-03-09T01:15:00.000000Z"'),
        ("0099-01-01T00:00:00.5Z", b'"time":"0099-01-01T00:00:00.500000Z"'),
    ]:
        assert written in encode(decode(json.dumps(raw | {"time": given_time}).encode()))
    for outside in ("0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00", "2026-03-09T08:15:00"):
        with pytest.raises(BadEvent, match="time"):
            decode(json.dumps(raw | {"time": outside}).encode())


CASE = UUID("018f4e1c-7a10-7c3e-9d52-3a5b6c7d8e9f")


def test_event_ids_are_pinned() -> None:
    assert event_id(CASE, "id.corong.case.registered.v1", 0) == UUID("eb1ea9ee-182b-5b39-b94f-e3d0a740a2cf")
    assert event_id(CASE, "id.corong.case.registered.v1", 1) == UUID("67f62f74-3eed-5616-bf9a-fc1244791608")


@pytest.mark.parametrize(("partitions", "partition"), [(1, 0), (4, 3), (7, 0), (16, 15), (64, 31), (100, 39)])
def test_partitions_are_pinned(partitions: int, partition: int) -> None:
    assert partition_of(CASE, partitions) == partition


@given(st.uuids(), st.integers(1, 128))
def test_partitions_are_within_their_number(entity: UUID, partitions: int) -> None:
    assert 0 <= partition_of(entity, partitions) < partitions


def test_wrong_fields_are_named_without_what_the_input_made_up() -> None:
    with pytest.raises(ValidationError) as caught:
        InboundMessage.model_validate({"channel": SECRET, "sender": {"address": ""}, "reply_to": {"budi": 1}})
    assert bad_fields(caught.value) == ["account", "channel", "native_id", "reply_to.?", "sender.address"]
    with pytest.raises(ValidationError) as caught:
        DraftPost.model_validate({"texts": {"budi_santoso": 1}, "accounts": [1]})
    assert bad_fields(caught.value, limit=3) == ["accounts.0", "label", "text"]
    with pytest.raises(ValidationError) as caught:
        InboundMessage.model_validate(SECRET)
    assert bad_fields(caught.value) == ["(all)"]
