"""Faults of starting up, in words that say what to do.

By name, so that the modules that raise them need not be loaded to know them: who has raised one has loaded it.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from corong.cli.trouble import NOT_ALLOWED, TAMPERED, UNREACHABLE, Trouble
from corong.cli.words import say


def _data_in_use(error: Any) -> Trouble:
    pid = error.pid
    return Trouble(
        say(
            f"Folder data {error.folder} sedang dipakai hub lain" + (f" (proses {pid})" if pid else ""),
            f"The data folder {error.folder} is in use by another hub" + (f" (process {pid})" if pid else ""),
        ),
        say(
            "hentikan hub itu, atau setel CORONG_DATA ke folder lain",
            "stop that hub, or set CORONG_DATA to another folder",
        ),
    )


def _other_purpose(error: Any) -> Trouble:
    return Trouble(
        say(
            f"Folder data {error.folder} bukan untuk ini: latihan dan data sungguhan tidak boleh bercampur",
            f"The data folder {error.folder} is not for this: training and real data must not mix",
        ),
        say("pilih folder lain: CORONG_DATA, atau --data", "use another folder: CORONG_DATA, or --data"),
    )


def _database(error: Any) -> Trouble:
    reason = str(error.orig).strip().splitlines()[0] if error.orig else type(error).__name__
    return Trouble(
        say(f"Basis data tidak dapat dipakai: {reason}", f"The database can't be used: {reason}"),
        say("periksa CORONG_DATABASE_URL, lalu `corong doctor`", "look at CORONG_DATABASE_URL, then `corong doctor`"),
    )


def _permission(error: Any) -> Trouble:
    return Trouble(
        say(f"Tidak berhak: {error.filename}", f"No right to: {error.filename}"),
        say("periksa pemilik dan izinnya", "look at its owner and mode"),
    )


def _told(
    indonesian: str, english: str, do_indonesian: str, do_english: str, code: int = 1
) -> Callable[[Any], Trouble]:
    """The error's own text after some words."""
    return lambda error: Trouble(
        say(f"{indonesian}: {error}", f"{english}: {error}"), say(do_indonesian, do_english), code
    )


def _not_sound(error: Any) -> Trouble:
    found = "\n  ".join(error.findings)
    if error.code == TAMPERED:
        return Trouble(
            say(
                f"Log ini bukan seperti yang ditandatangani:\n  {found}", f"This log is not what was signed:\n  {found}"
            ),
            say(
                "tidak ada yang disusun darinya; simpan salinan ini sebagai bukti, dan ambil salinan lain",
                "nothing was made of it; keep this copy as evidence, and take another",
            ),
            TAMPERED,
        )
    return Trouble(
        say(f"Log ini tidak dapat diperiksa:\n  {found}", f"This log can't be checked:\n  {found}"),
        say(
            "lengkapi salinannya dan kuncinya (`corong audit verify`); --unchecked memakainya tanpa diperiksa",
            "complete the copy and the keys (`corong audit verify`); --unchecked takes it at its word",
        ),
    )


def _in_the_second_process(error: Any) -> Trouble:
    """As if it had been raised here, as far as its words tell it."""
    explain = next((FAILURES[kind] for kind in error.kinds if kind in FAILURES), None)
    if explain is None:
        return _told("Gagal", "Failed", "lihat lognya", "look into its log")(error)
    error.orig = error.filename = error
    return explain(error)


_UNSAFE = _told(
    "Broker tidak aman untuk dipakai", "The broker is not safe to use",
    "perbaiki dulu; `corong topology check` memeriksanya", "mend it first; `corong topology check` tells",
)  # fmt: skip
_AWAY = _told(
    "Broker tidak dapat dihubungi", "The broker can't be reached",
    "periksa CORONG_NATS_URL dan CORONG_NATS_MONITOR_URL", "look at CORONG_NATS_URL and CORONG_NATS_MONITOR_URL",
    UNREACHABLE,
)  # fmt: skip
_KEY = _told(
    "Kunci instalasi tidak dapat dipakai", "The deployment's key can't be used",
    "kembalikan kunci yang benar dari cadangan; `corong doctor` memeriksanya",
    "bring the right one back from the backup; `corong doctor` tells",
)  # fmt: skip
_ACCOUNT = _told(
    "Akun kanal tidak dapat dipakai", "A channel account can't be used",
    "perbaiki accounts.toml, lalu `corong doctor`", "mend accounts.toml, then `corong doctor`",
)  # fmt: skip
_FILES = _told(
    "Konfigurasi tidak dapat dipakai", "The configuration can't be used",
    "perbaiki, lalu `corong doctor`", "mend it, then `corong doctor`",
)  # fmt: skip

FAILURES: dict[str, Callable[[Any], Trouble]] = {
    "corong.runtime.datalock.DataInUse": _data_in_use,
    "corong.runtime.datalock.OtherPurpose": _other_purpose,
    "corong.runtime.serving.PortTaken": _told(
        "Port tidak dapat dipakai", "The port can't be used",
        "setel CORONG_PORT ke port lain", "set CORONG_PORT to another one",
    ),
    "corong.runtime.entry_files.ConfigurationError": _FILES,
    "builtins.FileNotFoundError": _FILES,
    "corong.runtime.channel_registry.UnknownChannel": _ACCOUNT,
    "corong.runtime.secret_ref.SecretMissing": _ACCOUNT,
    "corong.runtime.deployment_key.BadDeploymentKey": _KEY,
    "corong.runtime.keys.WrongDeploymentKey": _KEY,
    "corong.runtime.migrate.NotMigrated": _told(
        "Basis data belum diperbarui", "A database is not of the newest version", "corong migrate", "corong migrate"
    ),
    "sqlalchemy.exc.OperationalError": _database,
    "sqlalchemy.exc.ProgrammingError": _database,
    "corong.runtime.database.AlreadyRunning": _told(
        "Sudah berjalan", "It runs already", "hentikan proses yang itu dulu", "stop that process first"
    ),
    "corong.auditing.tree.LogRefused": _told(
        "Log audit tidak boleh dilanjutkan", "The audit log may not be gone on with",
        "kembalikan basis data terbaru seperti tertulis; jangan hapus berkas kepala log",
        "bring the newest database back as told; don't remove the log's head file",
    ),
    "corong.auditing.log_key.BadLogKey": _told(
        "Kunci log audit tidak dapat dipakai", "The audit log's key can't be used",
        "kembalikan kunci yang benar dari cadangan", "bring the right one back from the backup",
    ),
    "corong.auditing.witnesses.BadWitnesses": _told(
        "Kunci saksi tidak dapat dipakai", "The witnesses' keys can't be used",
        "setel seperti tertulis; saksi sendiri yang memberi kunci publiknya",
        "set them as told; a witness gives its public key itself",
    ),
    "corong.runtime.service.OtherPartitions": _told(
        "Pengaturan tidak cocok", "The settings don't fit",
        "setel seperti tertulis; jumlahnya tetap seumur instalasi",
        "set it as told; the number stays for the life of an installation",
    ),
    "corong.runtime.natsserver.ServerFailed": _told(
        "Broker tidak mau jalan", "The broker does not start",
        "`corong doctor` memeriksa semuanya", "`corong doctor` checks everything",
    ),
    "corong.runtime.streams.UnsafeBroker": _UNSAFE,
    "corong.runtime.streams.TopologyMissing": _UNSAFE,
    "corong.runtime.broker_check.BrokerRefuses": _told(
        "Broker menolak pengguna ini", "The broker refuses this user",
        "setel CORONG_NATS_PASSWORD", "set CORONG_NATS_PASSWORD", NOT_ALLOWED,
    ),
    "corong.runtime.broker_check.BrokerAway": _AWAY,
    "corong.runtime.monitor.MonitorAway": _AWAY,
    "corong.runtime.database.BeingRestored": _told(
        "Basis data sedang dipulihkan", "A database is being restored",
        "ulangi `corong audit restore`", "run `corong audit restore` again",
    ),
    "corong.runtime.childprocess.ChildFailed": _in_the_second_process,
    "corong.runtime.childprocess.ChildGone": _told(
        "Proses kedua berhenti", "The second process ended",
        "lihat lognya; dengan CORONG_PROCESSES=1 semuanya berjalan dalam satu proses",
        "look into its log; with CORONG_PROCESSES=1 everything runs in one process",
    ),
    "corong.replay.restore.CannotRestore": _told(
        "Tidak dapat dipulihkan", "It can't be restored",
        "lihat docs/restore.md", "see docs/restore.md",
    ),
    "corong.replay.sound.NotSound": _not_sound,
    "corong.replay.logs.NotALog": _told(
        "Log tidak dapat dibaca", "The log can't be read",
        "sebut folder log, atau jalankan ini di folder instalasi", "name a log's folder, or run this where the data is",
    ),
    "builtins.PermissionError": _permission,
    "builtins.OSError": _told(
        "Gagal", "Failed", "`corong doctor` memeriksa semuanya", "`corong doctor` checks everything"
    ),
}  # fmt: skip


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turns what the hub raises at its start into `Trouble`; other errors are faults of ours and pass."""
    try:
        yield
    except Exception as error:
        for kind in type(error).__mro__:
            if explain := FAILURES.get(f"{kind.__module__}.{kind.__qualname__}"):
                raise explain(error) from None
        raise
