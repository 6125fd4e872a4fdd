"""The feed channel: posts as Atom (RFC 4287), which readers fetch. Sending is letting the feed show the post."""

from corong.channels.feed.sink import FeedSink
from corong_contracts.channel import Channel

channel = Channel(kind="feed", sink=FeedSink)
