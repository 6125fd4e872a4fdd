"""Logs: JSON lines with event, cause and case bound. Ids only: never a name, an address or a citizen's words."""

import logging
import sys

import structlog


def configure(level: str = "info", style: str = "json") -> None:
    """Set structlog up for this process; `style` is `json` or `console`."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if style == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    # Their error texts quote requests, which hold citizens' words.
    for name in ("nats", "faststream", "uvicorn.error", "uvicorn.access", "httpx", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.CRITICAL if name == "nats" else logging.ERROR)
