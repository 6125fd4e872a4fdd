"""The peers' fixtures, for the tests that prove the peers themselves."""

from tests.peers.mastodon_mock import mastodon_mock as mastodon_mock
from tests.peers.postgres import postgres as postgres
from tests.peers.snac import snacs as snacs
