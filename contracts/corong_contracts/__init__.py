"""Corong's contracts: typed events, commands, channels, and the topology as data. Needs pydantic alone."""

from corong_contracts.base import AnyEvent, Event, Payload, Sealed, event_id, partition_of
from corong_contracts.catalogue import CATALOGUE, BadEvent, EventTooBig, UnknownType, decode, encode
from corong_contracts.channel import (
    AccountConfig,
    Capabilities,
    Channel,
    InboundAttachment,
    InboundMessage,
    Outgoing,
    Party,
    Permanent,
    Receipt,
    Sent,
    Sink,
    Source,
    Transient,
    Unknown,
)

__all__ = [
    "CATALOGUE",
    "AccountConfig",
    "AnyEvent",
    "BadEvent",
    "Capabilities",
    "Channel",
    "Event",
    "EventTooBig",
    "InboundAttachment",
    "InboundMessage",
    "Outgoing",
    "Party",
    "Payload",
    "Permanent",
    "Receipt",
    "Sealed",
    "Sent",
    "Sink",
    "Source",
    "Transient",
    "Unknown",
    "UnknownType",
    "decode",
    "encode",
    "event_id",
    "partition_of",
]
