"""Receipts and replies: what goes back to the citizen on the channel that the case came from."""

from uuid import UUID

from sqlalchemy import and_, or_, select

from corong.publishing import rules, state, texts
from corong.publishing.notices import Around, notice
from corong.publishing.outlets import Outlets
from corong.publishing.rows import delivery_of
from corong.publishing.rules import Citizen
from corong.runtime.keys import PersonErased
from corong.runtime.rows import Row
from corong.runtime.sealing import Erased, sealed_field
from corong.runtime.service import Service
from corong.runtime.unit import Unit
from corong_contracts.base import Event
from corong_contracts.case import CaseAnswered
from corong_contracts.case_life import CaseNotified
from corong_contracts.message import MessageReceived, ReportReceived


class Replies:
    """Reacts to registrations, answers and networks' reports."""

    def __init__(self, service: Service, outlets: Outlets) -> None:
        self._installation = service.installation
        self._outlets = outlets
        self._keys = service.installation.keys
        service.reacts(MessageReceived)(self.on_message)
        service.reacts(CaseAnswered, needs=self.has_message)(self.on_answer)
        service.reacts(CaseNotified, needs=self.has_both)(self.on_notice)
        service.reacts(ReportReceived)(self.on_report)

    def on_message(self, unit: Unit, event: Event[MessageReceived]) -> None:
        """A case's first message gets its receipt, where the channel gives receipts as messages."""
        message = event.data
        if message.follow_up or message.automatic:
            return
        capabilities = self._outlets.capabilities(message.account)
        if capabilities is None or capabilities.receipt != "message" or not self._receipts(message.account):
            return
        row = unit.rows.get(state.arrival, str(message.message_id))
        known = unit.rows.get(state.registered, str(message.case_id))
        if row is None or known is None:
            raise LookupError("a first message without its registration")
        hub = self._installation.directory.hub
        try:
            citizen = self._citizen(row, message.case_id)
            secret = self._installation.sealer.receipt_secret(citizen.key, str(message.case_id))
        except (Erased, PersonErased):
            return  # nobody is left to write to
        words = texts.receipt(
            known["registration"],
            secret,
            f"{self._installation.public_url}/cek",
            hub.name,
            capabilities,
        )
        drafts = rules.to_citizen(
            event.id, "receipt", citizen, words, self._keyed(citizen, words), author="system", unit=None
        )  # fmt: skip
        unit.record(event.id, drafts)

    def has_message(self, unit: Unit, event: Event[CaseAnswered]) -> bool:
        """Whether intake's word on the case is here: routing had it, but it may come to us after routing's."""
        case_id = str(event.data.case_id)
        known = unit.rows.get(state.registered, case_id) is not None
        return known and self._latest(unit, case_id, event.data.conversation_id) is not None

    def on_answer(self, unit: Unit, event: Event[CaseAnswered]) -> None:
        """An officer's answer goes to the latest message of the citizen in the conversation."""
        data = event.data
        row = self._latest(unit, str(data.case_id), data.conversation_id)
        if row is None:
            raise LookupError("an answer to a case without a message")
        try:
            words = self._installation.sealer.open_text(sealed_field(event, "text"))
            citizen = self._citizen(row, data.case_id)
        except (Erased, PersonErased):
            return  # the citizen's data was erased between the answer and now: nobody is left to answer
        author = f"officer:{data.officer}"
        drafts = rules.to_citizen(
            event.id, "reply", citizen, words, self._keyed(citizen, words), author=author, unit=data.unit
        )  # fmt: skip
        unit.record(event.id, drafts)

    def has_both(self, unit: Unit, event: Event[CaseNotified]) -> bool:
        """Whether intake's word is here, on the other case that the notice names too."""
        data = event.data
        known = [data.case_id, *([data.other_case] if data.other_case else [])]
        registered = all(unit.rows.get(state.registered, str(case)) is not None for case in known)
        return registered and self._latest(unit, str(data.case_id), data.conversation_id) is not None

    def on_notice(self, unit: Unit, event: Event[CaseNotified]) -> None:
        """A notice of the hub's own words, on the channel and in the conversation that the case came by."""
        data = event.data
        row = self._latest(unit, str(data.case_id), data.conversation_id)
        if row is None:
            raise LookupError("a notice on a case without a message")
        sealer = self._installation.sealer
        try:
            citizen = self._citizen(row, data.case_id)
            around = Around(
                registration=self._number(unit, data.case_id),
                other=self._number(unit, data.other_case) if data.other_case else "",
                secret=sealer.receipt_secret(citizen.key, str(data.case_id)) if data.notice == "split" else "",
                words=sealer.open_text(sealed_field(event, "words")) if data.words else "",
                hub=self._installation.directory.hub.name,
                address=f"{self._installation.public_url}/tulis",
            )
        except (Erased, PersonErased):
            return  # nobody is left to tell
        words = notice(data, around)
        drafts = rules.to_citizen(
            event.id, "reply", citizen, words, self._keyed(citizen, words), author=event.actor, unit=data.unit
        )  # fmt: skip
        unit.record(event.id, drafts)

    def _number(self, unit: Unit, case_id: UUID) -> str:
        row = unit.rows.get(state.registered, str(case_id))
        assert row is not None  # `has_both` waited for it
        return str(row["registration"])

    def on_report(self, unit: Unit, event: Event[ReportReceived]) -> None:
        """A bounce or a proof of delivery, told later."""
        data = event.data
        table = state.delivery.c
        found = unit.rows.query(
            select(state.delivery)
            .where(table.channel == data.channel, table.account == data.account, table.native_id == data.native_id)
            .limit(1)
        )
        for row in found:
            delivery = delivery_of(unit, dict(row))
            unit.record(event.id, rules.bounced(delivery, data.outcome, data.code))

    def _receipts(self, account: str) -> bool:
        try:
            return self._installation.directory.account(account).receipts
        except KeyError:
            return False

    def _keyed(self, citizen: Citizen, words: str) -> str:
        # A bare hash of a short private text could be guessed; under the citizen's key it means nothing without it.
        return f"hmac-{self._installation.sealer.keyed(citizen.key, 'text', words)}"

    def _latest(self, unit: Unit, case_id: str, conversation_id: UUID) -> Row | None:
        """The citizen's latest message of the case in its own conversation: nowhere else goes a word of it."""
        table, moved = state.arrival.c, state.moved.c
        into = select(moved.message_id).where(moved.case_id == case_id)
        away = select(moved.message_id).where(moved.from_case == case_id)
        found = unit.rows.query(
            select(state.arrival)
            .where(
                or_(and_(table.case_id == case_id, table.message_id.not_in(away)), table.message_id.in_(into)),
                table.conversation_id == str(conversation_id),
                table.automatic.is_(False),
            )
            .order_by((table.case_id == case_id).desc(), table.number.desc())
            .limit(1)
        )
        return dict(found[0]) if found else None

    def _citizen(self, row: Row, case_id: UUID) -> Citizen:
        """Who gets words of a case, as an answer to this message, which may have been split off another case."""
        return Citizen(
            case_id=case_id,
            conversation_id=UUID(row["conversation_id"]),
            message_id=UUID(row["message_id"]),
            channel=row["channel"],
            account=row["account"],
            visibility=row["visibility"],
            key=self._keys.ensure([row["person"]])[row["person"]],
            demo=row["demo"],
        )
