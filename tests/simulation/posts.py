"""The main office's posts: drafted, edited, approved, put out at once or at an hour, or kept back."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tests.simulation.regency import FEED, MAIN, MAIN_OFFICER
from tests.simulation.town import Town


class Post:
    """One of them."""

    def __init__(self, town: Town, name: str) -> None:
        self.town = town
        self.name = name
        self.rng = town.rng(name)
        self._asked = 0
        self._id = ""

    async def lives(self, day: date) -> None:
        """From its draft on."""
        await self.town.sleeps(self.town.office_from(day, self.rng))
        text = f"Posyandu keliling pekan ini, kabar {self.name}."
        told = await self._asks(
            "post.draft", text=text, unit=MAIN, label=self.rng.choice(["layanan", "seremonial"]), accounts=[FEED["id"]]
        )
        self._id, text_hash = told["publication_id"], told["text_hash"]
        events = self.town.book.others[UUID(self._id)]
        events["publication.drafted"] += 1
        way = self.rng.choice(["at once", "at once", "edited", "scheduled", "kept back"])
        if way == "edited":
            told = await self._asks("post.edit", text=f"{text} Jamnya berubah.")
            text_hash = told["text_hash"]
            events["publication.edited"] += 1
        await self._asks("post.approve", text_hash=text_hash)
        events["publication.approved"] += 1
        await self.town.sleeps(self.town.office_on(self.rng.randint(0, 2), self.rng))
        if way == "kept back":
            await self._asks("post.withdraw")
            events["publication.withdrawn"] += 1
        elif way == "scheduled":
            at = self.town.now + timedelta(days=1)
            await self._asks("post.publish", at=at.isoformat())
            events["publication.scheduled"] += 1
            self.town.book.scheduled.append((at, UUID(self._id)))
        else:
            await self._asks("post.publish")
            self.town.book.goes_out(UUID(self._id))

    async def _asks(self, command: str, **data: Any) -> dict[str, Any]:
        self._asked += 1
        given = {"publication_id": self._id, **data} if self._id else data
        return await self.town.hub.asks(MAIN_OFFICER, command, self.town.cause(self.name, self._asked), **given)
