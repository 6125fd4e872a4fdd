"""Posts that went out to a feed: what the pages and the Atom feeds show, from the portal's own tables."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, exists, select, tuple_

from corong.portal.tables import feed_target, post
from corong.runtime.directory import Directory

HEADING = 90
EXCERPT = 220
"""Characters."""


@dataclass(frozen=True)
class Post:
    """A post as one feed shows it."""

    publication_id: str
    delivery_id: str
    account: str
    sent_at: str
    unit: str
    """The unit's name."""
    label: str | None
    immediate: bool
    demo: bool
    title: str
    body: str

    @property
    def heading(self) -> str:
        """The title; without one, how the text begins."""
        first_line = self.body.strip().split("\n")[0]
        first_sentence = re.split(r"(?<=[.!?])\s+(?=[A-Z])", first_line, maxsplit=1)[0]
        return self.title or shortened(first_sentence, HEADING)

    @property
    def excerpt(self) -> str:
        """How the text begins, where the heading is not that already."""
        return shortened(" ".join(self.body.split()), EXCERPT) if self.title else ""


def latest(
    connection: Connection, directory: Directory, *, account: str | None = None, most: int = 20, skip: int = 0
) -> list[Post]:
    """Posts, the newest first; each once, however many feeds it went to, or those of one feed."""
    statement = _first_deliveries() if account is None else _joined().where(feed_target.c.account == account)
    rows = connection.execute(
        statement.where(feed_target.c.sent_at.is_not(None))
        .order_by(feed_target.c.sent_at.desc(), feed_target.c.delivery_id.desc())
        .limit(most)
        .offset(skip)
    )
    return [_post(row._mapping, directory) for row in rows]


def one(connection: Connection, directory: Directory, publication_id: UUID) -> Post | None:
    """A post that went out, or None."""
    statement = _first_deliveries().where(post.c.publication_id == str(publication_id))
    found = connection.execute(statement.order_by(feed_target.c.delivery_id).limit(1)).first()
    return _post(found._mapping, directory) if found else None


def shortened(text: str, most: int) -> str:
    """At most so many characters, cut between words where there are some."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,.;:-") + "…"


def _joined() -> Select[Any]:
    target = feed_target.c
    columns = (target.delivery_id, target.account, target.sent_at, target.text.label("own_text"))
    return select(post, *columns).join_from(feed_target, post, post.c.publication_id == target.publication_id)


def _first_deliveries() -> Select[Any]:
    """Of several feeds the one that showed it first, by time and then by id: it stays the same for ever."""
    other, target = feed_target.alias("other").c, feed_target.c
    earlier = tuple_(other.sent_at, other.delivery_id) < tuple_(target.sent_at, target.delivery_id)
    is_first = ~exists().where(other.publication_id == target.publication_id, earlier)
    return _joined().where(target.sent_at.is_not(None), is_first)


def _post(row: Any, directory: Directory) -> Post:
    unit = row["unit"] or ""
    return Post(
        publication_id=row["publication_id"],
        delivery_id=row["delivery_id"],
        account=row["account"],
        sent_at=row["sent_at"],
        unit=directory.unit(unit).name if directory.has_unit(unit) else unit,
        label=row["label"],
        immediate=row["immediate"],
        demo=row["demo"],
        title=row["title"] or "",
        body=row["own_text"] or row["text"] or "",
    )
