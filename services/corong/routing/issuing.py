"""A letter beside what the citizen is told: its event stands right before the answer's or the notice's; pure."""

import json
from collections.abc import Mapping, Sequence

from corong.documents import VARIABLES
from corong.routing.cases import Case
from corong.routing.letter_facts import Decided
from corong.runtime.unit import Draft, Secret
from corong_contracts.case import CaseAnswered
from corong_contracts.case_life import CaseNotified
from corong_contracts.document import DocumentIssued, DocumentKind, document_of

__all__ = ["TOLD", "WORDS", "with_letter"]

WORDS = ("answer", "reason")
"""Variables that are the words of the answer or the notice: they stand there, and not twice in the log."""
TOLD: Mapping[type, str] = {CaseAnswered: "answer_id", CaseNotified: "notice_id"}
_OFFICE_KNOWS = frozenset({"government", "place", "follow", "write"})
_ASKER_KNOWS = frozenset({"registration", "name", "subject", "request_registration"})


def with_letter(
    drafts: Sequence[Draft], case: Case, kind: DocumentKind, edition: tuple[str, int], decided: Decided
) -> list[Draft]:  # fmt: skip
    """The drafts with the letter's; without it where it can't name what it must, as with clocks that give no day.

    `edition` is the template's digest and number.
    """
    place = next(index for index, draft in enumerate(drafts) if draft.payload in TOLD)
    told = drafts[place]
    required = {name for name, variable in VARIABLES[kind].items() if variable.required}
    if case.message_id is None or any(not decided.get(name) for name in required - _OFFICE_KNOWS - _ASKER_KNOWS):
        return list(drafts)
    told_id = told.data[TOLD[told.payload]]
    words = {name: value for name, value in decided.items() if value and name not in WORDS}
    data = {
        "document_id": document_of(told_id),
        "case_id": case.case_id,
        "kind": kind,
        "template": edition[0],
        "edition": edition[1],
        "told_id": told_id,
        "request_id": case.request_id,
        "message_id": case.message_id,
    }
    sealed = {"decided": Secret(case.key, json.dumps(words, ensure_ascii=False, sort_keys=True))}
    issued = Draft(DocumentIssued, case.case_id, data, sealed, told.actor)
    return [*drafts[:place], issued, *drafts[place:]]
