"""The peers of the Mastodon channel."""

from tests.peers.mastodon_mock import mastodon_mock as mastodon_mock
from tests.peers.snac import snacs as snacs
