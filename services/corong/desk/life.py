"""The life of a case by the law: what may be done, its clocks, and the commands that go to routing."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from corong.desk.cases import CaseId, CaseName, Cases
from corong.desk.context import Desk, IdempotencyKey, InLanguage, Officer
from corong.desk.life_bodies import (
    AnswerTakenBack,
    Completed,
    Completion,
    Dispute,
    Extension,
    Grant,
    Group,
    GroupAnswer,
    Kind,
    Merge,
    MoveMessage,
    Objection,
    ObjectionDecided,
    Particulars,
    Plan,
    PublicWords,
    Reason,
    Refusal,
    RefusalApproved,
    Settlement,
    Split,
)
from corong.desk.models import CaseDone, Done
from corong_contracts import life_command as commands
from corong_contracts.case_life import RequestParticulars


class Grouped(Done):
    """And the group."""

    group_id: str | None = None


class Life(BaseModel):
    """How far a case is, what the reader may do with it, and its clocks."""

    state: str = Field(description="A state of docs/case-life.md.")
    told: str
    acts: list[dict[str, Any]] = Field(description="Acts of the table, with what must be written and the legal basis.")
    opening: str = Field(description="When the unit's doors are open; deadlines are counted by the law all the same.")
    clocks: list[dict[str, Any]] = Field(description="Each counted day by day, with the calendar's decree.")


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("life")
    cases = Cases(desk)

    @router.get("/cases/{case:path}/life")
    async def life(officer: Officer, case: CaseName, language: InLanguage) -> Life:
        """What may be done now, and how every deadline was counted, in the reader's language."""
        case_id = await cases.identify(case)
        told = await desk.ask(officer, commands.ExplainCase(case_id=case_id), None, None, wait=False)
        found = told.result
        return Life(
            state=found["state"],
            told=found["state_words"][language],
            opening=found["opening"][language],
            acts=[_in(language, act) for act in found["acts"]],
            clocks=[_in(language, clock) for clock in found["clocks"]],
        )

    _procedure(router, cases)
    _decisions(router, cases)
    _rearranging(router, desk, cases)
    _publishing(router, cases)
    return router


def _in(language: str, value: Any) -> Any:
    """Of words in both languages those of the reader."""
    if isinstance(value, dict):
        if value.keys() == {"id", "en"}:
            return value[language]
        return {name: _in(language, item) for name, item in value.items()}
    return [_in(language, item) for item in value] if isinstance(value, list) else value


def _procedure(router: APIRouter, cases: Cases) -> None:
    @router.post("/cases/{case:path}/reclassify")
    async def reclassify(officer: Officer, case_id: CaseId, body: Kind, key: IdempotencyKey = None) -> CaseDone:
        """Another kind: a comment or a message becomes a request, whose clock runs from its receipt."""
        command = commands.ReclassifyCase(
            case_id=case_id, kind=body.kind, tier=body.tier, message_id=body.message_id, reason=body.reason
        )  # fmt: skip
        return await cases.command(officer, command, case_id, key)

    @router.post("/cases/{case:path}/detail")
    async def detail(officer: Officer, case_id: CaseId, body: Particulars, key: IdempotencyKey = None) -> CaseDone:
        """Write down what the statutory register asks of a request."""
        particulars = RequestParticulars.model_validate(body.model_dump())
        return await cases.command(
            officer, commands.DetailCase(case_id=case_id, particulars=particulars), case_id, key
        )  # fmt: skip

    @router.post("/cases/{case:path}/ask-completion")
    async def ask_completion(
        officer: Officer, case_id: CaseId, body: Completion, key: IdempotencyKey = None
    ) -> CaseDone:  # fmt: skip
        """Ask the applicant for what is missing, where they wrote."""
        return await cases.command(officer, commands.AskCompletion(case_id=case_id, text=body.text), case_id, key)

    @router.post("/cases/{case:path}/complete")
    async def complete(officer: Officer, case_id: CaseId, body: Completed, key: IdempotencyKey = None) -> CaseDone:
        """It has come: the clock runs on after the day on which it did."""
        command = commands.CompleteCase(case_id=case_id, message_id=body.message_id)
        return await cases.command(officer, command, case_id, key)

    @router.post("/cases/{case:path}/extend")
    async def extend(officer: Officer, case_id: CaseId, body: Extension, key: IdempotencyKey = None) -> CaseDone:
        """More time, once, with written reasons that the applicant is told (UU 14/2008 art. 22 (8))."""
        return await cases.command(officer, commands.ExtendCase(case_id=case_id, reasons=body.reasons), case_id, key)

    @router.post("/cases/{case:path}/plan")
    async def plan(officer: Officer, case_id: CaseId, body: Plan, key: IdempotencyKey = None) -> CaseDone:
        """Tell the reporter how and when the complaint is followed up (SP4N-LAPOR!)."""
        return await cases.command(officer, commands.PlanFollowUp(case_id=case_id, text=body.text), case_id, key)

    @router.post("/cases/{case:path}/withdraw")
    async def withdraw(officer: Officer, case_id: CaseId, body: Reason, key: IdempotencyKey = None) -> CaseDone:
        """The citizen takes it back."""
        return await cases.command(officer, commands.WithdrawCase(case_id=case_id, reason=body.reason), case_id, key)

    @router.post("/cases/{case:path}/reopen")
    async def reopen(officer: Officer, case_id: CaseId, body: Reason, key: IdempotencyKey = None) -> CaseDone:
        """Undo a closing, a merge or a withdrawal."""
        return await cases.command(officer, commands.ReopenCase(case_id=case_id, reason=body.reason), case_id, key)


def _decisions(router: APIRouter, cases: Cases) -> None:
    @router.post("/cases/{case:path}/grant")
    async def grant(officer: Officer, case_id: CaseId, body: Grant, key: IdempotencyKey = None) -> CaseDone:
        """Grant the whole request, or say that the information is not held and who holds it."""
        command = commands.GrantRequest(
            case_id=case_id, outcome=body.outcome, finding=body.finding, text=body.text
        )  # fmt: skip
        return await cases.command(officer, command, case_id, key)

    @router.post("/cases/{case:path}/refuse")
    async def refuse(officer: Officer, case_id: CaseId, body: Refusal, key: IdempotencyKey = None) -> CaseDone:
        """Propose a refusal, whole or in part: ground of art. 17, consequence test, and the text for approval."""
        command = commands.RefuseRequest(
            case_id=case_id, outcome=body.outcome, finding=body.finding, redactions=body.redactions,
            weighing=body.weighing, text=body.text,
        )  # fmt: skip
        return await cases.command(officer, command, case_id, key)

    @router.post("/cases/{case:path}/approve")
    async def approve(
        officer: Officer, case_id: CaseId, body: RefusalApproved, key: IdempotencyKey = None
    ) -> CaseDone:  # fmt: skip
        """The superior's word on exactly the text that was read; the notice goes out."""
        command = commands.ApproveRefusal(case_id=case_id, text_hash=body.text_hash)
        return await cases.command(officer, command, case_id, key)

    @router.post("/cases/{case:path}/disapprove")
    async def disapprove(officer: Officer, case_id: CaseId, body: Reason, key: IdempotencyKey = None) -> CaseDone:
        """The superior sends the proposal back, or the unit takes it back."""
        return await cases.command(officer, commands.ReturnRefusal(case_id=case_id, reason=body.reason), case_id, key)

    @router.post("/cases/{case:path}/decide")
    async def decide(
        officer: Officer, case_id: CaseId, body: ObjectionDecided, key: IdempotencyKey = None
    ) -> CaseDone:  # fmt: skip
        """The superior's decision on an objection."""
        command = commands.DecideObjection(case_id=case_id, outcome=body.outcome, text=body.text)
        return await cases.command(officer, command, case_id, key)

    @router.post("/cases/{case:path}/object")
    async def link(officer: Officer, case_id: CaseId, body: Objection, key: IdempotencyKey = None) -> CaseDone:
        """Tie an objection to its request, with the ground of art. 35; without a request the link is undone."""
        request_id = await cases.identify(body.request) if body.request else None
        command = commands.ObjectToRequest(case_id=case_id, request_id=request_id, ground=body.ground)
        return await cases.command(officer, command, case_id, key)

    @router.post("/cases/{case:path}/dispute")
    async def dispute(officer: Officer, case_id: CaseId, body: Dispute, key: IdempotencyKey = None) -> CaseDone:
        """The applicant went to the Information Commission."""
        command = commands.RecordDispute(case_id=case_id, reference=body.reference, filed_on=body.filed_on)
        return await cases.command(officer, command, case_id, key)

    @router.post("/cases/{case:path}/settle")
    async def settle(officer: Officer, case_id: CaseId, body: Settlement, key: IdempotencyKey = None) -> CaseDone:
        """How the dispute ended."""
        command = commands.SettleDispute(case_id=case_id, result=body.result, settled_on=body.settled_on)
        return await cases.command(officer, command, case_id, key)


def _publishing(router: APIRouter, cases: Cases) -> None:
    @router.post("/cases/{case:path}/publish-answer")
    async def publish_answer(
        officer: Officer, case_id: CaseId, body: PublicWords, key: IdempotencyKey = None
    ) -> CaseDone:  # fmt: skip
        """Let anybody read question and answer at `/jawaban`, in words that hold nothing of the citizen; again to mend.

        Identity numbers are refused, e-mail addresses and telephone numbers unless they are said to be the office's.
        """
        command = commands.PublishAnswer(
            case_id=case_id, question=body.question, answer=body.answer, contacts_public=body.contacts_public
        )
        return await cases.command(officer, command, case_id, key)

    @router.post("/cases/{case:path}/withdraw-answer")
    async def withdraw_answer(
        officer: Officer, case_id: CaseId, body: AnswerTakenBack, key: IdempotencyKey = None
    ) -> CaseDone:  # fmt: skip
        """Show it no longer."""
        command = commands.WithdrawAnswer(case_id=case_id, because=body.because)
        return await cases.command(officer, command, case_id, key)


def _rearranging(router: APIRouter, desk: Desk, cases: Cases) -> None:
    @router.post("/cases/{case:path}/merge")
    async def merge(officer: Officer, case_id: CaseId, body: Merge, key: IdempotencyKey = None) -> CaseDone:
        """The case goes on in an earlier one of the same citizen; `reopen` undoes it."""
        into = await cases.identify(body.into)
        command = commands.MergeCase(case_id=case_id, into=into, reason=body.reason)
        return await cases.command(officer, command, case_id, key)

    @router.post("/cases/{case:path}/split")
    async def split(officer: Officer, case_id: CaseId, body: Split, key: IdempotencyKey = None) -> CaseDone:
        """A later message becomes a case of its own in the same conversation; `merge` undoes it."""
        command = commands.SplitCase(
            case_id=case_id, message_id=body.message_id, kind=body.kind, unit=body.unit, reason=body.reason
        )  # fmt: skip
        return await cases.command(officer, command, case_id, key)

    @router.post("/cases/{case:path}/move-message")
    async def move_message(
        officer: Officer, case_id: CaseId, body: MoveMessage, key: IdempotencyKey = None
    ) -> CaseDone:  # fmt: skip
        """A later message is read in another open case of the same citizen; moving it back undoes it."""
        into = await cases.identify(body.into)
        command = commands.MoveMessage(case_id=case_id, message_id=body.message_id, into=into, reason=body.reason)
        return await cases.command(officer, command, case_id, key)

    @router.post("/case-groups")
    async def group(officer: Officer, body: Group, key: IdempotencyKey = None) -> Grouped:
        """Cases on the same issue, to be answered once."""
        ids = [await cases.identify(name) for name in body.cases]
        told = await desk.ask(officer, commands.GroupCases(case_ids=ids), ids[0], key)
        return Grouped(**told.as_done(), group_id=told.result.get("group_id"))

    @router.post("/cases/{case:path}/ungroup")
    async def ungroup(officer: Officer, case_id: CaseId, key: IdempotencyKey = None) -> CaseDone:
        """Take a case out of its group."""
        return await cases.command(officer, commands.UngroupCase(case_id=case_id), case_id, key)

    @router.post("/cases/{case:path}/answer-group")
    async def answer_group(
        officer: Officer, case_id: CaseId, body: GroupAnswer, key: IdempotencyKey = None
    ) -> CaseDone:  # fmt: skip
        """Answer the case's whole group with one text, each citizen where they wrote."""
        command = commands.AnswerGroup(case_id=case_id, text=body.text, close=body.close)
        return await cases.command(officer, command, case_id, key)
