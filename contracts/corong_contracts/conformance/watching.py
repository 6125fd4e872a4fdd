"""What the conformance tests watch with: conditions with a deadline, and an ear for words that must not be told."""

import asyncio
import contextlib
import io
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import NoReturn, TypeVar
from unittest import SkipTest

T = TypeVar("T")


def require(condition: object, broken: str) -> None:
    """Raise `AssertionError` with the rule that is broken."""
    if not condition:
        raise AssertionError(broken)


def not_offered(what: str) -> NoReturn:
    """Skip the running test: this channel's peer, or its network, has no such thing."""
    raise SkipTest(f"not offered here: {what}")


async def until(condition: Callable[[], bool | Awaitable[bool]], seconds: float, broken: str) -> None:
    """Wait for `condition`, at most `seconds`; then raise `AssertionError` with the rule that is broken."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        found = condition()
        if found if isinstance(found, bool) else await found:
            return
        require(loop.time() < deadline, f"{broken} (not within {seconds:g} s)")
        await asyncio.sleep(0.01)


async def within(seconds: float, call: Awaitable[T], broken: str) -> T:
    """What `call` gives or raises; `AssertionError` with the rule that is broken when it lasts longer."""
    try:
        async with asyncio.timeout(seconds) as limit:
            return await call
    except TimeoutError:
        require(not limit.expired(), f"{broken} (not within {seconds:g} s)")
        raise


def told_by(error: BaseException) -> str:
    """All that a log would show of an error and of what it was raised from."""
    told = []
    following: BaseException | None = error
    while following is not None:
        told += [str(following), repr(following)]
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
    return "\n".join(told)


class Ear:
    """What was logged and printed while it listened."""

    def __init__(self) -> None:
        self._stream = io.StringIO()

    def require_silence_on(self, words: Iterable[str], where: str) -> None:
        """No word may have been told."""
        heard = self._stream.getvalue()
        for word in words:
            require(not word or word not in heard, f"{where} tells a citizen's words or address, or a secret")

    @contextlib.contextmanager
    def listening(self) -> Iterator["Ear"]:
        """Listen to all loggers, as a hub in production would write them, and to what is printed."""
        handler = logging.StreamHandler(self._stream)
        handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
        root = logging.getLogger()
        level = root.level
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        try:
            with contextlib.redirect_stdout(self._stream), contextlib.redirect_stderr(self._stream):
                yield self
        finally:
            root.setLevel(level)
            root.removeHandler(handler)
