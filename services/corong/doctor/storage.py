"""Databases, the object store, room on the disk."""

import contextlib
import shutil
from collections.abc import Sequence
from pathlib import Path

from obstore.exceptions import BaseError as ObjectStoreError
from sqlalchemy import func, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from corong.doctor.finding import Finding, note, ok, trouble
from corong.runtime import tables
from corong.runtime.clock import utc_now
from corong.runtime.database import Database
from corong.runtime.deployment_key import DeploymentKey
from corong.runtime.keys import Keys
from corong.runtime.migrate import missing_version
from corong.runtime.objects import Objects
from corong.runtime.sealing import Sealer
from corong.runtime.settings import Settings

GIB = 1024**3
LEAST_ROOM = 1 * GIB
"""Bytes: below it a hub soon can't take messages."""


def look_at_databases(settings: Settings, names: Sequence[str]) -> list[Finding]:
    """Whether each can be reached and is of the newest version."""
    return [_database(settings, name) for name in names]


def _database(settings: Settings, name: str) -> Finding:
    check = f"database {name}"
    try:
        database = Database(settings.database, name)
    except (SQLAlchemyError, ValueError):
        return trouble(
            check,
            ("CORONG_DATABASE_URL tidak sah", "CORONG_DATABASE_URL is not valid"),
            ("tulis seperti postgresql+psycopg://peran:sandi@host/basis",
             "write it as postgresql+psycopg://role:password@host/database"),
        )  # fmt: skip
    try:
        missing = missing_version(database)
        if missing is None:
            return _partitions(settings, database, check)
        if database.is_sqlite and missing == "not made yet":
            return note(check, "belum ada; dibuat saat pertama jalan", "not there yet; made at the first start")
        told = (f"bukan versi terbaru ({missing})", f"not of the newest version ({missing})")
        return trouble(check, told, (f"corong migrate {name}", f"corong migrate {name}"))
    except (SQLAlchemyError, OSError) as error:
        reason = type(getattr(error, "orig", None) or error).__name__
        where = make_url(settings.database).render_as_string(hide_password=True)
        return trouble(
            check,
            (f"{where} tidak dapat dibaca ({reason})", f"{where} can't be read ({reason})"),
            ("periksa bahwa basis data berjalan, alamat dan hak perannya",
             "see that the database runs, and look at its address and the role's rights"),
        )  # fmt: skip
    finally:
        database.close()


def _partitions(settings: Settings, database: Database, check: str) -> Finding:
    if database.service not in ("keys", "channels"):
        with database.read() as connection:
            made = connection.execute(select(func.count()).select_from(tables.writer)).scalar_one()
        if made not in (0, settings.partitions):
            return trouble(
                check,
                (f"dibuat dengan {made} partisi, bukan {settings.partitions}",
                 f"made with {made} partitions, not {settings.partitions}"),
                (f"setel CORONG_PARTITIONS={made}", f"set CORONG_PARTITIONS={made}"),
            )  # fmt: skip
    return ok(check, "terbaru", "newest")


async def look_at_objects(settings: Settings, key: DeploymentKey | None) -> list[Finding]:
    """Whether attachments can be written, read and removed."""
    where = settings.objects or str((settings.data / "objects").absolute())
    if key is None and not _there(where):
        return [note("objects", "belum ada; dibuat saat pertama jalan", "not there yet; made at the first start")]
    key_database = Database(f"sqlite:///{settings.data.absolute()}", "keys")  # never opened: no person's file is read
    try:
        wrapping = key if key is not None else DeploymentKey(bytes(32))
        sealer = Sealer(Keys(key_database, wrapping, utc_now))
        store = Objects(where, sealer, wrapping)
        name = await store.stage(b"corong doctor")
        same = await store.staged(name) == b"corong doctor"
        await store.unstage(name)
    except (ObjectStoreError, OSError, LookupError, ValueError) as error:
        reason = type(error).__name__
        return [
            trouble(
                "objects",
                (f"{where} tidak dapat ditulis ({reason})", f"{where} can't be written ({reason})"),
                ("periksa CORONG_OBJECTS, izin foldernya, atau kunci S3-nya",
                 "look at CORONG_OBJECTS, the folder's mode or the S3 credentials"),
            )
        ]  # fmt: skip
    finally:
        key_database.close()
    if not same:
        told = (f"{where} tidak memberi yang disimpan", f"{where} does not give back what was stored")
        return [trouble("objects", told, ("ganti penyimpanan itu", "use another store"))]
    return [ok("objects", where, where)]


def _there(where: str) -> bool:
    return "://" in where or Path(where).exists()


def look_at_disk(settings: Settings, *, writes: bool) -> list[Finding]:
    """Room where the data is; and, where the process `writes` there, whether it can."""
    folder = settings.data.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    told = (f"{free / GIB:.1f} GiB tersisa ({folder})", f"{free / GIB:.1f} GiB left ({folder})")
    if free < LEAST_ROOM:
        return [trouble("disk", told, ("kosongkan ruang sebelum hub berhenti menerima",
                                       "make room before the hub stops taking messages"))]  # fmt: skip
    found = [ok("disk", *told)]
    if writes and settings.data.exists() and not _writable(settings.data):
        told = (f"{settings.data} tidak dapat ditulis", f"{settings.data} can't be written")
        found.append(trouble("data", told, ("periksa pemilik dan izinnya", "look at its owner and mode")))
    return found


def _writable(folder: Path) -> bool:
    probe = folder / ".doctor"
    try:
        probe.touch()
    except OSError:
        return False
    with contextlib.suppress(OSError):
        probe.unlink()
    return True
