"""The one function behind all doors: it returns when the message is committed."""

import asyncio
import base64
import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Table, or_, select

from corong.intake import lookups, rules, state
from corong.intake.content import sender_in, split
from corong.intake.mending import Mending
from corong.intake.rules import Arrived, Decision, Earlier, Entered, Number, Thread
from corong.intake.shown_receipt import Shown, shown_receipt
from corong.runtime.doors import DOORS
from corong.runtime.installation import Installation
from corong.runtime.keys import PURPOSE, Identity, key_id
from corong.runtime.metrics import ACCEPTED
from corong.runtime.objects import Missing
from corong.runtime.sealing import Erased
from corong.runtime.service import Service
from corong.runtime.together import Together
from corong.runtime.unit import Draft, Secret, Unit
from corong_contracts.case import CaseKind
from corong_contracts.channel import InboundMessage, Receipt
from corong_contracts.message import AttachmentRef, MessageQuarantined, MessageReceived

GATHER = 0.01
"""Seconds: of those who come to the doors in quick succession, some ten milliseconds' share one commit."""
INLINE_QUARANTINE_BYTES = 20_000


class Intake:
    """Accepts messages for one installation."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._installation: Installation = service.installation
        keys = self._installation.keys

        def identify(pseudonyms: list[str]) -> list[Identity]:
            found = keys.identify(pseudonyms)
            return [found[pseudonym] for pseudonym in pseudonyms]

        self._persons = Together(identify, gather=GATHER)
        self.mending = Mending(service)

    async def accept(
        self, message: InboundMessage, *, strict: bool = False, related: UUID | None = None,
        entered: Entered | None = None,
    ) -> Receipt:  # fmt: skip
        """Take a message: committed, or an error and nothing of it kept.

        `strict`: the same native id with another content raises `rules.Conflict`. `related`: the request that an
        objection is about, where its receipt was shown. `entered`: by an officer, for the citizen. Raises
        `objects.Missing` where a staged file is not there, and the database's errors.
        """
        with DOORS.somebody_waits():
            try:
                return await self._accept(message, strict, related, entered)
            except Erased:  # at this very moment: who writes after that is a new person
                return await self._accept(message, strict, related, entered)

    async def _accept(
        self, message: InboundMessage, strict: bool, related: UUID | None, entered: Entered | None
    ) -> Receipt:
        await self.mending.run()
        person = await self._persons.ask(self._pseudonym(message))
        arrived = replace(await self._arrived(message, person, strict), related=related, entered=entered)
        decision = await self._service.committer.run(lambda unit: self._decide(unit, arrived), loads=_loads(arrived))
        return await self._receipt(message, decision)

    async def accept_many(self, messages: Sequence[InboundMessage]) -> list[Receipt]:
        """Take messages in one commit; one that fails takes the others down, and nothing of any is kept."""
        await self.mending.run()
        pseudonyms = [self._pseudonym(item) for item in messages]
        persons = await asyncio.to_thread(self._installation.keys.identify, pseudonyms)
        arrived = [
            await self._arrived(item, persons[pseudonym], strict=False)
            for item, pseudonym in zip(messages, pseudonyms, strict=True)
        ]
        decisions = await self._service.committer.run(
            lambda unit: [self._decide(unit, item) for item in arrived],
            loads=[load for item in arrived for load in _loads(item)],
            later=True,
        )
        return [await self._receipt(item, decision) for item, decision in zip(messages, decisions, strict=True)]

    async def known(self, message: InboundMessage) -> Receipt | None:
        """The receipt of a message that was taken before, whose staged files are gone by now; None of a new one."""
        await self.mending.run()
        person = await self._persons.ask(self._pseudonym(message))
        native_key = self._native_key(person, message, message.native_id)
        lookup = self._lookup_key(message, message.native_id)
        earlier = await self._service.committer.run(
            lambda unit: self._earlier(unit, native_key, lookup, person.key), later=True
        )
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
            secret=decision.secret,
        )

    def _pseudonym(self, message: InboundMessage) -> str:
        address = message.sender.address.strip().casefold()
        return self._installation.key.pseudonym("person", message.channel, address)

    async def _arrived(self, message: InboundMessage, person: Identity, strict: bool) -> Arrived:
        parts, key = split(message), person.key
        sealer = self._installation.sealer
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
            person=person.person,
            native_key=self._native_key(person, message, message.native_id),
            lookup_key=self._lookup_key(message, message.native_id),
            body_key=sealer.keyed(key, "body", parts.content, message.sender.address, *digests),
            key=key,
            receipt=partial(sealer.receipt_secret, key),
            content=parts.content,
            sender=parts.sender,
            thread_keys=tuple(self._native_key(person, message, native_id) for native_id in message.thread),
            thread_lookups=tuple(self._lookup_key(message, native_id) for native_id in message.thread),
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

    def _native_key(self, person: Identity, message: InboundMessage, native_id: str) -> str:
        """What events call the message: it means nothing when the sender's key is gone."""
        return self._installation.sealer.keyed(person.key, "native", message.channel, message.account, native_id)

    def _lookup_key(self, message: InboundMessage, native_id: str) -> str:
        return self._installation.key.pseudonym("native", message.channel, message.account, native_id)

    def _decide(self, unit: Unit, arrived: Arrived) -> Decision:
        # Numbers and conversations go across partitions: intake decides one message at a time.
        unit.lock(*range(self._service.settings.partitions))
        if lookups.was_erased(unit, arrived.lookup_key):
            return rules.erased(arrived)
        earlier = self._earlier(unit, arrived.native_key, arrived.lookup_key, arrived.key)
        thread = None if earlier is not None else self._thread(unit, arrived)
        decision = rules.accept(arrived, earlier, thread, self.next_number(unit, arrived.declared_kind))
        _record(unit, decision, arrived.entered)
        if earlier is None:
            mentions = zip(arrived.thread_lookups, arrived.thread_keys, strict=True)
            lookups.remember(unit, arrived.lookup_key, arrived.native_key, arrived.person, mentions)
        return decision

    def _earlier(self, unit: Unit, native_key: str, lookup_key: str, key: str) -> Earlier | None:
        row = unit.rows.get(state.seen, native_key)
        if row is None and (first := lookups.sender_of(unit, lookup_key)) is not None:
            # The same message, as another sender's: the answer is the first one's.
            row = unit.rows.get(state.seen, lookups.native_key_of(unit, lookup_key))
            key = key_id(first, PURPOSE, 1)
        if row is None:
            return None
        case = unit.rows.get(state.case, row["case_id"]) if row["case_id"] else None
        secret = self._installation.sealer.receipt_secret(key, row["case_id"]) if case else None
        return Earlier(
            secret=secret,
            message_id=UUID(row["message_id"]),
            case_id=UUID(row["case_id"]) if row["case_id"] else None,
            registration=case["registration"] if case else None,
            body_key=row["body_key"],
        )

    def _thread(self, unit: Unit, arrived: Arrived) -> Thread | None:
        """The conversation that the nearest known message belongs to; the sender's own one, where several do."""
        found: Thread | None = None
        ids = zip(arrived.thread_ids, arrived.thread_keys, arrived.thread_lookups, strict=True)
        for native_id, key, lookup_key in ids:
            for conversation_id in self._conversations(unit, arrived, native_id, key, lookup_key):
                thread = self._conversation(unit, conversation_id)
                if thread is not None and thread.person == arrived.person:
                    return thread
                found = found or thread
        return found

    def _conversations(self, unit: Unit, arrived: Arrived, native_id: str, key: str, lookup_key: str) -> list[str]:
        ours = "\0" not in native_id  # which PostgreSQL does not even compare with
        sent = unit.rows.get(state.sent_ref, arrived.channel, arrived.account, native_id) if ours else None
        # Several persons may answer the same message of ours, each in a conversation of their own.
        first = [sent["conversation_id"]] if sent is not None else []
        refs, mention = state.thread_ref.c, lookups.mention.c
        # Under the sender's own key, and under the keys of all others who wrote or answered that message.
        keys = {key, lookups.native_key_of(unit, lookup_key) or key}
        others = select(mention.native_key).where(mention.key == lookup_key)
        rows = unit.rows.query(
            select(refs.conversation_id)
            .where(refs.channel == arrived.channel, refs.account == arrived.account)
            .where(or_(refs.key.in_(keys), refs.key.in_(others)))
            .order_by(refs.conversation_id)
        )
        return [*first, *(row["conversation_id"] for row in rows if row["conversation_id"] not in first)]

    def _conversation(self, unit: Unit, conversation_id: str) -> Thread | None:
        row = unit.rows.get(state.conversation, conversation_id)
        if row is None:
            return None
        cases = unit.rows.query(
            select(state.case.c.case_id, state.case.c.registration, state.closed.c.case_id.label("closed"))
            .outerjoin(state.closed, state.closed.c.case_id == state.case.c.case_id)
            .where(state.case.c.conversation_id == conversation_id)
            # An open one first: the newest may have been merged into it.
            .order_by(
                state.closed.c.case_id.is_not(None),
                state.case.c.registered_at.desc(),
                state.case.c.registration.desc(),
            )
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

    def next_number(self, unit: Unit, kind: CaseKind | None) -> Number:
        """The next number of the kind's register in this year; all partitions must be locked."""
        hub = self._installation.directory.hub
        book = hub.register_code(kind)
        year = unit.now.astimezone(hub.zone).year
        row = unit.rows.get(state.register, book, year)
        return Number(book, year, (row["last"] if row else 0) + 1)

    def shown_receipt(self, number: str, secret: str) -> Shown | None:
        """The case of a receipt whose number and secret are shown; blocks. Raises the database's errors."""
        with self._service.database.read() as connection:
            return shown_receipt(connection, self._installation.sealer, number, secret)

    async def quarantine(self, channel: str, account: str, body: bytes, reason: str, fields: list[str]) -> Receipt:
        """Keep authentic but unreadable input, sealed. The same bytes again are the same entry."""
        pseudonym = self._installation.key.pseudonym
        digest = pseudonym("quarantine", channel, account, hashlib.sha256(body).hexdigest())
        sender = sender_in(body)
        # Under the sender's own key where it can be made out who that is: it goes with them.
        person = await self._persons.ask(
            pseudonym("person", channel, sender) if sender else pseudonym("quarantine", digest)
        )
        identity = uuid5(rules.NAMESPACE, self._installation.sealer.keyed(person.key, "quarantine", digest))
        key = person.key
        stored = None
        if len(body) > INLINE_QUARANTINE_BYTES:
            stored = await self._installation.objects.keep(key, body, "application/octet-stream")

        def decide(unit: Unit) -> None:
            unit.lock_entity(identity)
            if unit.rows.get(state.quarantine, str(identity)) is not None:
                return
            data: dict[str, Any] = {
                "quarantine_id": identity,
                "person": person.person,
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


def _record(unit: Unit, decision: Decision, entered: Entered | None) -> None:
    """What was decided; a message that an officer entered was received when the officer had it."""
    if entered is None:
        unit.record(decision.message_id, decision.drafts)
        return
    for draft in decision.drafts:
        unit.record(decision.message_id, [draft], entered.received if draft.payload is MessageReceived else None)


def _loads(arrived: Arrived) -> tuple[tuple[Table, Any], ...]:
    """The rows that every decision needs, for all messages of a commit at once."""
    return ((state.seen, arrived.native_key), (lookups.lookup, arrived.lookup_key))
