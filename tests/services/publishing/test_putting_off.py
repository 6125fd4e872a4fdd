"""What goes wrong is tried again later and later, and forgotten when it went well."""

from uuid import UUID

from corong.publishing.putting_off import PuttingOff

ONE, OTHER = UUID(int=1), UUID(int=2)


def test_each_time_after_twice_as_long_up_to_the_longest() -> None:
    putting_off = PuttingOff(5.0, 30.0)
    now = 100.0
    waits = []
    for _ in range(5):
        putting_off.put_off(ONE, now)
        due = next(at for at in range(1000) if ONE not in putting_off.not_yet(now + at))
        waits.append(due)
        now += due
    assert waits == [5, 10, 20, 30, 30]


def test_the_others_are_not_put_off_with_it_and_what_went_well_begins_anew() -> None:
    putting_off = PuttingOff(5.0, 30.0)
    putting_off.put_off(ONE, 0.0)
    putting_off.put_off(ONE, 5.0)
    putting_off.put_off(OTHER, 5.0)
    assert putting_off.not_yet(11.0) == [ONE]
    putting_off.done(ONE)
    assert putting_off.not_yet(11.0) == []
    putting_off.put_off(ONE, 20.0)
    assert putting_off.not_yet(24.9) == [ONE]
    assert putting_off.not_yet(25.0) == []
