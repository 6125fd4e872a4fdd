"""Keeps, renames and deletes an officer's views. A view is the address of a filtered list; the right is asked anew."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl
from uuid import uuid4

from sqlalchemy import Connection, select

from corong.desk.context import Desk
from corong.desk.views.tables import saved_view
from corong.runtime.clock import stamp
from corong.runtime.refusal import Refused
from corong.runtime.unit import Unit

Page = Literal["queue", "search"]

MOST = 12
"""Of one officer: each is counted on every page of the queue."""
LONGEST_NAME, LONGEST_ASKED = 40, 600


@dataclass(frozen=True)
class View:
    """One view; `asked` is a query string, as the page's own address writes it."""

    id: str
    name: str
    page: Page
    asked: str

    @property
    def fields(self) -> dict[str, str]:
        """What is asked for, by name."""
        return dict(parse_qsl(self.asked))


class Views:
    """An officer's views: each sees their own alone."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def of(self, connection: Connection, officer: str) -> list[View]:
        """In the order in which they were kept."""
        table = saved_view.c
        chosen = select(saved_view).where(table.officer == officer).order_by(table.made_at, table.view_id)
        return [View(row.view_id, row.name, row.page, row.asked) for row in connection.execute(chosen)]

    async def keep(self, officer: str, name: str, page: Page, asked: str) -> None:
        """A new one, or the one of that name changed. Raises `Refused` (409, 422)."""
        name = _name(name)
        if not asked or len(asked) > LONGEST_ASKED:
            raise Refused(422, "no_view", "Saring antrean atau cari sesuatu dahulu, lalu simpan.",
                          "Filter the queue or search for something first, then keep it.")  # fmt: skip

        def put(unit: Unit) -> None:
            known = self.of(unit.connection, officer)
            same = next((view.id for view in known if view.name.casefold() == name.casefold()), None)
            if same is None and len(known) >= MOST:
                raise Refused(409, "too_many_views", f"Sudah ada {MOST} tampilan. Hapus salah satu dahulu.",
                              f"There are {MOST} views already. Delete one first.")  # fmt: skip
            if same is not None:
                unit.rows.change(saved_view, same, name=name, page=page, asked=asked)
                return
            row = {"view_id": str(uuid4()), "officer": officer, "name": name, "page": page, "asked": asked}
            unit.rows.put(saved_view, {**row, "made_at": stamp(unit.now)})

        await self._desk.service.committer.run(put)

    async def rename(self, officer: str, view: str, name: str) -> None:
        """Another name. Raises `Refused` (404, 409, 422)."""
        name = _name(name)

        def change(unit: Unit) -> None:
            others = [one for one in self.of(unit.connection, officer) if one.id != view]
            if any(one.name.casefold() == name.casefold() for one in others):
                raise Refused(409, "same_name", "Sudah ada tampilan dengan nama itu.",
                              "There is a view of that name already.", ["name"])  # fmt: skip
            _own(unit, officer, view)
            unit.rows.change(saved_view, view, name=name)

        await self._desk.service.committer.run(change)

    async def delete(self, officer: str, view: str) -> None:
        """Gone. Raises `Refused` (404)."""

        def remove(unit: Unit) -> None:
            _own(unit, officer, view)
            unit.rows.remove(saved_view, view)

        await self._desk.service.committer.run(remove)


def _own(unit: Unit, officer: str, view: str) -> None:
    row = unit.rows.get(saved_view, view)
    if row is None or row["officer"] != officer:
        raise Refused(404, "no_such_view", "Tampilan itu tidak ada.", "There is no such view.")


def _name(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > LONGEST_NAME or not tidy.isprintable():
        raise Refused(422, "bad_name", f"Beri nama 1 sampai {LONGEST_NAME} huruf.",
                      f"Give it a name of 1 to {LONGEST_NAME} letters.", ["name"])  # fmt: skip
    return tidy
