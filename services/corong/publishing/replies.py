"""Receipts and replies: what goes back to the citizen on the channel that the case came from."""

from collections.abc import Sequence
from uuid import UUID

import structlog
from sqlalchemy import BindParameter, and_, bindparam, or_, select

from corong.publishing import rules, state, texts
from corong.publishing.letter_maker import LetterMaker
from corong.publishing.notices import Around, notice
from corong.publishing.outlets import Outlets
from corong.publishing.papers import Papers, channel_text, is_whole, waiting_for
from corong.publishing.rows import delivery_of
from corong.publishing.rules import Citizen
from corong.publishing.short_forms import Where, in_short, short_answer, short_notice
from corong.runtime.keys import PersonErased
from corong.runtime.rows import Row
from corong.runtime.sealing import Erased, sealed_field
from corong.runtime.service import Service
from corong.runtime.unit import Unit
from corong_contracts.base import Event
from corong_contracts.case import CaseAnswered
from corong_contracts.case_life import CaseNotified
from corong_contracts.message import MessageReceived, ReportReceived

log = structlog.get_logger()

BY_LETTER = frozenset({"completion_asked", "extended", "silence"})
"""Notices that may have a letter."""
_ARRIVAL, _MOVED = state.arrival.c, state.moved.c
_CASE: BindParameter[str] = bindparam("of_case")
_INTO = select(_MOVED.message_id).where(_MOVED.case_id == _CASE)
_AWAY = select(_MOVED.message_id).where(_MOVED.from_case == _CASE)
_LATEST = (
    select(state.arrival)
    .where(
        or_(and_(_ARRIVAL.case_id == _CASE, _ARRIVAL.message_id.not_in(_AWAY)), _ARRIVAL.message_id.in_(_INTO)),
        _ARRIVAL.conversation_id == bindparam("conversation"),
        _ARRIVAL.automatic.is_(False),
    )
    .order_by((_ARRIVAL.case_id == _CASE).desc(), _ARRIVAL.number.desc())
)


class Replies:
    """Reacts to registrations, answers and networks' reports."""

    def __init__(self, service: Service, outlets: Outlets, maker: LetterMaker) -> None:
        self._installation = service.installation
        self._outlets = outlets
        self._keys = service.installation.keys
        self._papers = Papers(service.installation)
        self._maker = maker
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
        known = unit.rows.get(state.registered, case_id) is not None and self._letter_is_whole(unit, event.data)
        return known and self._latest(unit, case_id, event.data.conversation_id) is not None

    def _letter_is_whole(self, unit: Unit, data: CaseAnswered | CaseNotified) -> bool:
        document = self._document(unit, data)
        return document is None or is_whole(unit.rows.get, document)

    @staticmethod
    def _document(unit: Unit, data: CaseAnswered | CaseNotified) -> Row | None:
        """The letter that goes with it; its event came right before."""
        if isinstance(data, CaseAnswered):
            return waiting_for(unit.rows.get, data.answer_id) if data.decision_id else None
        return waiting_for(unit.rows.get, data.notice_id) if data.notice in BY_LETTER else None

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
        shorter = short_answer(data.outcome, self._where(unit, citizen))
        self._tell(unit, event, citizen, words, f"officer:{data.officer}", shorter)

    def _tell(
        self, unit: Unit, event: Event[CaseAnswered] | Event[CaseNotified], citizen: Citizen, words: str, author: str,
        shorter: Sequence[str], *, private: bool = False,
    ) -> None:  # fmt: skip
        """With the letter that goes with it, which is made before it goes out; `shorter` where there is little room."""
        document_id: UUID | None = None
        if (document := self._document(unit, event.data)) is not None:
            try:
                words = self._in_letter(unit, document, citizen, words)
            except Erased:
                return  # nobody is left to write to
            except ValueError as error:
                log.error("a letter can't be filled", document=document["document_id"], error=type(error).__name__)
            else:
                document_id = UUID(document["document_id"])
                self._maker.soon(unit)
        drafts = rules.to_citizen(
            event.id, "reply", citizen, words, self._keyed(citizen, words), author=author, unit=event.data.unit,
            document_id=document_id, short=in_short(words, shorter, self._outlets.capabilities(citizen.account)),
            private=private,
        )  # fmt: skip
        unit.record(event.id, drafts)

    def _in_letter(self, unit: Unit, document: Row, citizen: Citizen, words: str) -> str:
        """What goes out as a message beside the letter. Raises `Erased`, `ValueError`."""
        letter = self._papers.fill(unit.rows.get, document).letter
        number, address = self._number(unit, citizen.case_id), f"{self._installation.public_url}/cek"
        return channel_text(
            letter, words, self._outlets.capabilities(citizen.account), public=citizen.visibility == "public",
            pointer=texts.LETTER_AT.format(registration=number, address=address),
        )  # fmt: skip

    def has_both(self, unit: Unit, event: Event[CaseNotified]) -> bool:
        """Whether intake's word is here, on the other case that the notice names too."""
        data = event.data
        known = [data.case_id, *([data.other_case] if data.other_case else [])]
        registered = all(unit.rows.get(state.registered, str(case)) is not None for case in known)
        whole = registered and self._letter_is_whole(unit, data)
        return whole and self._latest(unit, str(data.case_id), data.conversation_id) is not None

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
        private = bool(around.secret)
        shorter = short_notice(data, around.other, self._where(unit, citizen, private=private))
        self._tell(unit, event, citizen, notice(data, around), event.actor, shorter, private=private)

    def _where(self, unit: Unit, citizen: Citizen, *, private: bool = False) -> Where:
        """For short forms; with the receipt's code where nobody else reads along."""
        alone = private or citizen.visibility == "private"
        public_url = self._installation.public_url
        return Where(
            registration=self._number(unit, citizen.case_id),
            secret=self._installation.sealer.receipt_secret(citizen.key, str(citizen.case_id)) if alone else "",
            page=f"{public_url}/cek",
            form=f"{public_url}/tulis",
            hub=self._installation.directory.hub.name,
        )

    def _number(self, unit: Unit, case_id: UUID) -> str:
        row = unit.rows.get(state.registered, str(case_id))
        assert row is not None  # `has_message` or `has_both` waited for it
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
        found = unit.rows.whole(state.arrival, _LATEST, of_case=case_id, conversation=str(conversation_id))
        return found[0] if found else None

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
