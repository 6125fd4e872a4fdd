"""Why a field is not as it should be, in Indonesian and English, from pydantic's errors.

Nothing that the sender wrote is told again, but names of fields: of an error only its type, and the limits and choices
of our own models, are looked at.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from corong_contracts.command import FieldProblem

MOST = 20
"""So many errors are told at most."""
MOST_NAME = 60

Words = tuple[str, str]

REASONS: dict[str, Words] = {
    "missing": ("wajib diisi", "is required"),
    "extra_forbidden": ("tidak dikenal di sini", "is not known here"),
    "none_required": ("harus kosong (null)", "must be null"),
    "model_type": ("harus berupa objek JSON", "must be a JSON object"),
    "model_attributes_type": (
        "harus berupa objek JSON, dengan Content-Type: application/json",
        "must be a JSON object, with Content-Type: application/json",
    ),
    "dict_type": ("harus berupa objek JSON", "must be a JSON object"),
    "mapping_type": ("harus berupa objek JSON", "must be a JSON object"),
    "invalid_key": ("nama di dalamnya harus berupa teks", "names in it must be text"),
    "list_type": ("harus berupa daftar", "must be a list"),
    "tuple_type": ("harus berupa daftar", "must be a list"),
    "set_type": ("harus berupa daftar", "must be a list"),
    "frozen_set_type": ("harus berupa daftar", "must be a list"),
    "iterable_type": ("harus berupa daftar", "must be a list"),
    "too_short": ("paling sedikit {min_length} butir", "needs at least {min_length} items"),
    "too_long": ("paling banyak {max_length} butir", "takes at most {max_length} items"),
    "string_type": ("harus berupa teks", "must be text"),
    "string_unicode": ("bukan teks Unicode yang utuh", "is no whole Unicode text"),
    "string_too_short": ("paling sedikit {min_length} karakter", "needs at least {min_length} characters"),
    "string_too_long": ("paling banyak {max_length} karakter", "takes at most {max_length} characters"),
    "string_pattern_mismatch": ("harus sesuai pola {pattern}", "must match the pattern {pattern}"),
    "string_not_ascii": ("hanya karakter ASCII", "takes ASCII characters only"),
    "bytes_type": ("harus berupa teks", "must be text"),
    "bytes_too_short": ("paling sedikit {min_length} byte", "needs at least {min_length} bytes"),
    "bytes_too_long": ("paling banyak {max_length} byte", "takes at most {max_length} bytes"),
    "bytes_invalid_encoding": ("bukan base64 yang sah", "is not valid base64"),
    "base64_decode": ("bukan base64 yang sah", "is not valid base64"),
    "enum": ("harus salah satu dari {expected}", "must be one of {expected}"),
    "literal_error": ("harus salah satu dari {expected}", "must be one of {expected}"),
    "bool_type": ("harus true atau false", "must be true or false"),
    "bool_parsing": ("harus true atau false", "must be true or false"),
    "int_type": ("harus bilangan bulat", "must be a whole number"),
    "int_parsing": ("harus bilangan bulat", "must be a whole number"),
    "int_parsing_size": ("bilangan terlalu besar", "is too large a number"),
    "int_from_float": ("harus bilangan bulat", "must be a whole number"),
    "float_type": ("harus bilangan", "must be a number"),
    "float_parsing": ("harus bilangan", "must be a number"),
    "finite_number": ("harus bilangan berhingga", "must be a finite number"),
    "greater_than": ("harus lebih dari {gt}", "must be more than {gt}"),
    "greater_than_equal": ("paling kecil {ge}", "must be at least {ge}"),
    "less_than": ("harus kurang dari {lt}", "must be less than {lt}"),
    "less_than_equal": ("paling besar {le}", "must be at most {le}"),
    "multiple_of": ("harus kelipatan {multiple_of}", "must be a multiple of {multiple_of}"),
    "date_type": ("harus tanggal, seperti 2026-07-01", "must be a date, such as 2026-07-01"),
    "date_parsing": ("harus tanggal, seperti 2026-07-01", "must be a date, such as 2026-07-01"),
    "date_from_datetime_parsing": ("harus tanggal, seperti 2026-07-01", "must be a date, such as 2026-07-01"),
    "date_from_datetime_inexact": ("harus tanggal tanpa waktu", "must be a date without a time"),
    "time_type": ("harus jam, seperti 08:30", "must be a time of day, such as 08:30"),
    "time_parsing": ("harus jam, seperti 08:30", "must be a time of day, such as 08:30"),
    "datetime_type": (
        "harus waktu ISO 8601, seperti 2026-07-01T08:30+07:00",
        "must be an ISO 8601 time, such as 2026-07-01T08:30+07:00",
    ),
    "timezone_aware": (
        "zona waktunya belum disebut, seperti +07:00 di 2026-07-01T08:30+07:00",
        "needs its time zone, such as +07:00 in 2026-07-01T08:30+07:00",
    ),
    "uuid_type": ("harus UUID", "must be a UUID"),
    "uuid_parsing": ("harus UUID", "must be a UUID"),
    "uuid_version": ("harus UUID versi {expected_version}", "must be a UUID of version {expected_version}"),
    "union_tag_invalid": ("jenisnya tidak dikenal", "is of no known kind"),
    "union_tag_not_found": ("jenisnya tidak disebut", "does not tell its kind"),
    "json_type": ("bukan JSON", "is not JSON"),
    "json_invalid": ("bukan JSON", "is not JSON"),
    "recursion_loop": ("bersarang terlalu dalam", "is nested too deeply"),
    "recursion_depth_exceeded": ("bersarang terlalu dalam", "is nested too deeply"),
}
REASONS |= dict.fromkeys(
    ("datetime_parsing", "datetime_object_invalid", "datetime_from_date_parsing"), REASONS["datetime_type"]
)

OWN: dict[str, Words] = {
    "nothing but blanks": ("tidak boleh kosong", "must say something"),
    "not base64": REASONS["base64_decode"],
    "no NUL characters": ("tidak boleh memuat karakter NUL", "may have no NUL characters"),
    "a moment outside of the years 1 to 9999 in UTC": (
        "harus di antara tahun 1 dan 9999", "must lie between the years 1 and 9999",
    ),
    "neither a mail address nor a telephone number": (
        "harus alamat surel atau nomor telepon", "must be a mail address or a telephone number",
    ),
    "an objection names its request and a ground": (
        "keberatan menyebut permohonan dan alasannya", "an objection names its request and a ground",
    ),
}  # fmt: skip
"""What validators of our own say, by the text of their ValueError."""

UNKNOWN: Words = ("tidak sah", "is not valid")


def reason_of(error: Mapping[str, Any]) -> Words:
    """The words for one of pydantic's errors (`ValidationError.errors()`)."""
    kind, context = error["type"], error.get("ctx") or {}
    if kind == "value_error":
        return OWN.get(str(context.get("error")), UNKNOWN)
    told = REASONS.get(kind, UNKNOWN)
    joined = str(context.get("expected", "")).replace(" or ", ", ")
    try:
        indonesian, english = (words.format_map({**context, "expected": joined}) for words in told)
    except KeyError:
        return UNKNOWN
    return indonesian, english


def problems_of(errors: Iterable[tuple[Sequence[str | int], Mapping[str, Any]]]) -> list[FieldProblem]:
    """What to tell of errors, each with its place; one for each field and reason, sorted by place."""
    found: dict[tuple[str, Words], FieldProblem] = {}
    for place, error in errors:
        parts = [_named(part) for part in place]
        indonesian, english = reason_of(error)
        name = ".".join(parts) or "body"
        pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
        found[name, (indonesian, english)] = FieldProblem(
            field=name, pointer=pointer, reason={"id": indonesian, "en": english}
        )
    return [found[key] for key in sorted(found)][:MOST]


def problems_in(error: ValidationError, fields: Sequence[str]) -> list[FieldProblem]:
    """The same for a model of ours whose bad `fields` are known by name and hold nothing that the input made up."""
    known = set(fields)
    places = [
        (tuple(item["loc"]), item)
        for item in error.errors(include_url=False, include_input=False)
        if ".".join(map(str, item["loc"])) in known
    ]
    return problems_of(places)


def not_json(text: str, at: int) -> tuple[Words, FieldProblem]:
    """A body that isn't JSON, with the line and column (from 1) where it stops being it."""
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    words = (f"bukan JSON: baris {line}, kolom {column}", f"is not JSON: line {line}, column {column}")
    told = (f"Isi kiriman {words[0]}", f"The body {words[1]}")
    return told, FieldProblem(field="body", pointer="", reason={"id": words[0], "en": words[1]})


def _named(part: str | int) -> str:
    text = "".join(c if not unicodedata.category(c).startswith("C") else "\ufffd" for c in str(part))
    return text if len(text) <= MOST_NAME else text[: MOST_NAME - 1] + "…"
