"""The directory's files, the rule file, the deployment's key."""

import os
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from corong.doctor.finding import Finding, mode_of, note, ok, trouble
from corong.portal.information import InformationLists
from corong.routing.calendar_versions import Calendars
from corong.routing.clock_rules import ClockRules
from corong.routing.rulebook import Rulebook
from corong.runtime.clock import utc_now
from corong.runtime.database import Database
from corong.runtime.deployment_key import BadDeploymentKey, DeploymentKey
from corong.runtime.directory import Directory
from corong.runtime.entry_files import ConfigurationError
from corong.runtime.installation import example_folder
from corong.runtime.keys import Keys, WrongDeploymentKey
from corong.runtime.migrate import missing_version
from corong.runtime.settings import Settings


def look_at_directory(settings: Settings) -> tuple[list[Finding], Directory | None]:
    """Every problem of the four files and of the rules; the directory, where it can be used."""
    try:
        folder = settings.config or example_folder()
    except FileNotFoundError as error:
        return [_missing(str(error))], None
    try:
        directory = Directory.load(folder)
    except ConfigurationError as error:
        return _problems("directory", error), None
    found = [
        ok(
            "directory",
            f"{directory.hub.name}: {len(directory.units)} unit, {len(directory.officers)} petugas, "
            f"{len(directory.enabled_accounts())} akun aktif ({folder})",
            f"{directory.hub.name}: {len(directory.units)} units, {len(directory.officers)} officers, "
            f"{len(directory.enabled_accounts())} enabled accounts ({folder})",
        )
    ]
    if settings.config is None:
        found.append(
            note(
                "directory",
                "memakai kabupaten contoh; untuk instalasi sendiri setel CORONG_CONFIG",
                "the example regency is used; for an installation of your own set CORONG_CONFIG",
            )
        )
    try:
        Rulebook.load(folder / "rules.toml", directory)
        found.append(ok("rules", "rules.toml terbaca", "rules.toml is read"))
    except ConfigurationError as error:
        found += _problems("rules", error)
    return found + _look_at_law(folder) + _look_at_information(folder, directory), directory


def _look_at_law(folder: Path) -> list[Finding]:
    found = []
    try:
        calendars = Calendars.load(folder)
        until = max(calendars.latest.decreed)
        found.append(
            ok(
                "calendar",
                f"{len(calendars.versions)} versi; hari libur ditetapkan sampai {until}",
                f"{len(calendars.versions)} versions; days off decreed until {until}",
            )
        )
    except ConfigurationError as error:
        found += _problems("calendar", error)
    try:
        rules = ClockRules.load(folder)
        found.append(ok("clocks", f"{len(rules)} tenggat", f"{len(rules)} clocks"))
    except ConfigurationError as error:
        found += _problems("clocks", error)
    return found


def _look_at_information(folder: Path, directory: Directory) -> list[Finding]:
    try:
        lists = InformationLists.load(folder, directory)
    except ConfigurationError as error:
        return _problems("information", error)
    counts = len(lists.information), len(lists.exempt)
    if not any(counts):
        return [
            note(
                "information",
                "daftar informasi publik kosong: tulis information.toml, seperti pada examples/asahan",
                "the public information list is empty: write information.toml, as in examples/asahan",
            )
        ]
    return [
        ok(
            "information",
            f"{counts[0]} informasi publik, {counts[1]} dikecualikan",
            f"{counts[0]} entries of public information, {counts[1]} exempt",
        )
    ]


def _missing(text: str) -> Finding:
    return trouble(
        "directory",
        (f"konfigurasi tidak ada: {text}", text),
        ("salin examples/asahan, ubah, lalu setel CORONG_CONFIG", "copy examples/asahan, change it, set CORONG_CONFIG"),
    )


def _problems(check: str, error: ConfigurationError) -> list[Finding]:
    found = []
    for problem in error.problems:
        text = f"{problem.file}: {problem.entry}: {problem.what}"
        found.append(trouble(check, (text, text), (problem.remedy, problem.remedy)))
    return found


def look_at_key(settings: Settings, *, embedded: bool) -> tuple[list[Finding], DeploymentKey | None]:
    """Whether the deployment's key is there, and nobody else may read it."""
    path = settings.data / "secrets" / "deployment.key"
    try:
        key = DeploymentKey.load(path)
    except BadDeploymentKey as error:
        if embedded and not path.exists():
            told = ("belum ada; `corong up` membuatnya", "not there yet; `corong up` makes it")
            return [note("key", *told)], None
        return [
            trouble(
                "key",
                (f"tidak dapat dipakai: {error}", str(error)),
                ("setel CORONG_KEY, atau kembalikan berkas kunci dari cadangan",
                 "set CORONG_KEY, or bring the key file back from the backup"),
            )
        ], None  # fmt: skip
    except OSError as error:
        text = f"{path}: {error.strerror}"
        return [trouble("key", (text, text), ("periksa pemilik dan izinnya", "look at its owner and mode"))], None
    if os.environ.get("CORONG_KEY"):
        return [ok("key", "dari CORONG_KEY", "from CORONG_KEY")], key
    return mode_of("key", path) or [ok("key", str(path), str(path))], key


def look_at_key_store(settings: Settings, key: DeploymentKey) -> list[Finding]:
    """Whether the keys of persons were wrapped under this deployment's key; only where there are some."""
    try:
        database = Database(settings.database, "keys")
    except (SQLAlchemyError, ValueError):  # told where the databases are looked at
        return []
    try:
        if missing_version(database) is None:
            Keys(database, key, utc_now).check()
    except WrongDeploymentKey as error:
        told = ("bukan kunci yang dipakai simpanan kunci", str(error))
        remedy = ("kembalikan kunci yang benar dari cadangan", "bring the right one back from the backup")
        return [trouble("key", told, remedy)]
    except (SQLAlchemyError, OSError):  # told there too
        return []
    finally:
        database.close()
    return []
