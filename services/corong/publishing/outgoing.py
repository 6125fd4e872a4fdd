"""Opens what a delivery needs, at the last moment: words, address, thread."""

import asyncio
from dataclasses import replace
from uuid import UUID

from sqlalchemy import bindparam, literal_column, select

from corong.publishing import state, texts
from corong.runtime.clock import moment
from corong.runtime.database import Database
from corong.runtime.installation import Installation
from corong.runtime.rows import Row
from corong.runtime.sealing import BadSeal, Erased
from corong.runtime.statements import as_rows, run
from corong_contracts.channel import Outgoing, OutgoingFile
from corong_contracts.message import AttachmentRef


class StoreAway(ConnectionError):
    """The object store does not give a letter's pages now; it is tried again."""


MOST_EARLIER = 20
"""Messages of ours that a thread names."""
_SENT = state.delivery.c
_ARRIVAL = select(state.arrival).where(state.arrival.c.message_id == bindparam("message"))
_NUMBER = select(state.registered.c.registration).where(state.registered.c.case_id == bindparam("of_case"))
_EARLIER = (
    select(_SENT.native_id)
    .where(
        _SENT.conversation_id == bindparam("conversation"),
        _SENT.partition == bindparam("of_partition"),
        _SENT.state == literal_column("'sent'"),
    )
    .order_by(_SENT.place)
)


class Letter:
    """Writes the `Outgoing` of a delivery."""

    def __init__(self, installation: Installation, database: Database) -> None:
        self._sealer = installation.sealer
        self._objects = installation.objects
        self._database = database

    async def write(self, delivery: Row, publication: Row, *, attached: bool = False) -> Outgoing:
        """The delivery as a sink takes it, with its letter where files are `attached`.

        Raises `Erased`, and `StoreAway` where the letter's pages can't be read for now.
        """
        outgoing = await asyncio.to_thread(self._write, delivery, publication)
        if not attached or outgoing.visibility == "public" or not publication["document_id"]:
            return outgoing
        return await self._with_letter(outgoing, publication)

    async def _with_letter(self, outgoing: Outgoing, publication: Row) -> Outgoing:
        made, registration = await asyncio.to_thread(self._made, publication)
        if made is None:  # its answer went alone
            return outgoing
        ref = AttachmentRef(digest=made["digest"], size=made["size"], media_type=made["media_type"])
        try:
            content = await self._objects.get(made["key"], ref)
        except (Erased, BadSeal):
            raise
        except Exception as error:  # missing, or whatever the store raises where it is away
            raise StoreAway(type(error).__name__) from error
        name = f"surat-{registration.replace('/', '-')}.pdf"
        return replace(outgoing, attachments=(OutgoingFile(name, made["media_type"], content),))

    def _made(self, publication: Row) -> tuple[Row | None, str]:
        with self._database.read() as connection:
            row = connection.execute(
                select(state.made).where(state.made.c.document_id == publication["document_id"])
            ).mappings().first()  # fmt: skip
            registration = connection.execute(
                select(state.registered.c.registration).where(state.registered.c.case_id == publication["case_id"])
            ).scalar()
            return dict(row) if row else None, registration or ""

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
            text=self._sealer.open_text(publication["short"] or publication["sealed"]),
            subject=texts.subject(registration, content["subject"]),
            reply_to=reply_to,
            thread=(*earlier, sender["native_id"]),
            visibility=publication["visibility"],
            started_at=moment(delivery["started_at"]),
        )

    def _thread(self, delivery: Row, publication: Row) -> tuple[Row, str, list[str]]:
        with self._database.read() as connection:
            (arrival,) = as_rows(state.arrival, run(connection, _ARRIVAL, message=publication["message_id"]))
            numbers = run(connection, _NUMBER, of_case=publication["case_id"])
            earlier = run(
                connection, _EARLIER, conversation=delivery["conversation_id"], of_partition=delivery["partition"]
            )
        return arrival, numbers[0][0] if numbers else "", [native for (native,) in earlier[:MOST_EARLIER] if native]
