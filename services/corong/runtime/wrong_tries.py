"""Wrong tries are counted for each address, and where it is said for each name, in this process's memory.

Only wrong ones count. What citizens look up is counted for their address alone: counted for the number, anybody could
lock somebody out of it.
"""

from ipaddress import IPv6Address, ip_address

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

__all__ = ["WrongTries", "network_of"]


class WrongTries:
    """20 in 10 minutes, unless it is told otherwise."""

    SECONDS = 600

    def __init__(self, most: int = 20, seconds: int = SECONDS) -> None:
        """`seconds` are whole minutes."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limit = RateLimitItemPerMinute(most, seconds // 60)

    def allowed(self, whose: str) -> bool:
        """Whether this address, or name, may try."""
        return self._limiter.test(self._limit, network_of(whose))

    def note(self, whose: str) -> None:
        """It tried a wrong one."""
        self._limiter.hit(self._limit, network_of(whose))


def network_of(client: str) -> str:
    """What an address counts as: IPv6 by its network of 64 bits, as a household has; no address at all as it is."""
    try:
        address = ip_address(client.split("%")[0])
    except ValueError:
        return client
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return address.exploded[:19]
    return str(address)
