"""What a check found."""

import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["ok", "note", "trouble"]


@dataclass(frozen=True)
class Finding:
    """One line of the table. Texts are (Indonesian, English); nothing secret stands in them."""

    check: str
    """What was looked at: a word that stays the same, for programs."""
    state: State
    told: tuple[str, str]
    do: tuple[str, str] = ("", "")


def ok(check: str, indonesian: str, english: str) -> Finding:
    """All is well."""
    return Finding(check, "ok", (indonesian, english))


def note(check: str, indonesian: str, english: str) -> Finding:
    """Worth knowing; nothing is wrong."""
    return Finding(check, "note", (indonesian, english))


def trouble(check: str, told: tuple[str, str], do: tuple[str, str]) -> Finding:
    """Something does not work, and what to do about it."""
    return Finding(check, "trouble", told, do)


def mode_of(check: str, path: Path) -> list[Finding]:
    """A trouble where others may read this secret. Raises `OSError`."""
    if not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return []
    told = (f"{path} dapat dibaca orang lain", f"others may read {path}")
    return [trouble(check, told, (f"chmod 600 {path}", f"chmod 600 {path}"))]


def fault(check: str, error: Exception) -> Finding:
    """A check that could not be made for a reason that nobody foresaw."""
    told = f"{type(error).__name__}"
    return trouble(
        check,
        (f"tidak dapat diperiksa: {told}", f"could not be checked: {told}"),
        ("lihat log hub, lalu laporkan", "look into the hub's log, then report it"),
    )


def tried(check: str, look: Callable[[], list[Finding]]) -> list[Finding]:
    """What `look` finds; one check that fails in a way that nobody foresaw does not hide the others."""
    try:
        return look()
    except Exception as error:  # it is told
        return [fault(check, error)]
