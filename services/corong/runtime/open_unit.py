"""The check of every command that gives something to a unit: it is there, and open."""

from corong.runtime.directory import Directory
from corong.runtime.refusal import Refused


def check_open_unit(directory: Directory, identity: str, field: str = "unit") -> None:
    """Raises `Refused` (422); `field` of the question is the one to mend."""
    if not directory.has_unit(identity):
        raise Refused(422, "unknown_unit", "Unit itu tidak ada.", "There is no such unit.", [field])
    unit = directory.unit(identity)
    if unit.closed:
        heir = directory.unit(directory.serving(identity)).name
        raise Refused(
            422, "unit_closed", f"{unit.name} sudah ditutup; penggantinya {heir}.",
            f"{unit.name} is closed; {heir} took over from it.", [field],
        )  # fmt: skip
