"""Which words letters are made with now; each edition is written into the log, whole, before it is used."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, Select, select

from corong.documents import Template, standard_template
from corong.routing import state
from corong.runtime.unit import Draft, Unit
from corong_contracts.document import DocumentKind, TemplateAdopted

__all__ = ["Edition", "TemplateBook", "template_id"]

NAMESPACE = UUID("5f0b9a5e-3c0e-5f43-9d0c-7a1b1c6a2f10")


@dataclass(frozen=True, slots=True)
class Edition:
    """A template that is or was in force; `number` 0: it comes with Corong and was not used yet."""

    template: Template
    number: int
    officer: str | None = None
    adopted_at: str | None = None


def template_id(kind: DocumentKind) -> UUID:
    """All editions of a kind are about one thing, in one partition."""
    return uuid5(NAMESPACE, kind)


class TemplateBook:
    """The editions of this installation."""

    def in_force(self, unit: Unit, kind: DocumentKind) -> Edition:
        """The edition of this moment. What comes with Corong is written into the log when it is first used."""
        found = _in_force(unit, kind)
        if found.number and (found.officer or found.template.digest == standard_template(kind).digest):
            return found
        unit.lock_entity(template_id(kind))  # whoever comes second finds the first one's edition
        found = _in_force(unit, kind)
        standard = standard_template(kind)
        if not found.number or (found.officer is None and found.template.digest != standard.digest):
            self.adopt(unit, uuid5(template_id(kind), f"{found.number + 1}/{standard.digest}"), standard, None)
        return _in_force(unit, kind)

    def adopt(self, unit: Unit, cause: UUID, template: Template, officer: str | None) -> Edition | None:
        """Make it the newest edition; None where it is that already."""
        identity = template_id(template.kind)
        unit.lock_entity(identity)
        rows = [dict(row) for row in unit.rows.query(_newest(template.kind))]
        if rows and rows[0]["digest"] == template.digest and (rows[0]["officer"] is not None or officer is None):
            return None
        number = rows[0]["edition"] + 1 if rows else 1
        data = {
            "template_id": identity,
            "kind": template.kind,
            "edition": number,
            "digest": template.digest,
            "officer": officer,
            "content": template.content,
        }
        actor = f"officer:{officer}" if officer else "system"
        unit.record(cause, [Draft(TemplateAdopted, identity, data, actor=actor)])
        return Edition(template, number, officer)

    def in_force_at(self, connection: Connection, kind: DocumentKind) -> Edition:
        """The same for a question: nothing is written."""
        found = _edition(kind, [dict(row) for row in connection.execute(_newest(kind)).mappings()])
        return found if found.officer else Edition(standard_template(kind), found.number, None, found.adopted_at)

    def editions(self, connection: Connection, kind: DocumentKind) -> list[Edition]:
        """All of a kind, the newest first; what comes with Corong, where none was used yet."""
        chosen = select(state.template).where(state.template.c.kind == str(kind)).order_by(
            state.template.c.edition.desc()
        )  # fmt: skip
        rows = [dict(row) for row in connection.execute(chosen).mappings()]
        return [_edition(kind, [row]) for row in rows] or [_edition(kind, [])]


def _in_force(unit: Unit, kind: DocumentKind) -> Edition:
    """Read once in a unit of work, however many letters it issues."""
    return _edition(kind, unit.rows.group(state.template, str(kind))[-1:])


def _newest(kind: DocumentKind) -> Select[Any]:
    table = state.template
    return select(table).where(table.c.kind == str(kind)).order_by(table.c.edition.desc()).limit(1)


def _edition(kind: DocumentKind, rows: list[dict[str, Any]]) -> Edition:
    if not rows:
        return Edition(standard_template(kind), 0)
    row = rows[0]
    return Edition(Template.of_content(row["content"]), row["edition"], row["officer"], row["adopted_at"])
