"""A mapping that nobody changes: services of one process share the events they read."""

from collections.abc import Mapping
from typing import Annotated, Any, Never, TypeVar

from pydantic import AfterValidator

K = TypeVar("K")
V = TypeVar("V")


class FrozenDict(dict[K, V]):
    """A dict whose every way to change it raises `TypeError`; equal to a dict with the same items."""

    def _never(self, *_: Any, **__: Any) -> Never:
        raise TypeError("what an event says does not change")

    __setitem__ = __delitem__ = __ior__ = _never
    clear = pop = popitem = setdefault = update = _never

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled and copied as a whole: unpickling item by item would change it."""
        return FrozenDict, (dict(self),)


FrozenMap = Annotated[Mapping[K, V], AfterValidator(FrozenDict)]
"""A field of a payload with names and values; its JSON Schema is that of a dict."""
