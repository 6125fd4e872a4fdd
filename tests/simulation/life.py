"""One case: what its citizen and its officers do with it, told to the hub and written into the book."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import uuid5

from corong_contracts.channel import Receipt
from tests.simulation.book import CLOSING, STEPS, Entry
from tests.simulation.reckoning import DAY
from tests.simulation.regency import MAIN, MAIN_OFFICER, SUPERIOR, officer_of
from tests.simulation.town import Phase, Town, When

MAIN_KINDS = ("objection", "spam")
"""Whoever they are written to, the main office gets them."""
TEST = {"number": "UK/1", "held_on": "2025-12-01", "exempt_until": "2031-01-01"}


class Life:
    """A case's citizen and officers. Each act waits for the hub's word, then stands in the book."""

    entry: Entry

    def __init__(self, town: Town, name: str, kind: str, unit: str) -> None:
        self.town = town
        self.name = name
        self.kind = kind
        self.rng = town.rng(name)
        self.unit = unit
        self.sender = f"warga-{name}"
        self.conversation = name
        self._asked = 0
        self.messages = 0

    # Time

    async def office(self, after: int = 0) -> None:
        """Until an officer takes it up, so many working days later."""
        await self.town.sleeps(self.town.office_on(after, self.rng))

    async def mail(self, after: int) -> None:
        """Until the citizen has something more to say, so many days later."""
        day = self.town.today + max(1, after) * DAY
        await self.town.sleeps(self.town.mail_on(day, self.rng))

    async def mail_at(self, when: When) -> None:
        """Until that moment."""
        assert when.phase is Phase.MAIL
        await self.town.sleeps(when)

    # The citizen

    async def writes(self, text: str = "Mohon ditindaklanjuti.", *, declared: bool = True) -> Entry:
        """The first message: a new case."""
        receipt = await self._sends(text, {"declared_kind": self.kind} if declared else {})
        assert receipt.case_id is not None
        unit = MAIN if self.kind in MAIN_KINDS else self.unit
        self.entry = self.town.book.registered(self.kind, self.kind if declared else None, unit, receipt.case_id)
        if receipt.registration != self.entry.registration:
            self.town.troubles.append(f"{self.entry.registration} by our count, not {receipt.registration}")
        self.entry.happened("message.received")
        self.entry.begin(self.town.now, self.town.today)
        return self.entry

    async def writes_again(self, text: str = "Ini kelengkapannya.") -> Receipt:
        """A follow-up in the same conversation."""
        receipt = await self._sends(text, {"thread": [f"{self.conversation}/1"]})
        assert receipt.case_id == self.entry.case_id
        self.entry.happened("message.received")
        self.entry.messages += 1
        if self.entry.state == "answered":
            self.entry.end("replied", CLOSING)
        return receipt

    async def _sends(self, text: str, more: dict[str, Any]) -> Receipt:
        self.messages += 1
        native = f"{self.conversation}/{self.messages}"
        receipt: Receipt = await self.town.posts(
            self.town.message(self.unit, native, self.sender, f"{text} Nomor {self.name}.", **more)
        )
        return receipt

    # Officers

    @property
    def officer(self) -> str:
        """Who answers for the unit that has it."""
        return officer_of(self.entry.unit)

    async def _asks(self, command: str, officer: str | None = None, **data: Any) -> dict[str, Any]:
        self._asked += 1
        cause = self.town.cause(self.entry.case_id, self._asked)
        data = {"case_id": str(self.entry.case_id), **data}
        return await self.town.hub.asks(officer or self.officer, command, cause, **data)

    async def claim(self) -> None:
        """Take it."""
        await self._asks("case.claim")
        self.entry.claimed(self.town.now)

    async def hand_back(self) -> None:
        """Let go of it."""
        await self._asks("case.hand_back")
        self.entry.let_go()

    async def note(self) -> None:
        """A word among officers."""
        await self._asks("case.note", note="Sudah dicek di lapangan.")
        self.entry.happened("case.noted")

    async def prioritise(self, priority: str) -> None:
        """More, or less, urgent than it was."""
        await self._asks("case.prioritise", priority=priority)
        self.entry.happened("case.prioritised")

    async def assign(self, unit: str) -> None:
        """The main office gives it to another unit."""
        await self._asks("case.assign", MAIN_OFFICER, unit=unit, instruction="Mohon ditangani.")
        self.entry.passed_on("case.assigned", unit)

    async def send_back(self) -> None:
        """Not this unit's authority."""
        await self._asks("case.return", reason="Bukan kewenangan kami.")
        self.entry.passed_on("case.returned", MAIN)

    async def answer(self, *, close: bool = False) -> None:
        """Answer a complaint, suggestion or question."""
        await self._asks("case.answer", text="Sudah kami tindak lanjuti, terima kasih.", close=close)
        first = self.entry.state == "in_progress"
        self.entry.answered(state="answered" if first else self.entry.state)
        self._answered(first, close)

    def _answered(self, first: bool, close: bool) -> None:
        entry = self.entry
        if first:
            for rule in (*entry.answer_clocks, *STEPS):
                entry.met(rule)
        if close:
            entry.end("close", CLOSING)
            entry.closed("answered")
        elif entry.kind == "complaint":
            entry.start(CLOSING)

    async def plan(self) -> None:
        """Tell the reporter how the complaint is followed up."""
        await self._asks("case.plan", text="Jembatan diperiksa pekan depan.")
        self.entry.happened("case.planned")
        self.entry.notified()
        for step in STEPS:
            self.entry.met(step)

    async def inform(self) -> None:
        """Words to the applicant that decide nothing."""
        await self._asks("case.answer", text="Permohonan sedang kami kerjakan.")
        self.entry.answered(state=self.entry.state)

    async def close(self, outcome: str = "answered") -> None:
        """Finish it."""
        await self._asks("case.close", outcome=outcome)
        if outcome == "answered":
            self.entry.end("close", CLOSING)
        else:
            self.entry.end("close_unanswered", *self.entry.answer_clocks, *STEPS)
        self.entry.closed(outcome)

    async def reclassify(self, kind: str, tier: str | None = None) -> None:
        """It is of another kind, or another tier."""
        entry = self.entry
        await self._asks("case.reclassify", kind=kind, tier=tier, reason="Isinya demikian.")
        entry.happened("case.reclassified")
        both = entry.kind == kind == "complaint"  # its steps go on
        before = entry.answer_clocks
        entry.turned_from, entry.kind = entry.kind, kind
        entry.tier = (tier or "without_oversight") if kind == "complaint" else None
        kept = (*STEPS, CLOSING, *(rule for rule in before if rule in entry.answer_clocks)) if both else ()
        entry.end("reclassify", *(rule for rule in entry.clocks if rule not in kept))
        entry.open_main(entry.received, kept)
        if not both:
            entry.begin_steps(entry.received, self.town.today)

    async def detail(self) -> None:
        """What the register asks."""
        await self._asks("case.detail", particulars={"occupation": "nelayan", "purpose": "penelitian"})
        self.entry.happened("case.detailed")

    async def ask_completion(self) -> None:
        """Something is missing."""
        entry = self.entry
        await self._asks("case.ask_completion", text="Mohon lengkapi identitas pemohon.")
        entry.happened("case.completion_asked")
        entry.completions += 1
        entry.notified()
        entry.lettered()
        entry.state = "incomplete"
        if entry.kind == "information_request":
            entry.met("request_completion")
            notice = entry.clocks["request_notice"]
            if notice.state == "running":
                notice.state, notice.paused_on = "paused", self.town.today
                entry.happened("clock.paused")
        elif entry.kind == "complaint":
            entry.end("ask_completion", *entry.answer_clocks)
            for step in STEPS:
                entry.met(step)

    async def complete(self, came: date) -> None:
        """What was missing came on that day."""
        entry = self.entry
        await self._asks("case.complete")
        entry.happened("case.completed")
        entry.state = "in_progress"
        if entry.kind == "information_request":
            notice = entry.clocks["request_notice"]
            if notice.state == "paused":
                assert notice.paused_on is not None
                notice.pauses.append((notice.paused_on, came))
                notice.state, notice.paused_on = "running", None
                entry.move("request_notice")
        elif entry.kind == "complaint":
            for rule in entry.answer_clocks:
                entry.open(rule, came)

    async def extend(self) -> None:
        """Seven days more, once."""
        entry = self.entry
        await self._asks("case.extend", reasons="Data masih dikumpulkan dari tiga unit.")
        entry.happened("case.extended")
        entry.notified()
        notice = entry.clocks["request_notice"]
        notice.extended = True
        entry.move("request_notice")
        entry.lettered()

    async def grant(self, outcome: str = "granted") -> None:
        """The notice to a request."""
        finding = {"held_by": "BPKAD"} if outcome == "not_held" else {}
        await self._asks("case.grant", outcome=outcome, finding=finding, text="Dengan ini kami sampaikan.")
        self._decided(outcome)

    def _decided(self, outcome: str) -> None:
        entry = self.entry
        entry.happened("decision.given")
        entry.lettered()
        entry.answered(state="decided")
        entry.decision, entry.decided_on = outcome, self.town.today
        entry.met("request_notice")
        entry.end("not_held" if outcome == "not_held" else "grant", "request_completion")
        entry.start("objection_filing")

    async def propose(self, outcome: str) -> str:
        """A refusal, whole or in part, for the superior's word; its hash."""
        more: dict[str, Any] = {"redactions": ["NIK"]} if outcome == "partly_granted" else {}
        told = await self._asks(
            "case.refuse", outcome=outcome, finding={"grounds": ["h"], "test": TEST}, weighing="Data pribadi.",
            text="Sebagian informasi dikecualikan.", **more,
        )  # fmt: skip
        entry = self.entry
        entry.happened("decision.proposed")
        entry.state = "approval_pending"
        entry.end("refuse" if outcome == "refused" else "grant_partly", "request_completion")
        return str(told["text_hash"])

    async def approve(self, text_hash: str, outcome: str) -> None:
        """The superior's word."""
        await self._asks("case.approve", SUPERIOR, text_hash=text_hash)
        self.entry.happened("decision.approved")
        self.entry.refused = True
        self._decided(outcome)

    async def disapprove(self, officer: str | None = None) -> None:
        """The proposal does not stand."""
        await self._asks("case.disapprove", officer or SUPERIOR, reason="Uji konsekuensi belum cukup.")
        self.entry.happened("decision.returned")
        self.entry.state = "in_progress"

    async def withdraw(self) -> None:
        """The citizen took it back."""
        entry = self.entry
        await self._asks("case.withdraw", reason="Pemohon mencabut.")
        entry.happened("case.withdrawn")
        entry.end("withdraw", *entry.clocks)
        entry.closed("withdrawn")

    async def reopen(self) -> None:
        """Undo the end."""
        entry = self.entry
        await self._asks("case.reopen", reason="Ditutup karena keliru.")
        entry.happened("case.reopened")
        entry.state, entry.before = entry.before or "in_progress", None
        entry.outcome = entry.merged_into = entry.closed_on = None
        for clock in entry.clocks.values():
            if clock.rule != CLOSING and clock.ended_by in ("merge", "withdraw", "close_unanswered"):
                entry.open_again(clock.rule)

    async def merge(self, into: Life) -> None:
        """It goes on in an earlier one of the same citizen."""
        entry = self.entry
        await self._asks("case.merge", into=str(into.entry.case_id), reason="Isinya sama.")
        entry.happened("case.merged")
        entry.end("merge", *entry.clocks)
        entry.closed("merged")
        entry.merged_into = into.entry
        entry.notified()

    async def object_to(self, request: Entry, ground: str) -> None:
        """Say which request an objection is about."""
        await self._asks("case.object", request_id=str(request.case_id), ground=ground)
        self.entry.happened("case.linked")
        self.entry.request, self.entry.ground = request, ground
        request.happened("case.objected")
        request.objection = self.entry
        request.met("objection_filing", self.entry.received)

    async def decide(self, outcome: str) -> None:
        """The superior decides an objection."""
        entry = self.entry
        await self._asks("case.decide", SUPERIOR, outcome=outcome, text="Keberatan kami putus demikian.")
        entry.happened("decision.given")
        entry.lettered()
        entry.answered(state="decided")
        entry.decision, entry.decided_on = outcome, self.town.today
        entry.met("objection_decision")
        entry.start("dispute_filing")

    async def dispute(self) -> None:
        """The applicant went to the Information Commission today."""
        entry = self.entry
        filed = self.town.today
        await self._asks("case.dispute", MAIN_OFFICER, reference="REG/1", filed_on=filed.isoformat())
        entry.happened("dispute.recorded")
        entry.disputed, entry.filed_on = "recorded", filed
        entry.met("dispute_filing")
        entry.open("commission_start", filed)
        entry.open("commission_finish", filed)

    async def settle(self) -> None:
        """The dispute ended today."""
        entry = self.entry
        await self._asks("case.settle", MAIN_OFFICER, result="mediated", settled_on=self.town.today.isoformat())
        entry.happened("dispute.settled")
        entry.disputed = "settled"
        entry.end("settle", "commission_start")
        entry.met("commission_finish")

    async def split(self, message: Receipt, came: datetime, child: Life) -> None:
        """A later message becomes a case of its own: `child`'s."""
        entry = self.entry
        await self._asks("case.split", message_id=str(message.message_id), kind=child.kind, reason="Hal lain.")
        entry.happened("case.split")
        new_case = uuid5(message.message_id, "case")
        child.entry = self.town.book.registered(child.kind, child.kind, entry.unit, new_case)
        child.entry.happened("message.moved")
        child.entry.received = came
        entry.messages -= 1
        child.entry.begin(came, self.town.today)
        child.entry.notified()

    async def group(self, others: Sequence[Life]) -> None:
        """Cases on the same issue."""
        lives = [self, *others]
        self._asked += 1
        cause = self.town.cause(self.entry.case_id, self._asked)
        cases = [str(life.entry.case_id) for life in lives]
        await self.town.hub.asks(self.officer, "case.group", cause, case_ids=cases)
        for life in lives:
            life.entry.happened("case.grouped")
            life.entry.grouped = True

    async def answer_group(self, others: Sequence[Life], *, close: bool) -> None:
        """One text to all of them, each where they wrote."""
        await self._asks("case.answer_group", text="Perbaikan dimulai pekan depan.", close=close)
        for life in (self, *others):
            life.entry.answered()
            life._answered(True, close)
