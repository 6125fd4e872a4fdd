"""Answers for everybody: what may be made public, and in which words; pure."""

from datetime import datetime
from uuid import UUID, uuid5

from corong.routing.case_life import check
from corong.routing.cases import Case
from corong.runtime.personal_marks import marks
from corong.runtime.policy import Actor
from corong.runtime.refusal import Refused
from corong.runtime.unit import Draft
from corong_contracts.answer import AnswerPublished, AnswerWithdrawn, Because


def answer_id(case_id: UUID) -> UUID:
    """A case has one public answer: other words stand at the same address."""
    return uuid5(case_id, "public answer")


def publish(
    case: Case, officer: Actor, now: datetime, question: str, answer: str, *, contacts_public: bool
) -> list[Draft]:  # fmt: skip
    """Make it public. Raises `Refused` (422) where something in the words looks like somebody's."""
    check("publish_answer", case, officer, now)
    for name, words in (("question", question), ("answer", answer)):
        _nobodys(name, words, contacts_public=contacts_public)
    data = {
        "answer_id": answer_id(case.case_id),
        "case_id": case.case_id,
        "unit": case.unit,
        "kind": case.kind,
        "officer": officer.id,
        "question": question.strip(),
        "answer": answer.strip(),
    }
    return [Draft(AnswerPublished, case.case_id, data, actor=str(officer))]


def withdraw(case: Case, officer: Actor, now: datetime, because: Because) -> list[Draft]:
    """Show it no longer."""
    check("withdraw_answer", case, officer, now)
    data = {
        "answer_id": answer_id(case.case_id), "case_id": case.case_id, "officer": officer.id, "because": because,
    }  # fmt: skip
    return [Draft(AnswerWithdrawn, case.case_id, data, actor=str(officer))]


def _nobodys(field: str, words: str, *, contacts_public: bool) -> None:
    if not words.strip():
        raise Refused(422, "empty", "Tuliskan isinya.", "Write something.", [field])
    found = marks(words)
    if "identity_number" in found:
        raise Refused(
            422, "identity_number",
            "Ada nomor 16 angka, seperti NIK atau nomor KK. Hapus nomor itu: tidak boleh terbit.",
            "There is a number of sixteen digits, as an identity card has. Take it out: it must not be published.",
            [field],
        )  # fmt: skip
    if found and not contacts_public:
        raise Refused(
            422, "looks_personal",
            "Ada alamat surel atau nomor telepon. Hapus bila milik warga; bila milik kantor, nyatakan demikian.",
            "There is an e-mail address or a telephone number. Take it out if it is a citizen's; say so if it is the "
            "office's.",
            [field],
        )  # fmt: skip
