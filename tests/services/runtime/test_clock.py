"""Moments as rows keep them: they sort as text, and come back to the microsecond."""

import re
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import example, given
from hypothesis import strategies as st

from corong.runtime.clock import moment, stamp, utc_now

ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29), timezones=ZONES)


@given(at=MOMENTS)
@example(at=datetime(999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
def test_a_stamp_is_read_back(at: datetime) -> None:
    text = stamp(at)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", text)
    assert moment(text) == at
    assert moment(text).utcoffset() == timedelta(0)


@given(one=MOMENTS, other=MOMENTS)
@example(one=datetime(999, 1, 3, tzinfo=UTC), other=datetime(1000, 1, 1, tzinfo=UTC))
def test_stamps_sort_as_moments_do(one: datetime, other: datetime) -> None:
    assert (stamp(one) < stamp(other)) == (one < other)
    assert (stamp(one) == stamp(other)) == (one == other)


def test_now_is_in_utc() -> None:
    assert utc_now().utcoffset() == timedelta(0)
