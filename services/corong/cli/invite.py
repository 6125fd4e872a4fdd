"""`corong invite`: a one-time link by which an officer comes in and chooses a password."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from corong.cli.declare import Url, command
from corong.cli.installation import read_key, read_settings
from corong.cli.officers_now import directory_now
from corong.cli.output import tell
from corong.cli.remote import default_url
from corong.cli.trouble import Trouble
from corong.cli.words import is_terminal, say

if TYPE_CHECKING:
    from corong.runtime.deployment_key import DeploymentKey

HOUR = 3600
"""Seconds."""


def register(app: typer.Typer) -> None:
    """Declare the command."""
    command(
        app, "invite", "Tautan masuk sekali pakai untuk seorang petugas.", "A one-time sign-in link for an officer.",
        "corong invite petugas-dinas-kesehatan --hours 8",
    )(invite)  # fmt: skip


def invite(
    identity: Annotated[str, typer.Argument(metavar="ID", help=say("Id petugas.", "The officer's id."))],
    hours: Annotated[
        int, typer.Option(min=1, max=168, help=say("Masa berlaku dalam jam.", "Valid for so many hours."))
    ] = 24,
    url: Url = None,
) -> None:
    """Print it."""
    settings = read_settings()
    directory = directory_now(settings)
    generation = directory.token_generation("officer", identity)
    if generation is None:
        raise Trouble(
            say(f"Tidak ada petugas aktif {identity!r}", f"There is no active officer {identity!r}"),
            say("lihat daftarnya: corong officers", "see who there is: corong officers"),
        )
    base = url or settings.public_url or directory.hub.public_url or default_url()
    print(link_for(read_key(settings), identity, generation, base.rstrip("/"), hours))
    if is_terminal():
        tell_how_to_hand_over(hours)


def tell_how_to_hand_over(hours: int) -> None:
    """What a link is, to whoever holds it now."""
    tell(
        say(
            f"Berlaku satu kali, selama {hours} jam. Siapa pun yang memegangnya masuk sebagai petugas itu: "
            "sampaikan langsung, bukan di grup.",
            f"Good once, for {hours} hours. Whoever holds it comes in as that officer: hand it over in person, "
            "not in a group.",
        )
    )


def link_for(key: "DeploymentKey", officer: str, generation: int, base: str, hours: float) -> str:
    """A new link, good for so many hours; `base` is the hub's address without a final slash."""
    from corong.desk.access import links

    expires = int(time.time() + hours * HOUR)
    return links.address(base, links.make(key.derive(links.KEY_USE), officer, generation=generation, expires=expires))
