"""What all services of a process share: settings, directory, keys, object store, clock."""

from dataclasses import dataclass
from pathlib import Path

import corong
from corong.runtime.clock import Clock, utc_now
from corong.runtime.database import Database
from corong.runtime.deployment_key import DeploymentKey
from corong.runtime.directory import Directory
from corong.runtime.keys import Keys
from corong.runtime.objects import Objects
from corong.runtime.sealing import Sealer
from corong.runtime.settings import Settings


@dataclass
class Installation:
    """One installation as this process sees it."""

    settings: Settings
    directory: Directory
    key: DeploymentKey
    keys: Keys
    sealer: Sealer
    objects: Objects
    clock: Clock
    config_folder: Path
    key_database: Database

    @classmethod
    def open(cls, settings: Settings, *, clock: Clock = utc_now, create: bool = False) -> "Installation":
        """Open an installation. `create` makes a deployment key where there is none (`corong up` only).

        Raises `DirectoryError` and `BadDeploymentKey` with what to do.
        """
        folder = settings.config or example_folder()
        directory = Directory.load(folder)
        key = DeploymentKey.load(settings.data / "secrets" / "deployment.key", create=create)
        key_database = Database(settings.database, "keys")
        keys = Keys(key_database, key, clock)
        sealer = Sealer(keys)
        objects = Objects(settings.objects or str((settings.data / "objects").absolute()), sealer, key)
        keys.least = objects.erasures
        return cls(settings, directory, key, keys, sealer, objects, clock, folder, key_database)

    @property
    def public_url(self) -> str:
        """Where citizens reach the pages, without a final slash."""
        settings = self.settings
        return settings.public_url or self.directory.hub.public_url or f"http://{settings.host}:{settings.port}"


def example_folder() -> Path:
    """The example regency: beside the source tree, or inside the installed package."""
    package = Path(corong.__file__).parent
    for folder in (package / "examples" / "asahan", package.parents[1] / "examples" / "asahan"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError("no configuration: set CORONG_CONFIG to a folder with hub.toml, units.toml and the others")
