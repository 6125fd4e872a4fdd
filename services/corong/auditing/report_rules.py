"""What auditing decides of registers and yearly reports: pure."""

from uuid import UUID, uuid5

from corong.auditing.export_rules import may_name_somebody
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.refusal import Refused
from corong.runtime.unit import Draft
from corong_contracts.audit import AuditReported, ReportAsked
from corong_contracts.command import RecordReport

FORMATS = {"register": ("csv", "xlsx", "json"), "yearly": ("pdf", "json")}


def may_report(officer: Actor, asked: ReportAsked) -> None:
    """Raises `Forbidden`; `Refused` (422) for a format that the report does not have, or words that can't stay."""
    authorise(officer, Action.REPORT_READ, Scope(asked.unit))
    if asked.opened:
        authorise(officer, Action.REPORT_OPEN, Scope(asked.unit))
    if asked.format not in FORMATS[asked.report] or (asked.opened and asked.report != "register"):
        raise Refused(
            422, "no_such_format", "Laporan ini tidak ada dalam bentuk itu.", "The report does not come in that form.",
            ["format"],
        )  # fmt: skip
    for name in ("obstacles", "plan"):
        _check_words(name, getattr(asked, name))


def record(officer: Actor, asked: RecordReport, cause: UUID) -> list[Draft]:
    """The event that says who had which report made. Raises `Forbidden`, `Refused`."""
    may_report(officer, asked.asked)
    audit_id = uuid5(cause, "report")
    return [Draft(AuditReported, audit_id, {"audit_id": audit_id, "officer": officer.id, **dict(asked)},
                  actor=str(officer))]  # fmt: skip


def _check_words(name: str, text: str) -> None:
    """They stay in the log for ever, in the clear, and in a report that is published. Raises `Refused` (422)."""
    if any(not (sign.isprintable() or sign == "\n") for sign in text):
        raise Refused(
            422, "not_plain", "Tulis teks biasa, tanpa tanda kendali.", "Write plain text, without control characters.",
            [name],
        )  # fmt: skip
    if may_name_somebody(text):
        raise Refused(
            422, "looks_personal",
            "Tulis tanpa alamat dan nomor panjang (jumlah uang: Rp 1.500.000): itu bisa milik seseorang, dan log "
            "menyimpannya selamanya.",
            "Write without addresses and long numbers (sums of money: Rp 1.500.000): they may be somebody's, and the "
            "log keeps them.",
            [name],
        )  # fmt: skip
