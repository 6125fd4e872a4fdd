"""Who is who in one installation: its hub, units, officers and channel accounts, read from four files in one folder.

The files are `hub.toml`, `units.toml`, `officers.toml` and `accounts.toml`; `examples/asahan` shows each field.
Officers are changed by events of the log besides: the directory's `roster` has who they are now (0037).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr, StringConstraints, ValidationInfo, field_validator

from corong.runtime.entry_files import ConfigurationError, Entry, Problem, read_entries
from corong.runtime.officer_entry import Name, Officer, Role
from corong.runtime.opening import OFFICE_DAYS, WEEKDAYS, Weekday
from corong.runtime.provider_entry import SignInProvider
from corong.runtime.roster import Roster
from corong.runtime.secret_ref import with_references
from corong_contracts.base import Slug
from corong_contracts.case import CaseKind

__all__ = ["Account", "Directory", "DirectoryError", "Hub", "Officer", "Problem", "Role", "Unit", "UnitKind"]

UnitKind = Literal["main", "agency", "subdistrict", "clinic"]
RegisterCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,4}$")]


class DirectoryError(ConfigurationError):
    """The directory's files can't be used."""


class Hub(Entry):
    """The installation itself."""

    id: Slug
    name: Name
    time_zone: str
    """IANA name; days and years of registration numbers are counted there."""
    mail_domain: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
    """Right-hand side of the Message-IDs that the hub makes (RFC 5322 section 3.6.4)."""
    public_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+$")] | None = None
    """Scheme and host of the citizens' pages, without a final slash."""
    place: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
    """The town that stands before a letter's date."""
    address: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    """Of the main office, in the head of letters."""
    sign_in_provider: SignInProvider | None = None
    """By which officers may come in too (docs/sign-in.md); None without one."""
    registers: Mapping[CaseKind | Literal["default"], RegisterCode]

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("not a time zone of the IANA database, such as Asia/Jakarta") from None
        return value

    @field_validator("registers")
    @classmethod
    def _has_default(
        cls, value: Mapping[CaseKind | Literal["default"], str]
    ) -> Mapping[CaseKind | Literal["default"], str]:
        if "default" not in value:
            raise ValueError("`default` is missing")
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The time zone as an object."""
        return ZoneInfo(self.time_zone)

    def register_code(self, kind: CaseKind | None) -> str:
        """The register (buku register) for a case of the kind that the citizen declared, or the default one."""
        default = self.registers["default"]
        return default if kind is None else self.registers.get(kind, default)


class Unit(Entry):
    """A unit that answers citizens: agency (OPD), sub-district (kecamatan), clinic (puskesmas), or the main office."""

    id: Slug
    name: Name
    kind: UnitKind
    topics: tuple[Slug, ...] = ()
    """What it answers for; each topic of the rule file has exactly one owner."""
    places: tuple[Name, ...] = ()
    """Names of its area; no two units of one kind share a name."""
    within: Slug | None = None
    """The sub-district that a clinic serves."""
    opening_days: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)] = OFFICE_DAYS
    """When its doors are open. Deadlines are counted in the law's working days all the same."""

    @field_validator("opening_days")
    @classmethod
    def _each_once(cls, value: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
        if len(set(value)) < len(value):
            raise ValueError("a day stands twice")
        return tuple(sorted(value, key=WEEKDAYS.index))


class Account(Entry):
    """An account on a channel: a way in, a way out or both, owned by one unit."""

    id: Slug
    channel: Slug
    unit: Slug
    name: Name
    receipts: bool
    """Whether the citizen gets a receipt on this channel."""
    enabled: bool = True
    token_generation: int = Field(default=1, ge=1)
    settings: Mapping[str, Any] = Field(default_factory=dict, repr=False)
    """Free by channel, checked by the channel; each `{ env = … }` or `{ file = … }` is a SecretRef."""

    @field_validator("settings", mode="before")
    @classmethod
    def _secrets_by_reference(cls, value: object, info: ValidationInfo) -> object:
        folder = info.context["folder"] if info.context else Path()
        return with_references(value, folder)


class Directory(Entry):
    """Everybody and everything by name. Load it once at start; nothing changes afterwards but the roster."""

    hub: Hub
    units: tuple[Unit, ...]
    listed: tuple[Officer, ...]
    """The officers of the file; who they are now is in `officers`."""
    accounts: tuple[Account, ...]
    _roster: Roster = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """The roster begins with the file."""
        self._roster = Roster(self.listed)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the four files in `folder`. Raises DirectoryError with every problem found."""
        problems: list[Problem] = []
        hubs = read_entries(folder / "hub.toml", None, Hub, problems)
        units = read_entries(folder / "units.toml", "unit", Unit, problems)
        officers = read_entries(folder / "officers.toml", "officer", Officer, problems)
        accounts = read_entries(folder / "accounts.toml", "account", Account, problems)
        if not problems:
            directory = cls(hub=hubs[0], units=tuple(units), listed=tuple(officers), accounts=tuple(accounts))
            problems.extend(directory._inconsistencies(folder))
        if problems:
            raise DirectoryError(problems)
        return directory

    def unit(self, unit_id: str) -> Unit:
        """The unit of that id; KeyError where there is none."""
        return self._units[unit_id]

    @property
    def roster(self) -> Roster:
        """Who the officers are now; the log's events change it."""
        return self._roster

    @property
    def officers(self) -> tuple[Officer, ...]:
        """Everybody, active or not, as they are now."""
        return self._roster.all

    def officer(self, officer_id: str) -> Officer:
        """The officer of that id, active or not; KeyError where there is none."""
        found = self._roster.get(officer_id)
        if found is None:
            raise KeyError(officer_id)
        return found

    def identified(self, identity: str, *, exact: bool = False) -> Officer | None:
        """The officer, active or not, whom the sign-in provider calls so; capital letters count where it is `exact`."""
        found = self._roster.identified(identity) if identity.isascii() else None
        return None if found is None or (exact and found.identity != identity) else found

    def account(self, account_id: str) -> Account:
        """The account of that id, enabled or not; KeyError where there is none."""
        return self._accounts[account_id]

    def has_unit(self, unit_id: str) -> bool:
        """Whether a unit has that id."""
        return unit_id in self._units

    @cached_property
    def main_unit(self) -> Unit:
        """The main office (PPID Utama): what nobody else answers for comes here."""
        return next(unit for unit in self.units if unit.kind == "main")

    @cached_property
    def topic_owners(self) -> dict[str, Unit]:
        """Topic to the unit that answers for it."""
        return {topic: unit for unit in self.units for topic in unit.topics}

    def enabled_accounts(self, channel: str | None = None) -> tuple[Account, ...]:
        """The accounts in use, of one channel or of all."""
        return tuple(a for a in self.accounts if a.enabled and channel in (None, a.channel))

    def token_generation(self, kind: Literal["officer", "account"], holder: str) -> int | None:
        """The generation that a token must have; None where nobody of that name may hold one."""
        if kind == "officer":
            officer = self._roster.get(holder)
            return officer.token_generation if officer and officer.active else None
        account = self._accounts.get(holder)
        return account.token_generation if account and account.enabled else None

    @cached_property
    def _units(self) -> dict[str, Unit]:
        return {unit.id: unit for unit in self.units}

    @cached_property
    def _accounts(self) -> dict[str, Account]:
        return {account.id: account for account in self.accounts}

    def _inconsistencies(self, folder: Path) -> Iterator[Problem]:
        units, officers, accounts = (folder / f"{name}.toml" for name in ("units", "officers", "accounts"))
        tables: tuple[tuple[Path, str, tuple[Unit, ...] | tuple[Officer, ...] | tuple[Account, ...]], ...] = (
            (units, "unit", self.units),
            (officers, "officer", self.listed),
            (accounts, "account", self.accounts),
        )
        for file, noun, entries in tables:
            for name, times in Counter(entry.id for entry in entries).items():
                if times > 1:
                    yield Problem(file, f"{noun} {name!r}", f"the id stands {times} times", "give each its own id")
        identities = Counter(officer.identity.lower() for officer in self.listed if officer.identity is not None)
        for officer in self.listed:
            if officer.identity is not None and identities[officer.identity.lower()] > 1:
                what = "its identity stands with another officer too (capital letters don't count)"
                yield Problem(officers, f"officer {officer.id!r}", what, "give each their own")
        mains = [unit.id for unit in self.units if unit.kind == "main"]
        if len(mains) != 1:
            found = ", ".join(mains) or "none"
            yield Problem(
                units, 'kind = "main"', f"exactly one unit is the main office, found: {found}", "set the kind"
            )
        yield from self._ownership(units)
        for unit in self.units:
            if unit.within is not None and (unit.within not in self._units or unit.kind != "clinic"):
                what = f"within {unit.within!r} is not a unit, or the unit is no clinic"
                yield Problem(units, f"unit {unit.id!r}", what, "name the clinic's sub-district or leave it out")
        members: tuple[tuple[Path, str, tuple[Officer, ...] | tuple[Account, ...]], ...] = (
            (officers, "officer", self.listed),
            (accounts, "account", self.accounts),
        )
        for file, noun, holders in members:
            for holder in holders:
                if holder.unit not in self._units:
                    what = f"there is no unit {holder.unit!r}"
                    yield Problem(file, f"{noun} {holder.id!r}", what, "use an id from units.toml")

    def _ownership(self, file: Path) -> Iterator[Problem]:
        topics: dict[str, str] = {}
        places: dict[tuple[str, str], str] = {}
        for unit in self.units:
            for topic in unit.topics:
                if (other := topics.setdefault(topic, unit.id)) != unit.id:
                    what = f"topic {topic!r} belongs to {other!r} already"
                    yield Problem(file, f"unit {unit.id!r}", what, "leave it with one of them")
            for place in unit.places:
                if (other := places.setdefault((unit.kind, place.casefold()), unit.id)) != unit.id:
                    what = f"place {place!r} belongs to {other!r} already"
                    yield Problem(file, f"unit {unit.id!r}", what, "leave it with one of them, or out of both")
