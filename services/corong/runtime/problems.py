"""What answers that are none are like in the OpenAPI document: problem details (RFC 9457), for each status."""

from typing import Any

from pydantic import BaseModel, Field

from corong.runtime.web import PROBLEM


class FieldError(BaseModel):
    """One field that is not as it should be."""

    field: str = Field(description="As people read it.")
    pointer: str = Field(description="JSON Pointer (RFC 6901) into the body.")
    reason: str = Field(description="In the language of `detail`.")


class ProblemDetails(BaseModel):
    """RFC 9457; `detail` is in Indonesian, or in English where Accept-Language asks for it."""

    type: str
    title: str
    status: int
    code: str = Field(description="For programs.")
    detail: str = Field(description="For people: what is wrong and what to do.")
    fields: list[str] = Field(default_factory=list, description="Where the request is not as it should be.")
    errors: list[FieldError] = Field(default_factory=list, description="And why, field by field.")
    allowed: list[str] = Field(default_factory=list, description="Acts that are possible instead.")


_MEANINGS = {
    401: "The token is missing or not valid.",
    403: "The officer's role or unit has no right to that.",
    404: "There is no such thing.",
    409: "Not in the state that it is in.",
    410: "The citizen's data was erased.",
    413: "The request is too big.",
    422: "The request is not as it should be.",
    429: "Too many; wait, then try again.",
    500: "A fault of the system; nothing changed.",
    503: "The owning service does not answer; try again.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem details of these statuses, of all without any, as a route's `responses` take them."""
    schema = ProblemDetails.model_json_schema()
    return {
        status: {"description": _MEANINGS[status], "content": {PROBLEM: {"schema": schema}}}
        for status in statuses or _MEANINGS
    }
