"""The kinds of channels that are installed, and the accounts of this installation on them.

A kind is an entry point of the group `corong.channels`: ours and third parties' alike.
"""

from importlib.metadata import entry_points

from corong.runtime.directory import Account
from corong.runtime.installation import Installation
from corong.runtime.secret_ref import SecretRef
from corong.runtime.training import for_training
from corong_contracts.channel import ENTRY_POINT_GROUP, AccountConfig, Channel


class UnknownChannel(LookupError):
    """An account names a kind of channel that no installed package offers."""


class Registry:
    """Kinds and accounts. A demo hub has every account, and none of them reaches a network."""

    def __init__(self, installation: Installation, kinds: dict[str, Channel] | None = None) -> None:
        """`kinds` takes the place of the installed entry points, for tests. Raises `UnknownChannel`."""
        self._installation = installation
        self._kinds = kinds if kinds is not None else installed()
        self._accounts: dict[str, tuple[Channel, AccountConfig]] = {}
        if installation.settings.demo:
            self._train()
            return
        domain = installation.directory.hub.mail_domain
        for account in installation.directory.enabled_accounts():
            if account.channel not in self._kinds:
                known = ", ".join(sorted(self._kinds)) or "none"
                raise UnknownChannel(
                    f"account {account.id!r} is of channel {account.channel!r}, which is not installed (known: {known})"
                )
            self._accounts[account.id] = (self._kinds[account.channel], configured(account, domain))

    def account(self, identity: str) -> tuple[Channel, AccountConfig] | None:
        """The channel and the configuration of an enabled account, or None."""
        return self._accounts.get(identity)

    def accounts(self) -> list[tuple[Channel, AccountConfig]]:
        """All of them."""
        return list(self._accounts.values())

    def _train(self) -> None:
        """Settings and secrets are not even read."""
        for account in self._installation.directory.accounts:
            config = AccountConfig(id=account.id, channel=account.channel, demo=True)
            channel = for_training(account.channel, self._kinds.get(account.channel))
            self._accounts[account.id] = (channel, config)


def configured(account: Account, domain: str) -> AccountConfig:
    """An account as its channel takes it; `domain` is the installation's. Raises `SecretMissing`."""
    return AccountConfig(
        id=account.id,
        channel=account.channel,
        settings={name: _revealed(value) for name, value in account.settings.items()},
        domain=domain,
    )


def installed() -> dict[str, Channel]:
    """Kind → channel, of the installed packages."""
    found = {}
    for point in entry_points(group=ENTRY_POINT_GROUP):
        channel: Channel = point.load()
        found[channel.kind] = channel
    return found


def _revealed(value: object) -> object:
    if isinstance(value, SecretRef):
        return value.reveal()
    if isinstance(value, dict):
        return {name: _revealed(item) for name, item in value.items()}
    return value
