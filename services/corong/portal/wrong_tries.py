"""Wrong pairs of number and secret are counted for each address, in this process's memory.

Guessing a secret of 80 bits is hopeless anyhow; this keeps the tries from costing anything. Only wrong ones count, and
nothing is counted for a number: or anybody could lock a citizen out.
"""

from ipaddress import IPv6Address, ip_address

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class WrongTries:
    """20 in 10 minutes from one address (IPv6: one network of 64 bits, as a household has)."""

    SECONDS = 600

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limit = RateLimitItemPerMinute(20, self.SECONDS // 60)

    def allowed(self, client: str) -> bool:
        """Whether this address may try."""
        return self._limiter.test(self._limit, _network(client))

    def note(self, client: str) -> None:
        """It tried a wrong pair."""
        self._limiter.hit(self._limit, _network(client))


def _network(client: str) -> str:
    try:
        address = ip_address(client.split("%")[0])
    except ValueError:
        return client
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return address.exploded[:19]
    return str(address)
