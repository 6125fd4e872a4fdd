"""Whether an act may be done with a case, by the table: pure. A refusal names its rule and what may be done."""

from datetime import datetime

from corong.routing.case_guards import GUARDS, Asked, Situation
from corong.routing.cases import Case
from corong.routing.life_table import Act, LifeTable, life
from corong.runtime.policy import Actor, Forbidden, Scope, allowed, authorise
from corong.runtime.refusal import Refused
from corong.working_days.zones import Zone
from corong_contracts.case import CaseState

__all__ = ["allowed_acts", "check", "told_allowed"]

NOTHING = Asked()
MOST_TOLD = 6
"""So many of the allowed acts are named in a refusal's words; all of them in its `allowed`."""


def check(
    act: str, case: Case, officer: Actor, now: datetime, asked: Asked = NOTHING, *, zone: Zone = "WIB",
    table: LifeTable | None = None,
) -> Act:  # fmt: skip
    """The row of the table by which `officer` may do `act` with `case` now.

    Raises `Forbidden` where the role or the unit has no right to it, whatever the case's state, and `Refused` (409)
    whose code names the rule: `closed`, `not_for_this_kind`, `not_in_this_state`, or that of the guard. Both tell what
    the officer may do instead.
    """
    table = table or life()
    rows = table.rows(act)
    of_kind = [row for row in rows if case.kind in row.kinds]
    at = Situation(case, officer, now, asked, zone)
    try:
        authorise(officer, (of_kind or rows)[0].right, Scope(case.unit, case.kind))
    except Forbidden as no:
        may = allowed_acts(case, officer, now, table)
        told, told_english = told_allowed(may)
        raise Forbidden(no.rule, f"{no.detail}. {told_english}", f"{no.pesan}. {told}", _names(may)) from None
    row = table.fitting(act, case.kind, case.state)
    if row is None:
        raise _refused(_misfit(table, act, case, of_kind), at, table)
    for guard in row.guards:
        if not GUARDS[guard](at):
            code, indonesian, english = table.guards[guard]
            if guard == "free_or_mine":
                holder = case.held_by(now)
                indonesian = f"Perkara ini sedang dipegang {holder}. Tunggu sampai dilepas."
                english = f"{holder} holds this case. Wait until it is handed back."
            raise _refused((code, indonesian, english), at, table)
    return row


def allowed_acts(case: Case, officer: Actor, now: datetime, table: LifeTable | None = None) -> list[Act]:
    """What `officer` may do with `case` now, as far as that doesn't hang on what is asked along with it."""
    table = table or life()
    at = Situation(case, officer, now, NOTHING)
    found = (table.fitting(act, case.kind, case.state) for act in table.names())
    return [
        row
        for row in found
        if row is not None
        and allowed(officer, row.right, Scope(case.unit, case.kind))
        and all(GUARDS[guard](at) for guard in row.guards)
    ]


def told_allowed(rows: list[Act]) -> tuple[str, str]:
    """What may be done, in Indonesian and in English; what moves the case on comes first."""
    if not rows:
        return "Saat ini tidak ada tindakan yang dapat Anda lakukan.", "There is nothing that you may do now."
    told = sorted(rows, key=lambda row: row.to is None or row.to in row.states)[:MOST_TOLD]
    indonesian = "; ".join(row.indonesian for row in told)
    english = "; ".join(row.english for row in told)
    return f"Yang dapat dilakukan: {indonesian}.", f"What may be done: {english}."


def _misfit(table: LifeTable, act: str, case: Case, of_kind: list[Act]) -> tuple[str, str, str]:
    if case.state is CaseState.CLOSED:
        return (
            "closed",
            "Perkara ini sudah ditutup. Pesan baru dari warga akan membuka perkara baru.",
            "The case is closed. A new message of the citizen opens a new one.",
        )
    if not of_kind:
        return (
            "not_for_this_kind",
            "Tindakan ini tidak berlaku untuk jenis perkara ini.",
            "This is not done with cases of this kind.",
        )
    if case.state is CaseState.REGISTERED and any("holds" in row.guards for row in of_kind):
        return table.guards["holds"]  # claiming it takes it up
    if of_kind[0].otherwise:
        return of_kind[0].otherwise
    indonesian, english = table.states[case.state]
    return (
        "not_in_this_state",
        f"Tindakan ini tidak dapat dilakukan: keadaan perkara {indonesian}.",
        f"This can't be done: the case is {english}.",
    )


def _refused(told: tuple[str, str, str], at: Situation, table: LifeTable) -> Refused:
    code, indonesian, english = told
    rows = allowed_acts(at.case, at.officer, at.now, table)
    may, may_english = told_allowed(rows)
    return Refused(409, code, f"{indonesian} {may}", f"{english} {may_english}", allowed=_names(rows))


def _names(rows: list[Act]) -> list[str]:
    return list(dict.fromkeys(row.act for row in rows))
