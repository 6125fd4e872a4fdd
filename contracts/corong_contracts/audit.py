"""Findings of auditing about the log itself: what was missing, came twice, could not stand in it, or was changed.

Whoever checks a writer's numbers in the log finds each one either as an entry, or named here. Auditing writes none of
these about its own numbers: a finding about a finding would have no end. Those are in its own logs and tables.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Model, Natural, Payload, Slug, Time
from corong_contracts.frozen import FrozenMap

Number = Annotated[int, Field(ge=1, lt=2**31)]
WriterName = Annotated[str, Field(pattern=r"^[a-z]{1,30}\.[0-9]{2,4}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of an event's exact bytes, in hexadecimal digits."""


class AuditGapFound(Payload, event="audit.gap_found", writer="auditing"):
    """Numbers of a writer are missing: it was asked to send them again. `audit.gap_filled` follows when they came."""

    audit_id: UUID
    of_writer: WriterName
    first: Number
    """The first number that is missing."""
    last: Number
    """The last one that was known to be missing when this was found."""
    done: Literal["asked_again"]


class AuditGapFilled(Payload, event="audit.gap_filled", writer="auditing"):
    """What was missing came. It stands in the log under its numbers, or a finding of its own says why not."""

    audit_id: UUID
    """Of the gap."""
    of_writer: WriterName
    first: Number
    last: Number


class AuditConflictFound(Payload, event="audit.conflict_found", writer="auditing"):
    """Bytes that contradict the log: they were kept apart, and what the log has stands."""

    audit_id: UUID
    contradicts: Literal["id", "number"]
    """`id`: a known event's id with other bytes. `number`: a number of this writer used again for other bytes."""
    of_writer: WriterName
    number: Number
    """As the contradicting bytes came."""
    event_id: UUID | None = None
    """The id that they claim, where they are an event."""
    position: Natural | None = None
    """Of the entry that they contradict, where the number has one."""
    known: Digest | None = None
    """Of that entry."""
    found: Digest
    """Of the contradicting bytes."""
    done: Literal["kept_apart"]


class AuditEntryRefused(Payload, event="audit.entry_refused", writer="auditing"):
    """What came under this number can't stand in the log: it was put aside as a dead letter, for a person to see."""

    audit_id: UUID
    of_writer: WriterName
    number: Number
    found: Digest
    """Of the refused bytes."""
    reason: str = Field(max_length=200)
    """What is wrong with them, never a value out of them."""
    done: Literal["parked"]


class AuditRecordChanged(Payload, event="audit.record_changed", writer="auditing"):
    """Part of the log is kept otherwise than it was signed, in the published folder or in auditing's own tables.

    What was signed is not changed by it: whoever has another copy can prove what stood there.
    """

    audit_id: UUID
    kept_in: Literal["folder", "database"]
    file: Annotated[str, Field(pattern=r"^tile/(entries|[0-9]{1,2})/(x[0-9]{3}/){0,3}[0-9]{3}(\.p/[0-9]{1,3})?$")]
    """As it lies in the folder (C2SP tlog-tiles); of the tables the bundle in which the entry would be published."""
    first: Natural
    """The first entry that it is about."""
    last: Natural
    found: Digest
    """Of the file as it was found, or of the entry in the tables."""
    done: Literal["publishing_stopped"]


class AuditStateHashed(Payload, event="audit.state_hashed", writer="auditing"):
    """What a service's tables hashed to: whoever folds the log up to these numbers must find the same."""

    audit_id: UUID
    of_service: str = Field(pattern=r"^[a-z]{1,30}$")
    reached: FrozenMap[WriterName, Number]
    """Writer → the last number that the tables stand for; of writers that are not named nothing."""
    left_out: tuple[Annotated[str, Field(pattern=r"^[a-z]{1,30}\.[0-9]{2,4}/[1-9][0-9]{0,9}$")], ...] = Field(
        default_factory=tuple, max_length=500
    )
    """`writer/number` of dead letters among them: nothing of those is in the tables."""
    hash: str = Field(pattern=r"^sha256-[0-9a-f]{64}$")
    tables: str = Field(max_length=40)
    """The version of the service's tables: those of another version hash differently."""


class ExportFilter(Model):
    """Which entries of the log were asked for; what is not named does not narrow it. Nothing personal fits in here."""

    case: UUID | None = None
    """A case, or a post."""
    type: Annotated[str, Field(pattern=r"^[a-z0-9_.]{1,80}$")] | None = None
    """A type of event, or a part of it."""
    actor: Annotated[str, Field(pattern=r"^(citizen|system|(officer|account):[a-z0-9][a-z0-9-]{0,62})$")] | None = None
    unit: Slug | None = None
    """All about the cases and posts that ever were with this unit."""
    since: Time | None = None
    """From this moment on."""
    until: Time | None = None
    """Before this moment."""
    first: Natural = 0
    """From this position on."""
    before: Natural | None = None
    """Up to this position, which is not among them."""


ExportFileName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,40}(\.[a-z]{1,10})?$")]
ExportReason = Annotated[str, Field(min_length=1, max_length=200)]
RootHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class AuditExported(Payload, event="audit.exported", writer="auditing"):
    """An officer took entries out of the log: which, as of which signed tree, why, and what the files were."""

    audit_id: UUID
    officer: Slug
    filter: ExportFilter
    public: bool
    """Whether entries that are not for the public were left out, but for their hashes."""
    opened: bool
    """Whether citizens' words were opened in the tables."""
    count: Natural
    """How many entries the files hold."""
    withheld: Natural
    """Of these, with their hashes alone."""
    size: Natural
    """Of the signed tree that their proofs lead to."""
    root: RootHash
    """Of that tree."""
    files: FrozenMap[ExportFileName, Digest]
    """File → SHA-256 of its bytes."""
    reason: ExportReason
    """What the export is for, as the officer wrote it: no person is named in it."""


ReportName = Literal["register", "yearly"]
"""The statutory register of requests (buku register), or the yearly report of the information service."""
ReportFormat = Literal["csv", "xlsx", "json", "pdf"]
ReportYear = Annotated[int, Field(ge=2000, le=9999)]
ReportWords = Annotated[str, Field(max_length=4000)]


class ReportAsked(Model):
    """Which report: with the tree that it was made at, all that its bytes hang on, as long as nobody was erased."""

    report: ReportName
    year: ReportYear
    """Of the receipt of what it tells of."""
    unit: Slug | None = None
    """What lay with this unit at that point of the log; everybody's where it isn't named."""
    format: ReportFormat
    language: Literal["id", "en"] = "id"
    opened: bool = False
    """Whether the columns about the applicants were opened."""
    demo: bool = False
    """Of synthetic citizens, and of nobody else."""
    obstacles: ReportWords = ""
    """What hindered the service in the year, as the officer wrote it: no person is named in it."""
    plan: ReportWords = ""
    """What is planned against it."""


class AuditReported(Payload, event="audit.reported", writer="auditing"):
    """An officer had a register or a yearly report made: which, as of which tree, and what the file was."""

    audit_id: UUID
    officer: Slug
    asked: ReportAsked
    count: Natural
    """Requests that it tells of."""
    size: Natural
    """So many entries of the log were counted, from the first on."""
    root: RootHash
    """Of the tree over them."""
    file: Digest
