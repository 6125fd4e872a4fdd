"""Receipts of requests (tanda bukti): letters that go with no message; which of them are still to be made.

A receipt is wanted from the moment it was issued until its pages are in the store. Which are is known in memory; at its
start a process looks once which its predecessor left.
"""

from collections.abc import Callable, Sequence
from itertools import islice
from queue import Empty, SimpleQueue
from uuid import UUID

from sqlalchemy import select

from corong.publishing import state
from corong.publishing.papers import is_whole
from corong.publishing.rules import Waiting
from corong.runtime.service import Service
from corong.runtime.unit import Unit
from corong_contracts.base import Event, partition_of
from corong_contracts.document import DocumentIssued, DocumentKind


class ReceiptPapers:
    """Hears of receipts that are issued. For one thread at a time, but for what it hears."""

    def __init__(self, service: Service, soon: Callable[[Unit], None]) -> None:
        """`soon` has it looked for work when a unit is committed."""
        self._service = service
        self._soon = soon
        self._heard: SimpleQueue[Waiting] = SimpleQueue()
        self._waiting: dict[UUID, Waiting] | None = None
        """By document, in the order in which they came; None before the first look."""
        service.reacts(DocumentIssued, needs=self._is_whole)(self.on_issued)

    @staticmethod
    def _is_whole(unit: Unit, event: Event[DocumentIssued]) -> bool:
        """Whether what intake said of the request is here, and the words; other letters wait with their answers."""
        data = event.data
        return data.kind is not DocumentKind.RECEIPT or is_whole(unit.rows.get, state.document_row(event, data))

    def on_issued(self, unit: Unit, event: Event[DocumentIssued]) -> None:
        """It is to be made when this is committed."""
        data = event.data
        if data.kind is DocumentKind.RECEIPT:
            unit.after.append(lambda: self._heard.put(Waiting(data.document_id, data.case_id)))
            self._soon(unit)

    def waiting(self, not_yet: Sequence[UUID], most: int) -> list[Waiting]:
        """So many that are to be made but for these, the oldest first."""
        if self._waiting is None:
            self._waiting = {one.document_id: one for one in self._left()}
        while True:
            try:
                one = self._heard.get_nowait()
            except Empty:
                now = (one for one in self._waiting.values() if one.document_id not in not_yet)
                return list(islice(now, most))
            self._waiting[one.document_id] = one

    def done(self, document_id: UUID) -> None:
        """It was made, or can't be: after a start it is tried anew."""
        if self._waiting is not None:
            self._waiting.pop(document_id, None)

    def _left(self) -> list[Waiting]:
        """Of this process's partitions."""
        document, made = state.document, state.made
        chosen = (
            select(document.c.document_id, document.c.case_id)
            .outerjoin(made, made.c.document_id == document.c.document_id)
            .where(document.c.kind == str(DocumentKind.RECEIPT), made.c.document_id.is_(None))
            .order_by(document.c.issued_at)
        )
        with self._service.database.read() as connection:
            found = [Waiting(UUID(one), UUID(case)) for one, case in connection.execute(chosen)]
        partitions = self._service.settings.partitions
        return [one for one in found if partition_of(one.case_id, partitions) in self._service.owned]
