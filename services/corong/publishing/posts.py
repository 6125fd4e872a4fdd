"""Posts: drafted, approved as exactly that text, published now or at a time; and the word on held deliveries."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select

from corong.publishing import rules, state
from corong.publishing.lengths import length
from corong.publishing.measuring import Measuring, as_posted
from corong.publishing.outlets import Outlets
from corong.publishing.rows import delivery_of, publication_of
from corong.publishing.rules import Publication
from corong.runtime.clock import moment, stamp
from corong.runtime.open_unit import check_open_unit
from corong.runtime.policy import Actor
from corong.runtime.refusal import Refused
from corong.runtime.service import Service, cause_of
from corong.runtime.unit import Unit
from corong_contracts.base import partition_of
from corong_contracts.command import (
    ApprovePost,
    DraftPost,
    EditPost,
    PublishPost,
    ResolveDelivery,
    TakeDownPost,
    WithdrawPost,
)

SCHEDULE_CHECK_SECONDS = 1.0


class Posts:
    """Handlers of the commands on posts and deliveries."""

    def __init__(self, service: Service, outlets: Outlets) -> None:
        self._service = service
        self._directory = service.installation.directory
        self._outlets = outlets
        Measuring(service, outlets)
        service.command(DraftPost, self.draft)
        service.command(EditPost, self.edit)
        service.command(ApprovePost, self.approve)
        service.command(PublishPost, self.publish)
        service.command(WithdrawPost, self.withdraw)
        service.command(TakeDownPost, self.take_down)
        service.command(ResolveDelivery, self.resolve)
        service.every(SCHEDULE_CHECK_SECONDS, self.release_due)

    def draft(self, unit: Unit, officer: Actor, asked: DraftPost, cause: UUID) -> dict[str, Any]:
        """Command `post.draft`."""
        check_open_unit(self._directory, asked.unit)
        accounts = {account: self._posting_channel(account) for account in dict.fromkeys(asked.accounts)}
        self._check_lengths(asked.title, asked.text, accounts, asked.texts)
        publication_id = uuid5(cause, "post")
        unit.lock_entity(publication_id)
        drafts = rules.draft_post(
            cause, officer, asked.unit, asked.label, asked.title, asked.text, accounts, asked.texts,
            immediate=asked.immediate,
        )  # fmt: skip
        unit.record(cause, drafts)
        digest = rules.text_hash(asked.title, asked.text, asked.texts)
        return {"publication_id": str(publication_id), "text_hash": digest}

    def edit(self, unit: Unit, officer: Actor, asked: EditPost, cause: UUID) -> dict[str, Any]:
        """Command `post.edit`."""
        post = self._post(unit, asked.publication_id)
        accounts = {row["account"]: row["channel"] for row in state.deliveries_of(unit.rows, str(asked.publication_id))}
        self._check_lengths(asked.title, asked.text, accounts, asked.texts)
        unit.record(cause, rules.edit_post(post, officer, asked.title, asked.text, list(accounts), asked.texts))
        return {"text_hash": rules.text_hash(asked.title, asked.text, asked.texts)}

    def approve(self, unit: Unit, officer: Actor, asked: ApprovePost, cause: UUID) -> None:
        """Command `post.approve`."""
        unit.record(cause, rules.approve_post(self._post(unit, asked.publication_id), officer, asked.text_hash))

    def publish(self, unit: Unit, officer: Actor, asked: PublishPost, cause: UUID) -> None:
        """Command `post.publish`."""
        unit.record(cause, rules.publish_post(self._post(unit, asked.publication_id), officer, asked.at, unit.now))

    def withdraw(self, unit: Unit, officer: Actor, asked: WithdrawPost, cause: UUID) -> None:
        """Command `post.withdraw`."""
        unit.record(cause, rules.withdraw_post(self._post(unit, asked.publication_id), officer))

    def take_down(self, unit: Unit, officer: Actor, asked: TakeDownPost, cause: UUID) -> None:
        """Command `post.take_down`."""
        post = self._post(unit, asked.publication_id)
        states = [row["state"] for row in state.deliveries_of(unit.rows, str(asked.publication_id))]
        unit.record(cause, rules.take_down_post(post, officer, asked.reason, states))

    def resolve(self, unit: Unit, officer: Actor, asked: ResolveDelivery, cause: UUID) -> None:
        """Command `delivery.resolve`."""
        table = state.delivery
        where = unit.rows.query(select(table.c.partition).where(table.c.delivery_id == str(asked.delivery_id)))
        unit.lock(*(found["partition"] for found in where))
        row = unit.rows.get(table, str(asked.delivery_id))  # under the lock: another process may just have changed it
        if row is None:
            raise Refused(404, "no_such_delivery", "Kiriman itu tidak ada.", "There is no such delivery.")
        drafts = rules.resolve(delivery_of(unit, row), officer, asked.outcome, asked.native_id, asked.how)
        begun = moment(row["started_at"])
        unit.record(cause, drafts, rules.when_carried(asked.at, begun, unit.now, self._directory.hub.zone))

    def release_due(self, unit: Unit) -> None:
        """Posts whose time has come."""
        table = state.publication
        due = unit.rows.query(
            select(table.c.publication_id)
            .where(table.c.state == "scheduled", table.c.publish_at <= stamp(unit.now))
            .order_by(table.c.publish_at)
        )
        for identity in self._own(UUID(row["publication_id"]) for row in due):
            post = self._post(unit, identity)
            row = unit.rows.get(table, str(identity)) or {}
            cause = cause_of(identity, f"release/{row['publish_at']}/{post.text_hash}")
            unit.record(cause, rules.release_due(post))

    def _own(self, posts: Iterable[UUID]) -> list[UUID]:
        """Those of this process's partitions: each post goes out by one process."""
        partitions = self._service.settings.partitions
        return [post for post in posts if partition_of(post, partitions) in self._service.owned][:100]

    def _post(self, unit: Unit, publication_id: UUID) -> Publication:
        """The post, locked. Raises `Refused` (404)."""
        unit.lock_entity(publication_id)
        row = unit.rows.get(state.publication, str(publication_id))
        if row is None or row["kind"] != "post":
            raise Refused(404, "no_such_post", "Unggahan itu tidak ada.", "There is no such post.")
        accounts = (delivery["account"] for delivery in state.deliveries_of(unit.rows, str(publication_id)))
        return replace(publication_of(row), owners=frozenset(map(self._owner, accounts)))

    def _owner(self, account: str) -> str:
        """The account's unit; the main office speaks for one that is no longer in the directory."""
        try:
            return self._directory.account(account).unit
        except KeyError:
            return self._directory.main_unit.id

    def _posting_channel(self, account: str) -> str:
        capabilities = self._outlets.capabilities(account)
        if capabilities is None or not capabilities.can_post:
            raise Refused(
                422, "cannot_post", f"Akun {account} tidak ada atau tidak dapat menayangkan unggahan.",
                f"There is no account {account}, or it can't post.", ["accounts"],
            )  # fmt: skip
        return self._directory.account(account).channel

    def _check_lengths(self, title: str, text: str, accounts: dict[str, str], texts: dict[str, str]) -> None:
        for account in accounts:
            capabilities = self._outlets.capabilities(account)
            if capabilities is None:
                continue
            own = as_posted(capabilities, title, texts.get(account, text))
            counted, most = length(own, capabilities.text_unit), capabilities.max_text
            if counted > most:
                units = ("byte", "bytes") if capabilities.text_unit == "bytes" else ("tanda", "characters")
                raise Refused(
                    422, "too_long", f"Teks untuk {account} terlalu panjang ({counted} dari {most} {units[0]}).",
                    f"The text for {account} is too long ({counted} of {most} {units[1]}).", ["text"],
                )  # fmt: skip
