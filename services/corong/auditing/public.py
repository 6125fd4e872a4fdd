"""Which entries strangers may read whole: events about the log itself, and posts that were released (decision 0009)."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, select

from corong.auditing import entry_keys, state

ABOUT_THE_LOG = frozenset(
    f"id.corong.audit.{verb}.v1"
    for verb in ("gap_found", "gap_filled", "conflict_found", "entry_refused", "record_changed")
)
RELEASED = "id.corong.publication.released.v1"
SENT = "id.corong.delivery.sent.v1"
OF_ONE_TEXT = frozenset(f"id.corong.publication.{verb}.v1" for verb in ("drafted", "edited", "approved"))
"""Given where they carry exactly the released text's hash."""
_POSTS = (*OF_ONE_TEXT, RELEASED, SENT)
_AT_ONCE = 200


def public(connection: Connection, entries: Sequence[bytes]) -> list[bytes]:
    """The entries, those that are withheld without a byte."""
    events = [from_json(entry) for entry in entries]
    posts = {_post(event) for event in events if event["type"] in _POSTS} - {""}
    released = _released(connection, posts)
    return [entry if _given(event, released) else b"" for entry, event in zip(entries, events, strict=True)]


def _given(event: dict[str, Any], released: dict[str, set[str]]) -> bool:
    kind = event["type"]
    if kind in ABOUT_THE_LOG:
        return True
    texts = released.get(_post(event), set()) if kind in _POSTS else set()
    if kind in OF_ONE_TEXT:
        data = event["data"]
        plain = kind != "id.corong.publication.drafted.v1" or (data.get("kind") == "post" and "sealed" not in data)
        return plain and data.get("text_hash") in texts
    return bool(texts)


def _post(event: dict[str, Any]) -> str:
    """The post that an event is about; empty where it is no post's. A reply's events belong to its case."""
    data = event["data"]
    identity = data.get("publication_id") if isinstance(data, dict) else None
    return identity if isinstance(identity, str) and identity == event["correlationid"] else ""


def _released(connection: Connection, posts: Iterable[str]) -> dict[str, set[str]]:
    """Post → the hashes of its released texts."""
    table = state.entry.c
    found: dict[str, set[str]] = {}
    wanted = sorted(posts)
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        rows = connection.execute(
            select(table.body).where(
                table.position.in_(entry_keys.positions(part)), table.case_id.in_(part), table.type == RELEASED
            )
        )
        for body in rows.scalars():
            event = from_json(body)
            if post := _post(event):
                found.setdefault(post, set()).add(event["data"]["text_hash"])
    return found
