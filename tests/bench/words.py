"""Words for the search among many cases: drawn as words are, the n-th most frequent as often as 1/n."""

import bisect
import itertools
import random
from functools import cache
from urllib.parse import quote

from sqlalchemy import select

from corong.desk.search.tables import search_case, search_term
from corong.desk.search.words import Terms, packed, stems
from corong.desk.tables import registered
from corong.runtime.service import Service
from tests.services.stores import put_many

VOCABULARY, STEMS, CHUNK = 20_000, 25, 5_000
"""Words that there are; of one case; cases that are written at a time."""
_SUMS = list(itertools.accumulate(1 / (rank + 1) for rank in range(VOCABULARY)))
_CONSONANTS, _VOWELS = "bcdfghjklmnprstwyz", "aiueo"


@cache
def word(rank: int) -> str:
    """The word of this rank, the most frequent first: no ending or beginning that a stemmer takes away."""
    letters = ""
    for _ in range(4):
        rank, one = divmod(rank, len(_CONSONANTS))
        rank, other = divmod(rank, len(_VOWELS))
        letters += _CONSONANTS[one] + _VOWELS[other]
    return f"x{letters}x"


def of_case(case_id: str) -> list[int]:
    """The ranks of a case's words."""
    chance = random.Random(case_id)
    return sorted({bisect.bisect_left(_SUMS, chance.uniform(0, _SUMS[-1])) for _ in range(STEMS)}, reverse=True)


def fill(service: Service) -> None:
    """The search's table, for every case of the desk's tables."""
    terms = Terms(service.installation.key)
    of_rank = [terms.of(stems(word(rank))).pop() for rank in range(VOCABULARY)]
    with service.database.write() as connection:
        cases = list(connection.execute(select(registered.c.case_id).order_by(registered.c.registered_at)).scalars())
        for start in range(0, len(cases), CHUNK):
            found, walked = [], []
            for place, case_id in enumerate(cases[start : start + CHUNK], start):
                own = {of_rank[rank] for rank in of_case(case_id)}
                found.append({"case_id": case_id, "place": place << 10, "key": "k", "terms": packed(own)})
                walked += [{"term": term, "place": place << 10} for term in own]
            put_many(connection, search_case, found)
            put_many(connection, search_term, walked)


def questions() -> list[str]:
    """Words in an address: frequent ones, rare ones, and both."""
    asked = [(0,), (0, 1), (3, 40, 700), (200, 300), (19_000,), (0, 5_000)]
    return [quote(" ".join(word(rank) for rank in ranks)) for ranks in asked]
