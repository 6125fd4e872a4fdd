"""The event envelope: CloudEvents 1.0 in JSON structured mode, with Corong's extension attributes.

Sources: CloudEvents 1.0.2 section 3 (context attributes), the distributed tracing extension (`traceparent`).
"""

from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar
from uuid import UUID, uuid5

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

SERVICES = ("intake", "routing", "publishing", "auditing", "desk", "portal")
"""The services that write events or read them; each has its own database and broker user."""

MAX_EVENT_BYTES = 60_000
"""An event's canonical bytes stay below this: an entry of the ledger holds at most 65,535 (C2SP tlog-tiles)."""

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""A name that is safe in a NATS subject: lower-case letters, digits and hyphens."""


Natural = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""A whole number from 0 that has a canonical form (RFC 8785 section 3.2.2.3 writes numbers as IEEE 754 doubles)."""


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("a moment outside of the years 1 to 9999 in UTC") from None


@lru_cache(maxsize=256)  # the events of one commit carry the same moments
def _stamp(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


Time = Annotated[AwareDatetime, AfterValidator(_utc), PlainSerializer(_stamp, when_used="json")]
"""A moment in UTC, written with six digits of a second so that equal moments have equal bytes."""


class Model(BaseModel):
    """Base of every contract model: immutable, and it passes over what a newer writer added."""

    # A validation error names fields, and quotes nothing of what a citizen wrote.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Sealed(Model):
    """A citizen's words, encrypted: AES-256-GCM under the key `key`, bound to one field of one event.

    `box` is base64url of nonce (12 bytes), ciphertext and tag (16 bytes). The associated data is
    event id, type, field and key id, each ended by a line feed.
    """

    key: str = Field(max_length=64)
    box: str = Field(pattern=r"^[A-Za-z0-9_-]+={0,2}$")


class Payload(Model):
    """The data of one event type. Subclasses name their type: `class CaseClosed(Payload, type="case.closed", ...)`."""

    noun: ClassVar[str] = ""
    verb: ClassVar[str] = ""
    version: ClassVar[int] = 0
    type: ClassVar[str] = ""
    writer: ClassVar[str] = ""

    def __init_subclass__(cls, *, event: str = "", version: int = 1, writer: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if event:
            cls.noun, cls.verb = event.split(".")
            cls.version = version
            cls.type = f"id.corong.{event}.v{version}"
            cls.writer = writer


P = TypeVar("P", bound=Payload, covariant=True)


class Event(Model, Generic[P]):
    """One fact. What it says is in `data`; the rest says who wrote it, when, why and in which order."""

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    """What the event is about: `<noun>/<id>`, as `about` says it."""
    time: Time
    """When it happened."""
    recordedtime: Time
    """When the writing service committed it."""
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str
    correlationid: UUID
    """The case, or for a post the publication."""
    causationid: UUID
    """The command, message or event that led to it; with type and index it makes the id."""
    actor: str
    """`system`, `citizen`, `officer:<id>` or `account:<id>`: never a person's name or address."""
    writer: str = Field(pattern=r"^[a-z]+\.[0-9]{2,4}$")
    """`<service>.<partition>`, as in `routing.07`."""
    number: int = Field(ge=1, lt=2**31)
    """The writer's own count: 1, 2, 3 … without a hole."""
    traceparent: str | None = None
    data: P

    @property
    def service(self) -> str:
        """The service that wrote it."""
        return self.writer.split(".", 1)[0]

    @property
    def partition(self) -> int:
        """The partition of the service that wrote it."""
        return int(self.writer.split(".", 1)[1])


AnyEvent = Event[Payload]


def event_id(cause: UUID, event_type: str, index: int) -> UUID:
    """The id of the `index`-th event (from 0) that `cause` led to: the same work done again gives the same id."""
    return uuid5(cause, f"{event_type}/{index}")


def partition_of(entity: UUID, partitions: int) -> int:
    """The partition, from 0, in which the events of a case or a post are numbered."""
    return (entity.int & 0xFFFF_FFFF) % partitions


@lru_cache(maxsize=1024)
def writer_name(service: str, partition: int) -> str:
    """`routing`, 7 → `routing.07`."""
    return f"{service}.{partition:02d}"


def about(data: Payload) -> str:
    """The `subject` attribute: the noun and the id of that very thing, as in `delivery/…`.

    Input in quarantine is no message yet; it has an id of its own.
    """
    identity = getattr(data, f"{data.noun}_id", None) or getattr(data, "quarantine_id", None)
    return f"{data.noun}/{identity}"


def subject_of(writer: str, payload: type[Payload]) -> str:
    """The NATS subject of an event: `corong.event.<service>.<partition>.<noun>.<verb>`."""
    return f"corong.event.{writer}.{payload.noun}.{payload.verb}"


@cache
def schema_uri(payload: type[Payload]) -> str:
    """The `dataschema` attribute; the schema itself is `schemas/<noun>.<verb>.v<version>.json` in this distribution."""
    return f"urn:corong:schema:{payload.noun}.{payload.verb}:v{payload.version}"
