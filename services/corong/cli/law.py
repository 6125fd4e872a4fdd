"""The calendar's versions and the law's clocks of the installation on this machine, as the commands read them."""

from contextlib import contextmanager
from typing import TYPE_CHECKING

from corong.cli.installation import read_directory, read_settings, reading
from corong.cli.trouble import USAGE, Trouble
from corong.cli.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from corong.routing.calendar_versions import Calendars
    from corong.routing.clock_rules import ClockRules
    from corong.routing.decrees import Decree
    from corong.routing.kept_targets import Targets
    from corong.working_days.calendars import Calendar
    from corong.working_days.zones import Zone


def configuration() -> "Path":
    """The folder of the installation's files."""
    from corong.runtime.installation import example_folder

    return read_settings().config or example_folder()


def read_calendars(local: "Path | None" = None) -> "Calendars":
    """All versions, with what officers entered; `local` stands in the place of the installation's own decrees.

    Raises `Trouble`.
    """
    from corong.routing.decrees import LOCAL, local_decrees

    place = local or configuration()
    file = place / LOCAL if place.is_dir() else place
    with told():
        return calendars_with(local_decrees(file), file)


def calendars_with(own: "Sequence[Decree]", file: "Path") -> "Calendars":
    """The versions with these decrees of the installation's `file`, and those of the log. Raises `DecreeError`."""
    from corong.routing.calendar_versions import Calendars

    decrees = {decree.number: decree for decree in own} | {decree.number: decree for decree in entered_in_log()}
    return Calendars.with_own(list(decrees.values()), file)


def entered_in_log() -> "list[Decree]":
    """The decrees that officers entered, where the hub's database is within reach from here."""
    from sqlalchemy.exc import SQLAlchemyError

    from corong.routing.entered_decrees import entered

    try:
        with reading(read_settings(), "routing") as database, database.read() as connection:
            return [one.decree for one in entered(connection)]
    except (SQLAlchemyError, FileNotFoundError):
        return []


def read_rules() -> "ClockRules":
    """The clocks with the installation's targets. Raises `Trouble`."""
    from corong.routing.clock_rules import ClockRules

    with told():
        return ClockRules.load(configuration()).with_targets(_targets_in_log())


def _targets_in_log() -> "Targets":
    """Those that officers set, where the hub's database is within reach from here."""
    from sqlalchemy.exc import SQLAlchemyError

    from corong.routing.kept_targets import targets_of

    try:
        with reading(read_settings(), "routing") as database, database.read() as connection:
            return targets_of(connection)
    except (SQLAlchemyError, FileNotFoundError):
        return {}


def named(calendars: "Calendars", reference: str) -> "Calendar":
    """A version by number, digest or date. Raises `Trouble`."""
    from corong.routing.calendar_versions import NoSuchVersion

    try:
        return calendars.named(reference)
    except NoSuchVersion:
        raise Trouble(
            say(f"Tidak ada versi kalender {reference!r}", f"No version of the calendar is {reference!r}"),
            say(
                "beri nomor, awal sidik (6 huruf atau lebih), atau tanggal: lihat `corong calendar list`",
                "give a number, the beginning of a digest (6 letters or more) or a date: see `corong calendar list`",
            ),
            USAGE,
        ) from None


def zone_of(name: str | None) -> "Zone":
    """The zone that is named, else the installation's. Raises `Trouble`."""
    from corong.working_days.zones import zone_named

    try:
        return zone_named(name or read_directory(read_settings()).hub.time_zone)
    except ValueError:
        raise Trouble(
            say(f"{name!r} bukan zona waktu Indonesia", f"{name!r} is no time zone of Indonesia"),
            say("tulis --zone WIB, WITA, atau WIT", "write --zone WIB, WITA or WIT"),
            USAGE,
        ) from None


@contextmanager
def told() -> "Iterator[None]":
    """Turns what is wrong in the files into `Trouble`, each problem with what to do."""
    from corong.runtime.entry_files import ConfigurationError

    try:
        yield
    except ConfigurationError as error:
        raise Trouble(
            say(f"Kalender atau tenggat tidak dapat dipakai:\n{error}", f"Calendar or clocks can't be used:\n{error}"),
            say("perbaiki berkas itu, lalu ulangi", "mend the file, then try again"),
        ) from None
