"""The address of who leaves no contact: a person of their own, whom it does not reach."""

__all__ = ["address_without_contact", "was_given"]

_PREFIX = "anonim-"


def address_without_contact(native_id: str) -> str:
    """For the message of that id; the same again for the same message."""
    return f"{_PREFIX}{native_id}"


def was_given(address: str) -> bool:
    """Whether somebody can be reached there, so that people are shown it."""
    return not address.startswith(_PREFIX)
