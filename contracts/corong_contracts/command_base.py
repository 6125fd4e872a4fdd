"""What every command is: its name and owner, how it is asked, and how it is answered."""

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Model

Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Note = Annotated[str, Field(min_length=1, max_length=5_000)]


class Command(Model):
    """Base; a subclass names who owns it: `class Claim(Command, service="routing", name="case.claim")`."""

    service: ClassVar[str] = ""
    name: ClassVar[str] = ""

    def __init_subclass__(cls, *, service: str = "", name: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if name:
            cls.service, cls.name = service, name

    @classmethod
    def nats_subject(cls) -> str:
        """`corong.command.<service>.<noun>.<verb>`."""
        return f"corong.command.{cls.service}.{cls.name}"


class Request(Model):
    """A command on the wire. The owning service looks up the officer's role and unit itself."""

    id: UUID
    officer: str
    traceparent: str | None = None
    data: dict[str, Any]


class FieldProblem(Model):
    """A field that is not as it should be, and why."""

    field: str
    """Dotted, as people read it."""
    pointer: str = ""
    """JSON Pointer (RFC 6901) into the body; the name where it is a header or a part of the address."""
    reason: dict[Literal["id", "en"], str]


class Problem(Model):
    """RFC 9457 problem details; `detail` is in Indonesian and English."""

    type: str = "about:blank"
    status: int
    code: str
    title: str
    detail: dict[Literal["id", "en"], str] = Field(default_factory=dict)
    fields: list[str] = Field(default_factory=list)
    errors: list[FieldProblem] = Field(default_factory=list)
    """Why, field by field."""
    allowed: list[str] = Field(default_factory=list)
    """Of a refused act: what the one who asked may do now instead."""


class Reply(Model):
    """The answer to a request: a result or a problem."""

    result: dict[str, Any] | None = None
    problem: Problem | None = None
