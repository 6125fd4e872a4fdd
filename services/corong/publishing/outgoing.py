"""Opens what a delivery needs, at the last moment: words, address, thread."""

import asyncio
from uuid import UUID

from sqlalchemy import select

from corong.publishing import state, texts
from corong.runtime.clock import moment
from corong.runtime.database import Database
from corong.runtime.installation import Installation
from corong.runtime.rows import Row
from corong_contracts.channel import Outgoing


class Letter:
    """Writes the `Outgoing` of a delivery."""

    def __init__(self, installation: Installation, database: Database) -> None:
        self._sealer = installation.sealer
        self._database = database

    async def write(self, delivery: Row, publication: Row) -> Outgoing:
        """The delivery as a sink takes it. Raises `Erased`."""
        return await asyncio.to_thread(self._write, delivery, publication)

    def _write(self, delivery: Row, publication: Row) -> Outgoing:
        if publication["kind"] == "post":
            return Outgoing(
                delivery_id=UUID(delivery["delivery_id"]),
                fence=delivery["fence"],
                carried=delivery["carried"],
                kind="post",
                text=delivery["text"] or publication["text"] or "",
                subject=publication["title"] or "",
                visibility="public",
                started_at=moment(delivery["started_at"]),
            )
        arrival, registration, earlier = self._thread(delivery, publication)
        sender = self._sealer.open_json(arrival["sender"])
        content = self._sealer.open_json(arrival["content"])
        reply_to = {**sender["reply_to"], "address": sender["address"], "native_id": sender["native_id"]}
        return Outgoing(
            delivery_id=UUID(delivery["delivery_id"]),
            fence=delivery["fence"],
            carried=delivery["carried"],
            kind=publication["kind"],
            text=self._sealer.open_text(publication["sealed"]),
            subject=texts.subject(registration, content["subject"]),
            reply_to=reply_to,
            thread=(*earlier, sender["native_id"]),
            visibility=publication["visibility"],
            started_at=moment(delivery["started_at"]),
        )

    def _thread(self, delivery: Row, publication: Row) -> tuple[Row, str, list[str]]:
        sent = state.delivery.c
        with self._database.read() as connection:
            arrival = connection.execute(
                select(state.arrival).where(state.arrival.c.message_id == publication["message_id"])
            ).mappings().one()  # fmt: skip
            registration = connection.execute(
                select(state.registered.c.registration).where(state.registered.c.case_id == publication["case_id"])
            ).scalar()
            earlier = connection.execute(
                select(sent.native_id)
                .where(
                    sent.conversation_id == delivery["conversation_id"],
                    sent.partition == delivery["partition"],
                    sent.state == "sent",
                )
                .order_by(sent.place)
                .limit(20)
            ).scalars()
            return dict(arrival), registration or "", [native for native in earlier if native]
