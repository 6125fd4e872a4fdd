"""The topology as data: streams, who writes, who reads, who may ask whom. Permissions and consumers come from here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from corong_contracts.base import SERVICES
from corong_contracts.catalogue import CATALOGUE
from corong_contracts.command import COMMANDS, HashState

DAY = 86_400.0


@dataclass(frozen=True)
class Stream:
    """A JetStream stream. Times in seconds, sizes in bytes."""

    name: str
    subjects: tuple[str, ...]
    retention: Literal["limits", "workqueue"]
    max_age: float
    max_msg_size: int
    duplicate_window: float
    allow_atomic: bool
    discard: Literal["new"] = "new"
    """`old` would drop acknowledged messages in silence when a limit is met."""


EVENTS = Stream(
    name="EVENTS",
    subjects=("corong.event.>",),
    retention="limits",
    # The log keeps everything; the stream is only the way there, and writers send again what a reader lacks.
    max_age=14 * DAY,
    max_msg_size=65_536,
    duplicate_window=120.0,
    allow_atomic=True,
)
INBOUND = Stream(
    name="INBOUND",
    subjects=("corong.inbound.>",),
    retention="workqueue",
    max_age=0.0,
    max_msg_size=1_000_000,
    duplicate_window=120.0,
    allow_atomic=False,
)
STREAMS = (EVENTS, INBOUND)

READS: dict[str, tuple[str, ...]] = {
    "intake": ("routing", "publishing"),
    "routing": ("intake",),
    "publishing": ("intake", "routing"),
    "auditing": ("intake", "routing", "publishing", "auditing"),
    "desk": ("intake", "routing", "publishing"),
    "portal": ("intake", "routing", "publishing"),
}
"""Service → the writers whose partitions it reads, whole and in order. What auditing writes stands in the log too."""

WRITERS: tuple[str, ...] = tuple(sorted({payload.writer for payload in CATALOGUE.values()}))
"""The services that write events."""

ASKS: dict[str, tuple[str, ...]] = {
    "desk": ("routing", "publishing", "auditing", "intake", "portal", "desk"),
    "auditing": ("intake.person", "desk.person"),
    "portal": ("auditing.receipt",),
    "channels": (),
}
"""Who may send commands to whom: all of a service's, or those on one noun.

The desk lists everybody's dead letters; auditing has intake and the desk forget whom it erased.
"""


def may_ask(user: str, subject: str) -> bool:
    """Whether `user` may send the command of this subject."""
    return any(subject.startswith(f"corong.command.{asked}.") for asked in ASKS.get(user, ()))


USERS: tuple[str, ...] = (*SERVICES, "channels", "deploy")
"""The broker's users: a service each, the runner of the channels' sources, and the one who applies the topology."""


@dataclass(frozen=True)
class Permissions:
    """What a broker user may publish and subscribe; everything else is refused by the broker."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]
    may_reply: bool = field(default=False)
    """May publish one answer to a request's reply subject."""


def consumer_name(service: str, stream: str = "EVENTS", first: int | None = None, last: int | None = None) -> str:
    """The durable's name: the service, with the range of partitions where processes share them."""
    base = service if stream == "EVENTS" else f"{service}-{stream.lower()}"
    return base if first is None else f"{base}-{first:02d}-{last:02d}"


def streams_of(user: str) -> tuple[Stream, ...]:
    """The streams that a user writes or reads, and so checks at its start."""
    if user == "channels":
        return (INBOUND,)
    return STREAMS if user in ("intake", "deploy") else (EVENTS,)


def inbox_of(user: str) -> str:
    """The user's own inbox prefix, without a trailing dot: nobody else's answers can be read."""
    return f"_INBOX_{user}"


def inbound_subject(channel: str, account: str) -> str:
    """Where a message of this account is handed over."""
    return f"corong.inbound.{channel}.{account}"


def head_subject(service: str) -> str:
    """Where a writer tells, again and again, the last number of each of its partitions."""
    return f"corong.head.{service}"


def resend_subject(service: str) -> str:
    """Where a reader asks a writer to send again from a number on."""
    return f"corong.resend.{service}"


COVERED = "corong.covered"
"""Where auditing tells, signed, how far each writer's numbers are in the log."""
LENT = "corong.lent"
"""Where a writer asks the log for events of its own that it has let go of."""


def _consumer_api(stream: str, name: str) -> tuple[str, ...]:
    return (
        f"$JS.API.CONSUMER.INFO.{stream}.{name}",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}",
        f"$JS.ACK.{stream}.{name}.>",
    )


def _info_of(user: str) -> list[str]:
    """So that each process can refuse a stream that would lose messages."""
    return [f"$JS.API.STREAM.INFO.{stream.name}" for stream in streams_of(user)]


def permissions_of(user: str, ranges: Sequence[tuple[int, int]] = ()) -> Permissions:
    """What `user` needs and no more. Raises `KeyError` for a stranger.

    `ranges` are the first and last partitions of the processes that share a service's work, where they do: each has a
    durable named after its range.
    """
    inbox = f"{inbox_of(user)}.>"
    if user == "deploy":
        return Permissions(publish=("$JS.API.>", "$SYS.REQ.USER.INFO"), subscribe=(inbox,))
    if user == "channels":
        return Permissions(publish=("corong.inbound.>", *_info_of(user)), subscribe=(inbox,))
    if user not in SERVICES:
        raise KeyError(user)
    publish = _info_of(user)
    subscribe = [inbox, f"corong.command.{user}.>"]
    if user in WRITERS:
        publish += [f"corong.event.{user}.>", head_subject(user)]
        publish.append(LENT)
        subscribe += [resend_subject(user), COVERED]
    if user == "auditing":
        publish.append(COVERED)
        subscribe.append(LENT)
    for writer in READS[user]:
        publish.append(resend_subject(writer))
        subscribe.append(head_subject(writer))
    for name in [consumer_name(user, "EVENTS", *pair) for pair in ranges] or [consumer_name(user)]:
        publish += _consumer_api("EVENTS", name)
    if user == "intake":
        publish += _consumer_api("INBOUND", consumer_name("intake", "INBOUND"))
        publish.append(f"{inbox_of('channels')}.>")  # the receipt that a source waits for
    publish += [f"corong.command.{asked}.>" for asked in ASKS.get(user, ())]
    if user == "auditing":
        publish += [HashState.nats_subject(service) for service in SERVICES]
    return Permissions(publish=tuple(publish), subscribe=tuple(subscribe), may_reply=True)


def commands_of(service: str) -> tuple[str, ...]:
    """The subjects of the commands that `service` answers."""
    return tuple(command.nats_subject() for command in COMMANDS if command.service == service)
