"""`corong officers`, `units`, `accounts`: who and what the directory knows."""

from typing import Annotated

import typer

from corong.cli.declare import AsJson, command
from corong.cli.installation import read_directory, read_settings
from corong.cli.officers_now import directory_now
from corong.cli.output import print_json, print_table
from corong.cli.words import say

UnitFilter = Annotated[str | None, typer.Option("--unit", help=say("Hanya unit ini.", "Of this unit only."))]


def _mark(value: bool) -> str:
    return say("ya", "yes") if value else say("tidak", "no")


def register(app: typer.Typer) -> None:
    """Declare the commands."""
    command(
        app, "officers", "Daftar petugas.", "The officers.", "corong officers --unit dinas-pupr",
    )(officers)  # fmt: skip
    command(app, "units", "Daftar unit kerja.", "The units.", "corong units --json")(units)
    command(app, "accounts", "Daftar akun kanal.", "The channel accounts.", "corong accounts")(accounts)


def officers(unit: UnitFilter = None, as_json: AsJson = False) -> None:
    """Print the officers."""
    directory = directory_now(read_settings(), named=True)
    found = [officer for officer in directory.officers if unit in (None, officer.unit)]
    if as_json:
        print_json([officer.model_dump(mode="json") for officer in found])
        return
    print_table(
        ("ID", say("NAMA", "NAME"), say("PERAN", "ROLE"), "UNIT", say("AKTIF", "ACTIVE")),
        [(officer.id, officer.name, officer.role, officer.unit, _mark(officer.active)) for officer in found],
    )


def units(as_json: AsJson = False) -> None:
    """Print the units."""
    found = directory_now(read_settings()).units
    if as_json:
        print_json([unit.model_dump(mode="json") for unit in found])
        return
    print_table(
        ("ID", say("NAMA", "NAME"), say("JENIS", "KIND"), say("TOPIK", "TOPICS")),
        [(unit.id, unit.name, unit.kind, ", ".join(unit.topics)) for unit in found],
    )


def accounts(unit: UnitFilter = None, as_json: AsJson = False) -> None:
    """Print the accounts; never their settings."""
    found = [account for account in read_directory(read_settings()).accounts if unit in (None, account.unit)]
    if as_json:
        print_json([account.model_dump(mode="json", exclude={"settings"}) for account in found])
        return
    print_table(
        ("ID", say("KANAL", "CHANNEL"), "UNIT", say("NAMA", "NAME"), say("AKTIF", "ENABLED")),
        [(account.id, account.channel, account.unit, account.name, _mark(account.enabled)) for account in found],
    )
