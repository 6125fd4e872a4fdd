"""The installation on this machine, as the commands without a hub see it: settings, directory, key."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from corong.cli.trouble import Trouble
from corong.cli.words import say

if TYPE_CHECKING:
    from corong.runtime.database import Database
    from corong.runtime.deployment_key import DeploymentKey
    from corong.runtime.directory import Directory
    from corong.runtime.settings import Settings


def read_settings() -> "Settings":
    """From the environment. Raises `Trouble` naming every variable that is wrong."""
    from pydantic import ValidationError

    from corong.runtime.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        named = ((str(item["loc"][0]).upper() if item["loc"] else "…", item["msg"]) for item in found)
        told = "; ".join(f"CORONG_{name}: {message}" for name, message in named)
        raise Trouble(
            say(f"Pengaturan tidak sah: {told}", f"Settings are not valid: {told}"),
            say("perbaiki variabel itu, lalu ulangi", "mend these variables, then try again"),
        ) from None


def read_directory(settings: "Settings") -> "Directory":
    """The directory's files. Raises `Trouble` with everything wrong in them."""
    from corong.runtime.directory import Directory, DirectoryError
    from corong.runtime.installation import example_folder

    try:
        return Directory.load(settings.config or example_folder())
    except (DirectoryError, FileNotFoundError) as error:
        raise Trouble(
            say(f"Konfigurasi tidak dapat dipakai:\n{error}", f"The configuration can't be used:\n{error}"),
            say(
                "perbaiki berkas itu; `corong doctor` memeriksa semuanya", "mend the files; `corong doctor` checks all"
            ),
        ) from None


def read_key(settings: "Settings") -> "DeploymentKey":
    """The deployment's key. Raises `Trouble`."""
    from corong.runtime.deployment_key import BadDeploymentKey, DeploymentKey

    path = settings.data / "secrets" / "deployment.key"
    try:
        return DeploymentKey.load(path)
    except (BadDeploymentKey, OSError) as error:
        raise Trouble(
            say(f"Kunci instalasi tidak dapat dibaca: {error}", f"The deployment's key can't be read: {error}"),
            say(
                "`corong up` membuatnya pada pertama kali; jalankan ini di folder yang sama, atau setel CORONG_DATA",
                "`corong up` makes it the first time; run this in the same folder, or set CORONG_DATA",
            ),
        ) from None


@contextmanager
def reading(settings: "Settings", service: str) -> "Iterator[Database]":
    """A service's database, where there is one. Raises `FileNotFoundError`, and what SQLAlchemy raises."""
    from corong.runtime.database import Database

    database = Database(settings.database, service)
    try:
        if database.is_sqlite and not Path(str(database.url.database)).is_file():
            raise FileNotFoundError(str(database.url.database))
        yield database
    finally:
        database.close()
