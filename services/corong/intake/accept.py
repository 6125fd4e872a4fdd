"""The one function behind all doors: it returns when the message is committed."""

import asyncio
import base64
import contextlib
import hashlib
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select

from corong.intake import rules, state
from corong.intake.content import split
from corong.intake.rules import Arrived, Decision, Earlier, Number, Thread
from corong.runtime.installation import Installation
from corong.runtime.metrics import ACCEPTED
from corong.runtime.objects import Missing
from corong.runtime.service import Service
from corong.runtime.together import Together
from corong.runtime.unit import Draft, Secret, Unit
from corong_contracts.case import CaseKind
from corong_contracts.channel import InboundMessage, Receipt
from corong_contracts.message import AttachmentRef, MessageQuarantined

GATHER = 0.01
"""Seconds: of those who come to the doors in quick succession, some ten milliseconds' share one commit."""
INLINE_QUARANTINE_BYTES = 20_000


class Intake:
    """Accepts messages for one installation."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._installation: Installation = service.installation
        keys = self._installation.keys

        def ensure(persons: list[str]) -> list[str]:
            found = keys.ensure(persons)
            return [found[person] for person in persons]

        self._keys = Together(ensure, gather=GATHER)

    async def accept(self, message: InboundMessage, *, strict: bool = False) -> Receipt:
        """Take a message: committed, or an error and nothing of it kept.

        `strict`: the same native id with another content raises `rules.Conflict`. Raises `objects.Missing` where a
        staged file is not there, and the database's errors.
        """
        key = await self._keys.ask(self._person(message))
        arrived = await self._arrived(message, key, strict)
        decision = await self._service.committer.run(
            lambda unit: self._decide(unit, arrived), loads=((state.seen, arrived.native_key),)
        )
        return await self._receipt(message, decision)

    async def accept_many(self, messages: Sequence[InboundMessage]) -> list[Receipt]:
        """Take messages in one commit; one that fails takes the others down, and nothing of any is kept."""
        keys = await asyncio.to_thread(self._installation.keys.ensure, [self._person(item) for item in messages])
        arrived = [await self._arrived(item, keys[self._person(item)], strict=False) for item in messages]
        decisions = await self._service.committer.run(
            lambda unit: [self._decide(unit, item) for item in arrived],
            loads=[(state.seen, item.native_key) for item in arrived],
            later=True,
        )
        return [await self._receipt(item, decision) for item, decision in zip(messages, decisions, strict=True)]

    async def known(self, message: InboundMessage) -> Receipt | None:
        """The receipt of a message that was taken before, whose staged files are gone by now; None of a new one."""
        native_key = self._native_key(message, message.native_id)
        earlier = await self._service.committer.run(lambda unit: self._earlier(unit, native_key), later=True)
        return await self._receipt(message, rules.repeat(earlier)) if earlier is not None else None

    async def _receipt(self, message: InboundMessage, decision: Decision) -> Receipt:
        ACCEPTED.labels(message.channel, decision.status).inc()
        for attachment in message.attachments:
            if attachment.staged:
                with contextlib.suppress(Missing):
                    await self._installation.objects.unstage(attachment.staged)
        case = decision.case_id
        return Receipt(
            status=decision.status,
            message_id=decision.message_id,
            case_id=case,
            registration=decision.registration,
            secret=self._installation.key.receipt_secret(str(case)) if case else None,
        )

    def _person(self, message: InboundMessage) -> str:
        address = message.sender.address.strip().casefold()
        return self._installation.key.pseudonym("person", message.channel, address)

    async def _arrived(self, message: InboundMessage, key: str, strict: bool) -> Arrived:
        parts = split(message)
        files: list[AttachmentRef] = []
        digests: list[str] = []
        for attachment in message.attachments:
            content = attachment.content or b""
            if attachment.staged:
                content = await self._installation.objects.staged(attachment.staged)
            digests.append(hashlib.sha256(content).hexdigest())
            files.append(await self._installation.objects.keep(key, content, attachment.media_type))
        if parts.whole_text is not None:
            whole = parts.whole_text.encode()
            digests.append(hashlib.sha256(whole).hexdigest())
            files.append(await self._installation.objects.keep(key, whole, "text/plain"))
        return Arrived(
            channel=message.channel,
            account=message.account,
            person=self._person(message),
            native_key=self._native_key(message, message.native_id),
            body_key=self._installation.key.pseudonym("body", parts.content, message.sender.address, *digests),
            key=key,
            content=parts.content,
            sender=parts.sender,
            thread_keys=tuple(self._native_key(message, native_id) for native_id in message.thread),
            thread_ids=tuple(message.thread),
            visibility=message.visibility,
            nature=message.nature,
            declared_kind=message.declared_kind,
            sent_at=message.sent_at,
            attachments=tuple(files),
            reports=tuple(message.reports),
            demo=message.demo,
            strict=strict,
        )

    def _native_key(self, message: InboundMessage, native_id: str) -> str:
        return self._installation.key.pseudonym("native", message.channel, message.account, native_id)

    def _decide(self, unit: Unit, arrived: Arrived) -> Decision:
        # Numbers and conversations go across partitions: intake decides one message at a time.
        unit.lock(*range(self._service.settings.partitions))
        earlier = self._earlier(unit, arrived.native_key)
        thread = None if earlier is not None else self._thread(unit, arrived)
        decision = rules.accept(arrived, earlier, thread, self._next_number(unit, arrived.declared_kind))
        unit.record(decision.message_id, decision.drafts)
        return decision

    def _earlier(self, unit: Unit, native_key: str) -> Earlier | None:
        row = unit.rows.get(state.seen, native_key)
        if row is None:
            return None
        case = unit.rows.get(state.case, row["case_id"]) if row["case_id"] else None
        return Earlier(
            message_id=UUID(row["message_id"]),
            case_id=UUID(row["case_id"]) if row["case_id"] else None,
            registration=case["registration"] if case else None,
            body_key=row["body_key"],
        )

    def _thread(self, unit: Unit, arrived: Arrived) -> Thread | None:
        """The conversation that the nearest known message belongs to; the sender's own one, where several do."""
        found: Thread | None = None
        for native_id, key in zip(arrived.thread_ids, arrived.thread_keys, strict=True):
            for conversation_id in self._conversations(unit, arrived, native_id, key):
                thread = self._conversation(unit, conversation_id)
                if thread is not None and thread.person == arrived.person:
                    return thread
                found = found or thread
        return found

    def _conversations(self, unit: Unit, arrived: Arrived, native_id: str, key: str) -> list[str]:
        ours = "\0" not in native_id  # which PostgreSQL does not even compare with
        sent = unit.rows.get(state.sent_ref, arrived.channel, arrived.account, native_id) if ours else None
        if sent is not None:
            return [sent["conversation_id"]]
        refs = state.thread_ref.c
        rows = unit.rows.query(
            select(refs.conversation_id)
            .where(refs.channel == arrived.channel, refs.account == arrived.account, refs.key == key)
            .order_by(refs.conversation_id)
        )
        return [row["conversation_id"] for row in rows]

    def _conversation(self, unit: Unit, conversation_id: str) -> Thread | None:
        row = unit.rows.get(state.conversation, conversation_id)
        if row is None:
            return None
        cases = unit.rows.query(
            select(state.case.c.case_id, state.case.c.registration, state.closed.c.case_id.label("closed"))
            .outerjoin(state.closed, state.closed.c.case_id == state.case.c.case_id)
            .where(state.case.c.conversation_id == conversation_id)
            .order_by(state.case.c.registered_at.desc(), state.case.c.registration.desc())
            .limit(1)
        )
        latest = cases[0] if cases else None
        return Thread(
            conversation_id=UUID(conversation_id),
            person=row["person"],
            latest_case=UUID(latest["case_id"]) if latest else None,
            open_case=UUID(latest["case_id"]) if latest and latest["closed"] is None else None,
            registration=latest["registration"] if latest else None,
        )

    def _next_number(self, unit: Unit, kind: CaseKind | None) -> Number:
        hub = self._installation.directory.hub
        book = hub.register_code(kind)
        year = unit.now.astimezone(hub.zone).year
        row = unit.rows.get(state.register, book, year)
        return Number(book, year, (row["last"] if row else 0) + 1)

    async def quarantine(self, channel: str, account: str, body: bytes, reason: str, fields: list[str]) -> Receipt:
        """Keep authentic but unreadable input, sealed. The same bytes again are the same entry."""
        digest = hashlib.sha256(body).hexdigest()
        identity = uuid5(rules.NAMESPACE, f"quarantine/{channel}/{account}/{digest}")
        key = await self._keys.ask(self._installation.key.pseudonym("quarantine", str(identity)))
        stored = None
        if len(body) > INLINE_QUARANTINE_BYTES:
            stored = await self._installation.objects.keep(key, body, "application/octet-stream")

        def decide(unit: Unit) -> None:
            unit.lock_entity(identity)
            if unit.rows.get(state.quarantine, str(identity)) is not None:
                return
            data: dict[str, Any] = {
                "quarantine_id": identity,
                "channel": channel,
                "account": account,
                "reason": reason,
                "fields": fields,
                "size": len(body),
                "stored": stored,
            }
            secret = {} if stored else {"body": Secret(key, json.dumps(base64.b64encode(body).decode()))}
            unit.record(identity, [Draft(MessageQuarantined, identity, data, secret)])

        await self._service.committer.run(decide)
        ACCEPTED.labels(channel, "quarantined").inc()
        return Receipt(status="quarantined", message_id=identity)
