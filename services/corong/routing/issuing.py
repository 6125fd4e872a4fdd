"""A letter beside what the citizen is told: its event stands right before the answer's or the notice's; pure.

A receipt goes with nothing that is told: it is there for who holds number and code.
"""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from corong.documents import VARIABLES
from corong.routing.cases import Case
from corong.routing.letter_facts import Decided
from corong.runtime.unit import Draft, Secret
from corong_contracts.case import CaseAnswered
from corong_contracts.case_life import CaseNotified
from corong_contracts.document import DocumentIssued, DocumentKind, document_of

__all__ = ["TOLD", "WORDS", "receipt", "with_letter"]

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
    if case.message_id is None or not _is_whole(kind, decided):
        return list(drafts)
    data = {"told_id": told.data[TOLD[told.payload]], "request_id": case.request_id, "message_id": case.message_id}
    issued = _issued(case.case_id, kind, edition, data, case.key, decided, told.actor)
    return [*drafts[:place], issued, *drafts[place:]]


def receipt(
    case_id: UUID, message_id: UUID, cause: UUID, edition: tuple[str, int], key: str, decided: Decided, actor: str
) -> list[Draft]:  # fmt: skip
    """Of a request that began with `cause`; none where its clock gives no day.

    `key` is the citizen's, `message_id` the message that is the request.
    """
    if not _is_whole(DocumentKind.RECEIPT, decided):
        return []
    data = {"told_id": cause, "request_id": None, "message_id": message_id}
    return [_issued(case_id, DocumentKind.RECEIPT, edition, data, key, decided, actor)]


def _is_whole(kind: DocumentKind, decided: Decided) -> bool:
    required = {name for name, variable in VARIABLES[kind].items() if variable.required}
    return all(decided.get(name) for name in required - _OFFICE_KNOWS - _ASKER_KNOWS)


def _issued(
    case_id: UUID, kind: DocumentKind, edition: tuple[str, int], named: Mapping[str, UUID | None], key: str,
    decided: Decided, actor: str,
) -> Draft:  # fmt: skip
    told_id = named["told_id"]
    assert told_id is not None  # a letter goes with something
    words = {name: value for name, value in decided.items() if value and name not in WORDS}
    data = {
        "document_id": document_of(told_id),
        "case_id": case_id,
        "kind": kind,
        "template": edition[0],
        "edition": edition[1],
        **named,
    }
    sealed = {"decided": Secret(key, json.dumps(words, ensure_ascii=False, sort_keys=True))}
    return Draft(DocumentIssued, case_id, data, sealed, actor)
