"""What a list of cases is asked for, as it stands in its address: the queue's filter and the search."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from corong.desk import queue
from corong.desk.pages.address_fields import address, among, day
from corong.desk.pages.frame import HOME
from corong.desk.pages.places import SEARCH
from corong.desk.search.finding import MOST_LETTERS, Search
from corong.runtime.clock import stamp
from corong_contracts.case import CaseKind

STATES = {"": queue.UNCLOSED, "terbuka": ("open",), "dijawab": ("answered",), "selesai": ("closed",)}
FOUND_STATES = {"": None, "terbuka": ("open",), "dijawab": ("answered",), "selesai": ("closed",)}
HELD: dict[str, queue.Held | None] = {"": None, "saya": "me", "petugas": "any", "kosong": "nobody"}


@dataclass(frozen=True)
class Filter:
    """What is asked of the queue; what is none of the choices is as not asked."""

    unit: str = ""
    keadaan: str = ""
    jenis: str = ""
    pemegang: str = ""
    terlambat: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Filter":
        """From an address's fields, or a form's."""
        return cls(
            unit=asked.get("unit", "")[:63],
            keadaan=among(asked.get("keadaan", ""), STATES),
            jenis=among(asked.get("jenis", ""), [*CaseKind]),
            pemegang=among(asked.get("pemegang", ""), HELD),
            terlambat="ya" if asked.get("terlambat") else "",
        )

    def address(self, **more: str) -> str:
        """The queue so filtered, with `more` changed."""
        return address(HOME, {**asdict(self), **more})

    @property
    def fields(self) -> dict[str, str]:
        """What is asked for, by name."""
        return {name: value for name, value in asdict(self).items() if value}


def wanted_of(asked: Filter, now: datetime, officer: str, units: Sequence[str] | None) -> queue.Wanted:
    """As it is asked of the tables, within these units."""
    return queue.Wanted(
        now=stamp(now),
        officer=officer,
        units=units,
        states=STATES[asked.keadaan],
        kind=asked.jenis or None,
        held=HELD[asked.pemegang],
        late=bool(asked.terlambat),
    )


@dataclass(frozen=True)
class Asked:
    """What is asked for, as it stands in the address; what is none of the choices is as not asked."""

    q: str = ""
    unit: str = ""
    keadaan: str = ""
    jenis: str = ""
    dari: str = ""
    sampai: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Asked":
        """From an address's fields, or a form's."""
        return cls(
            q=" ".join(asked.get("q", "").split())[:MOST_LETTERS],
            unit=asked.get("unit", "")[:63],
            keadaan=among(asked.get("keadaan", ""), FOUND_STATES),
            jenis=among(asked.get("jenis", ""), [*CaseKind]),
            dari=day(asked.get("dari", "")),
            sampai=day(asked.get("sampai", "")),
        )

    def search(self) -> Search:
        """As it is asked of the tables."""
        return Search(
            self.q,
            unit=self.unit or None,
            states=FOUND_STATES[self.keadaan],
            kind=self.jenis or None,
            since=date.fromisoformat(self.dari) if self.dari else None,
            until=date.fromisoformat(self.sampai) if self.sampai else None,
        )

    def address(self, **more: str) -> str:
        """This search, with `more` changed."""
        return address(SEARCH, {**asdict(self), **more})

    @property
    def fields(self) -> dict[str, str]:
        """What is asked for, by name."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def narrowed(self) -> bool:
        """Whether more is asked for than words."""
        return bool(self.unit or self.keadaan or self.jenis or self.dari or self.sampai)
