"""The register's columns about the applicant: sealed in the log, opened here for who may see them, and for nobody else.

What an officer wrote into the register counts (`case.detailed`); what is missing there is taken from the message: what
the applicant gave for the register, the name and address of the sender, and the text as what is asked.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic_core import from_json

from corong.runtime.keys import Notice
from corong.runtime.sealing import BadSeal, Erased, SealedAt, Sealer

__all__ = ["FIELDS", "WITHHELD", "Applicant", "Applicants"]

FIELDS = ("name", "address", "contact", "occupation", "asked", "purpose")
_SEALED = {"message": ("content", "sender"), "particulars": ("particulars",)}


@dataclass(frozen=True, slots=True)
class Applicant:
    """Six columns of a row; empty where neither the officer nor the message says it."""

    state: Literal["opened", "withheld", "erased", "unreadable"]
    name: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    occupation: str = field(default="", repr=False)
    asked: str = field(default="", repr=False)
    purpose: str = field(default="", repr=False)
    notice: Notice | None = None
    """Of what was erased: when, and on which legal basis."""


WITHHELD = Applicant("withheld")


class Applicants:
    """Opens what auditing found."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def of(self, found: Sequence[Mapping[str, Any]]) -> dict[str, Applicant]:
        """Case → the applicant, of an answer to `report.words`. Reads the key store."""
        sealed = {one["case_id"]: dict(_parts(one)) for one in found}
        # In one question; each is remembered for a while.
        self._sealer.keys.get_many({at.key for parts in sealed.values() for at in parts.values()})
        return {case_id: self._opened(parts) for case_id, parts in sealed.items()}

    def _opened(self, parts: Mapping[str, SealedAt]) -> Applicant:
        try:
            words = {name: self._sealer.open_json(at) for name, at in parts.items()}
        except Erased as gone:
            return Applicant("unreadable") if gone.notice is None else Applicant("erased", notice=gone.notice)
        except (BadSeal, json.JSONDecodeError, UnicodeDecodeError):
            return Applicant("unreadable")
        officer, sender, content = (words.get(name, {}) for name in ("particulars", "sender", "content"))
        given: Mapping[str, Any] = content.get("particulars") or {}
        written = {
            "name": sender.get("name"),
            "contact": sender.get("address"),
            "asked": "\n".join(str(part) for part in (content.get("subject"), content.get("text")) if part),
        }
        shown: dict[str, Any] = {
            name: next((str(said[name]) for said in (officer, given, written) if said.get(name)), "") for name in FIELDS
        }
        return Applicant("opened", **shown)


def _parts(one: Mapping[str, Any]) -> list[tuple[str, SealedAt]]:
    found = []
    for kind, names in _SEALED.items():
        if kind in one:
            event = from_json(one[kind])
            for name in names:
                value = event["data"][name]
                found.append((name, SealedAt(event["id"], event["type"], name, value["key"], value["box"])))
    return found
