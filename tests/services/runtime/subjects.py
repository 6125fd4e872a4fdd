"""Every subject there is, and who may publish or subscribe to it: told by its meaning, not read from the topology."""

from collections.abc import Iterable

from corong_contracts.base import SERVICES, subject_of, writer_name
from corong_contracts.catalogue import CATALOGUE
from corong_contracts.command import COMMANDS, DeadLetters, HashState
from corong_contracts.topology import READS, USERS, WRITERS

Subjects = dict[str, frozenset[str]]
"""Subject → the users who may."""

STREAM_VERBS = (
    "CREATE",
    "UPDATE",
    "DELETE",
    "PURGE",
    "INFO",
    "MSG.GET",
    "MSG.DELETE",
    "SNAPSHOT",
    "RESTORE",
    "PEER.REMOVE",
)
CONSUMER_VERBS = (
    "CREATE",
    "DURABLE.CREATE",
    "DELETE",
    "INFO",
    "MSG.NEXT",
    "PAUSE",
    "RESET",
    "UNPIN",
    "LEADER.STEPDOWN",
)
CONSUMERS = {
    **{("EVENTS", service): service for service in SERVICES},
    ("INBOUND", "intake-inbound"): "intake",
    ("EVENTS", "spy"): "",
    ("INBOUND", "spy"): "",
}
"""(stream, consumer) → the user who reads it."""
SERVER = (
    "$SYS.REQ.SERVER.PING",
    "$SYS.ACCOUNT.$G.CONNECT",
    "$KV.spy.key",
    "$O.spy.C.x",
    "$MQTT.msgs",
    "$JS.FC.EVENTS.spy.x",
    "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.EVENTS.routing",
    "corong.event.stranger.00.case.closed",
    "corong.command.stranger.case.claim",
    "corong.stranger",
    "stranger",
    "_INBOX.x1y2",
)
"""What no service has any business with."""


def askers(subject: str, owner: str) -> set[str]:
    """The desk asks everybody, itself too.

    Auditing has intake and the desk's search forget whom it erased, and asks for the hashes of tables; the portal asks
    for receipts' proofs.
    """
    more = set()
    forgetting = {"corong.command.intake.person.forget", "corong.command.desk.person.unindex"}
    if subject in forgetting or subject.endswith(".state.hash"):
        more = {"auditing"}
    elif subject.startswith("corong.command.auditing.receipt."):
        more = {"portal"}
    return {"desk", *more} if owner in SERVICES else set()


def commands() -> Iterable[tuple[str, str]]:
    """(subject, owner) of every command there is."""
    yield from ((command.nats_subject(), command.service) for command in COMMANDS)
    for service in SERVICES:
        yield from ((f"corong.command.{service}.dead.{verb}", service) for verb in DeadLetters.VERBS)
        yield HashState.nats_subject(service), service


def publishing() -> Subjects:
    """Every subject and who may publish to it."""
    may: dict[str, set[str]] = {}
    for payload in CATALOGUE.values():
        for partition in (0, 15):
            for service in SERVICES:  # under each service's name: nobody forges another's events
                subject = subject_of(writer_name(service, partition), payload)
                may[subject] = {service} & set(WRITERS)
    may |= {subject: askers(subject, owner) for subject, owner in commands()}
    for service in SERVICES:
        may[f"corong.head.{service}"] = {service} & set(WRITERS)
        may[f"corong.resend.{service}"] = {reader for reader, writers in READS.items() if service in writers}
    may["corong.covered"] = {"auditing"}
    may["corong.lent"] = set(WRITERS)
    for user in USERS:
        may[f"_INBOX_{user}.x1y2"] = {"intake"} if user == "channels" else set()  # answers go by allow_responses
    may["corong.inbound.email.email-ppid"] = {"channels"}
    for stream in ("EVENTS", "INBOUND", "SPY"):
        for verb in STREAM_VERBS:
            may[f"$JS.API.STREAM.{verb}.{stream}"] = {"deploy"}
    # Each process looks at the settings of its streams when it starts.
    may["$JS.API.STREAM.INFO.EVENTS"] = {"deploy", *SERVICES}
    may["$JS.API.STREAM.INFO.INBOUND"] = {"deploy", "channels", "intake"}
    for (stream, name), reader in CONSUMERS.items():
        for verb in CONSUMER_VERBS:
            may[f"$JS.API.CONSUMER.{verb}.{stream}.{name}"] = {"deploy"}
        may[f"$JS.API.CONSUMER.CREATE.{stream}.{name}.corong.event.>"] = {"deploy"}
        for verb in ("INFO", "MSG.NEXT"):
            may[f"$JS.API.CONSUMER.{verb}.{stream}.{name}"] |= {reader} - {""}
        may[f"$JS.ACK.{stream}.{name}.1.2.3.4.5"] = {reader} - {""}
    for stream in ("EVENTS", "INBOUND"):
        may[f"$JS.API.DIRECT.GET.{stream}"] = {"deploy"}
        may[f"$JS.API.CONSUMER.CREATE.{stream}"] = {"deploy"}
        may[f"$JS.API.CONSUMER.NAMES.{stream}"] = {"deploy"}
    for subject in ("INFO", "STREAM.NAMES", "STREAM.LIST", "ACCOUNT.PURGE.$G", "META.LEADER.STEPDOWN"):
        may[f"$JS.API.{subject}"] = {"deploy"}
    may["$SYS.REQ.USER.INFO"] = {"deploy"}
    may |= {subject: set() for subject in SERVER}
    return {subject: frozenset(users) for subject, users in may.items()}


def subscribing() -> Subjects:
    """Every subject, wildcards too, and who may subscribe to it."""
    may: dict[str, set[str]] = {subject: set() for subject in publishing() if ">" not in subject}
    may |= {subject: {owner} for subject, owner in commands()}
    for service in SERVICES:
        may[f"corong.command.{service}.>"] = {service}
        may[f"corong.head.{service}"] = {reader for reader, writers in READS.items() if service in writers}
        may[f"corong.resend.{service}"] = {service} & set(WRITERS)
        may[f"corong.event.{service}.>"] = set()
    may["corong.covered"] = set(WRITERS)
    may["corong.lent"] = {"auditing"}
    for user in USERS:
        may[f"_INBOX_{user}.x1y2"] = {user}
        may[f"_INBOX_{user}.>"] = {user}
    broad = (">", "*", "*.>", "corong.>", "corong.*.>", "corong.event.>", "corong.command.>", "corong.command.*.>")
    more = ("corong.inbound.>", "corong.head.*", "corong.resend.*", "_INBOX.>", "$JS.>", "$JS.ACK.>", "$SYS.>")
    may |= {subject: set() for subject in (*broad, *more)}
    return {subject: frozenset(users) for subject, users in may.items()}
