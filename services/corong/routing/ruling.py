"""The rules of routing: what they say, what others would move, and the officer's word that others are in force."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from corong.routing import state
from corong.routing.rule_editions import RuleEdition, RuleEditions, check_size
from corong.routing.rule_trial import Difference, differences
from corong.routing.rulebook import Facts, Routing, Rulebook, RulebookError
from corong.runtime.directory import Directory
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.refusal import Refused
from corong.runtime.rows import Row, Rows
from corong.runtime.sealing import BadSeal, Erased, SealedAt, Sealer
from corong.runtime.service import Service
from corong.runtime.unit import Unit
from corong_contracts.case import CaseKind
from corong_contracts.message import MessageReceived
from corong_contracts.rules_command import FirstMessage, SetRules, ShowRules, TryRules


class Ruling:
    """Handlers of the commands on rules."""

    def __init__(self, service: Service, editions: RuleEditions) -> None:
        self._editions = editions
        self._directory = service.installation.directory
        self._sealer: Sealer = service.installation.sealer
        service.query(ShowRules, self.show)
        service.query(TryRules, self.attempt)
        service.command(SetRules, self.change)

    def show(self, connection: Connection, officer: Actor, asked: ShowRules) -> dict[str, Any]:
        """The editions, the one in force first, and the content of one. Raises `Forbidden`, `Refused` (404)."""
        authorise(officer, Action.SETUP_READ, Scope())
        found = self._editions.editions(connection)
        wanted = found[0] if asked.edition is None else next((e for e in found if e.number == asked.edition), None)
        if wanted is None:
            raise Refused(404, "no_such_edition", "Edisi itu tidak ada.", "There is no such edition.")
        return {"edition": _told(wanted), "content": wanted.content, "editions": list(map(_told, found))}

    def attempt(self, connection: Connection, officer: Actor, asked: TryRules) -> dict[str, Any]:
        """What would differ. Nothing of the citizens' words is told but what the rules themselves say.

        Raises `Forbidden`, `Refused` (422).
        """
        authorise(officer, Action.RULES_CHANGE, Scope())
        proposed = self._proposed(asked.content)
        now = self._editions.in_force_at(connection)
        cases = first_facts(connection, self._directory, self._sealer, asked.cases)
        found = differences(self._editions.book(now), proposed, cases)
        return {
            "digest": RuleEdition(0, asked.content).digest,
            "edition": now.number,
            "tried": len(cases),
            "unreadable": len(asked.cases) - len(cases),
            "differences": [told_difference(one) for one in found],
        }

    def change(self, unit: Unit, officer: Actor, asked: SetRules, cause: UUID) -> dict[str, Any]:
        """Command `rules.set`. Raises `Forbidden`, `Refused` (409, 422)."""
        authorise(officer, Action.RULES_CHANGE, Scope())
        self._proposed(asked.content)
        number = self._editions.change(unit, cause, asked.content, officer.id, asked.after, asked.reason.strip())
        return {"edition": number, "digest": RuleEdition(0, asked.content).digest}

    def _proposed(self, content: str) -> Rulebook:
        check_size(content)
        try:
            return self._editions.proposed(content)
        except RulebookError as error:
            told = "; ".join(f"{one.entry}: {one.what} ({one.remedy})" for one in error.problems[:20])
            raise Refused(
                422, "bad_rules", f"Aturan tidak dapat dipakai. {told}", f"The rules can't be used. {told}",
                ["content"],
            ) from None  # fmt: skip


def first_facts(
    connection: Connection, directory: Directory, sealer: Sealer, cases: Iterable[FirstMessage]
) -> list[tuple[UUID, Facts]]:  # fmt: skip
    """What the decision on each case looked at; a case whose words are gone is left out."""
    cases, rows = list(cases), Rows(connection)
    rows.load(state.registered, [str(one.case_id) for one in cases])
    found = list[tuple[UUID, Facts]]()
    for one in cases:
        row = rows.get(state.registered, str(one.case_id))
        if row is not None and (facts := _facts(directory, sealer, one, row)) is not None:
            found.append((one.case_id, facts))
    return found


def _facts(directory: Directory, sealer: Sealer, one: FirstMessage, row: Row) -> Facts | None:
    try:
        at = SealedAt.of(one.sealed)
        if (at.type, at.field) != (MessageReceived.type, "content"):
            return None
        content = sealer.open_json(at)
    except (Erased, BadSeal, ValueError, TypeError):
        return None
    return facts_of(
        directory, content, channel=row["channel"], account=row["account"],
        declared_kind=row["declared_kind"], visibility=row["visibility"],
    )  # fmt: skip


def facts_of(
    directory: Directory, content: dict[str, Any] | None, *, channel: str, account: str, declared_kind: str | None,
    visibility: Any,
) -> Facts:  # fmt: skip
    """What a decision looks at; `content` None: the words were erased."""
    try:
        account_unit = directory.account(account).unit
    except KeyError:
        account_unit = None
    return Facts(
        text=f"{content['subject']}\n{content['text']}" if content else "",
        channel=channel,
        account_unit=account_unit,
        declared_kind=CaseKind(declared_kind) if declared_kind else None,
        visibility=visibility,
    )


def _told(edition: RuleEdition) -> dict[str, Any]:
    return {
        "edition": edition.number,
        "digest": edition.digest,
        "officer": edition.officer,
        "reason": edition.reason,
        "changed_at": edition.changed_at,
    }


def told_difference(one: Difference) -> dict[str, Any]:
    """As answers have it."""
    return {"case_id": str(one.case_id), "moves": one.moves, "old": _way(one.old), "new": _way(one.new)}


def _way(found: Routing) -> dict[str, Any]:
    return {
        "unit": found.unit,
        "kind": str(found.kind),
        "priority": str(found.priority),
        "rule": found.rule,
        "reasons": [reason.model_dump(mode="json") for reason in _of_unit(found)],
    }


def _of_unit(found: Routing) -> Iterator[Any]:
    """The reasons of the rule that gave the unit."""
    return (reason for reason in found.reasons if reason.rule == found.rule)
