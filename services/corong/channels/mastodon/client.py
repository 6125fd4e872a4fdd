"""A client of the Mastodon API that says of every request what became of it.

Sources: docs.joinmastodon.org/methods/ statuses, media, notifications, conversations, accounts, instance, and
docs.joinmastodon.org/api/guidelines (paging). Errors are those of `outcome`: Transient, Permanent and Unknown.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal, TypeVar

import httpx

from corong.channels.mastodon.entities import (
    Account,
    Context,
    Conversation,
    Limits,
    Notification,
    Status,
    Unreadable,
    newer,
    parse_account,
    parse_context,
    parse_conversation,
    parse_limits,
    parse_notification,
    parse_status,
    parse_statuses,
)
from corong.channels.mastodon.outcome import failure, refusal
from corong_contracts.channel import Permanent, Transient, Unknown

T = TypeVar("T")
Visibility = Literal["public", "unlisted", "private", "direct"]

_PAGE = 40
_NOT_FOR_US = ["follow", "follow_request", "favourite", "reblog", "poll", "status", "update"]


class MastodonClient:
    """One account on one server.

    No connection is used twice: a server may have closed it without a word, which shows only after the request was
    written, and then nobody knows whether it counted.
    """

    def __init__(self, base_url: str, token: str, *, timeout: float = 30.0) -> None:
        """`base_url` is the server's, as https://social.example; `timeout` is in seconds for each step of a request."""
        self.base_url = base_url.rstrip("/")
        self.ahead: timedelta | None = None
        """How far the server's clock is ahead of ours, at least, by the Date of its last answer (RFC 9110 6.6.1)."""
        self._http = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {token}", "Connection": "close", "User-Agent": "Corong"},
            timeout=timeout,
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=False,
        )

    async def close(self) -> None:
        """Let connections go."""
        await self._http.aclose()

    async def account(self) -> Account:
        """Our own account (GET /api/v1/accounts/verify_credentials)."""
        return _read(parse_account, await self._get("/api/v1/accounts/verify_credentials"))

    async def limits(self) -> Limits:
        """What the server takes (GET /api/v2/instance, /api/v1/instance where that isn't there)."""
        try:
            answer = await self._get("/api/v2/instance")
        except Permanent as refused:
            if refused.code != "not_found":
                raise
            answer = await self._get("/api/v1/instance")
        return _read(parse_limits, answer)

    async def post(
        self,
        text: str,
        *,
        visibility: Visibility,
        in_reply_to_id: str | None = None,
        media_ids: Sequence[str] = (),
        language: str | None = None,
        idempotency_key: str | None = None,
    ) -> Status:
        """Publish (POST /api/v1/statuses). Mastodon knows an idempotency key for an hour; some servers ignore it."""
        body = _form(status=text, visibility=visibility, in_reply_to_id=in_reply_to_id, language=language)
        body |= {"media_ids[]": list(media_ids)}
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return _made(await self._request("POST", "/api/v1/statuses", changes=True, data=body, headers=headers))

    async def edit(self, status_id: str, text: str, *, media_ids: Sequence[str] = ()) -> Status:
        """Change a status of ours (PUT /api/v1/statuses/:id). Media that aren't named again are taken off."""
        body = _form(status=text) | {"media_ids[]": list(media_ids)}
        return _made(await self._request("PUT", f"/api/v1/statuses/{status_id}", changes=True, data=body))

    async def delete(self, status_id: str) -> None:
        """Take a status of ours back (DELETE /api/v1/statuses/:id); servers elsewhere are only asked to."""
        await self._request("DELETE", f"/api/v1/statuses/{status_id}", changes=True)

    async def upload(
        self, content: bytes, name: str, media_type: str, description: str, *, patience: float = 60
    ) -> str:
        """Upload a file with its text alternative and return its id when the server has it ready (POST /api/v2/media).

        Nothing is public by it, so its errors are never Unknown. `patience` in seconds for films to be converted.
        """
        made = await self._request(
            "POST",
            "/api/v2/media",
            changes=False,
            files={"file": (name, content, media_type)},
            data={"description": description},
        )
        media = _decode(made)
        if not isinstance(media, dict) or not media.get("id"):
            raise Transient("unreadable_answer")
        identity = str(media["id"])
        deadline = time.monotonic() + patience
        state = made.status_code
        while state in (202, 206):  # accepted; still being converted
            if time.monotonic() > deadline:
                raise Transient("media_not_ready")
            await asyncio.sleep(1)
            state = (await self._request("GET", f"/api/v1/media/{identity}", changes=False)).status_code
        return identity

    async def status(self, status_id: str) -> Status:
        """One status (GET /api/v1/statuses/:id)."""
        return _read(parse_status, await self._get(f"/api/v1/statuses/{status_id}"))

    async def context(self, status_id: str) -> Context:
        """The thread around a status (GET /api/v1/statuses/:id/context)."""
        return _read(parse_context, await self._get(f"/api/v1/statuses/{status_id}/context"))

    async def mentions(self, after: str | None, since: datetime) -> list[Notification]:
        """Mentions, comments and direct messages after the notification `after`, or made since, the oldest first.

        Asked for with `include_filtered`: by default Mastodon 4.3 and later keep direct messages of strangers out of
        the list. Servers differ in what they make of `since_id`, `min_id` and `types[]`, so pages are read from the
        newest backwards and the bounds are kept here.
        """
        found: dict[str, Notification] = {}
        below: str | None = None
        while True:
            asked = {"limit": _PAGE, "types[]": "mention", "exclude_types[]": _NOT_FOR_US, "include_filtered": "true"}
            answer = await self._get("/api/v1/notifications", asked | _form(max_id=below, since_id=after))
            page = _read_list(parse_notification, answer)
            fresh = [
                note
                for note in page
                if note.id not in found and (newer(note.id, after) if after else note.created_at >= since)
            ]
            found |= {note.id: note for note in fresh}
            if len(page) < _PAGE or len(fresh) < len(page):
                mentions = [note for note in found.values() if note.type == "mention"]
                return sorted(mentions, key=lambda note: (len(note.id), note.id))
            below = min((note.id for note in page), key=lambda identity: (len(identity), identity))

    async def conversations(self) -> list[Conversation]:
        """The latest threads of direct messages (GET /api/v1/conversations)."""
        return _read_list(parse_conversation, await self._get("/api/v1/conversations", {"limit": _PAGE}))

    async def own_statuses(self, account_id: str, since: datetime, *, pages: int = 5) -> tuple[list[Status], bool]:
        """Our statuses since a moment, the newest first, and whether these are all (GET /api/v1/accounts/:id/statuses).

        Mastodon lists private and direct ones to their author, other servers may not, or give all on one page.
        """
        found: dict[str, Status] = {}
        below: str | None = None
        for _ in range(pages):
            asked = {"limit": _PAGE, "exclude_reblogs": "true"} | _form(max_id=below)
            page = _read(parse_statuses, await self._get(f"/api/v1/accounts/{account_id}/statuses", asked))
            fresh = [status for status in page if status.uri not in found]
            found |= {status.uri: status for status in fresh}
            if len(page) != _PAGE or min(status.created_at for status in page) < since:
                return [status for status in found.values() if status.created_at >= since], True
            if not fresh:
                break
            below = page[-1].id
        return [status for status in found.values() if status.created_at >= since], False

    async def _get(self, path: str, params: Mapping[str, object] | None = None) -> object:
        return _decode(await self._request("GET", path, changes=False, params=params))

    async def _request(self, method: str, path: str, *, changes: bool, **body: Any) -> httpx.Response:
        try:
            response = await self._http.request(method, self.base_url + path, **body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise failure(error, changes=changes) from None
        with suppress(ValueError, TypeError):  # no Date, or none with a zone
            self.ahead = parsedate_to_datetime(response.headers.get("Date", "")) - datetime.now(UTC)
        if not response.is_success:
            raise refusal(response, changes=changes, now=datetime.now(UTC))
        return response


def _form(**given: str | None) -> dict[str, object]:
    return {name: value for name, value in given.items() if value is not None}


def _decode(response: httpx.Response) -> object:
    """The JSON of an answer to a question; what isn't JSON is no answer yet."""
    try:
        return response.json()
    except (ValueError, RecursionError):
        raise Transient("unreadable_answer") from None


def _made(response: httpx.Response) -> Status:
    """The status that was made or changed. The server said yes: where its words can't be read, it may well be there."""
    try:
        return parse_status(response.json())
    except (ValueError, RecursionError):
        raise Unknown("unreadable_answer") from None


def _read(parse: Callable[[object], T], raw: object) -> T:
    try:
        return parse(raw)
    except Unreadable:
        raise Transient("unreadable_answer") from None


def _read_list(parse: Callable[[object], T], raw: object) -> list[T]:
    if not isinstance(raw, list):
        raise Transient("unreadable_answer")
    return [_read(parse, entry) for entry in raw]
