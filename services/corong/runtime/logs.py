"""Logs: JSON lines with event, cause and case bound. Ids only: never a name, an address or a citizen's words.

An error is told by its kind and by where it came from: its text may quote what somebody wrote.
"""

import logging
import sys
from collections.abc import MutableMapping
from pathlib import PurePath
from types import TracebackType
from typing import Any

import structlog

MOST_FRAMES = 6


def configure(level: str = "info", style: str = "json") -> None:
    """Set structlog up for this process; `style` is `json` or `console`. What libraries log goes the same way."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if style == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_words,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Libraries()], force=True)
    # Reconnecting is told by us, once.
    for name in ("nats", "faststream", "uvicorn.error", "uvicorn.access", "httpx", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.CRITICAL if name == "nats" else logging.ERROR)


def where(error: BaseException) -> list[str]:
    """`<kind>: <file>:<line> <- <file>:<line> …` of an error and of those it came of: the innermost place first."""
    told: list[str] = []
    left: list[BaseException | None] = [error]
    while left and len(told) < MOST_FRAMES:
        found = left.pop(0)
        if found is None:
            continue
        told.append(f"{type(found).__name__}: {' <- '.join(_places(found.__traceback__))}")
        if isinstance(found, BaseExceptionGroup):
            left += found.exceptions
        left.append(found.__cause__ or (None if found.__suppress_context__ else found.__context__))
    return told


def _places(trace: TracebackType | None) -> list[str]:
    places: list[str] = []
    while trace is not None:
        path = PurePath(trace.tb_frame.f_code.co_filename)
        places.append(f"{path.parent.name}/{path.name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[: -MOST_FRAMES - 1 : -1]


def _without_words(logger: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception that comes with a line, as its kind and its places."""
    given = line.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        line.setdefault("error", type(error).__name__)
        line["where"] = where(error)
    return line


class _Libraries(logging.Handler):
    """What libraries say: the words that they chose beforehand, without what they put in, which may be anybody's."""

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a line on."""
        # A message that was put together beforehand (asyncio's) has what it is about below its first line.
        said = (
            (record.msg.strip().splitlines() or [""])[0] if isinstance(record.msg, str) else type(record.msg).__name__
        )
        told: dict[str, Any] = {"logger": record.name}
        if record.exc_info:
            told["exc_info"] = record.exc_info
        say = structlog.get_logger()
        (say.error if record.levelno >= logging.ERROR else say.warning)(said[:120], **told)
