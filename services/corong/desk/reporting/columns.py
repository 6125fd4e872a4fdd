"""The register as a table for people: a heading and cells for each column, in the reader's language."""

from collections.abc import Callable, Mapping
from typing import Any

from corong.desk.reporting.applicants import FIELDS, WITHHELD, Applicant
from corong.desk.reporting.words import (
    FORMS,
    HELD,
    KINDS,
    OBJECTIONS,
    RESULTS,
    STANDINGS,
    STATES,
    Both,
    Speaker,
)
from corong.reports import Row

Cell = str | int

_APPLICANT: tuple[tuple[Both, float], ...] = (
    (("Nama", "Name"), 28), (("Alamat", "Address"), 36), (("Kontak", "Contact"), 28),
    (("Pekerjaan", "Occupation"), 20), (("Informasi yang diminta", "Information asked"), 60),
    (("Tujuan penggunaan", "Purpose"), 40),
)  # fmt: skip
_FACTS: tuple[tuple[Both, float, Callable[[Speaker, Row], Cell]], ...] = (
    (("Unit", "Unit"), 30, lambda say, row: say.unit(row.unit)),
    (("Kanal", "Channel"), 12, lambda say, row: row.channel),
    (("Dikuasai", "Held"), 16, lambda say, row: say.of(HELD, row.finding.held) if row.finding else ""),
    (("Yang menguasai", "Held by"), 28, lambda say, row: (row.finding.held_by or "") if row.finding else ""),
    (("Bentuk", "Form"), 18, lambda say, row: say.of(FORMS, row.finding.form) if row.finding else ""),
    (("Keputusan", "Decision"), 22, lambda say, row: say.of(STANDINGS, row.standing)),
    (("Alasan penolakan", "Ground of refusal"), 40, lambda say, row: say.article17(row.grounds)),
    (("Batas pemberitahuan", "Notice due"), 14, lambda say, row: _day(row.last_day)),
    (("Diperpanjang sampai", "Extended to"), 14, lambda say, row: _day(row.extended_to)),
    (("Tanggal pemberitahuan", "Notice given"), 14, lambda say, row: _day(row.decided)),
    (("Hari kerja", "Working days"), 9, lambda say, row: "" if row.working_days is None else row.working_days),
    (("Tepat waktu", "In time"), 9, lambda say, row: say.yes(row.in_time)),
    (("Batas lewat tanpa pemberitahuan", "Ran out in silence"), 12, lambda say, row: say.yes(row.silent)),
    (("Ditutup", "Closed"), 14, lambda say, row: _day(row.closed)),
    (("Biaya (rupiah)", "Cost (rupiah)"), 14, lambda say, row: row.finding.cost if row.finding else ""),
    (("Keberatan", "Objection"), 44, lambda say, row: _objection(say, row)),
    (("Sengketa", "Dispute"), 36, lambda say, row: _dispute(say, row)),
    (("Keterangan", "Remarks"), 44, lambda say, row: _remarks(say, row)),
)


def columns(say: Speaker) -> list[tuple[str, float]]:
    """Heading and width of each."""
    first = [((("Nomor", "Number")), 18.0), ((("Tanggal diterima", "Received")), 14.0)]
    return [
        *((say(both), width) for both, width in (*first, *_APPLICANT)),
        *((say(both), width) for both, width, _ in _FACTS),
    ]


def cells(say: Speaker, row: Row, applicant: Applicant) -> list[Cell]:
    """A row of it."""
    return [
        row.number,
        _day(row.received),
        *(_personal(say, applicant, name) for name in FIELDS),
        *(of(say, row) for _, _, of in _FACTS),
    ]


def described(row: Row, applicant: Applicant) -> dict[str, Any]:
    """A row for programs: codes and dates, in no language."""
    finding, objection = row.finding, row.objection
    return {
        "number": row.number,
        "case_id": str(row.case_id),
        "received": _day(row.received),
        "applicant": _described(applicant),
        "unit": row.unit,
        "channel": row.channel,
        "held": finding.held if finding else None,
        "held_by": finding.held_by if finding else None,
        "form": finding.form if finding else None,
        "decision": row.standing.value,
        "grounds": [ground.value for ground in sorted(set(row.grounds))],
        "last_day": _iso(row.last_day),
        "extended_to": _iso(row.extended_to),
        "decided": _iso(row.decided),
        "working_days": row.working_days,
        "in_time": row.in_time,
        "silent": row.silent,
        "closed": _iso(row.closed),
        "cost": finding.cost if finding else None,
        "objection": None
        if objection is None
        else {
            "number": objection.number,
            "received": _iso(objection.received),
            "ground": objection.ground.value if objection.ground else None,
            "decision": objection.standing.value,
            "decided": _iso(objection.decided),
        },
        "dispute": None
        if objection is None or objection.dispute is None
        else {
            "reference": objection.dispute.reference,
            "filed_on": _iso(objection.dispute.filed_on),
            "result": objection.dispute.result,
            "settled_on": _iso(objection.dispute.settled_on),
        },
        "merged_into": row.merged_into,
        "turned_from": row.turned_from.value if row.turned_from else None,
        "erased": None if row.erasure is None else {"legal_basis": row.erasure.basis, "schedule": row.erasure.schedule},
    }


def applicant_of(applicants: Mapping[str, Applicant], row: Row) -> Applicant:
    """Who asked, as far as that was opened."""
    return applicants.get(str(row.case_id), WITHHELD)


def _described(applicant: Applicant) -> dict[str, Any]:
    words = {name: getattr(applicant, name) for name in FIELDS} if applicant.state == "opened" else {}
    return {"state": applicant.state, **words}


def _personal(say: Speaker, applicant: Applicant, name: str) -> str:
    return str(getattr(applicant, name)) if applicant.state == "opened" else say.of(STATES, applicant.state)


def _objection(say: Speaker, row: Row) -> str:
    found = row.objection
    if found is None:
        return ""
    parts = [found.number or "", _day(found.received), say.of(OBJECTIONS, found.ground)]
    parts.append(" ".join(part for part in (say.of(STANDINGS, found.standing), _day(found.decided)) if part))
    return "; ".join(part for part in parts if part)


def _dispute(say: Speaker, row: Row) -> str:
    found = row.objection.dispute if row.objection else None
    if found is None:
        return ""
    result = " ".join(part for part in (say.of(RESULTS, found.result), _day(found.settled_on)) if part)
    return "; ".join((found.reference, _day(found.filed_on), result))


def _remarks(say: Speaker, row: Row) -> str:
    found = []
    if row.turned_from is not None:
        found.append(say(("semula ", "was ")) + say.of(KINDS, row.turned_from))
    if row.merged_into is not None:
        found.append(say(("digabungkan ke ", "merged into ")) + row.merged_into)
    if row.erasure is not None:
        words = say(("data pemohon dihapus", "the applicant's data was erased"))
        found.append(f"{words} ({row.erasure.basis}, JRA {row.erasure.schedule})")
    return "; ".join(found)


def _day(day: Any) -> str:
    return "" if day is None else str(day.isoformat())


def _iso(day: Any) -> str | None:
    return None if day is None else str(day.isoformat())


__all__ = ["Cell", "applicant_of", "cells", "columns", "described"]
