"""What the holder of a receipt sees of the case: opened here, for this page, and kept nowhere."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from corong.portal.dates import Term, terms_of
from corong.portal.tables import answer, document, message, moved, progress, registered, template
from corong.runtime.installation import Installation
from corong.runtime.keys import Notice
from corong.runtime.opening import OFFICE_DAYS, Weekday
from corong.runtime.receipts import opens, tidy_number
from corong.runtime.sealing import Erased
from corong.runtime.shown_names import shown_name


@dataclass(frozen=True)
class File:
    """An attachment, by name and bytes; the name may be gone."""

    name: str = field(repr=False)
    size: int


@dataclass(frozen=True)
class Paper:
    """A letter of the law that came with an answer, to be downloaded."""

    document_id: UUID
    title: str
    size: int
    digest: str = field(repr=False)
    """`sha256-…` of its pages."""


@dataclass(frozen=True)
class Letter:
    """A citizen's message, or an answer."""

    at: str
    ours: bool
    unit: str = ""
    automatic: bool = False
    erased: Notice | None = None
    """The decision by which its words were erased."""
    unreadable: bool = False
    """Its words can't be opened, and nobody decided that."""
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    files: tuple[File, ...] = ()
    particulars: dict[str, str] = field(default_factory=dict, repr=False)
    paper: Paper | None = None


@dataclass(frozen=True)
class Case:
    """A case as its citizen may see it."""

    case_id: UUID
    registration: str
    channel: str
    registered_at: str
    demo: bool
    unit: str | None
    kind: str | None
    outcome: str | None
    changed_at: str | None
    terms: tuple[Term, ...]
    opening: tuple[Weekday, ...]
    """When the doors of its unit are open."""
    receipt: str | None
    """The words of receipts that were in force when it was registered; None: those that come with Corong."""
    letters: tuple[Letter, ...] = field(repr=False)

    @property
    def particulars(self) -> dict[str, str]:
        """What the applicant gave for the register with the first message."""
        return next((letter.particulars for letter in self.letters if not letter.ours), {})


def open_case(connection: Connection, installation: Installation, number: str, secret: str) -> Case | None:
    """The case of a registration number, for who knows the secret.

    None alike where the number is unknown and where the secret is another's: both take the same work.
    """
    found = known(connection, number, secret)
    if found is None:
        return None
    case_id = found.case_id
    at = connection.execute(select(progress).where(progress.c.case_id == case_id)).first()
    letters = (*_messages(connection, installation, case_id), *_answers(connection, installation, case_id))
    return Case(
        case_id=UUID(case_id),
        registration=found.registration,
        channel=found.channel,
        registered_at=found.registered_at,
        demo=found.demo,
        unit=_unit(installation, at.unit) if at else None,
        kind=at.kind if at else None,
        outcome=at.outcome if at else None,
        changed_at=at.changed_at if at else None,
        terms=terms_of(connection, case_id),
        opening=_opening(installation, at.unit if at else None),
        receipt=_receipt_words(connection, found.registered_at),
        letters=tuple(sorted(letters, key=lambda letter: (letter.at, letter.ours))),
    )


def _receipt_words(connection: Connection, registered_at: str) -> str | None:
    chosen = select(template.c.content).where(template.c.adopted_at <= registered_at).order_by(
        template.c.edition.desc()
    )  # fmt: skip
    return connection.execute(chosen.limit(1)).scalar()


def known(connection: Connection, number: str, secret: str) -> Row[Any] | None:
    """The registration of that number, for who knows the secret."""
    found = connection.execute(select(registered).where(registered.c.registration == tidy_number(number))).first()
    case_id = found.case_id if found else "00000000-0000-0000-0000-000000000000"
    same = opens(case_id, secret, found.receipt_check if found else "0" * 64)
    return found if same else None


def _unit(installation: Installation, unit: str | None) -> str:
    directory = installation.directory
    if unit is None:
        return directory.hub.name
    return directory.unit(unit).name if directory.has_unit(unit) else unit


def _opening(installation: Installation, unit: str | None) -> tuple[Weekday, ...]:
    directory = installation.directory
    return directory.unit(unit).opening_days if unit and directory.has_unit(unit) else OFFICE_DAYS


def _messages(connection: Connection, installation: Installation, case_id: str) -> list[Letter]:
    letters = []
    rows = connection.execute(
        select(message)
        .outerjoin(moved, moved.c.message_id == message.c.message_id)
        .where(func.coalesce(moved.c.case_id, message.c.case_id) == case_id, _may_be(case_id))
        .order_by(message.c.number)
    )
    for row in rows:
        sizes: list[int] = json.loads(row.files)
        try:
            content = installation.sealer.open_json(row.content)
        except Erased as gone:
            letters.append(
                Letter(row.at, ours=False, automatic=row.automatic, erased=gone.notice, unreadable=gone.notice is None)
            )
            continue
        names = [*content["attachment_names"], *[""] * len(sizes)]
        letters.append(
            Letter(
                row.at,
                ours=False,
                automatic=row.automatic,
                subject=content["subject"],
                text=content["text"],
                particulars=content.get("particulars", {}),
                files=tuple(File(shown_name(name), size) for name, size in zip(names, sizes, strict=False)),
            )
        )
    return letters


def _paper(installation: Installation, row: Row[Any]) -> Paper | None:
    """The letter that went with an answer. Raises `Erased`."""
    if row.document_id is None:
        return None
    return Paper(UUID(row.document_id), row.title, row.size, installation.sealer.open_text(row.digest))


def paper_of(connection: Connection, case_id: str, document_id: UUID) -> Row[Any] | None:
    """A letter of the case that went out with its answer."""
    return connection.execute(
        select(document)
        .join(answer, answer.c.publication_id == document.c.publication_id)
        .where(document.c.case_id == case_id, document.c.document_id == str(document_id))
        .where(answer.c.sent_at.is_not(None))
    ).first()


def _may_be(case_id: str) -> ColumnElement[bool]:
    """So that an index finds them: the case's own, and what was moved into it."""
    into = select(moved.c.message_id).where(moved.c.case_id == case_id)
    return or_(message.c.case_id == case_id, message.c.message_id.in_(into))


def _answers(connection: Connection, installation: Installation, case_id: str) -> list[Letter]:
    letters = []
    rows = connection.execute(
        select(answer, *(document.c[name] for name in ("document_id", "title", "size", "digest")))
        .outerjoin(document, document.c.publication_id == answer.c.publication_id)
        .where(answer.c.case_id == case_id, answer.c.sent_at.is_not(None))
        .order_by(answer.c.number)
    )
    for row in rows:
        unit = _unit(installation, row.unit)
        try:
            words, paper = installation.sealer.open_text(row.sealed), _paper(installation, row)
            letters.append(Letter(row.sent_at, ours=True, unit=unit, text=words, paper=paper))
        except Erased as gone:
            letters.append(
                Letter(row.sent_at, ours=True, unit=unit, erased=gone.notice, unreadable=gone.notice is None)
            )
    return letters
