"""Breaks one promise in a hub that a storm starts: the storm must find it, by the finding that one expects.

`preparing.py` does it in the new process, before the command line begins; the product knows nothing of it.
"""

from typing import Any


def ack_before_commit() -> None:
    """Whoever waits for a commit is told before it is made."""
    from corong.runtime import committer

    do = committer.Committer._do

    def do_and_tell(batch: Any, done: Any, unit: Any) -> None:
        do(batch, done, unit)
        batch[0].result.get_loop().call_soon_threadsafe(committer._settle, list(done))

    def begin(self: Any, *arguments: Any, **_: Any) -> None:
        make(self, *arguments)  # never alone: in a thread of its own, or nobody could be told meanwhile

    make = committer.Committer.__init__
    committer.Committer.__init__ = begin  # type: ignore[method-assign]
    committer.Committer._do = staticmethod(do_and_tell)  # type: ignore[method-assign]


def no_inbox() -> None:
    """The watermarks are kept and not asked: what the broker brings again is done again."""
    from corong.runtime.order import Order
    from corong.runtime.reader import Reader
    from corong.runtime.unit import Unit

    fold = Reader._fold

    def sort(self: Any, items: Any) -> Any:
        for item in items:
            self.expected[item.writer] = max(self.next_of(item.writer), item.number + 1)
        return list(items), [], 0

    def fold_all(self: Any, unit: Any, batch: Any) -> Any:
        if self._raw is not None:  # the log knows what it has by the events' ids
            return fold(self, unit, batch)
        return [item for item in batch if not self._bring(unit, item)]

    def take(self: Any, writer: str, number: int) -> None:
        reached = max(self.taken(writer), number)
        self._taken[writer] = reached
        self._moved.add(writer)

    Order.sort = sort  # type: ignore[method-assign]
    Reader._fold = fold_all  # type: ignore[method-assign]
    Unit.take = take  # type: ignore[method-assign]


def no_settle() -> None:
    """What nobody knows the outcome of is sent again at once, without a look."""
    from corong.publishing import rules
    from corong.runtime.unit import Draft
    from corong_contracts.delivery import DeliveryReadied

    def again_at_once(delivery: Any, fence: int, code: str, now: Any, settle: Any) -> Any:
        uncertain = told(delivery, fence, code, now, settle)
        if not uncertain:
            return []
        data = {**rules._about(delivery), "fence": fence, "known_by": "look_up"}
        return [*uncertain, Draft(DeliveryReadied, delivery.entity, data)]

    told = rules.uncertain
    rules.uncertain = again_at_once


def publishing_is_mute() -> None:
    """No promise broken: what publishing commits does not come to the broker, as behind a link that hangs."""
    from corong.runtime.relay import Relay

    step = Relay.step

    async def mute(self: Any) -> bool:
        return self._service != "publishing" and await step(self)

    Relay.step = mute  # type: ignore[method-assign]


def no_fence() -> None:
    """The same link, and nobody waits for the fence to come to the broker."""
    from corong.publishing.dispatch import Dispatcher

    async def at_once(self: Any, fence: Any) -> bool:
        return True

    publishing_is_mute()
    Dispatcher._is_stored = at_once  # type: ignore[method-assign]


KINDS = {
    kind.__name__: kind
    for kind in (ack_before_commit, no_inbox, no_settle, publishing_is_mute, no_fence)
}  # fmt: skip
