"""`corong keys rotate`: another deployment key."""

import secrets
from typing import Annotated

import typer

from corong.cli.declare import AsJson, command, group
from corong.cli.failures import explained
from corong.cli.installation import read_key, read_settings
from corong.cli.output import print_fields, print_json
from corong.cli.trouble import FAILED, Trouble
from corong.cli.words import say

app = group("keys", "Kunci instalasi.", "The deployment's key.")


@command(
    app, "new", "Mencetak nilai CORONG_KEY berikutnya; kunci sekarang ada di dalamnya sebagai kunci lama.",
    "Print the next value of CORONG_KEY; the present key is in it as an older one.",
    "corong keys new > kunci-baru.txt",
)  # fmt: skip
def new() -> None:
    """Print it; nothing is changed."""
    key = read_key(read_settings())
    print(",".join(key.successor(secrets.token_bytes(32)).text().split("\n")[:-1]))


@command(
    app, "rotate", "Mengganti kunci instalasi dan membungkus ulang semua kunci; layanan boleh tetap berjalan.",
    "Change the deployment's key and wrap every key anew; the services may go on.",
    "corong keys rotate --keep-old",
)  # fmt: skip
def rotate(
    keep_old: Annotated[
        bool,
        typer.Option(
            "--keep-old",
            help=say(
                "Biarkan kunci lama di berkas, mis. sampai semua token diganti.",
                "Leave the old key in the file, for instance until all tokens are new.",
            ),
        ),
    ] = False,
    settle: Annotated[
        float,
        typer.Option("--settle", min=0, help=say("Detik bagi proses lain.", "Seconds for the other processes.")),
    ] = 3.0,
    as_json: AsJson = False,
) -> None:
    """Do it; one that was interrupted is taken up again."""
    from corong.runtime.clock import utc_now
    from corong.runtime.database import Database
    from corong.runtime.deployment_key import DeploymentKey, Secrets, write_key
    from corong.runtime.key_rotation import Rotation, StillOld
    from corong.runtime.wrapping import Wrapping, mark_of

    settings = read_settings()
    key = read_key(settings)
    if key.path is not None:
        if not key.secrets.older:
            write_key(key.path, key.successor(secrets.token_bytes(32)))
            key.reload()
    elif not key.secrets.older:
        raise Trouble(
            say("Kunci berasal dari CORONG_KEY", "The key comes from CORONG_KEY"),
            say(
                "`corong keys new` mencetak nilai berikutnya: beri semua proses nilai itu, lalu ulangi",
                "`corong keys new` prints the next value: give it to every process, then run this again",
            ),
        )
    old = mark_of(DeploymentKey(key.secrets.older[0]).wrapping)
    with explained():
        database = Database(settings.database, "keys")
        try:
            done = Rotation(database, Wrapping.of(key), old, utc_now).run(settle)
        except StillOld:
            raise Trouble(
                say("Ada proses yang masih memakai kunci lama", "A process still works under the old key"),
                say(
                    "mulai ulang proses itu dengan kunci baru, lalu ulangi",
                    "restart it with the new key, then again",
                ),
                FAILED,
            ) from None
        finally:
            database.close()
    if key.path is not None and not keep_old:
        write_key(key.path, Secrets(key.secrets.current, (), key.secrets.pseudonyms))
    told = {"old": old, "new": mark_of(key.wrapping), "keys": done, "old_key_kept": keep_old or key.path is None}
    if as_json:
        print_json(told)
    else:
        print_fields(
            [
                (say("Lama", "Old"), told["old"]),
                (say("Baru", "New"), told["new"]),
                (say("Kunci", "Keys"), done),
            ]
        )
