"""Faults of starting up, in words that say what to do."""

import contextlib
from collections.abc import Iterator

from corong.cli.trouble import NOT_ALLOWED, UNREACHABLE, Trouble
from corong.cli.words import say


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turns what the hub raises at its start into `Trouble`; other errors are faults of ours and pass."""
    from sqlalchemy.exc import OperationalError, ProgrammingError

    from corong.runtime.broker_check import BrokerAway, BrokerRefuses
    from corong.runtime.channel_registry import UnknownChannel
    from corong.runtime.database import AlreadyRunning
    from corong.runtime.datalock import DataInUse, OtherPurpose
    from corong.runtime.deployment_key import BadDeploymentKey
    from corong.runtime.entry_files import ConfigurationError
    from corong.runtime.keys import WrongDeploymentKey
    from corong.runtime.migrate import NotMigrated
    from corong.runtime.monitor import MonitorAway
    from corong.runtime.natsserver import ServerFailed
    from corong.runtime.secret_ref import SecretMissing
    from corong.runtime.serving import PortTaken
    from corong.runtime.streams import TopologyMissing, UnsafeBroker

    try:
        yield
    except DataInUse as error:
        who = f" (proses {error.pid})" if error.pid else ""
        raise Trouble(
            say(f"Folder data {error.folder} sedang dipakai hub lain{who}",
                f"The data folder {error.folder} is in use by another hub{who.replace('proses', 'process')}"),
            say("hentikan hub itu, atau setel CORONG_DATA ke folder lain",
                "stop that hub, or set CORONG_DATA to another folder"),
        ) from None  # fmt: skip
    except OtherPurpose as error:
        raise Trouble(
            say(f"Folder data {error.folder} bukan untuk ini: latihan dan data sungguhan tidak boleh bercampur",
                f"The data folder {error.folder} is not for this: training and real data must not mix"),
            say("setel CORONG_DATA ke folder lain", "set CORONG_DATA to another folder"),
        ) from None  # fmt: skip
    except PortTaken as error:
        raise Trouble(
            say(f"Port tidak dapat dipakai: {error}", str(error)),
            say("setel CORONG_PORT ke port lain", "set CORONG_PORT to another port"),
        ) from None
    except (ConfigurationError, FileNotFoundError) as error:
        raise Trouble(
            say(f"Konfigurasi tidak dapat dipakai:\n{error}", f"The configuration can't be used:\n{error}"),
            say("perbaiki, lalu `corong doctor`", "mend it, then `corong doctor`"),
        ) from None
    except (UnknownChannel, SecretMissing) as error:
        raise Trouble(
            say(f"Akun kanal tidak dapat dipakai: {error}", f"A channel account can't be used: {error}"),
            say("perbaiki accounts.toml, lalu `corong doctor`", "mend accounts.toml, then `corong doctor`"),
        ) from None
    except (BadDeploymentKey, WrongDeploymentKey) as error:
        raise Trouble(say(f"Kunci instalasi tidak dapat dipakai: {error}", str(error))) from None
    except NotMigrated as error:
        raise Trouble(
            say(f"Basis data belum diperbarui: {error}", str(error)), say("corong migrate", "corong migrate")
        ) from None
    except (OperationalError, ProgrammingError) as error:
        reason = str(error.orig).strip().splitlines()[0] if error.orig else type(error).__name__
        raise Trouble(
            say(f"Basis data tidak dapat dipakai: {reason}", f"The database can't be used: {reason}"),
            say(
                "periksa CORONG_DATABASE_URL, lalu `corong doctor`", "look at CORONG_DATABASE_URL, then `corong doctor`"
            ),
        ) from None
    except AlreadyRunning as error:
        raise Trouble(say(f"Sudah berjalan di tempat lain: {error}", str(error))) from None
    except ServerFailed as error:
        raise Trouble(say(f"Broker tidak mau jalan: {error}", f"The broker does not start: {error}"),
                      say("`corong doctor` memeriksa semuanya", "`corong doctor` checks everything"),
        ) from None  # fmt: skip
    except (UnsafeBroker, TopologyMissing) as error:
        raise Trouble(
            say(f"Broker tidak aman untuk dipakai: {error}", f"The broker is not safe to use: {error}"),
            say("perbaiki dulu; `corong topology check` memeriksanya", "mend it first; `corong topology check` tells"),
        ) from None
    except BrokerRefuses as error:
        raise Trouble(
            say(f"Broker menolak pengguna ini: {error}", f"The broker refuses this user: {error}"),
            say("setel CORONG_NATS_PASSWORD", "set CORONG_NATS_PASSWORD"), NOT_ALLOWED,
        ) from None  # fmt: skip
    except (BrokerAway, MonitorAway) as error:
        raise Trouble(
            say(f"Broker tidak dapat dihubungi: {error}", f"The broker can't be reached: {error}"),
            say("periksa CORONG_NATS_URL dan CORONG_NATS_MONITOR_URL",
                "look at CORONG_NATS_URL and CORONG_NATS_MONITOR_URL"), UNREACHABLE,
        ) from None  # fmt: skip
    except PermissionError as error:
        raise Trouble(
            say(f"Tidak berhak menulis: {error.filename}", f"No right to write: {error.filename}"),
            say("periksa pemilik dan izin folder itu", "look at the owner and the mode of that folder"),
        ) from None
    except OSError as error:
        raise Trouble(say(f"Gagal: {error}", f"Failed: {error}")) from None
