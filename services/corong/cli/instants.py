"""Moments as people write them."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from corong.cli.trouble import USAGE, Trouble
from corong.cli.words import say


def instant(text: str | None, zone: Callable[[], ZoneInfo]) -> str | None:
    """`2026-07-01`, `2026-07-01 08:30` or ISO 8601 → ISO 8601 with an offset; where none is named it is in `zone`.

    Raises `Trouble`.
    """
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Trouble(
            say(f"{text!r} bukan tanggal atau waktu", f"{text!r} is no date or time"),
            say("tulis seperti 2026-07-01 atau 2026-07-01T08:30", "write it as 2026-07-01 or 2026-07-01T08:30"),
            USAGE,
        ) from None
    return (found if found.tzinfo else found.replace(tzinfo=zone())).isoformat()
