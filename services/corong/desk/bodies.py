"""What the officers' API takes."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from corong.runtime.said import SAID
from corong.working_days.zones import FIRST_DAY, LAST_DAY
from corong_contracts.base import Slug, Time
from corong_contracts.case import Priority
from corong_contracts.command import Note, Text
from corong_contracts.delivery import Carried
from corong_contracts.publication import Label


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("no NUL characters")
    return text


Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
"""One that begins and ends in every zone."""
PostText = Annotated[Text, AfterValidator(_storable), SAID]
PostTitle = Annotated[str, Field(max_length=300), AfterValidator(_storable)]
OwnTexts = dict[Slug, Annotated[str, Field(max_length=20_000), AfterValidator(_storable)]]


class Body(BaseModel):
    """Base of what is taken: unknown fields are refused, so that a typing error doesn't lose anything."""

    model_config = ConfigDict(extra="forbid")


class Assignment(Body):
    """Disposisi."""

    unit: Slug
    to_officer: Slug | None = None
    instruction: Annotated[Note, SAID]


class Returned(Body):
    """Not our authority."""

    reason: Annotated[Note, SAID]


class Prioritised(Body):
    """How soon."""

    priority: Priority


class TakenDown(Body):
    """Why a post that is out is taken back."""

    reason: Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S", description="Stands in the log.")]


class Noted(Body):
    """An internal note: never sent to anybody outside."""

    note: Annotated[Note, SAID]
    mentions: Annotated[
        list[Annotated[str, Field(max_length=63)]], Field(max_length=20, description="Officers whom it is for.")
    ] = []


class Answered(Body):
    """The answer to the citizen."""

    text: Annotated[Text, SAID]
    close: bool = False


class Closed(Body):
    """Why the case is finished."""

    outcome: Literal["answered", "no_answer_needed", "duplicate", "spam"]


class PostWords(Body):
    """A post's words."""

    title: PostTitle = ""
    text: PostText
    texts: OwnTexts = Field(default_factory=dict, description="Account → its own version of the text.")


class NewPost(PostWords):
    """A post for one or more accounts."""

    unit: Slug
    label: Label
    accounts: list[Slug] = Field(min_length=1, max_length=200)
    immediate: bool = Field(default=False, description="Serta-merta (UU 14/2008 art. 10): needs no second person.")


class Approval(Body):
    """What the approver read."""

    text_hash: str = Field(max_length=100, description="`text_hash` of the post as it was read.")


class Release(Body):
    """When a post goes out."""

    at: Time | None = Field(default=None, description="Now, where it is not given or past.")


class Resolution(Body):
    """What became of a held delivery, as the officer saw on the network."""

    outcome: Literal["sent", "again"]
    native_id: str = Field(default="", max_length=1000, description="The network's id of our message, where known.")
    how: Carried | None = Field(default=None, description="Of an answer that officers bring: how it went.")
    at: Time | None = Field(default=None, description="When it was brought; now by default.")
