"""Posts as Atom (RFC 4287). The same posts give the same bytes: who has them already is told so (RFC 9110, 13)."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from uuid import UUID, uuid5

from fastapi import Request, Response
from feedgen.feed import FeedGenerator

import corong
from corong.portal.posts import Post
from corong.runtime.clock import moment
from corong.runtime.formats import paragraphs

NAMESPACE = UUID("d1f5e0a4-3c0f-5d0b-9b0e-5f6a3b1c9e27")
LABELS = {"layanan": "Layanan", "seremonial": "Seremonial"}
DEFAULT_ENTRIES = 50

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Feed:
    """What is said of a feed."""

    hub: str
    """The hub's id: with the account it makes the feed's own id, which stays when the address changes."""
    account: str
    """Empty for the feed of all accounts."""
    title: str
    author: str
    base_url: str

    @property
    def id(self) -> str:
        """An URN, whatever host serves it."""
        return f"urn:uuid:{uuid5(NAMESPACE, f'{self.hub}/{self.account}')}"

    @property
    def url(self) -> str:
        """Where it is read."""
        return f"{self.base_url}/umpan/{self.account}.atom" if self.account else f"{self.base_url}/umpan.atom"


def atom(feed: Feed, posts: Sequence[Post]) -> bytes:
    """The document. `posts` are the newest first."""
    made = FeedGenerator()
    made.id(feed.id)
    made.title(feed.title)
    made.author(name=feed.author)
    made.link(href=feed.url, rel="self", type="application/atom+xml")
    made.link(href=f"{feed.base_url}/unggahan", rel="alternate", type="text/html")
    made.language("id")
    made.generator("Corong", version=corong.__version__)
    made.updated(changed(posts))
    for post in posts:
        entry = made.add_entry(order="append")
        entry.id(f"urn:uuid:{post.delivery_id}")
        entry.title(_writable(post.heading))
        entry.author(name=post.unit or feed.author)
        entry.link(href=f"{feed.base_url}/unggahan/{post.publication_id}", rel="alternate", type="text/html")
        entry.published(moment(post.sent_at))
        entry.updated(moment(post.sent_at))
        entry.content(str(paragraphs(_writable(post.body))), type="html")
        if post.label in LABELS:
            entry.category(term=post.label, label=LABELS[post.label])
    document: bytes = made.atom_str(pretty=True)
    return document


def changed(posts: Sequence[Post]) -> datetime:
    """When the newest post went out; a fixed moment while there is none, so that an empty feed stays the same."""
    return max((moment(post.sent_at) for post in posts), default=datetime(1970, 1, 1, tzinfo=UTC))


def answer(request: Request, document: bytes, modified: datetime) -> Response:
    """200, or 304 where the reader has it already (If-None-Match before If-Modified-Since)."""
    etag = f'"{hashlib.sha256(document).hexdigest()[:32]}"'
    modified = modified.replace(microsecond=0)
    headers = {
        "ETag": etag,
        "Last-Modified": format_datetime(modified.astimezone(UTC), usegmt=True),
        "Cache-Control": "public, max-age=60",
        "Content-Type": "application/atom+xml; charset=utf-8",
    }
    if _has_it(request, etag, modified):
        return Response(status_code=304, headers=headers)
    return Response(document, headers=headers)


def _has_it(request: Request, etag: str, modified: datetime) -> bool:
    if known := request.headers.get("if-none-match"):
        return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in known.split(","))
    since = request.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        return modified <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False


def _writable(text: str) -> str:
    """Without the characters that XML 1.0 has no way to write (section 2.2)."""
    return _UNWRITABLE.sub("", text)
