"""Which officers and units there are now, as the databases of this machine say: over the files, the log's events."""

from typing import TYPE_CHECKING

from corong.cli.installation import read_directory, reading

if TYPE_CHECKING:
    from corong.runtime.directory import Directory
    from corong.runtime.roster import OfficerEdition
    from corong.runtime.rows import Row
    from corong.runtime.settings import Settings

KEEPERS = ("desk", "routing")
"""Services whose tables have them; on PostgreSQL a role may read one of them alone."""


def directory_now(settings: "Settings", *, named: bool = False) -> "Directory":
    """The directory; `named`: with the names that the log has, where the keys are within reach.

    Where no database is, or none may be read, the files alone count. Raises `Trouble`.
    """
    directory = read_directory(settings)
    rows, units = _rows(settings)
    if units:
        from corong.runtime.unit_rows import edition_of

        directory.chart.take(map(edition_of, units))
    if rows:
        from corong.runtime.officer_rows import unnamed

        editions = _named(settings, rows) if named else [unnamed(row) for row in rows]
        directory.roster.take(editions)
    return directory


def _rows(settings: "Settings") -> "tuple[list[Row], list[Row]]":
    from sqlalchemy import MetaData
    from sqlalchemy.exc import SQLAlchemyError

    from corong.runtime.edition_rows import newest_of
    from corong.runtime.officer_rows import officer_table
    from corong.runtime.unit_rows import unit_table

    table, units = officer_table(MetaData()), unit_table(MetaData())
    for service in KEEPERS:
        try:
            with reading(settings, service) as database, database.read() as connection:
                return newest_of(connection, table), newest_of(connection, units)
        except (SQLAlchemyError, FileNotFoundError):
            continue
    return [], []


def _named(settings: "Settings", rows: "list[Row]") -> "list[OfficerEdition]":
    from sqlalchemy.exc import SQLAlchemyError

    from corong.runtime.clock import utc_now
    from corong.runtime.deployment_key import BadDeploymentKey, DeploymentKey
    from corong.runtime.keys import Keys, StaleKeyStore, WrongDeploymentKey
    from corong.runtime.officer_rows import unnamed
    from corong.runtime.officers_kept import editions_of
    from corong.runtime.sealing import Sealer

    try:
        key = DeploymentKey.load(settings.data / "secrets" / "deployment.key")
        with reading(settings, "keys") as database:
            sealer = Sealer(Keys(database, key, utc_now))
            return editions_of(sealer, rows)
    except (BadDeploymentKey, StaleKeyStore, WrongDeploymentKey, SQLAlchemyError, OSError):
        return [unnamed(row) for row in rows]
