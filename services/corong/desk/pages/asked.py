"""What a list of cases is asked for, as it stands in its address: the queue's filter and the search."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from corong.desk import queue
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
            keadaan=_among(asked.get("keadaan", ""), STATES),
            jenis=_among(asked.get("jenis", ""), [*CaseKind]),
            pemegang=_among(asked.get("pemegang", ""), HELD),
            terlambat="ya" if asked.get("terlambat") else "",
        )

    def address(self, **more: str) -> str:
        """The queue so filtered, with `more` changed."""
        asked = {name: value for name, value in {**asdict(self), **more}.items() if value}
        return f"{HOME}?{urlencode(asked)}" if asked else HOME

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


def _among(value: str, choices: Container[str]) -> str:
    return value if value in choices else ""


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
        state, kind = asked.get("keadaan", ""), asked.get("jenis", "")
        return cls(
            q=" ".join(asked.get("q", "").split())[:MOST_LETTERS],
            unit=asked.get("unit", "")[:63],
            keadaan=state if state in FOUND_STATES else "",
            jenis=kind if kind in [*CaseKind] else "",
            dari=_day(asked.get("dari", "")),
            sampai=_day(asked.get("sampai", "")),
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
        asked = {name: value for name, value in {**asdict(self), **more}.items() if value}
        return f"{SEARCH}?{urlencode(asked)}"

    @property
    def fields(self) -> dict[str, str]:
        """What is asked for, by name."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def narrowed(self) -> bool:
        """Whether more is asked for than words."""
        return bool(self.unit or self.keadaan or self.jenis or self.dari or self.sampai)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""
