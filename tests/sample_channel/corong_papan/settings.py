"""The settings of an account."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from corong_contracts import AccountConfig, Permanent


class PapanSettings(BaseModel):
    """What `[account.settings]` holds. Times in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern=r"^https?://[^/\s]+$")
    token: SecretStr = Field(min_length=1)
    timeout: float = Field(default=10.0, gt=0)
    """For connecting, and for the board's answer."""
    wait: float = Field(default=20.0, ge=0)
    """How long the board may hold a request for notes while there are none."""
    page: int = Field(default=500, ge=1, le=500)
    at_once: int = Field(default=64, ge=1)
    """Notes of different threads that are handed over at the same time."""
    max_text: int = Field(default=2000, ge=1)
    idempotent: bool = True
    """Whether this board knows idempotency keys; old ones don't."""
    look_up: bool = True
    """Whether this board can be asked for an answer by its key."""


def read_settings(account: AccountConfig) -> PapanSettings:
    """The account's settings. Raises `Permanent` where they can't work; it tells no value."""
    try:
        return PapanSettings.model_validate(account.settings)
    except ValidationError:
        raise Permanent("bad_settings") from None
