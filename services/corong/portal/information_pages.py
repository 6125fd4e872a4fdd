"""Pages of the public information list: by class, by unit, by words; one entry; all of it as JSON."""

from datetime import date
from functools import partial
from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from corong.portal.information import CLASSES, EXEMPT, Exempt, Information, InformationLists, Listed
from corong.runtime.pages import Pages
from corong.runtime.problems import problems

ON_A_PAGE = 20

ADDRESSES = {"berkala": "periodic", "serta-merta": "immediate", "setiap-saat": "any_time", "dikecualikan": EXEMPT}
"""Word in the address → class, in the law's order."""

Class = Literal["berkala", "serta-merta", "setiap-saat", "dikecualikan"]
Asked = Query("", max_length=200)


class InformationFound(BaseModel):
    """The public information list, or what a search found in it."""

    information: list[dict[str, Any]]
    """The public list (DIP): id, title, class, unit, summary, formats, period, made, kept, address, place of each."""
    exempt: list[dict[str, Any]]
    """Exempt information (DIK): id, title, unit, grounds (letters of UU 14/2008 art. 17), reason, test, until."""


def routes(lists: InformationLists, pages: Pages) -> APIRouter:
    """The router."""
    router = APIRouter()

    @router.get("/informasi", include_in_schema=False)
    async def find(
        request: Request,
        jenis: str = Query("", max_length=20),
        unit: str = Query("", max_length=63),
        cari: str = Asked,
        halaman: int = Query(1, ge=1, le=10_000),
    ) -> Response:
        found = lists.find(cari, unit)
        counts = {word: len(found.of_class(kind)) for word, kind in ADDRESSES.items()}
        chosen = ADDRESSES.get(jenis)
        entries = found.of_class(chosen) if chosen else [*found.information, *found.exempt]
        first = (halaman - 1) * ON_A_PAGE
        return pages.render(
            request,
            "information.html",
            lists=lists,
            entries=entries[first : first + ON_A_PAGE],
            count=len(entries),
            counts=counts,
            chosen=jenis if chosen else "",
            unit=unit if unit in lists.units else "",
            asked=cari,
            page=halaman,
            more=len(entries) > first + ON_A_PAGE,
            kind_of=kind_of,
            address=partial(address, asked=cari, unit=unit),
        )

    @router.get(
        "/informasi.json",
        response_model=InformationFound,
        tags=["public information"],
        responses=problems(404, 422, 500, 503),
    )
    async def as_json(jenis: Class | None = None, unit: str = Query("", max_length=63), cari: str = Asked) -> Any:
        """The public information list (DIP) and the exempt list (DIK); `jenis` a class, `unit` an id, `cari` words."""
        found = lists.find(cari, unit)
        wanted = CLASSES if jenis is None else (ADDRESSES[jenis],)
        return {
            "information": [
                entry.model_dump(mode="json", by_alias=True) for entry in found.information if entry.kind in wanted
            ],
            "exempt": [entry.model_dump(mode="json") for entry in found.exempt] if jenis in (None, EXEMPT_WORD) else [],
        }

    @router.get("/informasi/{entry_id}", include_in_schema=False)
    async def one(request: Request, entry_id: str) -> Response:
        entry = lists.entry(entry_id)
        if entry is None:
            raise HTTPException(404)
        return pages.render(
            request,
            "information_entry.html",
            entry=entry,
            kind=kind_of(entry),
            exempt=isinstance(entry, Exempt),
            unit=lists.unit_name(entry.unit),
            day=entry.until if isinstance(entry, Exempt) and isinstance(entry.until, date) else None,
        )

    return router


EXEMPT_WORD = next(word for word, kind in ADDRESSES.items() if kind == EXEMPT)


def address(jenis: str, halaman: int = 1, *, asked: str, unit: str) -> str:
    """Of a page of the list, with what was searched for."""
    given = {"jenis": jenis, "unit": unit, "cari": asked, "halaman": halaman if halaman > 1 else ""}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"/informasi?{query}" if query else "/informasi"


def kind_of(entry: Listed) -> str:
    """The class of an entry as addresses name it."""
    kind = entry.kind if isinstance(entry, Information) else EXEMPT
    return next(word for word, known in ADDRESSES.items() if known == kind)
