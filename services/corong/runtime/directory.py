"""Who is who in one installation: its hub, units, officers and channel accounts, read from four files in one folder.

The files are `hub.toml`, `units.toml`, `officers.toml` and `accounts.toml`; `examples/asahan` shows each field.
Officers and units are changed by events of the log besides: the directory's `roster` and `chart` have what they are
now (0037, 0042).
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
from corong.runtime.provider_entry import SignInProvider
from corong.runtime.roster import Roster
from corong.runtime.secret_ref import with_references
from corong.runtime.unit_chart import UnitChart, Units
from corong.runtime.unit_entry import KnownUnit, Unit, UnitKind, unit_problems
from corong_contracts.base import Slug
from corong_contracts.case import CaseKind

__all__ = ["Account", "Directory", "DirectoryError", "Hub", "Officer", "Problem", "Role", "Unit", "UnitKind"]

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
    """Everybody and everything by name. Load it once at start; nothing changes afterwards but roster and chart."""

    hub: Hub
    listed_units: tuple[Unit, ...]
    """The units of the file; what they are now is in `units`."""
    listed: tuple[Officer, ...]
    """The officers of the file; who they are now is in `officers`."""
    accounts: tuple[Account, ...]
    _roster: Roster = PrivateAttr()
    _chart: UnitChart = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Roster and chart begin with the files."""
        self._roster = Roster(self.listed)
        self._chart = UnitChart(self.listed_units)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the four files in `folder`. Raises DirectoryError with every problem found."""
        problems: list[Problem] = []
        hubs = read_entries(folder / "hub.toml", None, Hub, problems)
        units = read_entries(folder / "units.toml", "unit", Unit, problems)
        officers = read_entries(folder / "officers.toml", "officer", Officer, problems)
        accounts = read_entries(folder / "accounts.toml", "account", Account, problems)
        if not problems:
            directory = cls(hub=hubs[0], listed_units=tuple(units), listed=tuple(officers), accounts=tuple(accounts))
            problems.extend(directory._inconsistencies(folder))
        if problems:
            raise DirectoryError(problems)
        return directory

    def unit(self, unit_id: str) -> KnownUnit:
        """The unit of that id, open or closed; KeyError where there is none."""
        return self._chart.now.by_id[unit_id]

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
        """Whether a unit has that id, open or closed."""
        return unit_id in self._chart.now.by_id

    @property
    def chart(self) -> UnitChart:
        """Which units there are now; the log's events change it."""
        return self._chart

    @property
    def units(self) -> tuple[KnownUnit, ...]:
        """All units, open or closed, as they are now."""
        return self._chart.now.all

    @property
    def open_units(self) -> tuple[KnownUnit, ...]:
        """Those that take cases and have officers."""
        return self._chart.now.open

    @property
    def main_unit(self) -> KnownUnit:
        """The main office (PPID Utama): what nobody else answers for comes here."""
        return self._chart.now.main

    @property
    def topic_owners(self) -> dict[str, KnownUnit]:
        """Topic to the unit that answers for it."""
        return self._chart.now.topic_owners

    def serving(self, unit_id: str) -> str:
        """The open unit that does a unit's work now: itself, or who took over from it."""
        return self._chart.now.serving(unit_id)

    def with_units(self, units: Units) -> "Directory":
        """One that has these units for good, beside the same officers and accounts of the files."""
        fixed = self.model_copy()
        fixed._chart = _Fixed(units)
        return fixed

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
    def _accounts(self) -> dict[str, Account]:
        return {account.id: account for account in self.accounts}

    def _inconsistencies(self, folder: Path) -> Iterator[Problem]:
        units, officers, accounts = (folder / f"{name}.toml" for name in ("units", "officers", "accounts"))
        tables: tuple[tuple[Path, str, tuple[Unit, ...] | tuple[Officer, ...] | tuple[Account, ...]], ...] = (
            (units, "unit", self.listed_units),
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
        yield from unit_problems(self.units, units)
        members: tuple[tuple[Path, str, tuple[Officer, ...] | tuple[Account, ...]], ...] = (
            (officers, "officer", self.listed),
            (accounts, "account", self.accounts),
        )
        for file, noun, holders in members:
            for holder in holders:
                if not self.has_unit(holder.unit):
                    what = f"there is no unit {holder.unit!r}"
                    yield Problem(file, f"{noun} {holder.id!r}", what, "use an id from units.toml")


class _Fixed(UnitChart):
    """Units that nothing changes: what a proposal is tried with."""

    def __init__(self, units: Units) -> None:
        super().__init__(())
        self._now = units
