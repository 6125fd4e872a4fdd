"""How a process that a test starts ends with whoever started it."""

import ctypes
import signal

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


def die_with_parent() -> None:
    """In the child, as `preexec_fn`: SIGKILL when the thread that started it ends (PR_SET_PDEATHSIG of prctl(2))."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
