"""The days that a citizen should know: until when the office must answer, and until when a right can be used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from corong.portal.tables import clock
from corong.runtime.language import Language
from corong.runtime.opening import OFFICE_DAYS, Weekday, written_days

Translate = Callable[[str], str]

OFFICE = ("unit_officer", "main_officer", "superior")
"""Whom the clocks bind by which the office is late."""
WITHIN = ("request_completion", "lapor_forward", "lapor_plan")
"""Steps within the office."""


@dataclass(frozen=True)
class Term:
    """A clock of a case."""

    rule: str
    last_day: date
    bound: str
    passed: bool
    """It ran out, and what it asks for was not done."""


@dataclass(frozen=True)
class KeyDate:
    """A day, and what it is."""

    what: str
    day: date
    passed: bool = False


def terms_of(connection: Connection, case_id: str) -> tuple[Term, ...]:
    """The clocks that run or ran out, the earliest first."""
    chosen = select(clock).where(clock.c.case_id == case_id, clock.c.state.in_(("running", "ran_out")))
    rows = connection.execute(chosen.order_by(clock.c.last_day, clock.c.rule))
    return tuple(Term(row.rule, date.fromisoformat(row.last_day), row.bound, row.state == "ran_out") for row in rows)


def answer_until(terms: Sequence[Term]) -> date | None:
    """The last day of the office's answer; None where no clock runs for it."""
    return next((term.last_day for term in terms if _is_answer(term)), None)


def key_dates(terms: Sequence[Term], _: Translate) -> list[KeyDate]:
    """What a citizen's page says of the clocks: the office's answer once, and each right that is open."""
    named = {
        "request_notice": _("Pemberitahuan tertulis paling lambat"),
        "objection_decision": _("Tanggapan atas keberatan paling lambat"),
    }
    rights = {
        "objection_filing": _("Anda dapat mengajukan keberatan sampai"),
        "dispute_filing": _("Anda dapat mengajukan sengketa ke Komisi Informasi sampai"),
    }
    answer = next((term for term in terms if _is_answer(term)), None)
    found = []
    if answer is not None:
        what = named.get(answer.rule, _("Jawaban paling lambat"))
        found.append(KeyDate(what, answer.last_day, answer.passed))
    open_rights = (term for term in terms if term.rule in rights and not term.passed)
    return [*found, *(KeyDate(rights[term.rule], term.last_day) for term in open_rights)]


def opening_told(days: Sequence[Weekday], language: Language) -> str:
    """When a unit opens that doesn't open as the law counts; empty for every other."""
    return "" if tuple(days) == OFFICE_DAYS else written_days(days, language)


def _is_answer(term: Term) -> bool:
    return term.bound in OFFICE and term.rule not in WITHIN
