"""Opens what a delivery needs, at the last moment: words, address, thread."""

import asyncio
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from corong.publishing import state, texts
from corong.runtime.clock import moment
from corong.runtime.database import Database
from corong.runtime.installation import Installation
from corong.runtime.rows import Row
from corong.runtime.sealing import BadSeal, Erased
from corong_contracts.channel import Outgoing, OutgoingFile
from corong_contracts.message import AttachmentRef


class StoreAway(ConnectionError):
    """The object store does not give a letter's pages now; it is tried again."""


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
