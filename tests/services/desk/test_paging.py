"""Cursors: every row once, whatever comes between; and nothing strange gets through."""

import base64
import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corong.desk.paging import cut_after, read_cursor, write_cursor
from corong.runtime.refusal import Refused

KEYS = st.tuples(st.integers(0, 3), st.text("abc", min_size=1, max_size=3))


@given(st.sets(KEYS), st.integers(1, 5), KEYS)
def test_pages_hold_every_row_once_and_in_order(
    rows: set[tuple[int, str]], limit: int, newcomer: tuple[int, str]
) -> None:
    seen: list[tuple[int, str]] = []
    cursor: str | None = None
    kept = set(rows)
    while True:
        page, cursor = cut_after(list(kept), read_cursor(cursor, (int, str)), limit, lambda row: row)
        seen += page
        if cursor is None:
            break
        kept.add(newcomer)  # comes while somebody turns the pages
    assert seen == sorted(set(seen))
    assert set(seen) - {newcomer} == rows - {newcomer}


@pytest.mark.parametrize(
    "found", [[1], ["a", "b"], [True, "a"], [-1, "a"], [2**60, "a"], [1, "a\0"], [1, "é"], {"a": 1}, 7, None, [1, None]]
)  # fmt: skip
def test_another_shape_is_refused(found: Any) -> None:
    text = base64.urlsafe_b64encode(json.dumps(found).encode()).decode()
    with pytest.raises(Refused) as caught:
        read_cursor(text, (int, str))
    assert (caught.value.status, caught.value.fields) == (422, ["cursor"])


@given(st.text(max_size=50))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    with contextlib.suppress(Refused):
        found = read_cursor(text, (int, str))
        assert found is not None
        assert read_cursor(write_cursor(found), (int, str)) == found
