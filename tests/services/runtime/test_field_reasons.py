"""Every way in which a field can be wrong has words, in both languages, and none of them is the sender's."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from corong.desk.bodies import Body
from corong.intake.api import ApiMessage
from corong.runtime.field_reasons import MOST, MOST_NAME, OWN, REASONS, UNKNOWN, not_json, problems_of, reason_of
from corong_contracts.command import COMMANDS

MARK = "rahasia-warga"
WRONG: list[Any] = [
    None, True, 7, -1, 2**70, 2.5, float("inf"), float("nan"), "", " ", "\0", "\ud800", "x", MARK, MARK * 20_000,
    f"{MARK}\0", "é", "2026-13-01", "2026-07-01", "2026-07-01T08:30:00", "0001-01-01T00:00:00+14:00", [], {}, [MARK],
    [7], ["x"] * 1_000, [None], [[]], {"a": MARK}, {MARK: 7}, {MARK: MARK}, {"address": ""}, {"address": 7},
    [{}], [{"content": f"{MARK}!"}], [{"content": "-_-_"}], [{"content": 7}], [{"name": MARK * 99}],
]  # fmt: skip


def _bodies(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from _bodies(model)


MODELS: list[type[BaseModel]] = sorted({ApiMessage, *_bodies(Body), *COMMANDS}, key=str)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_whatever_a_model_refuses_it_says_why(model: type[BaseModel]) -> None:
    bodies: list[Any] = [*WRONG, {MARK: MARK}]
    bodies += [{name: value} for name in model.model_fields for value in WRONG]
    for body in bodies:
        for as_json in (False, True):
            try:
                model.model_validate_json(json.dumps(body)) if as_json else model.model_validate(body)
            except ValidationError as error:
                for item in error.errors(include_url=False):
                    told = reason_of(item)
                    assert told != UNKNOWN, (item["type"], item.get("ctx"))
                    assert told[0] != told[1] or item["type"] == "uuid_version"
                    assert MARK not in str(told)
                    assert "{" not in str(told).replace(str(item.get("ctx", {}).get("pattern")), "")


def test_the_words_differ_between_the_languages() -> None:
    for indonesian, english in [*REASONS.values(), *OWN.values(), UNKNOWN]:
        assert indonesian
        assert english
        assert indonesian != english


def test_names_of_fields_are_told_bounded_and_whole() -> None:
    missing = {"type": "missing"}
    (told,) = problems_of([(("a/b", 0, "c~d"), missing)])
    assert (told.field, told.pointer) == ("a/b.0.c~d", "/a~1b/0/c~0d")
    (told,) = problems_of([(("x" * 10_000,), missing)])
    assert len(told.field) == MOST_NAME
    (told,) = problems_of([(("a\x1b[2J\u202eb",), missing)])
    assert told.field == "a\ufffd[2J\ufffdb"
    (told,) = problems_of([((), missing)])
    assert (told.field, told.pointer) == ("body", "")
    assert len(problems_of([((f"f{n}",), missing) for n in range(100)])) == MOST


@given(st.text(alphabet='{}[]",:1 \n\r\té😀', max_size=60))
def test_where_a_body_stops_being_json(text: str) -> None:
    stopped: list[json.JSONDecodeError] = []
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        stopped.append(error)
    for stop in stopped:
        told, problem = not_json(text, stop.pos)
        assert told[1] == f"The body is not JSON: line {stop.lineno}, column {stop.colno}"
        assert problem.reason["id"] == f"bukan JSON: baris {stop.lineno}, kolom {stop.colno}"
