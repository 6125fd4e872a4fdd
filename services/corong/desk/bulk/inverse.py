"""What undoes an act: another act of the life table, with what a case was like before."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from corong.desk.models import CaseSummary
from corong_contracts.case import Priority
from corong_contracts.command import AssignCase, ClaimCase, Command, HandBackCase, PrioritiseCase
from corong_contracts.life_command import ReopenCase

UNDONE = "Tindakan massal ini diurungkan."
"""For the log, where an act wants words; in Indonesian, as officers write there."""


@dataclass(frozen=True)
class Inverse:
    """The act that undoes another one."""

    act: str
    """In the life table: it can be undone while that may be done."""
    command: Callable[[UUID, str], Command]
    """From the case and what was before."""
    before: Callable[[CaseSummary], str] = lambda _: ""
    """What of a case has to be kept for it."""


INVERSES: dict[str, Inverse] = {
    "claim": Inverse("hand_back", lambda case, _: HandBackCase(case_id=case)),
    "hand_back": Inverse("claim", lambda case, _: ClaimCase(case_id=case)),
    "prioritise": Inverse(
        "prioritise",
        lambda case, before: PrioritiseCase(case_id=case, priority=Priority(before)),
        lambda case: str(case.priority or Priority.NORMAL),
    ),
    "assign": Inverse(
        "assign",
        lambda case, before: AssignCase(case_id=case, unit=before, instruction=UNDONE),
        lambda case: case.unit.id if case.unit else "",
    ),
    "close": Inverse("reopen", lambda case, _: ReopenCase(case_id=case, reason=UNDONE)),
    "close_unanswered": Inverse("reopen", lambda case, _: ReopenCase(case_id=case, reason=UNDONE)),
}
"""By the act's name in the life table. A note stays: what was written was written."""
