"""Mastodon, and what speaks its API: posts out; comments, mentions and direct messages in; answers in the thread."""

from corong.channels.mastodon.settings import settings_of
from corong.channels.mastodon.sink import MastodonSink
from corong.channels.mastodon.source import MastodonSource
from corong_contracts.channel import Channel

channel = Channel(
    kind="mastodon",
    source=lambda account: MastodonSource(account, settings_of(account)),
    sink=lambda account: MastodonSink(settings_of(account)),
)
"""The delivery's id is carried as Idempotency-Key."""

__all__ = ["channel"]
