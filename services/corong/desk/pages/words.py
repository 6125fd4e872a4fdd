"""What officers read: states, kinds, priorities and deadlines in words, each with its icon and its colour."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from corong.runtime.directory import Role, UnitKind
from corong.runtime.kind_names import Translate, kind_name
from corong.runtime.language import Language
from corong.runtime.policy import ROLE_NAMES

Plural = Callable[[str, str, int], str]

SOON_DAYS = 3
"""A deadline so near is shown as near."""


_ROLES: dict[str, str] = {
    "main_officer": "Main officer",
    "unit_officer": "Unit officer",
    "operator": "Operator",
    "superior": "Superior",
    "auditor": "Auditor",
    "admin": "Admin",
}


def role_name(role: Role, language: Language) -> str:
    """A role as officers call it, and as refusals do."""
    name = ROLE_NAMES[role] if language == "id" else _ROLES[role]
    return name[:1].upper() + name[1:]


_UNIT_KINDS: dict[UnitKind, tuple[str, str]] = {
    "main": ("Kantor utama", "Main office"),
    "agency": ("Perangkat daerah", "Agency"),
    "subdistrict": ("Kecamatan", "Sub-district"),
    "clinic": ("Puskesmas", "Clinic"),
}


def unit_kind_name(kind: UnitKind, language: Language) -> str:
    """A unit's kind as officers call it."""
    return _UNIT_KINDS[kind][0 if language == "id" else 1]


def kind_word(kind: str | None, _: Translate) -> str:
    """The kind of a case as officers call it."""
    if kind == "spam":
        return _("Bukan pesan untuk kita")
    return kind_name(kind, _) or _("Belum ditentukan")


def priority_word(priority: str | None, _: Translate) -> str:
    """How soon; empty for what goes its usual way."""
    return {"urgent": _("Mendesak"), "high": _("Penting"), "low": _("Bisa menunggu")}.get(priority or "", "")


def channel_word(channel: str | None, _: Translate) -> str:
    """Where something came from or goes to; the name itself of a network that has no other."""
    known = {
        "web": _("formulir web"), "counter": _("loket"), "phone": _("telepon"), "letter": _("surat"),
        "email": _("surel"), "feed": _("umpan berita"),
    }  # fmt: skip
    return known.get(channel or "", channel or "")


@dataclass(frozen=True)
class Shown:
    """A word with its icon and its colour's role; the word alone says all."""

    text: str
    icon: str
    tone: Literal["", "positive", "negative", "warning"] = ""


def state_shown(state: str | None, life: str | None, _: Translate) -> Shown:
    """How far a case is: what its life says where it waits for somebody, else the queue's state."""
    waits = {
        "incomplete": Shown(_("Menunggu pemohon"), "wait"),
        "approval_pending": Shown(_("Menunggu atasan"), "wait"),
    }
    if state == "open" and life in waits:
        return waits[life]
    known = {
        "open": Shown(_("Menunggu jawaban"), "open"),
        "answered": Shown(_("Dijawab"), "done", "positive"),
        "closed": Shown(_("Selesai"), "done", "positive"),
    }
    return known.get(state or "", Shown(_("Sedang diteruskan"), "wait"))


def deadline_shown(due: datetime | None, now: datetime, zone: ZoneInfo, _: Translate, ngettext: Plural) -> Shown | None:
    """The last day in time, counted in days of the calendar; None where no clock runs.

    `due` is the moment from which the office is late: the midnight after that day, where days are counted.
    """
    if due is None:
        return None
    last = last_day(due)
    days = (last.astimezone(zone).date() - now.astimezone(zone).date()).days
    if due <= now:
        if days == 0:
            return Shown(_("Terlambat sejak hari ini"), "late", "negative")
        return Shown(
            ngettext("Terlambat %(num)s hari", "Terlambat %(num)s hari", -days) % {"num": -days}, "late", "negative"
        )
    if days == 0:
        return Shown(_("Jatuh tempo hari ini"), "clock", "negative")
    if days == 1:
        return Shown(_("Jatuh tempo besok"), "clock", "warning")
    text = ngettext("%(num)s hari lagi", "%(num)s hari lagi", days) % {"num": days}
    return Shown(text, "clock", "warning" if days <= SOON_DAYS else "")


def last_day(due: datetime) -> datetime:
    """A moment of the last day in time."""
    return due - timedelta(microseconds=1)
