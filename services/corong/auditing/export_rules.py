"""What auditing decides of exports: pure."""

import re
from uuid import UUID, uuid5

from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.refusal import Refused
from corong.runtime.unit import Draft
from corong_contracts.audit import AuditExported
from corong_contracts.command import ReadExport, RecordExport

_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_RUPIAH = re.compile(r"(?<![A-Za-z])Rp\.? ?[0-9]{1,3}(?:\.[0-9]{3})+(?![0-9]|\.[0-9])")
_NUMBER = re.compile(r"(?:[0-9][ .()/-]?){7}")
"""A telephone or an identity number, in the ways in which people write them."""


def may_export(officer: Actor, asked: ReadExport | RecordExport) -> None:
    """Raises `Forbidden`; `Refused` (422) where the reason can't stand in the log."""
    authorise(officer, Action.AUDIT_EXPORT, Scope())
    if asked.opened:
        authorise(officer, Action.CASE_READ, Scope(asked.filter.unit))
        if asked.public:
            raise Refused(
                422, "public_or_opened", "Ekspor untuk umum tidak membuka kata-kata warga.",
                "An export for the public opens nobody's words.", ["open"],
            )  # fmt: skip
    check_reason(asked.reason)


def record(officer: Actor, asked: RecordExport, cause: UUID) -> list[Draft]:
    """The event that says who takes what out of the log. Raises `Forbidden`, `Refused`."""
    may_export(officer, asked)
    audit_id = uuid5(cause, "export")
    return [Draft(AuditExported, audit_id, {"audit_id": audit_id, "officer": officer.id, **dict(asked)},
                  actor=str(officer))]  # fmt: skip


def may_name_somebody(text: str) -> bool:
    """Whether it has an address of mail or of a network, or a long number that is no year and no sum in rupiah."""
    return "@" in text or _NUMBER.search(_YEAR.sub("", _RUPIAH.sub("", text))) is not None


def check_reason(text: str) -> None:
    """It stays in the log for ever, in the clear. Raises `Refused` (422) where it is blank, or may name somebody."""
    if not text.strip() or any(not sign.isprintable() for sign in text):
        raise Refused(
            422, "no_reason", "Tulis alasan ekspor ini dalam satu baris.", "Write in one line what this export is for.",
            ["reason"],
        )  # fmt: skip
    if may_name_somebody(text):
        raise Refused(
            422, "looks_personal",
            "Tulis alasannya tanpa alamat dan nomor panjang: itu bisa milik seseorang, dan log menyimpannya selamanya.",
            "Write the reason without addresses and long numbers: they may be somebody's, and the log keeps them.",
            ["reason"],
        )  # fmt: skip
