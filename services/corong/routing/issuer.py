"""Letters go with decisions and extensions: in which words, by which edition of the template."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from corong.routing.calendar_book import CalendarBook
from corong.routing.case_clocks import Arrived
from corong.routing.cases import Case
from corong.routing.issuing import receipt, with_letter
from corong.routing.papers import NOTICE, Papers, Said
from corong.routing.template_book import Edition, TemplateBook
from corong.runtime.directory import Directory
from corong.runtime.unit import Draft, Unit
from corong_contracts.case import CaseKind
from corong_contracts.clock import ClockOpened
from corong_contracts.document import DocumentKind


class Issuer:
    """Puts a letter beside what an act tells the citizen."""

    def __init__(self, directory: Directory, book: CalendarBook) -> None:
        self._papers = Papers(directory)
        self._templates = TemplateBook()
        self._book = book

    def edition(self, unit: Unit, kind: DocumentKind) -> Edition:
        """That in force, for who writes many letters of a kind in one commit."""
        return self._templates.in_force(unit, kind)

    def beside(
        self, unit: Unit, case: Case, kind: DocumentKind, said: Said, drafts: Sequence[Draft],
        edition: Edition | None = None,
    ) -> list[Draft]:  # fmt: skip
        """The act's drafts with the letter's, by the edition in force; `case` is as it was before the act."""
        decided = self._papers.words(kind, case, said, unit.now, self._book.counting(unit))
        edition = edition or self.edition(unit, kind)
        return with_letter(drafts, case, kind, (edition.template.digest, edition.number), decided)

    def receipt(
        self, unit: Unit, new: Arrived, message_id: UUID, key: str, cause: UUID, clocks: Sequence[Draft], actor: str
    ) -> list[Draft]:  # fmt: skip
        """The receipt of a case that is a request from now on, with the day that its clocks say; of others none.

        `message_id` is the message that is the request, `key` its writer's.
        """
        if new.kind is not CaseKind.INFORMATION_REQUEST:
            return []
        decided = self._papers.receipt(
            new.unit, new.received, _last_day(clocks), unit.now, self._book.counting(unit).zone
        )  # fmt: skip
        edition = self.edition(unit, DocumentKind.RECEIPT)
        named = edition.template.digest, edition.number
        return receipt(new.case_id, message_id, cause, named, key, decided, actor)


def _last_day(clocks: Sequence[Draft]) -> date | None:
    """Of the written notice."""
    counts = (draft.data["count"] for draft in clocks if draft.payload is ClockOpened)
    return next((count.last_day for count in counts if count.rule == NOTICE), None)
