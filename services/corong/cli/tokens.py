"""`corong token`: bearer tokens of officers and accounts, made with the installation's key."""

import time
from typing import Annotated, Literal

import typer

from corong.cli.declare import command, group
from corong.cli.installation import read_directory, read_key, read_settings
from corong.cli.officers_now import directory_now
from corong.cli.output import tell
from corong.cli.trouble import Trouble
from corong.cli.words import is_terminal, say

app = group("token", "Membuat token untuk petugas atau akun kanal.", "Make tokens for officers or channel accounts.")

DAY = 86_400


def token_of(kind: Literal["officer", "account"], holder: str, *, days: float | None) -> str:
    """A token of this installation; `days` None never ends. Raises `Trouble` where nobody of that name may hold one."""
    from corong.runtime.tokens import issue

    settings = read_settings()
    directory = directory_now(settings) if kind == "officer" else read_directory(settings)
    generation = directory.token_generation(kind, holder)
    if generation is None:
        if kind == "officer":
            raise Trouble(
                say(f"Tidak ada petugas aktif {holder!r}", f"There is no active officer {holder!r}"),
                say("lihat daftarnya: corong officers", "see who there is: corong officers"),
            )
        raise Trouble(
            say(f"Tidak ada akun aktif {holder!r}", f"There is no enabled account {holder!r}"),
            say("lihat daftarnya: corong accounts", "see which there are: corong accounts"),
        )
    expires = None if days is None else int(time.time() + days * DAY)
    return issue(read_key(settings).tokens, kind, holder, generation=generation, expires=expires)


@command(
    app, "officer", "Token seorang petugas, untuk CORONG_TOKEN.", "An officer's token, for CORONG_TOKEN.",
    "export CORONG_TOKEN=$(corong token officer petugas-dinas-pupr --days 1)",
)  # fmt: skip
def officer(
    identity: Annotated[str, typer.Argument(metavar="ID", help=say("Id petugas.", "The officer's id."))],
    days: Annotated[int, typer.Option(min=1, help=say("Masa berlaku dalam hari.", "Valid for so many days."))] = 1,
) -> None:
    """Print it."""
    _print(token_of("officer", identity, days=days))


@command(
    app, "account", "Token sebuah akun kanal, untuk pintu POST /api/v1/messages.",
    "A channel account's token, for the door POST /api/v1/messages.",
    "export CORONG_TOKEN=$(corong token account api-contoh)",
)  # fmt: skip
def account(
    identity: Annotated[str, typer.Argument(metavar="ID", help=say("Id akun.", "The account's id."))],
    days: Annotated[
        int | None,
        typer.Option(
            min=1,
            show_default=say("tanpa batas", "for ever"),
            help=say("Masa berlaku dalam hari.", "Valid for so many days."),
        ),
    ] = None,
) -> None:
    """Print it."""
    _print(token_of("account", identity, days=days))


def _print(token: str) -> None:
    print(token)
    if is_terminal():
        tell(
            say(
                "Pemegang token ini bertindak atas nama itu. Menaikkan token_generation menggugurkan semuanya.",
                "Whoever holds this token acts in that name. Raising token_generation makes all of them invalid.",
            )
        )
