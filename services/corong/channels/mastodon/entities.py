"""The entities of the Mastodon API that we read, parsed from JSON without trust in it.

Sources: docs.joinmastodon.org/entities/ Status, Account, MediaAttachment, Notification, Conversation, Instance,
V1_Instance. Other servers leave fields out or fill them otherwise; only what we can't do without is demanded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from corong.channels.mastodon.status_text import plain_text


class Unreadable(ValueError):
    """The JSON isn't the entity that was asked for. The message names a field, never a value."""


@dataclass(frozen=True)
class Account:
    """Somebody, as our account's server knows them."""

    id: str
    acct: str = field(repr=False)
    """`name` for an account of the same server, `name@host` for another's; some servers always give the host."""
    display_name: str = field(repr=False)
    url: str = field(repr=False)
    bot: bool


@dataclass(frozen=True)
class Media:
    """A picture, sound or film of a status."""

    id: str
    kind: str
    """image, gifv, video, audio or unknown."""
    url: str = field(repr=False)
    description: str = field(repr=False)


@dataclass(frozen=True)
class Status:
    """What somebody wrote."""

    id: str
    """Only this server's; some servers change it when the status is edited."""
    uri: str = field(repr=False)
    """The same on every server, for ever."""
    url: str | None = field(repr=False)
    account: Account
    content: str = field(repr=False)
    spoiler_text: str = field(repr=False)
    visibility: str
    """public, unlisted, private (followers) or direct; some servers say `private` for direct ones."""
    in_reply_to_id: str | None
    created_at: datetime
    language: str | None
    media: tuple[Media, ...]
    mentions: Mapping[str, str] = field(repr=False)
    """Addresses of the mentioned accounts by the URLs of their profiles."""

    @property
    def text(self) -> str:
        """The content as plain text."""
        return plain_text(self.content, self.mentions)


@dataclass(frozen=True)
class Notification:
    """Something concerns our account. `status` is None where the type has none, or where it can't be read."""

    id: str
    type: str
    created_at: datetime
    account: Account | None
    status: Status | None
    raw: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True)
class Conversation:
    """A thread of direct messages, with its last one."""

    id: str
    unread: bool
    accounts: tuple[Account, ...]
    last_status: Status | None


@dataclass(frozen=True)
class Context:
    """The thread around a status: the way up, the root first, and what was answered below."""

    ancestors: tuple[Status, ...]
    descendants: tuple[Status, ...]


@dataclass(frozen=True)
class Limits:
    """What the server takes."""

    max_characters: int = 500
    max_media: int = 4
    url_length: int = 23
    """Characters that any URL counts for."""
    max_image_bytes: int = 16_777_216
    media_hosts: frozenset[str] = frozenset()
    """Hosts of the server's own files, as far as its description shows them."""


def parse_account(raw: object) -> Account:
    """An Account entity. Raises Unreadable without id or acct."""
    got = _object(raw, "account")
    return Account(
        id=_text(got, "id"),
        acct=_text(got, "acct"),
        display_name=_optional(got, "display_name") or "",
        url=_optional(got, "url") or "",
        bot=got.get("bot") is True,
    )


def parse_status(raw: object) -> Status:
    """A Status entity. Raises Unreadable without id, account, content or a time."""
    got = _object(raw, "status")
    content = got.get("content")
    if not isinstance(content, str):
        raise Unreadable("status.content")
    identity = _text(got, "id")
    mentions = [entry for entry in _list(got, "mentions") if isinstance(entry, dict)]
    return Status(
        id=identity,
        uri=_optional(got, "uri") or _optional(got, "url") or identity,
        url=_optional(got, "url"),
        account=parse_account(got.get("account")),
        content=content,
        spoiler_text=_optional(got, "spoiler_text") or "",
        visibility=_optional(got, "visibility") or "direct",
        in_reply_to_id=_optional(got, "in_reply_to_id"),
        created_at=_moment(got, "created_at"),
        language=_optional(got, "language"),
        media=tuple(_media(entry) for entry in _list(got, "media_attachments") if isinstance(entry, dict)),
        mentions={str(entry.get("url")): str(entry.get("acct")) for entry in mentions if entry.get("acct")},
    )


def parse_statuses(raw: object) -> list[Status]:
    """A list of Status entities; one that can't be read is left out. Raises Unreadable when it is no list."""
    if not isinstance(raw, list):
        raise Unreadable("a list of statuses")
    return [status for entry in raw if (status := _readable(entry)) is not None]


def parse_notification(raw: object) -> Notification:
    """A Notification entity. Raises Unreadable without id or type; an unreadable status is None, and in `raw`."""
    got = _object(raw, "notification")
    try:
        account = parse_account(got.get("account"))
    except Unreadable:
        account = None
    try:
        created = _moment(got, "created_at")
    except Unreadable:
        created = datetime.now(UTC)
    return Notification(
        id=_text(got, "id"),
        type=_text(got, "type"),
        created_at=created,
        account=account,
        status=_readable(got.get("status")),
        raw=got,
    )


def parse_conversation(raw: object) -> Conversation:
    """A Conversation entity. Raises Unreadable without an id."""
    got = _object(raw, "conversation")
    return Conversation(
        id=_text(got, "id"),
        unread=got.get("unread") is True,
        accounts=tuple(parse_account(entry) for entry in _list(got, "accounts")),
        last_status=_readable(got.get("last_status")),
    )


def parse_context(raw: object) -> Context:
    """A Context entity. Raises Unreadable when one of its lists is none."""
    got = _object(raw, "context")
    return Context(tuple(parse_statuses(got.get("ancestors"))), tuple(parse_statuses(got.get("descendants"))))


def parse_limits(raw: object) -> Limits:
    """Limits from an Instance entity, of version 2 or 1; what it leaves out is Mastodon's default."""
    got = _object(raw, "instance")
    configuration = got.get("configuration")
    parts = configuration if isinstance(configuration, dict) else {}
    statuses = parts.get("statuses")
    media = parts.get("media_attachments")
    statuses = statuses if isinstance(statuses, dict) else {}
    media = media if isinstance(media, dict) else {}
    thumbnail = got.get("thumbnail")
    pictured = thumbnail.get("url") if isinstance(thumbnail, dict) else thumbnail
    default = Limits()
    return Limits(
        max_characters=_count(statuses.get("max_characters", got.get("max_toot_chars")), default.max_characters),
        max_media=_count(statuses.get("max_media_attachments"), default.max_media),
        url_length=_count(statuses.get("characters_reserved_per_url"), default.url_length),
        max_image_bytes=_count(media.get("image_size_limit"), default.max_image_bytes),
        media_hosts=frozenset(_hosts(pictured)),
    )


def newer(one: str, other: str) -> bool:
    """Whether the id `one` came after `other`: ids are compared by length, then by characters (Guidelines, ids)."""
    return (len(one), one) > (len(other), other)


def _readable(raw: object) -> Status | None:
    try:
        return parse_status(raw)
    except Unreadable:
        return None


def _media(got: Mapping[str, object]) -> Media:
    return Media(
        id=_optional(got, "id") or "",
        kind=_optional(got, "type") or "unknown",
        url=_optional(got, "url") or _optional(got, "remote_url") or "",
        description=_optional(got, "description") or "",
    )


def _object(raw: object, name: str) -> Mapping[str, object]:
    if not isinstance(raw, dict):
        raise Unreadable(name)
    return raw


def _list(got: Mapping[str, object], name: str) -> list[object]:
    value = got.get(name)
    return value if isinstance(value, list) else []


def _text(got: Mapping[str, object], name: str) -> str:
    value = _optional(got, name)
    if not value:
        raise Unreadable(name)
    return value


def _optional(got: Mapping[str, object], name: str) -> str | None:
    value = got.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def _moment(got: Mapping[str, object], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(got, name))
    except ValueError as error:
        raise Unreadable(name) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _count(value: object, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else default


def _hosts(url: object) -> list[str]:
    try:
        host = urlsplit(url).hostname if isinstance(url, str) else None
    except ValueError:
        return []
    return [host] if host else []
