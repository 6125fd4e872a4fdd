"""Publications: replies, receipts and posts are one thing with targets. Written by publishing."""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Model, Payload, Sealed, Slug, Time
from corong_contracts.frozen import FrozenDict, FrozenMap
from corong_contracts.message import AttachmentRef, Visibility


class Label(StrEnum):
    """What a post is, as a person labelled it."""

    CEREMONIAL = "seremonial"
    SERVICE = "layanan"


class Target(Model):
    """One place where a publication goes."""

    delivery_id: UUID
    channel: Slug
    account: Slug
    conversation_id: UUID | None = None
    text: str | None = None
    """This account's own version of a post; None where it is the publication's text."""
    text_hash: str


class Media(Model):
    """A file of a post; an image carries its text alternative."""

    file: AttachmentRef
    name: str
    alternative: str


class PublicationDrafted(Payload, event="publication.drafted", writer="publishing"):
    """Something that may go out: a post waits for approval.

    A reply or a receipt is released in the same commit, or when the letter that goes with it is made.
    """

    publication_id: UUID
    kind: Literal["reply", "receipt", "post"]
    unit: Slug | None = None
    author: str
    case_id: UUID | None = None
    message_id: UUID | None = None
    """The citizen's message that is answered."""
    label: Label | None = None
    immediate: bool = False
    """Serta-merta (UU 14/2008 art. 10): may go out on one officer's word, reviewed after."""
    visibility: Visibility = "public"
    title: str | None = None
    text: str | None = None
    """A post's words are public. A citizen's answer is in `sealed`."""
    sealed: Sealed | None = None
    document_id: UUID | None = None
    """A letter goes with it: it is released when that is made."""
    short: Sealed | None = None
    """What is sent instead, where the channel has no room for the whole; the page of the receipt shows the whole."""
    text_hash: str
    """sha256 of title, text and each target's own text: what an approval is bound to. Keyed for sealed texts."""
    targets: tuple[Target, ...] = Field(min_length=1, max_length=200)
    media: tuple[Media, ...] = Field(default_factory=tuple, max_length=10)
    demo: bool = False


class PublicationEdited(Payload, event="publication.edited", writer="publishing"):
    """Another text: an approval of the earlier one is void."""

    publication_id: UUID
    officer: str
    title: str | None = None
    text: str
    text_hash: str
    target_texts: FrozenMap[Slug, str] = Field(default_factory=FrozenDict)
    """Account → its own version."""


class PublicationApproved(Payload, event="publication.approved", writer="publishing"):
    """An officer approved exactly the text with this hash."""

    publication_id: UUID
    officer: str
    text_hash: str


class PublicationScheduled(Payload, event="publication.scheduled", writer="publishing"):
    """It goes out at a time."""

    publication_id: UUID
    officer: str
    publish_at: Time


class PublicationReleased(Payload, event="publication.released", writer="publishing"):
    """Its deliveries are ready to be sent."""

    publication_id: UUID
    by: str
    text_hash: str


class PublicationWithdrawn(Payload, event="publication.withdrawn", writer="publishing"):
    """A post that has not gone out will not go out."""

    publication_id: UUID
    officer: str


class PublicationTakenDown(Payload, event="publication.taken_down", writer="publishing"):
    """A post that is out is to go from every place where it stands; said again for those where it stayed."""

    publication_id: UUID
    officer: str
    reason: Annotated[str, Field(max_length=300)]
    """In the officer's words; the log is public in this."""
