"""Letters go with decisions and extensions: in which words, by which edition of the template."""

from collections.abc import Sequence

from corong.routing.calendar_book import CalendarBook
from corong.routing.cases import Case
from corong.routing.issuing import with_letter
from corong.routing.papers import Papers, Said
from corong.routing.template_book import Edition, TemplateBook
from corong.runtime.directory import Directory
from corong.runtime.unit import Draft, Unit
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
