"""Addresses of the pages of a case, and of the search."""

from uuid import UUID

CASES = "/desk/perkara"
SEARCH = "/desk/cari"


def case_address(case: UUID | str) -> str:
    """A case's page."""
    return f"{CASES}/{case}"


def act_address(case: UUID | str, act: str) -> str:
    """The form of an act."""
    return f"{CASES}/{case}/tindakan/{act}"


def draft_address(case: UUID | str, act: str) -> str:
    """Where what is typed into an act's form is kept."""
    return f"{CASES}/{case}/draf/{act}"
