"""By which id or case an entry is found: an index that costs the same for each event however long the log is.

Ids are random, so in one index over a long log every new one changes a page of its own, and each page is written to
the disk twice. Here new keys go to a small tier and are moved on in bulk, in their order: many then share a page.
A key is a short hash of the name, so what is found by it must be compared with the name itself.
"""

import zlib
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Integer, Select, bindparam, delete, func, insert, select

from corong.auditing.state import entry_key
from corong.runtime.rows import write_many
from corong.runtime.statements import run

MOST = (8_192, 131_072)
"""Keys in a tier before they are moved to the next one. The last one has no end."""
TIERS = range(len(MOST) + 1)
AT_ONCE = 500

_TABLE = entry_key.c
_INTO = insert(entry_key)
_COUNT = select(func.count()).where(_TABLE.tier == bindparam("source", type_=Integer))
_MOVE = insert(entry_key).from_select(
    ["tier", "key", "position"],
    select(bindparam("into", type_=Integer), _TABLE.key, _TABLE.position)
    .where(_TABLE.tier == bindparam("source", type_=Integer))
    .order_by(_TABLE.key, _TABLE.position),
)
_EMPTY = delete(entry_key).where(_TABLE.tier == bindparam("source", type_=Integer))
_KNOWN = select(_TABLE.position).where(
    _TABLE.tier.in_(TIERS), _TABLE.key.in_(bindparam("keys", expanding=True, type_=Integer))
)


def key_of(name: str) -> int:
    """The key of an event's or a case's id: its CRC-32, as a signed number. It costs a tenth of a safe hash."""
    return zlib.crc32(name.encode()) - 2**31


def add(connection: Connection, named: Iterable[tuple[int, str, str]], tier: int = 0) -> None:
    """Take up new entries: position, id and case of each. A whole log goes to the last of `TIERS` at once."""
    keys = sorted({(key_of(name), position) for position, *names in named for name in names})
    write_many(connection, _INTO, [{"tier": tier, "key": key, "position": position} for key, position in keys])
    for source in TIERS[tier:-1]:
        ((count,),) = run(connection, _COUNT, source=source)
        if count < MOST[source]:
            return
        run(connection, _MOVE, source=source, into=source + 1)
        run(connection, _EMPTY, source=source)


def known(connection: Connection, names: Sequence[str]) -> list[int]:
    """Where entries with one of these ids or cases may stand; some may be others'."""
    found: list[int] = []
    for start in range(0, len(names), AT_ONCE):
        keys = [key_of(name) for name in names[start : start + AT_ONCE]]
        found += connection.execute(_KNOWN, {"keys": keys}).scalars()
    return found


def positions(names: Iterable[str]) -> Select[tuple[int]]:
    """As `known`, as a subquery for `IN`."""
    return select(_TABLE.position).where(_TABLE.tier.in_(TIERS), _TABLE.key.in_([key_of(name) for name in names]))
