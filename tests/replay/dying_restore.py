"""A restore that kills itself at a step: `python -m tests.replay.dying_restore URL SERVICE STEP [--replace]`."""

import os
import signal
import sys
from typing import Any

from corong.replay import place, restore
from corong.replay.logs import DatabaseLog


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, service: str, step: str, *more: str) -> None:
    log = DatabaseLog(url)
    if step == "put":  # at the n-th renaming: the old one aside, the new one in
        real, left = os.replace, int(os.environ["AT"])

        def counted(source: Any, target: Any) -> None:
            nonlocal left
            if left == 0:
                die()
            left -= 1
            real(source, target)

        place.os.replace = counted  # type: ignore[attr-defined]
    known = restore.look(service, log)
    meanwhile = die if step == "filled" else lambda: None
    restore.restore(service, url, log, known, [], 16, replace="--replace" in more, meanwhile=meanwhile)


if __name__ == "__main__":
    main(*sys.argv[1:])
