"""Random values of any contract model, drawn from its fields' types and limits."""

import base64
import types
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from hypothesis import strategies as st
from pydantic import AwareDatetime, Base64Bytes, BaseModel
from pydantic.fields import FieldInfo

from corong_contracts.base import AnyEvent, Payload, schema_uri
from corong_contracts.catalogue import event_class

MAX_INTEGER = 2**53 - 1
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=7)), timezone(timedelta(hours=-3, minutes=-30))])
TIMES = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=ZONES)


def values(annotation: Any, metadata: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    """Values, as JSON or Python, that a field of this type takes."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is Base64Bytes:
        return st.binary(max_size=40).map(lambda data: base64.b64encode(data))
    if origin is Annotated:
        return values(arguments[0], (*metadata, *arguments[1:]))
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of(*(values(argument, metadata) for argument in arguments))
    if origin is list:
        least, most = _sizes(metadata, 4)
        return st.lists(values(arguments[0]), min_size=least, max_size=most)
    if origin is tuple:
        least, most = _sizes(metadata, 4)
        return st.lists(values(arguments[0]), min_size=least, max_size=most).map(tuple)
    if origin in (dict, Mapping):
        return st.dictionaries(values(arguments[0]), values(arguments[1]), max_size=3)
    return _plain(annotation, metadata)


def _plain(annotation: Any, metadata: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if annotation is type(None):
        return st.none()
    if annotation is Any:
        return st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.text(max_size=20)
    if annotation is AwareDatetime:
        return TIMES
    if annotation is date:
        return st.dates()
    if annotation is UUID:
        return st.uuids()
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        return _integers(metadata)
    if annotation is str:
        return _texts(metadata)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return st.sampled_from(list(annotation))
    assert issubclass(annotation, BaseModel), annotation
    return models(annotation)


def _facts(metadata: tuple[Any, ...]) -> list[Any]:
    found: list[Any] = []
    for item in metadata:
        found += _facts(tuple(item.metadata)) if isinstance(item, FieldInfo) else [item]
    return found


def _sizes(metadata: tuple[Any, ...], most: int) -> tuple[int, int]:
    least = 0
    for fact in _facts(metadata):
        if isinstance(fact, MinLen):
            least = max(least, fact.min_length)
        if isinstance(fact, MaxLen):
            most = min(most, fact.max_length)
    return least, most


def _integers(metadata: tuple[Any, ...]) -> st.SearchStrategy[int]:
    # Without limits of its own, a field may hold what Python holds: so a field that forgot them is found out.
    low, high = -(2**70), 2**70
    for fact in _facts(metadata):
        if isinstance(fact, Ge):
            low = max(low, int(str(fact.ge)))
        if isinstance(fact, Gt):
            low = max(low, int(str(fact.gt)) + 1)
        if isinstance(fact, Le):
            high = min(high, int(str(fact.le)))
        if isinstance(fact, Lt):
            high = min(high, int(str(fact.lt)) - 1)
    return st.integers(low, high)


def _texts(metadata: tuple[Any, ...]) -> st.SearchStrategy[str]:
    patterns = [pattern for fact in _facts(metadata) if (pattern := getattr(fact, "pattern", None))]
    least, most = _sizes(metadata, 200 if patterns else 60)
    if patterns:
        return st.from_regex(patterns[0], fullmatch=True).filter(lambda text: least <= len(text) <= most)
    return st.text(min_size=least, max_size=most)


def models(model: type[BaseModel], **fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The fields of a model as a mapping; those with a default are left out at times."""
    needed = dict(fixed)
    free: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in model.model_fields.items():
        if name not in fixed:
            drawn = values(field.annotation, tuple(field.metadata))
            (needed if field.is_required() else free)[name] = drawn
    return st.fixed_dictionaries(needed, optional=free)


def events(payload: type[Payload]) -> st.SearchStrategy[AnyEvent]:
    """Events of one type."""
    model = event_class(payload.type)
    fields = models(
        model,
        type=st.just(payload.type),
        dataschema=st.just(schema_uri(payload)),
        writer=st.integers(0, 120).map(lambda partition: f"{payload.writer}.{partition:02d}"),
        data=models(payload),
    )
    return fields.map(model.model_validate)
