"""What publishing decides: pure, without clock, network or chance."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.refusal import Refused
from corong.runtime.unit import Draft, Secret
from corong_contracts.delivery import (
    BY_HAND,
    Carried,
    DeliveryBounced,
    DeliveryHeld,
    DeliveryReadied,
    DeliveryRefused,
    DeliverySent,
    DeliveryStarted,
    DeliveryStayed,
    DeliveryTakenDown,
    DeliveryUncertain,
)
from corong_contracts.document import DocumentMade
from corong_contracts.message import AttachmentRef
from corong_contracts.publication import (
    Label,
    PublicationApproved,
    PublicationDrafted,
    PublicationEdited,
    PublicationReleased,
    PublicationScheduled,
    PublicationTakenDown,
    PublicationWithdrawn,
)

MAX_TRIES = 60
"""Refusals for now before a delivery fails for good: about two days, as mail servers do."""
FIRST_WAIT = 2.0
"""Seconds; doubles with each try."""
LONGEST_WAIT = 3600.0
LOOK_UPS = 5
"""How often the network is asked for an unknown outcome before an officer is."""

PublicationState = Literal["draft", "scheduled", "released", "withdrawn", "taken_down"]
STANDS = ("sent", "ready", "stays")
"""States of a delivery that a take-down ends: it is out, or about to be, or stayed the last time."""


@dataclass(frozen=True)
class Citizen:
    """Where an answer goes: the citizen's message that it answers."""

    case_id: UUID
    conversation_id: UUID
    message_id: UUID
    channel: str
    account: str
    visibility: Literal["private", "public"]
    key: str = field(repr=False)
    demo: bool


@dataclass(frozen=True)
class Waiting:
    """A letter that is to be made, and the answer that waits for it."""

    document_id: UUID
    case_id: UUID
    answer: "Answer | None" = None
    """None of a receipt, which goes with nothing."""


@dataclass(frozen=True)
class Answer:
    """A reply or a notice that was drafted, and goes out with its letter."""

    publication_id: UUID
    author: str
    text_hash: str


@dataclass(frozen=True)
class Pages:
    """A letter whose pages are in the object store."""

    kind: str
    title: str
    template: str
    edition: int
    key: str
    file: AttachmentRef
    digest: str = field(repr=False)
    """`sha256-…` of the pages."""
    check: str


@dataclass(frozen=True)
class Publication:
    """A post as it stands."""

    publication_id: UUID
    unit: str
    state: str
    text_hash: str
    approved_hash: str | None
    immediate: bool
    owners: frozenset[str] = frozenset()
    """The units whose accounts it goes out on: nobody speaks for an account without its unit's word."""

    @property
    def speaks_for(self) -> list[str]:
        """The units whose word a post needs."""
        return sorted({self.unit, *self.owners})


@dataclass(frozen=True)
class Delivery:
    """A delivery as it stands."""

    delivery_id: UUID
    publication_id: UUID
    entity: UUID
    """Case or publication: what its events are about."""
    channel: str
    account: str
    conversation_id: UUID | None
    case_id: UUID | None
    unit: str | None
    state: str
    fence: int
    code: str | None = None


def text_hash(title: str, text: str, texts: Mapping[str, str]) -> str:
    """What an approval is bound to: sha256 over title, text and each account's own version, unambiguously joined."""
    digest = hashlib.sha256()
    for part in (title, text, *(item for account in sorted(texts) for item in (account, texts[account]))):
        data = part.encode()
        digest.update(f"{len(data)}:".encode() + data)
    return f"sha256-{digest.hexdigest()}"


def to_citizen(
    cause: UUID, kind: Literal["reply", "receipt"], citizen: Citizen, words: str, keyed_hash: str, *,
    author: str, unit: str | None, document_id: UUID | None = None, short: str | None = None, private: bool = False
) -> list[Draft]:  # fmt: skip
    """A reply or a receipt: drafted and released in one commit. A receipt to a public comment stays private.

    With a letter it is drafted alone: it waits until that is made. `short` is sent in its place; `private`: what it
    holds is for the citizen alone, wherever they wrote.
    """
    publication_id = uuid5(cause, kind)
    drafted = {
        "publication_id": publication_id,
        "kind": kind,
        "unit": unit,
        "author": author,
        "case_id": citizen.case_id,
        "message_id": citizen.message_id,
        "visibility": citizen.visibility if kind == "reply" and not private else "private",
        "text_hash": keyed_hash,
        "targets": [
            {
                "delivery_id": uuid5(publication_id, citizen.account),
                "channel": citizen.channel,
                "account": citizen.account,
                "conversation_id": citizen.conversation_id,
                "text_hash": keyed_hash,
            }
        ],
        "document_id": document_id,
        "demo": citizen.demo,
    }
    sealed = {"sealed": Secret(citizen.key, words)}
    if short is not None:
        sealed["short"] = Secret(citizen.key, short)
    draft = Draft(PublicationDrafted, citizen.case_id, drafted, sealed, author)
    if document_id is not None:
        return [draft]
    released = {"publication_id": publication_id, "by": author, "text_hash": keyed_hash}
    return [draft, Draft(PublicationReleased, citizen.case_id, released, actor=author)]


def release_reply(waiting: Waiting) -> list[Draft]:
    """An answer goes out, as it was drafted."""
    answer = waiting.answer
    if answer is None:
        return []
    data = {"publication_id": answer.publication_id, "by": answer.author, "text_hash": answer.text_hash}
    return [Draft(PublicationReleased, waiting.case_id, data, actor=answer.author)]


def send_letter(waiting: Waiting, letter: Pages) -> list[Draft]:
    """The letter is in the store, and the answer goes out with it."""
    data = {
        "document_id": waiting.document_id, "case_id": waiting.case_id,
        "publication_id": waiting.answer.publication_id if waiting.answer else None,
        "kind": letter.kind, "title": letter.title, "template": letter.template, "edition": letter.edition,
        "key": letter.key, "file": letter.file, "check": letter.check,
    }  # fmt: skip
    made = Draft(DocumentMade, waiting.case_id, data, {"digest": Secret(letter.key, letter.digest)})
    return [made, *release_reply(waiting)]


def drop_reply(waiting: Waiting) -> list[Draft]:
    """The citizen's data was erased while the letter was to be made: nobody is left to write to."""
    if waiting.answer is None:
        return []
    data = {"publication_id": waiting.answer.publication_id, "officer": "system"}
    return [Draft(PublicationWithdrawn, waiting.case_id, data)]


def draft_post(
    cause: UUID, officer: Actor, unit: str, label: Label, title: str, text: str, accounts: Mapping[str, str],
    texts: Mapping[str, str], *, immediate: bool
) -> list[Draft]:  # fmt: skip
    """A post for accounts (id → channel)."""
    authorise(officer, Action.POST_DRAFT, Scope(unit))
    _own_versions(texts, accounts)
    publication_id = uuid5(cause, "post")
    digest = text_hash(title, text, texts)
    targets = [
        {
            "delivery_id": uuid5(publication_id, account),
            "channel": channel,
            "account": account,
            "text": texts.get(account),
            "text_hash": text_hash(title, texts.get(account, text), {}),
        }
        for account, channel in accounts.items()
    ]
    data = {
        "publication_id": publication_id, "kind": "post", "unit": unit, "author": str(officer), "label": label,
        "immediate": immediate, "title": title, "text": text, "text_hash": digest, "targets": targets,
    }  # fmt: skip
    return [Draft(PublicationDrafted, publication_id, data, actor=str(officer))]


def edit_post(
    post: Publication, officer: Actor, title: str, text: str, accounts: Sequence[str], texts: Mapping[str, str]
) -> list[Draft]:
    """Another text; what was approved is no longer."""
    authorise(officer, Action.POST_EDIT, Scope(post.unit))
    _not_out(post)
    _own_versions(texts, accounts)
    data = {
        "publication_id": post.publication_id, "officer": officer.id, "title": title, "text": text,
        "text_hash": text_hash(title, text, texts), "target_texts": dict(texts),
    }  # fmt: skip
    return [Draft(PublicationEdited, post.publication_id, data, actor=str(officer))]


def approve_post(post: Publication, officer: Actor, seen_hash: str) -> list[Draft]:
    """Approve exactly the text that the officer saw, for every unit whose account it goes out on."""
    for unit in post.speaks_for:
        authorise(officer, Action.POST_APPROVE, Scope(unit))
    _not_out(post)
    if seen_hash != post.text_hash:
        raise Refused(
            409, "text_changed", "Teks sudah berubah sejak Anda membacanya. Baca lagi, lalu setujui.",
            "The text has changed since you read it. Read it again, then approve.",
        )  # fmt: skip
    if post.approved_hash == seen_hash:
        return []
    data = {"publication_id": post.publication_id, "officer": officer.id, "text_hash": seen_hash}
    return [Draft(PublicationApproved, post.publication_id, data, actor=str(officer))]


def publish_post(post: Publication, officer: Actor, at: datetime | None, now: datetime) -> list[Draft]:
    """Publish now or at a time. Immediate information (UU 14/2008 art. 10) goes on one officer's word."""
    authorise(officer, Action.POST_PUBLISH, Scope(post.unit))
    _not_out(post)
    if post.approved_hash != post.text_hash:
        if not post.immediate:
            raise Refused(
                409, "not_approved", "Unggahan ini belum disetujui. Minta persetujuan dahulu.",
                "This post is not approved. Ask for approval first.",
            )  # fmt: skip
        for unit in post.speaks_for:
            authorise(officer, Action.POST_PUBLISH_IMMEDIATE, Scope(unit))
    if at is not None and at > now:
        data = {"publication_id": post.publication_id, "officer": officer.id, "publish_at": at}
        return [Draft(PublicationScheduled, post.publication_id, data, actor=str(officer))]
    return [_release(post, str(officer))]


def release_due(post: Publication) -> list[Draft]:
    """Its time has come; what is no longer scheduled stays."""
    return [_release(post, "system")] if post.state == "scheduled" else []


def withdraw_post(post: Publication, officer: Actor) -> list[Draft]:
    """Keep a post from going out."""
    authorise(officer, Action.POST_EDIT, Scope(post.unit))
    _not_out(post)
    data = {"publication_id": post.publication_id, "officer": officer.id}
    return [Draft(PublicationWithdrawn, post.publication_id, data, actor=str(officer))]


def take_down_post(
    post: Publication, officer: Actor, reason: str, deliveries: Sequence[str]
) -> list[Draft]:  # fmt: skip
    """Take back a post that is out: whoever may approve it may end it. `deliveries` are the states of its targets."""
    for unit in post.speaks_for:
        authorise(officer, Action.POST_APPROVE, Scope(unit))
    if post.state not in ("released", "taken_down") or not any(state in STANDS for state in deliveries):
        raise Refused(
            409, "nothing_out", "Unggahan ini tidak sedang tayang: tidak ada yang dapat diturunkan.",
            "This post stands nowhere: there is nothing to take down.",
        )  # fmt: skip
    data = {"publication_id": post.publication_id, "officer": officer.id, "reason": reason.strip()}
    return [Draft(PublicationTakenDown, post.publication_id, data, actor=str(officer))]


def taken_down(delivery: Delivery, code: str | None) -> list[Draft]:
    """It is gone, or (`code`) it stays and why."""
    if delivery.state != "removing":
        return []
    if code is None:
        return [Draft(DeliveryTakenDown, delivery.entity, _about(delivery))]
    return [Draft(DeliveryStayed, delivery.entity, {**_about(delivery), "code": code[:64]})]


def _release(post: Publication, by: str) -> Draft:
    data = {"publication_id": post.publication_id, "by": by, "text_hash": post.text_hash}
    return Draft(PublicationReleased, post.publication_id, data, actor=by)


def _not_out(post: Publication) -> None:
    if post.state in ("released", "withdrawn", "taken_down"):
        raise Refused(
            409, "already_out", "Unggahan ini sudah tayang atau ditarik.", "This post is out or withdrawn already."
        )  # fmt: skip


def _own_versions(texts: Mapping[str, str], accounts: Any) -> None:
    strangers = sorted(set(texts) - set(accounts))
    if strangers:
        raise Refused(
            422, "unknown_account", "Versi teks untuk akun yang tidak dipilih.",
            "A version of the text for an account that is not chosen.", ["texts"],
        )  # fmt: skip


def start(delivery: Delivery, carried: str) -> list[Draft]:
    """The fence, before the network is called. Nothing where it is not ready any more."""
    if delivery.state != "ready":
        return []
    data = {
        **_about(delivery), "channel": delivery.channel, "account": delivery.account, "fence": delivery.fence + 1,
        "carried": carried,
    }  # fmt: skip
    return [Draft(DeliveryStarted, delivery.entity, data)]


def sent(
    delivery: Delivery, fence: int, native_id: str, url: str | None, known_by: Literal["answer", "look_up", "officer"],
    officer: Actor | None = None, how: Carried | None = None,
) -> list[Draft]:  # fmt: skip
    """It is there. A word under an old fence counts for nothing."""
    if delivery.fence != fence or delivery.state not in ("sending", "unknown", "held"):
        return []
    data = {
        **_about(delivery), "case_id": delivery.case_id, "conversation_id": delivery.conversation_id,
        "channel": delivery.channel, "account": delivery.account, "fence": fence, "native_id": native_id, "url": url,
        "known_by": known_by, "officer": officer.id if officer else None, "how": how,
    }  # fmt: skip
    return [Draft(DeliverySent, delivery.entity, data, actor=str(officer) if officer else "system")]


def refused(
    delivery: Delivery,
    fence: int,
    code: str,
    now: datetime,
    *,
    for_good: bool,
    retry_after: float | None,
    jitter: float,
) -> list[Draft]:
    """Refused for certain. `jitter` (0 to 1) spreads the tries over the whole wait; the network's own wait is kept."""
    if delivery.fence != fence or delivery.state != "sending":
        return []
    retry_at = None
    if not for_good and fence < MAX_TRIES:
        wait = min(FIRST_WAIT * 2 ** (fence - 1), LONGEST_WAIT) * jitter
        retry_at = now + timedelta(seconds=max(wait, retry_after or 0.0))
    data = {**_about(delivery), "fence": fence, "code": code, "retry_at": retry_at}
    return [Draft(DeliveryRefused, delivery.entity, data)]


def uncertain(delivery: Delivery, fence: int, code: str, now: datetime, settle: timedelta) -> list[Draft]:
    """Nobody knows; the network is asked after the settle time."""
    if delivery.fence != fence or delivery.state != "sending":
        return []
    data = {**_about(delivery), "fence": fence, "code": code, "look_up_at": now + settle}
    return [Draft(DeliveryUncertain, delivery.entity, data)]


def absent(delivery: Delivery, fence: int) -> list[Draft]:
    """Proved absent: ready again."""
    if delivery.fence != fence or delivery.state != "unknown":
        return []
    return [Draft(DeliveryReadied, delivery.entity, {**_about(delivery), "fence": fence, "known_by": "look_up"})]


def held(delivery: Delivery, fence: int, code: str) -> list[Draft]:
    """Can't be known: an officer looks."""
    if delivery.fence != fence or delivery.state != "unknown":
        return []
    return [Draft(DeliveryHeld, delivery.entity, {**_about(delivery), "fence": fence, "code": code})]


def laid_out(delivery: Delivery) -> list[Draft]:
    """It waits for the officer who brings it to the citizen; right after its fence, in the same commit."""
    return [Draft(DeliveryHeld, delivery.entity, {**_about(delivery), "fence": delivery.fence, "code": BY_HAND})]


def resolve(
    delivery: Delivery, officer: Actor, outcome: Literal["sent", "again"], native_id: str, how: Carried | None = None
) -> list[Draft]:
    """The officer says what became of a held delivery: as the network shows, or as they brought it themselves."""
    authorise(officer, Action.DELIVERY_RESOLVE, Scope(delivery.unit))
    if delivery.state != "held":
        raise Refused(
            409, "not_held", "Kiriman ini tidak sedang ditahan.", "This delivery is not held."
        )  # fmt: skip
    by_hand = delivery.code == BY_HAND
    if by_hand and outcome == "again":
        raise Refused(
            409, "by_hand", "Jawaban ini diserahkan oleh petugas: catat penyerahannya.",
            "An officer brings this answer: record how it went.",
        )  # fmt: skip
    if by_hand != (how is not None):
        raise Refused(
            422, "how", "Cara penyerahan hanya untuk jawaban yang diserahkan petugas, dan wajib di sana.",
            "How it went is told of answers that officers bring, and of those always.", ["how"],
        )  # fmt: skip
    if outcome == "sent":
        native_id = native_id or f"officer:{delivery.delivery_id}"
        return sent(delivery, delivery.fence, native_id, None, "officer", officer, how)
    data = {**_about(delivery), "fence": delivery.fence, "known_by": "officer", "officer": officer.id}
    return [Draft(DeliveryReadied, delivery.entity, data, actor=str(officer))]


def when_carried(asked: datetime | None, laid_out_at: datetime, now: datetime, zone: ZoneInfo) -> datetime:
    """When an answer was brought: now, or as the officer says, and no day before it was written. Raises `Refused`."""
    if asked is None:
        return now
    if asked > now or asked.astimezone(zone).date() < laid_out_at.astimezone(zone).date():
        raise Refused(
            422, "not_that_day", "Waktu penyerahan harus sejak hari jawaban dibuat dan tidak sesudah sekarang.",
            "It was brought on the day on which it was written or later, and not after now.", ["at"],
        )  # fmt: skip
    return asked


def bounced(delivery: Delivery, outcome: Literal["failed", "delayed", "delivered"], code: str) -> list[Draft]:
    """The network told later what became of it."""
    data = {**_about(delivery), "case_id": delivery.case_id, "outcome": outcome, "code": code}
    return [Draft(DeliveryBounced, delivery.entity, data)]


def _about(delivery: Delivery) -> dict[str, Any]:
    return {"delivery_id": delivery.delivery_id, "publication_id": delivery.publication_id}
