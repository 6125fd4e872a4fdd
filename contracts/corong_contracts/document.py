"""Documents (surat): the letters of the information service. Routing says what they tell, publishing makes them."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID, uuid5

from pydantic import Field

from corong_contracts.base import Payload, Sealed
from corong_contracts.message import AttachmentRef

TemplateDigest = Annotated[str, Field(pattern=r"^sha256-[0-9a-f]{64}$")]


class DocumentKind(StrEnum):
    """A letter of the information service."""

    RECEIPT = "receipt"
    """Tanda bukti penerimaan permohonan (UU 14/2008 art. 22(4))."""
    NOTICE = "notice"
    """Pemberitahuan tertulis (art. 22(7)): held or not, by whom, granted or not, redaction, form, cost."""
    REFUSAL = "refusal"
    """Surat keputusan penolakan: the ground of art. 17, the consequence test, and the superior's word."""
    EXTENSION = "extension"
    """Perpanjangan waktu, once, with written reasons (art. 22(8))."""
    OBJECTION_DECISION = "objection_decision"
    """Tanggapan atasan PPID atas keberatan (art. 36(2))."""
    INCOMPLETE = "incomplete"
    """Pemberitahuan tidak lengkap: what is missing, and what that does to the clock."""
    SILENCE = "silence"
    """A clock ran out in silence: which right opened, until when, and how to use it (art. 35 to 37)."""


def document_of(told_id: UUID) -> UUID:
    """The letter that goes with an answer or a notice, or the receipt of a message: one at most."""
    return uuid5(told_id, "document")


class TemplateAdopted(Payload, event="template.adopted", writer="routing"):
    """From here on letters of the kind are made with these words; those that were made keep theirs."""

    template_id: UUID
    """One for each kind."""
    kind: DocumentKind
    edition: int = Field(ge=1, lt=2**31)
    """1, 2, 3 … of the kind."""
    digest: TemplateDigest
    officer: str | None = None
    """Who adopted it; None: it comes with Corong."""
    content: str
    """JSON of kind, title, letter and message: its SHA-256 is the digest."""


class DocumentIssued(Payload, event="document.issued", writer="routing"):
    """A letter goes with what the citizen is told; publishing makes it of these words and of what was asked.

    A receipt goes with nothing: the citizen gets it where they look after the case.
    """

    document_id: UUID
    case_id: UUID
    kind: DocumentKind
    template: TemplateDigest
    edition: int = Field(ge=1, lt=2**31)
    """Of the template."""
    told_id: UUID
    """The answer or the notice with which it goes, and whose text it holds; of a receipt, the event or command by which
    the case became a request."""
    request_id: UUID | None = None
    """Of an objection: the request that it is about."""
    message_id: UUID | None = None
    """The citizen's message that the case is."""
    decided: Sealed
    """JSON: the template's variables that the decision gives, in words."""


class DocumentMade(Payload, event="document.made", writer="publishing"):
    """The letter's pages are in the object store; the answer, where it goes with one, goes out with them."""

    document_id: UUID
    case_id: UUID
    publication_id: UUID | None = None
    """The answer or the notice that goes with it; None of a receipt."""
    kind: DocumentKind
    title: str = Field(max_length=120)
    template: TemplateDigest
    edition: int = Field(ge=1, lt=2**31)
    key: str = Field(max_length=64)
    """Id of the key under which the file is sealed."""
    file: AttachmentRef
    """`digest` is that of the sealed bytes, by which they are stored."""
    digest: Sealed
    """`sha256-…` of the pages themselves, as the citizen has them."""
    check: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 over case, the receipt's secret and that digest: who holds receipt and letter proves the letter with it,
    also after an erasure, and nothing leads from it to either."""
