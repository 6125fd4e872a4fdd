"""A message that an officer split off a case: registered as a case of its own, in the same conversation.

And one that was moved to another case: told to all who show it.
"""

from collections.abc import Callable
from uuid import UUID

from corong.intake import state
from corong.intake.rules import Number
from corong.runtime.keys import PersonErased
from corong.runtime.receipts import receipt_check
from corong.runtime.sealing import Erased
from corong.runtime.service import Service
from corong.runtime.unit import Draft, Unit
from corong_contracts.base import Event
from corong_contracts.case import CaseKind, CaseRegistered
from corong_contracts.case_life import CaseMessageMoved, CaseSplit
from corong_contracts.message import MessageMoved

NextNumber = Callable[[Unit, CaseKind | None], Number]


class Splitting:
    """Reacts to `case.split`."""

    def __init__(self, service: Service, next_number: NextNumber) -> None:
        self._service = service
        self._keys = service.installation.keys
        self._sealer = service.installation.sealer
        self._next_number = next_number
        service.reacts(CaseSplit)(self.on_split)
        service.reacts(CaseMessageMoved)(self.on_moved)

    def on_moved(self, unit: Unit, event: Event[CaseMessageMoved]) -> None:
        """All moves of a message are told in the partition of the case to which it came, so in their order."""
        data = event.data
        moved = {
            "message_id": data.message_id,
            "conversation_id": data.conversation_id,
            "from_case": data.case_id,
            "case_id": data.into,
            "before": data.before,
            "received": data.received,
        }
        unit.lock_entity(data.case_id)
        unit.record(event.id, [Draft(MessageMoved, data.case_id, moved, actor=event.actor)])

    def on_split(self, unit: Unit, event: Event[CaseSplit]) -> None:
        """The new case gets the next number of its register, and a secret of its own for its receipt."""
        data = event.data
        unit.lock(*range(self._service.settings.partitions))  # numbers go across partitions
        if unit.rows.get(state.case, str(data.new_case)) is not None:
            return  # the message was split off before
        before = unit.rows.get(state.case, str(data.case_id))
        try:
            key = self._keys.ensure([data.person])[data.person]
            secret = self._sealer.receipt_secret(key, str(data.new_case))
        except (Erased, PersonErased):
            return  # the citizen's data was erased meanwhile: there is nothing left to register
        number = self._next_number(unit, data.kind)
        registered = {
            "case_id": data.new_case,
            "conversation_id": data.conversation_id,
            "message_id": data.message_id,
            "registration": str(number),
            "book": number.book,
            "year": number.year,
            "sequence": number.sequence,
            "declared_kind": data.kind,
            "channel": data.channel,
            "account": data.account,
            "visibility": data.visibility,
            "person": data.person,
            "receipt_check": receipt_check(str(data.new_case), secret),
            "split_from": data.case_id,
            "unit": data.unit,
            "received": data.received,
            "demo": bool(before and before["demo"]),
        }
        moved = {
            "message_id": data.message_id,
            "conversation_id": data.conversation_id,
            "from_case": data.case_id,
            "case_id": data.new_case,
            "received": data.received,
        }
        entity: UUID = data.new_case
        unit.record(
            event.id,
            [
                Draft(CaseRegistered, entity, registered, actor=event.actor),
                Draft(MessageMoved, entity, moved, actor=event.actor),
            ],
        )
