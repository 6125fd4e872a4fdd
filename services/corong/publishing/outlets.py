"""The sinks of the configured accounts, each made once."""

from corong.runtime.channel_registry import Registry
from corong_contracts.channel import AccountConfig, Capabilities, Channel, Sink


class NoSink(LookupError):
    """The account is unknown, switched off, or its channel can only listen."""


class Outlets:
    """Account → sink."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._sinks: dict[str, Sink] = {}

    def channel(self, account: str) -> tuple[Channel, AccountConfig]:
        """The channel and the configuration of an account. Raises `NoSink`."""
        found = self._registry.account(account)
        if found is None or found[0].sink is None:
            raise NoSink(account)
        return found

    def sink(self, account: str) -> Sink:
        """The account's sink. Raises `NoSink`."""
        if account not in self._sinks:
            channel, config = self.channel(account)
            assert channel.sink is not None  # `channel` made sure
            self._sinks[account] = channel.sink(config)
        return self._sinks[account]

    def capabilities(self, account: str) -> Capabilities | None:
        """What the account can do, or None where nothing can be sent there."""
        try:
            return self.sink(account).capabilities
        except NoSink:
            return None

    def by_hand(self, account: str) -> bool:
        """Whether officers bring what goes out there."""
        capabilities = self.capabilities(account)
        return capabilities is not None and capabilities.by_hand

    async def close(self) -> None:
        """Let all connections go; who asks for a sink afterwards gets a new one."""
        sinks, self._sinks = self._sinks, {}
        for sink in sinks.values():
            await sink.close()
