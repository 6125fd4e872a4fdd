"""The API's entities are read from the fields that its documentation lists, and from servers that leave some out."""

import copy
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corong.channels.mastodon.entities import (
    Limits,
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

ACCOUNT: dict[str, object] = {
    "id": "109",
    "username": "budi",
    "acct": "budi@desa.example",
    "display_name": "Budi 🌾",
    "locked": False,
    "bot": False,
    "group": False,
    "discoverable": True,
    "created_at": "2024-02-01T00:00:00.000Z",
    "note": "<p>Warga</p>",
    "url": "https://desa.example/@budi",
    "uri": "https://desa.example/users/budi",
    "avatar": "https://kota.example/cache/avatar.png",
    "followers_count": 3,
    "fields": [],
    "emojis": [],
}

STATUS: dict[str, object] = {
    "id": "115000000000000002",
    "uri": "https://desa.example/users/budi/statuses/77",
    "created_at": "2026-03-02T08:15:30.250Z",
    "account": ACCOUNT,
    "content": (
        '<p><span class="h-card"><a href="https://kota.example/@dinas" class="u-url mention">'
        "@<span>dinas</span></a></span> lampu mati sejak Senin</p>"
    ),
    "visibility": "unlisted",
    "sensitive": False,
    "spoiler_text": "Lampu jalan",
    "media_attachments": [
        {
            "id": "22",
            "type": "image",
            "url": "https://kota.example/cache/foto.jpg",
            "preview_url": "https://kota.example/cache/small.jpg",
            "remote_url": "https://desa.example/foto.jpg",
            "meta": {"original": {"width": 640}},
            "description": "tiang lampu",
            "blurhash": "UBL",
        }
    ],
    "mentions": [{"id": "1", "username": "dinas", "url": "https://kota.example/@dinas", "acct": "dinas"}],
    "tags": [],
    "emojis": [],
    "reblogs_count": 0,
    "replies_count": 0,
    "url": "https://desa.example/@budi/77",
    "in_reply_to_id": "115000000000000001",
    "in_reply_to_account_id": "1",
    "reblog": None,
    "poll": None,
    "card": None,
    "language": "id",
    "edited_at": None,
}

NOTIFICATION: dict[str, object] = {
    "id": "34975861",
    "type": "mention",
    "group_key": "ungrouped-34975861",
    "created_at": "2026-03-02T08:15:31.000Z",
    "account": ACCOUNT,
    "status": STATUS,
}


def without(entity: dict[str, object], *names: str) -> dict[str, object]:
    """A copy that lacks some fields."""
    return {name: copy.deepcopy(value) for name, value in entity.items() if name not in names}


def test_a_status() -> None:
    status = parse_status(STATUS)
    assert status.uri == "https://desa.example/users/budi/statuses/77"
    assert status.text == "@dinas lampu mati sejak Senin"
    assert status.created_at == datetime(2026, 3, 2, 8, 15, 30, 250_000, UTC)
    assert (status.visibility, status.in_reply_to_id, status.language) == ("unlisted", "115000000000000001", "id")
    author = status.account
    assert (author.acct, author.display_name, author.bot) == (
        "budi@desa.example",
        "Budi 🌾",
        False,
    )
    assert [(media.kind, media.description, media.url) for media in status.media] == [
        ("image", "tiang lampu", "https://kota.example/cache/foto.jpg")
    ]


def test_what_may_be_missing_may_be_missing() -> None:
    status = parse_status(without(STATUS, "uri", "url", "visibility", "mentions", "media_attachments", "language"))
    assert (status.uri, status.url, status.media) == ("115000000000000002", None, ())
    assert status.visibility == "direct"  # unknown is taken for the strictest


@pytest.mark.parametrize("name", ["id", "content", "account", "created_at"])
def test_what_must_be_there_must_be_there(name: str) -> None:
    with pytest.raises(Unreadable):
        parse_status(without(STATUS, name))
    note = parse_notification(without(NOTIFICATION, "status") | {"status": without(STATUS, name)})
    assert (note.id, note.status) == ("34975861", None)
    assert note.raw["status"] == without(STATUS, name)


def test_errors_quote_nothing() -> None:
    with pytest.raises(Unreadable) as caught:
        parse_status(STATUS | {"created_at": "lampu mati"})
    assert "lampu" not in repr(caught.value)
    assert "lampu" not in repr(parse_status(STATUS))
    assert "budi" not in repr(parse_notification(NOTIFICATION))


def test_lists_contexts_and_conversations() -> None:
    assert len(parse_statuses([STATUS, {"id": "1"}, STATUS])) == 2
    context = parse_context({"ancestors": [STATUS], "descendants": []})
    assert (len(context.ancestors), context.descendants) == (1, ())
    conversation = parse_conversation(
        {"id": "418450", "unread": True, "accounts": [ACCOUNT], "last_status": STATUS | {"visibility": "direct"}}
    )
    assert conversation.unread
    assert conversation.last_status is not None
    assert conversation.last_status.visibility == "direct"
    others: list[object] = [{"ancestors": []}, [], None, {"error": "Record not found"}]
    for wrong in others:
        with pytest.raises(Unreadable):
            parse_context(wrong)


def test_limits_of_both_versions() -> None:
    second = {
        "domain": "kota.example",
        "version": "4.4.0",
        "thumbnail": {"url": "https://files.kota.example/site.png", "versions": {}},
        "configuration": {
            "statuses": {"max_characters": 640, "max_media_attachments": 6, "characters_reserved_per_url": 30},
            "media_attachments": {"image_size_limit": 1000, "supported_mime_types": ["image/png"]},
        },
    }
    assert parse_limits(second) == Limits(640, 6, 30, 1000, frozenset({"files.kota.example"}))
    first = {"uri": "kota.example", "thumbnail": "https://kota.example/site.png", "max_toot_chars": 5000}
    assert parse_limits(first) == Limits(max_characters=5000, media_hosts=frozenset({"kota.example"}))
    assert parse_limits({"configuration": {"statuses": {"max_characters": "many"}}, "thumbnail": 7}) == Limits()


def test_ids_are_compared_as_mastodon_makes_them() -> None:
    assert newer("1000", "999")
    assert not newer("999", "1000")
    assert newer("1001", "1000")
    assert not newer("1000", "1000")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*STATUS, *NOTIFICATION, *ACCOUNT]), inner)
    ),
    max_leaves=20,
)


@given(JSON, st.sampled_from([*STATUS]))
def test_any_json_is_read_or_unreadable(value: object, name: str) -> None:
    single = (parse_account, parse_status, parse_notification, parse_conversation)
    for parse in (*single, parse_statuses, parse_context, parse_limits):
        for raw in (value, STATUS | {name: value}, NOTIFICATION | {"status": value}):
            try:
                parse(json.loads(json.dumps(raw)))
            except Unreadable:
                continue
