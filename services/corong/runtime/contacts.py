"""Mail addresses and telephone numbers as people write them, and how one who writes again is known by them."""

import re

_PHONE = re.compile(r"[+(]?[0-9][0-9 ().\-]{5,24}")
_MAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")


def is_phone(contact: str) -> bool:
    """Whether it looks like a telephone number, of whatever length."""
    return bool(_PHONE.fullmatch(contact))


def is_contact(contact: str) -> bool:
    """A mail address, or a telephone number of at most 15 digits (E.164): an identity number (NIK) has 16."""
    if _MAIL.fullmatch(contact):
        return True
    return is_phone(contact) and 7 <= len(re.sub(r"\D", "", contact)) <= 15


def known_by(contact: str) -> str:
    """The contact as its owner is known by: however a number is spaced, and in whatever case a mail address is."""
    return re.sub(r"[^0-9+]", "", contact) if is_phone(contact) else contact.casefold()
