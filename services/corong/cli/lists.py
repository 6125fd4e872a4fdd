"""Lists that come in pages: what is shown, and how to get what is not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer

from corong.cli.output import print_json, tell
from corong.cli.remote import PAGE, Remote
from corong.cli.words import say

Limit = Annotated[int, typer.Option("--limit", min=1, help=say("Paling banyak sekian.", "At most so many."))]
After = Annotated[
    str | None,
    typer.Option(
        "--after",
        metavar=say("PENANDA", "CURSOR"),
        help=say("Lanjutan: `next` dari daftar sebelumnya.", "Go on: `next` of the list before."),
    ),
]


@dataclass
class Listed:
    """A part of a list. `next` is the cursor of what follows, None at the list's end."""

    name: str
    items: list[Any] = field(default_factory=list)
    next: str | None = None

    def print_json(self, also: Mapping[str, Any] | None = None) -> None:
        """As the API gives it."""
        print_json({self.name: self.items, **(also or {}), "next": self.next})

    def tell_more(self) -> None:
        """The last line below the table, for people: that there is more, and how to get it."""
        if self.next is not None:
            tell(
                say(
                    f"{len(self.items)} ditampilkan, masih ada lagi: --after {self.next}, atau --limit lebih besar.",
                    f"{len(self.items)} shown, there are more: --after {self.next}, or a larger --limit.",
                )
            )


def listed(remote: Remote, path: str, name: str, limit: int, after: str | None = None, **asked: Any) -> Listed:
    """Up to `limit` items of the list in the answer's field `name`, those after the cursor. Raises `Trouble`."""
    found = Listed(name, next=after)
    while len(found.items) < limit:
        page = remote.get(path, **asked, limit=min(PAGE, limit - len(found.items)), cursor=found.next)
        found.items += page[name]
        found.next = page.get("next")
        if found.next is None:
            break
    return found
