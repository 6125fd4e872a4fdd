"""Free TCP ports on this machine, never the same one twice in a run; each of its workers has a share of them."""

import os
import random
import socket

# Below the range from which Linux, macOS and BSD take the local end of outgoing connections: a port found free here
# is not lost to a client before the server under test has bound it.
_LOWEST, _HIGHEST = 10_240, 32_000


def shared_ports(worker: int, workers: int) -> range:
    """The share of a worker. One that takes the place of a dead one has the next number, and the share of one."""
    return range(_LOWEST + worker % workers, _HIGHEST, workers)


_OURS = shared_ports(
    int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")),
    int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")),
)
"""pytest-xdist tells who we are."""
_draw = random.SystemRandom()
_given: set[int] = set()


def find_free_port(host: str = "127.0.0.1") -> int:
    """Return a TCP port that can be bound on `host` and on all addresses, and was not returned before.

    Raises RuntimeError when none is found in a thousand tries.
    """
    for _ in range(1000):
        port = _draw.choice(_OURS)
        if port not in _given and _can_bind(host, port) and _can_bind("", port):
            _given.add(port)
            return port
    raise RuntimeError(f"no free TCP port between {_LOWEST} and {_HIGHEST} on {host}")


def _can_bind(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
