"""What letters say of a case at this moment: `letter_facts` with the directory's names and the clocks' days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from corong.routing import letter_facts
from corong.routing.case_clocks import Counting, counted
from corong.routing.cases import Case
from corong.routing.deadlines import ClockInputs
from corong.routing.letter_facts import Decided, Paper, Signer
from corong.runtime.directory import Directory
from corong.runtime.formats import minute
from corong.runtime.policy import ROLE_NAMES
from corong.working_days.zones import Zone, day_in
from corong_contracts.case import CaseKind
from corong_contracts.decision import Finding, Outcome
from corong_contracts.document import DocumentKind

__all__ = ["KINDS", "NOTICE", "OUTCOMES", "Papers", "Said"]

KINDS: Mapping[CaseKind, tuple[DocumentKind, ...]] = {
    CaseKind.INFORMATION_REQUEST: (
        DocumentKind.RECEIPT, DocumentKind.NOTICE, DocumentKind.REFUSAL, DocumentKind.EXTENSION,
        DocumentKind.INCOMPLETE, DocumentKind.SILENCE,
    ),
    CaseKind.OBJECTION: (DocumentKind.OBJECTION_DECISION, DocumentKind.INCOMPLETE, DocumentKind.SILENCE),
    CaseKind.COMPLAINT: (DocumentKind.INCOMPLETE,),
}  # fmt: skip
"""Which letters a case of a kind can have."""
OUTCOMES: Mapping[Outcome, DocumentKind] = {
    Outcome.GRANTED: DocumentKind.NOTICE,
    Outcome.PARTLY_GRANTED: DocumentKind.NOTICE,
    Outcome.NOT_HELD: DocumentKind.NOTICE,
    Outcome.REFUSED: DocumentKind.REFUSAL,
    Outcome.UPHELD: DocumentKind.OBJECTION_DECISION,
    Outcome.PARTLY_UPHELD: DocumentKind.OBJECTION_DECISION,
    Outcome.REJECTED: DocumentKind.OBJECTION_DECISION,
}
"""By which letter a decision is told."""
NOTICE, _OBJECT, _DISPUTE = "request_notice", "objection_filing", "dispute_filing"
ASKED, COMPLETED = "ask_completion", "complete"


@dataclass(frozen=True)
class Said:
    """A decision, or the reasons of an extension, as it was or would be written."""

    officer: str
    """Who signs."""
    outcome: Outcome | None = None
    finding: Finding = field(default_factory=Finding)
    redactions: Sequence[str] = field(default=(), repr=False)
    weighing: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    approved_by: str | None = None


class Papers:
    """The words of letters, with the names of the installation's directory."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def words(self, kind: DocumentKind, case: Case, said: Said, now: datetime, counting: Counting) -> Decided:
        """What a letter of the kind says; what isn't known is blank."""
        paper = Paper(
            office=self._unit(case.unit),
            on=day_in(counting.zone, now),
            received=day_in(counting.zone, case.received) if case.received else None,
            signer=self.signer(said.officer),
        )
        match kind:
            case DocumentKind.RECEIPT:
                return letter_facts.receipt(paper, self._minute(case.received), _last_day(case, NOTICE))
            case DocumentKind.EXTENSION:
                return letter_facts.extension(
                    paper, said.text, _last_day(case, NOTICE), _extended(case, counting)
                )  # fmt: skip
            case DocumentKind.INCOMPLETE:
                uses = counting.table.clocks_of(case.kind, case.tier)
                return letter_facts.incomplete(
                    paper, case.kind, said.text,
                    stands_still=any(ASKED in use.pauses for use in uses),
                    begins_anew=any(ASKED in use.ended_by and COMPLETED in use.starts for use in uses),
                )  # fmt: skip
            case DocumentKind.SILENCE:
                return _silence(paper, case, counting)
            case DocumentKind.OBJECTION_DECISION:
                until = _counted_from(now, _DISPUTE, counting)
                return letter_facts.objection(paper, said.outcome, case.ground, said.text, until)
            case _ if said.outcome is None:
                return letter_facts.nothing_decided(paper)
            case _:
                approver = self.signer(said.approved_by) if said.approved_by else None
                return letter_facts.decision(
                    paper, said.outcome, said.finding, said.redactions, said.weighing, said.text, approver,
                    _counted_from(now, _OBJECT, counting),
                )  # fmt: skip

    def receipt(self, unit: str, received: datetime, until: date | None, now: datetime, zone: Zone) -> Decided:
        """What the receipt says of a request that begins now; `until` is its last day."""
        paper = Paper(office=self._unit(unit), on=day_in(zone, now), received=day_in(zone, received))
        return letter_facts.receipt(paper, self._minute(received), until)

    def _minute(self, at: datetime | None) -> str:
        return minute(at, "id", self._directory.hub.zone) if at else ""

    def signer(self, officer: str) -> Signer:
        """An officer as letters name them; one who left the directory by id."""
        try:
            known = self._directory.officer(officer)
        except KeyError:
            return Signer("PPID", officer)
        office = ROLE_NAMES[known.role]
        if known.role == "unit_officer":
            office = f"{office}, {self._unit(known.unit)}"
        return Signer(office, known.name)

    def _unit(self, unit: str) -> str:
        return self._directory.unit(unit).name if self._directory.has_unit(unit) else unit


def _silence(paper: Paper, case: Case, counting: Counting) -> Decided:
    """Of the clock of the case that opens a right in silence: its last day is that right's day zero."""
    for use in counting.table.clocks_of(case.kind, case.tier):
        clock = case.clocks.get(use.rule)
        if use.silence and clock is not None:
            until = _counted_from(clock.due - timedelta(microseconds=1), use.silence, counting)
            return letter_facts.silence(paper, case.kind, use.rule, clock.last_day, use.silence, until)
    return letter_facts.silence(paper, case.kind, "", None, "", None)


def _last_day(case: Case, rule: str) -> date | None:
    clock = case.clocks.get(rule)
    return clock.last_day if clock else None


def _extended(case: Case, counting: Counting) -> date | None:
    clock = case.clocks.get(NOTICE)
    if clock is None or NOTICE not in counting.rules:
        return None
    return counted(counting.rules[NOTICE], replace(clock.inputs, extended=True), counting.calendar).count.last_day


def _counted_from(now: datetime, rule: str, counting: Counting) -> date | None:
    """The last day of a right that opens now; None where the installation's rules don't know it."""
    if rule not in counting.rules:
        return None
    inputs = ClockInputs(now.astimezone(UTC), counting.zone)
    return counted(counting.rules[rule], inputs, counting.calendar).count.last_day
