"""Conditions with a deadline."""

from collections.abc import Awaitable, Callable

from corong_contracts.conformance import watching


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait until `condition` is true, at most 20 s."""
    await watching.until(condition, 20, "what is waited for comes")
