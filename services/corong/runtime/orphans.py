"""Children that die with their parent."""

import ctypes
import os
import signal
import sys

PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)  # loaded here: after a fork the loader's lock may be held by a thread that is no more


def die_with_parent(parent: int) -> None:
    """PR_SET_PDEATHSIG of prctl(2), Linux: the kernel kills the child when the thread that started it ends.

    Called in the child between fork and exec; `parent` is the process id of whoever starts it. The thread should be one
    of the event loop's pool, which ends with the process and not before.
    """
    if sys.platform == "linux":
        _LIBC.prctl(PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the call
            os._exit(1)
