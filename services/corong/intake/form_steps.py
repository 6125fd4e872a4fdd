"""The public form as one question a page: which pages a kind of message has, and which fields each asks for."""

from corong_contracts.case import CaseKind

FIELDS: dict[str, tuple[str, ...]] = {
    "kind": ("kind",),
    "request": ("number", "secret", "about"),
    "grounds": ("grounds",),
    "text": ("subject", "text", "digits"),
    "purpose": ("purpose", "obtain", "send"),
    "contact": ("name", "contact", "occupation", "postal"),
    "check": ("attachments",),
    "answered": (),
}
"""Page → its fields; what other pages ask for is carried along, hidden."""
TEXT = "text"
ANSWERED = "answered"
"""Shows answers that are public already; it asks for nothing, comes after `TEXT` where there are some, and is not
counted."""

_MORE = {
    CaseKind.INFORMATION_REQUEST: ("kind", "text", "purpose", "contact", "check"),
    CaseKind.OBJECTION: ("kind", "request", "grounds", "text", "contact", "check"),
}
_USUAL = ("kind", "text", "contact", "check")


def steps(kind: str) -> tuple[str, ...]:
    """The pages for a kind of message, in order."""
    return _MORE.get(CaseKind(kind), _USUAL) if kind in set(CaseKind) else _USUAL


def after(step: str, kind: str) -> str:
    """The page after `step`; the last one stays."""
    known, step = steps(kind), TEXT if step == ANSWERED else step
    return known[min(known.index(step) + 1, len(known) - 1)] if step in known else known[0]


def before(step: str, kind: str) -> str:
    """The page before `step`; the first one stays."""
    known = steps(kind)
    return known[max(known.index(step) - 1, 0)] if step in known else known[0]
