"""Memory of a process that has started."""

import gc


def settle_memory() -> None:
    """What was made at the start stays: the collector need not look at it again and again.

    A full collection over the modules of six services stops every thread.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
