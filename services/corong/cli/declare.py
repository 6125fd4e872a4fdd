"""How commands are declared: each with a help text and an example, in the reader's language."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Concatenate, ParamSpec

import typer

from corong.cli.remote import Remote, default_url
from corong.cli.words import say

P = ParamSpec("P")

AsJson = Annotated[bool, typer.Option("--json", help=say("Keluaran JSON.", "Print JSON."))]
Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="CORONG_URL",
        show_default=default_url(),
        help=say("Alamat hub.", "The hub's address."),
    ),
]
As = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="ID",
        help=say(
            "Bertindak sebagai petugas (atau akun) ini, dengan kunci instalasi di komputer ini; "
            "tanpa ini dipakai token di CORONG_TOKEN.",
            "Act as this officer (or account), with the installation's key on this machine; "
            "without it the token in CORONG_TOKEN is used.",
        ),
    ),
]

Lang = Annotated[
    str | None,
    typer.Option(
        "--lang",
        metavar="id|en",
        envvar="CORONG_LANG",
        help=say("Bahasa keluaran; di mana pun pada baris perintah.", "The language; anywhere on the command line."),
    ),
]


def group(name: str, indonesian: str, english: str) -> typer.Typer:
    """A group of commands."""
    return typer.Typer(
        name=name, help=say(indonesian, english), no_args_is_help=True, rich_markup_mode="rich", add_completion=False
    )


def command(
    app: typer.Typer, name: str, indonesian: str, english: str, example: str
) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Declare a command; `example` is shown below its help."""
    return app.command(name, help=say(indonesian, english), epilog=f"{say('Contoh', 'Example')}: {example}")


def remote_command(
    app: typer.Typer, name: str, indonesian: str, english: str, example: str, *, account: bool = False
) -> Callable[[Callable[Concatenate[Remote, P], None]], Callable[..., None]]:
    """Declare a command that speaks with a hub over HTTP: it gets the connection, and the options to choose it.

    `account`: the caller is a channel account, not an officer.
    """

    def declare(function: Callable[Concatenate[Remote, P], None]) -> Callable[..., None]:
        @wraps(function)
        def run(**given: Any) -> None:
            url, caller = given.pop("url"), given.pop("as_")
            with Remote(url, caller, "account" if account else "officer") as remote:
                function(remote, **given)  # type: ignore[call-arg]

        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        extra = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
            for name, kind in (("url", Url), ("as_", As))
        ]
        whole = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own] + extra
        del run.__wrapped__  # typer reads the signature below
        run.__signature__ = inspect.Signature(whole)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in whole}
        command(app, name, indonesian, english, example)(run)
        return run

    return declare
