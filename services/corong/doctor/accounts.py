"""Each account in use: its kind is installed, its secrets are there, its settings can work."""

from corong.doctor.finding import Finding, fault, note, ok, trouble
from corong.runtime.channel_registry import configured, installed
from corong.runtime.directory import Account, Directory
from corong.runtime.secret_ref import SecretMissing
from corong_contracts.channel import AccountConfig, Channel, SendError


async def look_at_accounts(directory: Directory, *, demo: bool) -> list[Finding]:
    """Nothing is sent and no network is called: only what can be seen from here."""
    if demo:
        return [
            note("accounts", "latihan: tidak ada akun yang mencapai jejaring", "training: no account reaches a network")
        ]
    try:
        kinds = installed()
    except Exception as error:  # a third party's package may fail in any way
        return [fault("channels", error)]
    return [await _account(account, kinds, directory) for account in directory.enabled_accounts()]


async def _account(account: Account, kinds: dict[str, Channel], directory: Directory) -> Finding:
    check = f"account {account.id}"
    channel = kinds.get(account.channel)
    if channel is None:
        known = ", ".join(sorted(kinds))
        return trouble(
            check,
            (f"kanal {account.channel!r} tidak terpasang (ada: {known})",
             f"channel {account.channel!r} is not installed (known: {known})"),
            ("pasang paketnya, atau enabled = false", "install its package, or set enabled = false"),
        )  # fmt: skip
    try:
        config = configured(account, directory.hub.mail_domain)
        await _make(channel, config)
    except SecretMissing as error:
        return trouble(check, (f"rahasia tidak ada: {error}", str(error)), ("isi rahasia itu", "put the secret there"))
    except SendError as error:
        return trouble(
            check,
            (f"pengaturan tidak dapat dipakai: {error.code}", f"its settings can't work: {error.code}"),
            ("perbaiki bagian itu di accounts.toml", "mend that part of accounts.toml"),
        )
    except Exception as error:  # a third party's channel may fail in any way
        return fault(check, error)
    return ok(check, f"{account.channel}: {account.name}", f"{account.channel}: {account.name}")


async def _make(channel: Channel, config: AccountConfig) -> None:
    if channel.source is not None:
        channel.source(config)
    if channel.sink is not None:
        await channel.sink(config).close()
