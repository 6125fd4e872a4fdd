"""A refusal: what a person asked for can't be done, and why, in Indonesian and English."""

from pydantic import ValidationError

from corong.runtime.field_reasons import problems_in
from corong.runtime.keys import PersonErased
from corong.runtime.policy import Forbidden
from corong_contracts.catalogue import EventTooBig, bad_fields
from corong_contracts.command import FieldProblem, Problem


class Refused(Exception):
    """Becomes problem details (RFC 9457). `code` is for programs; the texts say what to do."""

    def __init__(
        self, status: int, code: str, indonesian: str, english: str, fields: list[str] | None = None,
        errors: list[FieldProblem] | None = None, *, allowed: list[str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(code)
        self.status = status
        self.code = code
        self.indonesian = indonesian
        self.english = english
        self.fields = fields or []
        self.errors = errors or [
            FieldProblem(field=name, reason={"id": indonesian, "en": english}) for name in self.fields
        ]
        self.allowed = allowed or []
        """What the one who asked may do instead."""

    def told(self, language: str) -> str:
        """What to do, in the reader's language: Indonesian for `id`, English for every other."""
        return self.indonesian if language == "id" else self.english

    def problem(self) -> Problem:
        """As it goes on the wire."""
        return Problem(
            status=self.status,
            code=self.code,
            title=self.code.replace("_", " "),
            detail={"id": self.indonesian, "en": self.english},
            fields=self.fields,
            errors=self.errors,
            allowed=self.allowed,
        )

    @classmethod
    def of(cls, problem: Problem) -> "Refused":
        """The refusal that came over the wire."""
        detail = problem.detail
        return cls(
            problem.status, problem.code, detail.get("id", ""), detail.get("en", ""), problem.fields, problem.errors,
            allowed=problem.allowed,
        )  # fmt: skip


def busy() -> Refused:
    """Something that this needs is away for now."""
    return Refused(503, "busy", "Layanan sedang tidak tersedia. Coba lagi.", "The service is not available. Try again.")


def invalid(errors: list[FieldProblem], fields: list[str] | None = None) -> Refused:
    """Fields that are not as they should be; the text names each with its reason."""
    names = fields if fields is not None else list(dict.fromkeys(error.field for error in errors))
    told = {error.field: error.reason for error in reversed(errors)}
    indonesian = "; ".join(f"{name}: {told[name]['id']}" if name in told else name for name in names)
    english = "; ".join(f"{name}: {told[name]['en']}" if name in told else name for name in names)
    return Refused(422, "invalid", f"Isian tidak sah. {indonesian}", f"Invalid fields. {english}", names, errors)


def refusal_of(error: Exception) -> Refused | None:
    """What to tell the one who asked, where the error is their affair; None where it is a fault of ours."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, Forbidden):
        return Refused(403, error.rule, error.pesan, error.detail, allowed=list(error.allowed))
    if isinstance(error, ValidationError):
        fields = bad_fields(error)
        return invalid(problems_in(error, fields), fields)
    if isinstance(error, PersonErased):
        return Refused(
            410, "erased", "Data warga ini sudah dihapus: tidak ada lagi yang dapat ditulis untuknya.",
            "This citizen's data was erased: nothing can be written for them any more.",
        )  # fmt: skip
    if isinstance(error, EventTooBig):
        return Refused(
            422, "too_long", "Isian terlalu panjang untuk dicatat. Ringkaskan, atau bagi menjadi beberapa bagian.",
            "This is too long for one entry of the log. Shorten it, or split it into parts.",
        )  # fmt: skip
    return None
