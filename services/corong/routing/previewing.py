"""What a letter about a case would say: a question, nothing changes."""

from typing import Any

from sqlalchemy import Connection, select

from corong.routing import state
from corong.routing.calendar_book import CalendarBook
from corong.routing.cases import Case
from corong.routing.loading import read_case
from corong.routing.papers import KINDS, OUTCOMES, Papers, Said
from corong.routing.proposals import proposal_of
from corong.routing.template_book import TemplateBook
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.refusal import Refused
from corong.runtime.sealing import Erased
from corong.runtime.service import Service
from corong_contracts.document_command import PreviewDocument


class Previewing:
    """Answers `document.preview`."""

    def __init__(self, service: Service, book: CalendarBook, papers: Papers) -> None:
        self._now = service.installation.clock
        self._sealer = service.installation.sealer
        self._book = book
        self._papers = papers
        service.query(PreviewDocument, self.preview)

    def preview(self, connection: Connection, officer: Actor, asked: PreviewDocument) -> dict[str, Any]:
        """The words that routing has for it. Raises `Refused` (404, 409, 410, 422), `Forbidden`."""
        case = read_case(connection, asked.case_id)
        authorise(officer, Action.CASE_READ, Scope(case.unit, case.kind))
        if asked.kind not in KINDS.get(case.kind, ()):
            raise Refused(
                409, "no_such_letter", "Perkara jenis ini tidak memiliki surat itu.",
                "A case of this kind has no such letter.",
            )  # fmt: skip
        if asked.outcome is not None and OUTCOMES[asked.outcome] is not asked.kind:
            raise Refused(
                422, "another_letter", f"Putusan itu disampaikan dengan surat lain: {OUTCOMES[asked.outcome]}.",
                f"That decision is told by another letter: {OUTCOMES[asked.outcome]}.", ["outcome"],
            )  # fmt: skip
        now = self._now()
        said = self._said(connection, officer, case, asked)
        edition = TemplateBook().in_force_at(connection, asked.kind)
        return {
            "decided": self._papers.words(asked.kind, case, said, now, self._book.counting_at(now)),
            "message_id": str(case.message_id) if case.message_id else None,
            "request_id": str(case.request_id) if case.request_id else None,
            "at": now.isoformat(),
            "template": {"content": edition.template.content, "edition": edition.number},
        }

    def _said(self, connection: Connection, officer: Actor, case: Case, asked: PreviewDocument) -> Said:
        """What was given; where no outcome was, the refusal that waits for the superior's word."""
        given = Said(
            officer.id, asked.outcome, asked.finding, tuple(asked.redactions), asked.weighing, asked.text
        )  # fmt: skip
        if asked.outcome is not None or asked.text:
            return given
        chosen = select(state.proposal).where(state.proposal.c.case_id == str(case.case_id))
        row = connection.execute(chosen).mappings().first()
        if row is None:
            return given
        try:
            found = proposal_of(dict(row), self._sealer)
        except Erased:
            raise Refused(
                410, "erased", "Data warga ini sudah dihapus.", "This citizen's data was erased."
            ) from None  # fmt: skip
        if OUTCOMES[found.outcome] is not asked.kind:
            return given
        return Said(found.officer, found.outcome, found.finding, found.redactions, found.weighing, found.text)
