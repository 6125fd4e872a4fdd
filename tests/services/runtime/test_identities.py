"""Ids as tables keep them: as `str` writes them, however many there are."""

from uuid import UUID, uuid5

from corong.runtime.identities import MOST_KEPT, text_of


def test_it_is_what_str_says_again_and_again() -> None:
    ids = [UUID(int=0), UUID(int=1), UUID(int=2**128 - 1)]
    ids += [uuid5(UUID(int=1), str(number)) for number in range(MOST_KEPT + 10)]
    for _ in range(2):
        assert [text_of(one) for one in ids] == list(map(str, ids))
