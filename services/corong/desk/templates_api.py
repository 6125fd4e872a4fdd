"""Routes of letters' templates: which there are, what they say, and adopting another."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from corong.desk.bodies import Body
from corong.desk.context import Desk, IdempotencyKey, Officer
from corong.desk.models import Done, OfficerRef
from corong.runtime.refusal import Refused
from corong_contracts.base import Time
from corong_contracts.document import DocumentKind
from corong_contracts.document_command import AdoptTemplate, ListTemplates


class Edition(BaseModel):
    """A template that is or was in force."""

    kind: DocumentKind
    edition: int = Field(description="1, 2, 3 … of the kind; 0: it comes with Corong and no letter was made with it.")
    title: str
    digest: str
    officer: OfficerRef | None = Field(description="Who adopted it; null: it comes with Corong.")
    adopted_at: Time | None
    in_force: bool


class Templates(BaseModel):
    """All editions, by kind, the newest first."""

    templates: list[Edition]


class Whole(Edition):
    """With its words."""

    content: str = Field(description="TOML: kind, title, letter, message.")


class Adoption(Body):
    """A template to be adopted."""

    content: Annotated[str, Field(min_length=1, max_length=45_000, description="TOML, as a template's `content`.")]


class Adopted(Done):
    """And what is in force now."""

    kind: DocumentKind
    digest: str
    edition: int


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("documents")

    async def editions(officer: Officer, kind: DocumentKind | None) -> list[dict[str, object]]:
        told = await desk.ask(officer, ListTemplates(kind=kind), None, None, wait=False)
        return [{**found, "officer": desk.person(found["officer"])} for found in told.result["editions"]]

    @router.get("/document-templates")
    async def listed(officer: Officer) -> Templates:
        """The templates of all letters, with all editions."""
        return Templates.model_validate({"templates": await editions(officer, None)})

    @router.get("/document-templates/{kind}")
    async def one(
        officer: Officer,
        kind: Annotated[DocumentKind, Path()],
        edition: Annotated[int | None, Query(ge=0, description="By default the one in force.")] = None,
    ) -> Whole:
        """One template with its words."""
        for found in await editions(officer, kind):
            if found["edition"] == edition or (edition is None and found["in_force"]):
                return Whole.model_validate(found)
        raise Refused(404, "no_such_edition", "Edisi itu tidak ada.", "There is no such edition.")

    @router.post("/document-templates")
    async def adopt(officer: Officer, body: Adoption, key: IdempotencyKey = None) -> Adopted:
        """Make letters of its kind with these words from now on; letters that were made keep theirs."""
        told = await desk.ask(officer, AdoptTemplate(content=body.content), None, key)
        same = {name: told.result[name] for name in ("kind", "digest", "edition")}
        return Adopted(**told.as_done(), **same)

    return router
