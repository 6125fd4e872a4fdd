"""The wordings that an officer is offered, and their places filled from a case."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import Field as Limited

from corong.desk.acts.form import Field, Subject
from corong.desk.bodies import Body
from corong.desk.context import Desk
from corong.runtime import formats
from corong.runtime.kind_names import Translate
from corong.runtime.policy import Action, Actor, Scope, allowed
from corong.runtime.wording_names import NAMES, filled
from corong_contracts.wording import ListWordings, WordingName, WordingText


@dataclass(frozen=True)
class Wording:
    """As routing keeps it."""

    wording_id: str
    edition: int
    unit: str | None
    title: str
    text: str
    officer: str
    adopted_at: str
    retired: bool


class Written(Body):
    """What is filled in for one."""

    unit: str = ""
    title: WordingName
    text: WordingText
    retired: bool = Limited(default=False)


async def offered(desk: Desk, officer: Actor, *, retired: bool = False) -> list[Wording]:
    """By name. Raises `Refused`."""
    told = await desk.ask(officer, ListWordings(retired=retired), None, None, wait=False)
    return [Wording(**one) for one in told.result["wordings"]]


def may_change(officer: Actor, wording: Wording) -> bool:
    """Whether it is the officer's to change."""
    return allowed(officer, Action.WORDING_ADOPT, Scope(wording.unit))


def for_case(wording: Wording, subject: Subject, address: str) -> str:
    """The words for an answer; what the case doesn't have stays as a name in braces. In Indonesian, as answers are."""
    case, desk = subject.case, subject.desk
    hub = desk.directory.hub
    senders = [entry.sender.name for entry in case.thread if entry.sender and entry.sender.name]
    values: dict[str, Any] = {
        "nomor": case.registration or "",
        "nama": senders[0] if senders else "",
        "unit": case.unit.name if case.unit else "",
        "pemda": hub.name,
        "petugas": desk.directory.officer(subject.actor.id).name,
        "tenggat": formats.day(case.due_at - timedelta(microseconds=1), "id", hub.zone) if case.due_at else "",
        "hari_ini": formats.day(desk.now(), "id", hub.zone),
        "halaman_cek": address,
    }
    return filled(wording.text, values)


def fields(units: list[tuple[str, str]], _: Translate, before: Wording | None) -> list[Field]:
    """The form; `units` are those for which it may be kept, where it is new."""
    names = ", ".join(f"{{{name}}}" for name in NAMES)
    made = [
        Field("title", _("Nama templat"), most=80, value=before.title if before else ""),
        Field(
            "text", _("Isi templat"), "words", _("Yang berbeda di tiap perkara ditulis dalam kurung: %(names)s.") %
            {"names": names}, most=5_000, rows=8, value=before.text if before else "",
        ),
    ]  # fmt: skip
    if before is None:
        return [Field("unit", _("Untuk"), "choice", required=False, choices=units, value=units[0][0]), *made]
    return [
        *made,
        Field("retired", _("Tidak dipakai lagi"), "check", required=False, value="ya" if before.retired else ""),
    ]
