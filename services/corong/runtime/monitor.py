"""The broker's monitoring page, where its own settings can be read."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any


class MonitorAway(RuntimeError):
    """The monitoring page does not answer."""


def read_varz(url: str) -> Mapping[str, Any]:
    """`/varz` of one server, by the address of its monitoring port. Raises `MonitorAway`."""
    page = f"{url.rstrip('/')}/varz"
    try:
        if not page.startswith(("http://", "https://")):
            raise ValueError("not an HTTP address")
        with urllib.request.urlopen(page, timeout=5) as answer:  # noqa: S310  # the scheme was looked at
            found: Mapping[str, Any] = json.load(answer)
            return found
    except (OSError, ValueError) as error:
        raise MonitorAway(f"the broker's monitoring page {page} can't be read: {error}") from None
