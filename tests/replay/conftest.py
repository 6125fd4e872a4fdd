"""A database of either make."""

from tests.peers.postgres import postgres as postgres
