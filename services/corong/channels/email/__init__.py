"""E-mail: a source by IMAP, a sink by SMTP, and what a mail says in between."""

from corong.channels.email.ids import carried
from corong.channels.email.settings import settings_of
from corong.channels.email.sink import EmailSink
from corong.channels.email.source import EmailSource
from corong_contracts.channel import Channel

channel = Channel(
    kind="email",
    source=lambda account: EmailSource(account, settings_of(account)),
    sink=lambda account: EmailSink(account, settings_of(account)),
    carried=carried,
)
"""The delivery's id is carried in the Message-ID."""

__all__ = ["channel"]
