"""Words for answers, kept for everybody or for one unit: which there are, and the word that another is offered."""

from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, or_, select

from corong.routing import state
from corong.runtime.open_unit import check_open_unit
from corong.runtime.policy import Action, Actor, Scope, allowed, authorise
from corong.runtime.refusal import Refused
from corong.runtime.service import Service
from corong.runtime.unit import Draft, Unit
from corong.runtime.wording_names import NAMES, unknown_names
from corong_contracts.wording import AdoptWording, ListWordings, WordingAdopted

_KEPT = ("wording_id", "edition", "unit", "title", "text", "officer", "adopted_at", "retired")


class WordingBook:
    """Handlers of the commands on wordings."""

    def __init__(self, service: Service) -> None:
        self._directory = service.installation.directory
        service.query(ListWordings, self.listed)
        service.command(AdoptWording, self.adopt)

    def listed(self, connection: Connection, officer: Actor, asked: ListWordings) -> dict[str, Any]:
        """By name. Raises `Forbidden`."""
        authorise(officer, Action.WORDING_READ, Scope(officer.unit))
        table = state.wording
        chosen = select(table).order_by(table.c.title, table.c.wording_id)
        if not allowed(officer, Action.WORDING_ADOPT, Scope()):
            chosen = chosen.where(or_(table.c.unit.is_(None), table.c.unit == officer.unit))
        if not asked.retired:
            chosen = chosen.where(table.c.retired.is_(False))
        rows = connection.execute(chosen).mappings()
        return {"wordings": [{name: row[name] for name in _KEPT} for row in rows]}

    def adopt(self, unit: Unit, officer: Actor, asked: AdoptWording, cause: UUID) -> dict[str, Any]:
        """Command `wording.adopt`: id and edition. Raises `Refused` (404, 422), `Forbidden`."""
        identity = asked.wording_id or uuid5(cause, "wording")
        unit.lock_entity(identity)
        row = unit.rows.get(state.wording, str(identity))
        if row is None and asked.wording_id is not None:
            raise Refused(404, "no_such_wording", "Templat itu tidak ada.", "There is no such wording.")
        owner = row["unit"] if row is not None else asked.unit
        authorise(officer, Action.WORDING_ADOPT, Scope(owner))
        self._check(owner, asked.text)
        data = {
            "wording_id": identity, "edition": row["edition"] + 1 if row is not None else 1, "unit": owner,
            "title": asked.title, "text": asked.text, "officer": officer.id, "retired": asked.retired,
        }  # fmt: skip
        if row is not None and all(row[name] == data[name] for name in ("title", "text", "retired")):
            return {"wording_id": str(identity), "edition": row["edition"]}
        unit.record(cause, [Draft(WordingAdopted, identity, data, actor=str(officer))])
        return {"wording_id": str(identity), "edition": data["edition"]}

    def _check(self, owner: str | None, text: str) -> None:
        if owner is not None:
            check_open_unit(self._directory, owner)
        if unknown := unknown_names(text):
            named, known = (", ".join(f"{{{name}}}" for name in names) for names in (unknown, NAMES))
            raise Refused(
                422, "unknown_name", f"Tidak dikenal: {named}. Yang dapat dipakai: {known}.",
                f"Not known: {named}. What can be used: {known}.", ["text"],
            )  # fmt: skip
