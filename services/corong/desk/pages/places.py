"""Addresses of the desk's pages."""

from uuid import UUID

ACCOUNT = "/desk/akun"
CASES = "/desk/perkara"
SEARCH = "/desk/cari"
HANDOVERS = "/desk/serahan"
ENTRY = "/desk/masukkan"
BULK = "/desk/massal"
POSTS = "/desk/unggahan"
WORDINGS = "/desk/templat-jawaban"
OBLIGATIONS = "/desk/kewajiban"
SETUP = "/desk/pengelolaan"
OFFICERS = f"{SETUP}/petugas"
CALENDAR = f"{SETUP}/kalender"
TARGETS = f"{SETUP}/sasaran"
NEW_OFFICER = f"{SETUP}/tambah-petugas"
UNITS = f"{SETUP}/unit"
NEW_UNIT = f"{SETUP}/tambah-unit"


def case_address(case: UUID | str) -> str:
    """A case's page."""
    return f"{CASES}/{case}"


def obligation_address(obligation: UUID | str) -> str:
    """What the government itself owes."""
    return f"{OBLIGATIONS}/{obligation}"


def officer_address(officer: str) -> str:
    """An officer's page."""
    return f"{OFFICERS}/{officer}"


def unit_address(unit: str) -> str:
    """A unit's page."""
    return f"{UNITS}/{unit}"


def handover_address(delivery: UUID | str) -> str:
    """Where an officer says how an answer was brought."""
    return f"{HANDOVERS}/{delivery}"


def post_address(post: UUID | str) -> str:
    """A post's page."""
    return f"{POSTS}/{post}"


def use_wording_address(case: UUID | str) -> str:
    """Where words for the answer to a case are chosen."""
    return f"{CASES}/{case}/templat-jawaban"


def act_address(case: UUID | str, act: str) -> str:
    """The form of an act."""
    return f"{CASES}/{case}/tindakan/{act}"


def draft_address(case: UUID | str, act: str) -> str:
    """Where what is typed into an act's form is kept."""
    return f"{CASES}/{case}/draf/{act}"
