"""Breaks one thing in a hub that a test starts, by CORONG_SABOTAGE: the twins of the fault tests run on it.

Python imports this by itself at its start when the folder is on PYTHONPATH; the product knows nothing of it.
"""

import os
import sys
import time

KIND = os.environ.get("SABOTAGE", "")


def ack_before_commit() -> None:
    """Whoever waits for a commit is told before it is made."""
    from corong.runtime import committer

    def commit(self, batch, loop, *more):  # type: ignore[no-untyped-def]
        done: list = []  # type: ignore[type-arg]
        try:
            with self._database.write() as connection:
                unit = self._work_through(batch, done, connection)
                loop.call_soon_threadsafe(committer._settle, done)
                time.sleep(0.15)
        except Exception as error:
            failed = [(waiting, None, error) for waiting in batch]
            loop.call_soon_threadsafe(committer._settle, failed)
            return
        loop.call_soon_threadsafe(self._committed, unit, [])

    committer.Committer._commit = commit  # type: ignore[method-assign]


def no_inbox() -> None:
    """Nothing is remembered of what was taken: what comes again is done again."""
    from corong.runtime import unit

    def take(self, writer, number):  # type: ignore[no-untyped-def]
        pass

    unit.Unit.take = take  # type: ignore[method-assign]


def no_settle() -> None:
    """What nobody knows is sent again at once, without a look."""
    from corong.publishing import rules

    def absent_at_once(delivery, fence, code, now, settle):  # type: ignore[no-untyped-def]
        from corong.runtime.unit import Draft
        from corong_contracts.delivery import DeliveryReadied

        data = {**rules._about(delivery), "fence": fence, "known_by": "look_up"}
        return [Draft(DeliveryReadied, delivery.entity, data)]

    rules.uncertain = absent_at_once


if KIND and "corong" in sys.argv[0:1] + sys.orig_argv:
    {"ack_before_commit": ack_before_commit, "no_inbox": no_inbox, "no_settle": no_settle}[KIND]()
