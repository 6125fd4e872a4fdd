"""Deliveries: one target of a publication on its way. Written by publishing.

ready → sending → sent | refused | unknown; refused → ready (again) or failed; unknown → sent | ready | held;
of a post that is taken down: sent → removing → gone | stays
"""

from typing import Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Natural, Payload, Slug, Time

Carried = Literal["handed_over", "posted", "told"]
"""How an officer brought an answer to a citizen: given to them, sent by post, told by telephone."""
BY_HAND = "by_hand"
"""`code` of a delivery that is held because an officer is to bring it."""


class DeliveryStarted(Payload, event="delivery.started", writer="publishing"):
    """The fence: committed before the network is called. Every later word on this try carries it."""

    delivery_id: UUID
    publication_id: UUID
    channel: Slug
    account: Slug
    fence: Natural = Field(ge=1)
    carried: str
    """The id that we put on the message and by which it can be looked up: idempotency key, Message-ID, record key."""


class DeliverySent(Payload, event="delivery.sent", writer="publishing"):
    """The network has it."""

    delivery_id: UUID
    publication_id: UUID
    case_id: UUID | None = None
    conversation_id: UUID | None = None
    channel: Slug
    account: Slug
    fence: Natural
    native_id: str = Field(max_length=1000)
    """The network's id of our message."""
    url: str | None = None
    known_by: Literal["answer", "look_up", "officer"]
    officer: str | None = None
    how: Carried | None = None
    """Of an answer that went by hand; the event's own time is when that was."""


class DeliveryRefused(Payload, event="delivery.refused", writer="publishing"):
    """The network refused for certain: it is tried again at `retry_at`, or never."""

    delivery_id: UUID
    publication_id: UUID
    fence: Natural
    code: str = Field(max_length=64)
    retry_at: Time | None = None


class DeliveryUncertain(Payload, event="delivery.uncertain", writer="publishing"):
    """Nobody knows whether it went out: a time-out, a reset, a server error, a process that died while sending."""

    delivery_id: UUID
    publication_id: UUID
    fence: Natural
    code: str = Field(max_length=64)
    look_up_at: Time


class DeliveryHeld(Payload, event="delivery.held", writer="publishing"):
    """The outcome can't be known: an officer looks and says. Code `by_hand`: an officer brings it, and says so."""

    delivery_id: UUID
    publication_id: UUID
    fence: Natural
    code: str = Field(max_length=64)


class DeliveryReadied(Payload, event="delivery.readied", writer="publishing"):
    """It may be sent again: proved absent on the network, or an officer said so."""

    delivery_id: UUID
    publication_id: UUID
    fence: Natural
    known_by: Literal["look_up", "officer"]
    officer: str | None = None


class DeliveryBounced(Payload, event="delivery.bounced", writer="publishing"):
    """The network took it and told later that it could not be delivered, or is late."""

    delivery_id: UUID
    publication_id: UUID
    case_id: UUID | None = None
    outcome: Literal["failed", "delayed", "delivered"]
    code: str = Field(max_length=64)


class DeliveryTakenDown(Payload, event="delivery.taken_down", writer="publishing"):
    """The network took a post back."""

    delivery_id: UUID
    publication_id: UUID


class DeliveryStayed(Payload, event="delivery.stayed", writer="publishing"):
    """A post could not be taken back there: the channel can't, or the network did not."""

    delivery_id: UUID
    publication_id: UUID
    code: str = Field(max_length=64)
    """`cannot_delete`: the channel has no way; else what the network said."""
