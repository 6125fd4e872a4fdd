"""The facts that fill a letter: words only, made by whoever knows the case, and checked against what the kind needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from corong.documents.kinds import VARIABLES, DocumentKind

Value: TypeAlias = str | Sequence[str]


class IncompleteFacts(ValueError):
    """A letter can't be made yet. `missing` are the names; the two texts say so to an officer."""

    def __init__(self, kind: DocumentKind, missing: Sequence[str]) -> None:
        self.missing = tuple(missing)
        known = VARIABLES[kind]
        self.indonesian = "Surat belum dapat dibuat. Lengkapi: " + "; ".join(known[name].meaning for name in missing)
        self.english = "The letter can't be made yet. Complete: " + "; ".join(known[name].english for name in missing)
        super().__init__(self.english)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a letter of a kind is filled with. Make it with `of`, which checks it."""

    kind: DocumentKind
    values: Mapping[str, str | tuple[str, ...]]

    @classmethod
    def of(cls, kind: DocumentKind, values: Mapping[str, Value | None]) -> "Facts":
        """The facts, each known variable present: what isn't given is blank.

        Raises `IncompleteFacts` where a required one is blank, `KeyError` for a name that the kind doesn't have.
        """
        known = VARIABLES[kind]
        if unknown := sorted(set(values) - set(known)):
            raise KeyError(f"a {kind} speaks of no {', '.join(unknown)}")
        clean: dict[str, str | tuple[str, ...]] = {}
        for name, variable in known.items():
            value = values.get(name)
            if variable.several:
                lines = (value,) if isinstance(value, str) else value or ()
                clean[name] = tuple(line for line in map(_clean, lines) if line)
            elif value is None or isinstance(value, str):
                clean[name] = _clean(value or "")
            else:
                raise TypeError(f"{name} is one text, not several")
        if missing := [name for name, variable in known.items() if variable.required and not clean[name]]:
            raise IncompleteFacts(kind, missing)
        return cls(kind, clean)


def _clean(text: str) -> str:
    """Without what no reader sees and a letter can't show: control characters and directional overrides."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(char for char in lines if char == "\n" or not _unseen(char)).strip()


def _unseen(char: str) -> bool:
    code = ord(char)
    return code < 0x20 or 0x7F <= code < 0xA0 or 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069
