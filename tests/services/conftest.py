"""A database of either make, for all services' tests."""

from tests.peers.postgres import postgres as postgres
from tests.services.stores import store as store
