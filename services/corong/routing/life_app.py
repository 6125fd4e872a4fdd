"""Commands on a case's life, but for decisions: kind, completion, extension, ends, merging, splitting, grouping."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from corong.routing import procedure, rearranging, rules
from corong.routing.calendar_book import CalendarBook
from corong.routing.case_clocks import Arrived, after_act, kept, opened, running_on
from corong.routing.case_guards import Asked
from corong.routing.cases import Case
from corong.routing.issuer import Issuer
from corong.routing.life_table import REPLIED
from corong.routing.loading import Loader
from corong.routing.papers import Said
from corong.routing.procedure import Message
from corong.runtime.clock import stamp
from corong.runtime.open_unit import check_open_unit
from corong.runtime.policy import Actor
from corong.runtime.service import Service
from corong.runtime.unit import Draft, Unit
from corong_contracts.document import DocumentKind
from corong_contracts.life_command import (
    AnswerGroup,
    AskCompletion,
    CompleteCase,
    DetailCase,
    ExtendCase,
    GroupCases,
    MergeCase,
    MoveMessage,
    PlanFollowUp,
    ReclassifyCase,
    ReopenCase,
    SplitCase,
    UngroupCase,
    WithdrawCase,
)


class Life:
    """Handlers: load, decide, record, with what the act does to the clocks."""

    def __init__(self, service: Service, load: Loader, book: CalendarBook) -> None:
        self._directory = service.installation.directory
        self._load = load
        self._book = book
        self._issuer = Issuer(service.installation.directory, book)
        service.command(ReclassifyCase, self.reclassify)
        service.command(DetailCase, self.detail)
        service.command(AskCompletion, self.ask_completion)
        service.command(CompleteCase, self.complete)
        service.command(ExtendCase, self.extend)
        service.command(PlanFollowUp, self.plan)
        service.command(WithdrawCase, self.withdraw)
        service.command(ReopenCase, self.reopen)
        service.command(MergeCase, self.merge)
        service.command(SplitCase, self.split)
        service.command(MoveMessage, self.move_message)
        service.command(GroupCases, self.group)
        service.command(UngroupCase, self.ungroup)
        service.command(AnswerGroup, self.answer_group)

    def reclassify(self, unit: Unit, officer: Actor, asked: ReclassifyCase, cause: UUID) -> None:
        """Command `case.reclassify`: the clocks of the old kind end, those of the new run from the receipt."""
        case = self._case(unit, asked.case_id)
        message = self._load.message(unit, case, asked.message_id)
        drafts = procedure.reclassify(
            case, officer, unit.now, asked.kind, asked.tier, message, asked.reason,
            merged_here=self._load.merged_here(unit, asked.case_id),
        )  # fmt: skip
        counting, tier = self._book.counting(unit), drafts[0].data["tier"]
        same = kept(case, asked.kind, tier, counting)
        drafts += after_act(case, "reclassify", unit.now, counting, but=same)
        forwarded = None if case.unit == self._directory.main_unit.id else unit.now
        new = Arrived(case.case_id, case.unit, asked.kind, tier, message.received, forwarded)
        clocks = running_on(case, opened(new, counting, but=same), counting)
        receipt = self._issuer.receipt(unit, new, message.message_id, case.key, cause, clocks, str(officer))
        unit.record(cause, [*drafts, *clocks, *receipt])

    def detail(self, unit: Unit, officer: Actor, asked: DetailCase, cause: UUID) -> None:
        """Command `case.detail`."""
        case = self._load.case(unit, asked.case_id, key=True)
        unit.record(cause, procedure.detail(case, officer, unit.now, asked.particulars))

    def ask_completion(self, unit: Unit, officer: Actor, asked: AskCompletion, cause: UUID) -> None:
        """Command `case.ask_completion`."""
        case = self._case(unit, asked.case_id)
        drafts = procedure.ask_completion(case, officer, unit.now, cause, asked.text)
        said = Said(officer.id, text=asked.text)
        drafts = self._issuer.beside(unit, case, DocumentKind.INCOMPLETE, said, drafts)
        unit.record(cause, [*drafts, *self._after(unit, case, "ask_completion")])

    def complete(self, unit: Unit, officer: Actor, asked: CompleteCase, cause: UUID) -> None:
        """Command `case.complete`: the clock runs on after the day on which the citizen's answer came."""
        case = self._case(unit, asked.case_id)
        message: Message | None = None
        if asked.message_id is not None:
            message = self._load.message(unit, case, asked.message_id)
        elif case.asked_at is not None:
            message = self._load.latest_since(unit, case, stamp(case.asked_at))
        drafts = procedure.complete(case, officer, unit.now, message)
        when = message.received if message else unit.now
        unit.record(cause, [*drafts, *self._after(unit, case, "complete", when)])

    def extend(self, unit: Unit, officer: Actor, asked: ExtendCase, cause: UUID) -> None:
        """Command `case.extend`."""
        case = self._case(unit, asked.case_id)
        drafts = procedure.extend(case, officer, unit.now, cause, asked.reasons, self._book.counting(unit))
        said = Said(officer.id, text=asked.reasons)
        unit.record(cause, self._issuer.beside(unit, case, DocumentKind.EXTENSION, said, drafts))

    def plan(self, unit: Unit, officer: Actor, asked: PlanFollowUp, cause: UUID) -> None:
        """Command `case.plan`."""
        case = self._case(unit, asked.case_id)
        drafts = procedure.plan(case, officer, unit.now, cause, asked.text)
        unit.record(cause, [*drafts, *self._after(unit, case, "plan")])

    def withdraw(self, unit: Unit, officer: Actor, asked: WithdrawCase, cause: UUID) -> None:
        """Command `case.withdraw`."""
        case = self._case(unit, asked.case_id)
        merged_here = self._load.merged_here(unit, asked.case_id)
        drafts = procedure.withdraw(case, officer, unit.now, asked.reason, Asked(merged_here=merged_here))
        unit.record(cause, [*drafts, *self._after(unit, case, "withdraw")])

    def reopen(self, unit: Unit, officer: Actor, asked: ReopenCase, cause: UUID) -> None:
        """Command `case.reopen`."""
        case = self._case(unit, asked.case_id)
        unit.record(cause, rearranging.reopen(case, officer, unit.now, asked.reason, self._book.counting(unit)))

    def merge(self, unit: Unit, officer: Actor, asked: MergeCase, cause: UUID) -> None:
        """Command `case.merge`."""
        case, into = self._both(unit, asked.case_id, asked.into)
        merged_here = self._load.merged_here(unit, asked.case_id)
        drafts = rearranging.merge(
            case, officer, unit.now, cause, into, asked.reason, merged_here=merged_here,
            split_from=self._load.split_from(unit, case.case_id),
        )  # fmt: skip
        unit.record(cause, [*drafts, *self._after(unit, case, "merge")])

    def split(self, unit: Unit, officer: Actor, asked: SplitCase, cause: UUID) -> None:
        """Command `case.split`: intake registers the new case, and it comes back as any other does."""
        case = self._case(unit, asked.case_id)
        if asked.unit is not None:
            check_open_unit(self._directory, asked.unit)
        message = self._load.message(unit, case, asked.message_id)
        known = self._load.registered(unit, case.case_id)
        drafts = rearranging.split(
            case, officer, unit.now, message, asked.kind, asked.unit or case.unit, asked.reason, known
        )  # fmt: skip
        unit.record(cause, drafts)

    def move_message(self, unit: Unit, officer: Actor, asked: MoveMessage, cause: UUID) -> None:
        """Command `case.move_message`: intake tells where the message is now, and who shows it follows."""
        case, into = self._both(unit, asked.case_id, asked.into)
        message = self._load.message(unit, case, asked.message_id)
        if message.home is not None:
            unit.lock_entity(message.home)
            message = self._load.message(unit, case, asked.message_id)
        here, there = self._load.registered(unit, case.case_id), self._load.registered(unit, into.case_id)
        home = self._load.registered(unit, message.home) if message.home else here
        drafts = rearranging.move(
            case, officer, unit.now, cause, message, into, asked.reason,
            same_place=here["visibility"] == there["visibility"], conversation_id=UUID(home["conversation_id"]),
        )  # fmt: skip
        unit.record(cause, [*drafts, *(self._after(unit, into, REPLIED) if into.answered else ())])

    def group(self, unit: Unit, officer: Actor, asked: GroupCases, cause: UUID) -> dict[str, str]:
        """Command `case.group`: a group that one of them is in already takes the others in."""
        cases = self._cases(unit, asked.case_ids)
        group_id = next((case.group_id for case in cases if case.group_id), None) or uuid5(cause, "group")
        drafts = [draft for case in cases for draft in rearranging.group(case, officer, unit.now, group_id)]
        unit.record(cause, drafts)
        return {"group_id": str(group_id)}

    def ungroup(self, unit: Unit, officer: Actor, asked: UngroupCase, cause: UUID) -> None:
        """Command `case.ungroup`."""
        unit.record(cause, rearranging.ungroup(self._load.case(unit, asked.case_id), officer, unit.now))

    def answer_group(self, unit: Unit, officer: Actor, asked: AnswerGroup, cause: UUID) -> None:
        """Command `case.answer_group`: all or none; what was answered or closed before stays as it is."""
        first = self._case(unit, asked.case_id)
        members = self._load.of_group(unit, first.group_id) if first.group_id else [first.case_id]
        drafts: list[Draft] = []
        for case in self._cases(unit, members, key=True):
            if case.case_id != first.case_id and (case.closed or case.answered):
                continue
            drafts += rules.answer_of_group(case, officer, unit.now, cause, asked.text, asked.close)
            drafts += self._after(unit, case, "answer_group", closed=asked.close)
        unit.record(cause, drafts)

    def _case(self, unit: Unit, case_id: UUID) -> Case:
        return self._load.case(unit, case_id, key=True, clocks=True)

    def _both(self, unit: Unit, one: UUID, other: UUID) -> tuple[Case, Case]:
        found = {case.case_id: case for case in self._cases(unit, [one, other], key=True)}
        return found[one], found[other]

    def _cases(self, unit: Unit, case_ids: Sequence[UUID], *, key: bool = False) -> list[Case]:
        """Several cases; what one commit tells of them is true of all at one moment."""
        return [self._load.case(unit, one, key=key, clocks=key) for one in dict.fromkeys(case_ids)]

    def _after(
        self, unit: Unit, case: Case, act: str, started: datetime | None = None, *, closed: bool = False
    ) -> list[Draft]:
        return after_act(case, act, unit.now, self._book.counting(unit), started=started, closed=closed)
