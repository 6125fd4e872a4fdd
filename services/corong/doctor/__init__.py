"""`corong doctor`: looks at everything an installation needs, without changing anything."""

from corong.doctor.accounts import look_at_accounts
from corong.doctor.configuration import look_at_directory, look_at_key, look_at_key_store
from corong.doctor.finding import Finding, tried
from corong.doctor.log import look_at_log
from corong.doctor.network import look_at_broker, look_at_embedded, look_at_port
from corong.doctor.overtaken import look_at_overtaken
from corong.doctor.provider import look_at_provider
from corong.doctor.storage import look_at_databases, look_at_disk, look_at_objects
from corong.process import WITHOUT_KEYS
from corong.runtime.settings import Settings
from corong_contracts.base import SERVICES

__all__ = ["Finding", "examine"]


def is_embedded(settings: Settings) -> bool:
    """Whether this is `corong up`: separate processes have a broker user with a password."""
    return not settings.nats_password.get_secret_value()


def _writes(settings: Settings, service: str | None, *, embedded: bool) -> bool:
    """Whether what is looked at writes below `CORONG_DATA`; attachments are looked at by themselves."""
    in_files = service is not None and settings.database.startswith("sqlite:")
    return embedded or in_files or service == "auditing"


async def examine(settings: Settings, service: str | None = None) -> list[Finding]:
    """Look at all, or at what one service's process needs; its own user and role are asked then."""
    embedded = is_embedded(settings) and service is None
    found, directory = look_at_directory(settings)
    about_key, key = look_at_key(settings, embedded=embedded)
    found += about_key
    if key is not None and service not in WITHOUT_KEYS:
        found += look_at_key_store(settings, key)
    names = ["keys", *SERVICES, "channels"] if service is None else [service]
    if service is not None and service not in WITHOUT_KEYS:
        names.insert(0, "keys")
    found += tried("databases", lambda: look_at_databases(settings, names))
    found += await look_at_objects(settings, key)
    found += tried("disk", lambda: look_at_disk(settings, writes=_writes(settings, service, embedded=embedded)))
    if directory is not None:
        if service in (None, "routing"):
            found += tried("files", lambda: look_at_overtaken(settings, directory))
        if embedded or service == "auditing":
            found += tried("log", lambda: look_at_log(settings, directory))
        found += await look_at_accounts(directory, demo=settings.demo)
        if service in (None, "desk"):
            found += await look_at_provider(settings, directory)
    if embedded:
        found += tried("broker", lambda: look_at_embedded(settings))
    else:
        found += await look_at_broker(settings, service)
        found += tried("port", lambda: look_at_port(settings)) if service is not None else []
    return found
