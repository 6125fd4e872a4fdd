"""`corong migrate`: databases brought to the newest version."""

from typing import Annotated

import typer

from corong.cli.choices import DatabaseName
from corong.cli.declare import command
from corong.cli.failures import explained
from corong.cli.installation import read_settings
from corong.cli.output import clean
from corong.cli.trouble import FAILED, Trouble
from corong.cli.words import say


def register(app: typer.Typer) -> None:
    """Declare the command."""
    command(
        app, "migrate", "Memperbarui basis data: semua, atau satu layanan saja (keys: simpanan kunci).",
        "Bring the databases to the newest version: all, or one service's (keys: the key store).",
        "CORONG_DATABASE_URL=postgresql+psycopg://… corong migrate keys",
    )(migrate)  # fmt: skip


def migrate(
    name: Annotated[
        DatabaseName | None, typer.Argument(help=say("Layanan; tanpa ini semua.", "The service; all without it."))
    ] = None,
) -> None:
    """Migrate."""
    from sqlalchemy.exc import SQLAlchemyError

    from corong.runtime.database import Database
    from corong.runtime.migrate import migrate as bring_up
    from corong_contracts.base import SERVICES

    settings = read_settings()
    names = (name,) if name is not None else ("keys", *SERVICES, "channels")
    for one in names:
        with explained():
            database = Database(settings.database, one)
        try:
            database.create_schema()
            bring_up(database)
        except SQLAlchemyError as error:
            told = clean(str(getattr(error, "orig", None) or type(error).__name__))
            raise Trouble(
                say(f"Basis data {one} tidak dapat diperbarui: {told}", f"Database {one} can't be migrated: {told}"),
                say(
                    "periksa CORONG_DATABASE_URL dan hak perannya", "look at CORONG_DATABASE_URL and its role's rights"
                ),
                FAILED,
            ) from None
        finally:
            database.close()
        print(f"{one}: {say('terbaru', 'newest')}")
