"""Which counters, telephones and letter boxes an officer keeps."""

from corong.runtime.directory import Account, Directory
from corong.runtime.policy import Action, Actor, Scope, allowed

CHANNELS = ("counter", "phone", "letter")


def kept_by(actor: Actor, directory: Directory) -> list[Account]:
    """The accounts for which the officer may enter messages; none in a unit that has no counter."""
    return [
        account
        for channel in CHANNELS
        for account in directory.enabled_accounts(channel)
        if allowed(actor, Action.MESSAGE_ENTER, Scope(account.unit))
    ]
