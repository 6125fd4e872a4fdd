"""What others hand to Corong and what it answers: every value that the models take fits the committed schemas."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from corong_contracts.canonical import canonical
from corong_contracts.schemas import READ, WRITTEN
from tests.contracts.golden import validator
from tests.contracts.strategies import models

MODELS = READ | WRITTEN


@pytest.mark.parametrize(("name", "model"), MODELS.items(), ids=MODELS.keys())
def test_goes_to_json_and_back(name: str, model: type[BaseModel]) -> None:
    committed = validator(name)

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
    @given(st.data())
    def check(data: st.DataObject) -> None:
        value = model.model_validate(data.draw(models(model)))
        body = canonical(value.model_dump(mode="json", exclude_none=True))
        assert model.model_validate_json(body) == value
        assert not [error.message for error in committed.iter_errors(json.loads(body))]

    check()
