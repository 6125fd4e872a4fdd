"""What an installation configures for an account of this channel."""

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, ValidationError

from corong_contracts.channel import AccountConfig, Permanent


class MastodonSettings(BaseModel):
    """The `settings` of a Mastodon account. The token needs the scopes read and write."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: HttpUrl
    token: SecretStr
    poll_seconds: float = Field(default=15.0, gt=0, le=3600)
    """Mastodon allows 300 requests in 5 minutes; one poll is one request, and one more for each answer in a thread."""
    timeout_seconds: float = Field(default=30.0, gt=0, le=300)
    max_characters: int = Field(default=500, ge=100, le=100_000)
    """The longest status that is written for this account; Mastodon's own limit unless its server has another."""
    backfill_days: float = Field(default=7.0, ge=0)
    """How far back the first poll reaches, and one that lost its cursor."""
    max_attachment_bytes: int = Field(default=16_777_216, ge=0)
    media_hosts: list[str] = []
    """More hosts from which citizens' pictures are fetched. Others are only linked: a stranger's server could make the
    hub call addresses inside the office's network."""


def settings_of(account: AccountConfig) -> MastodonSettings:
    """The settings of an account. Raises Permanent, naming the fields only, where they can't work."""
    try:
        return MastodonSettings.model_validate(dict(account.settings))
    except ValidationError as error:
        fields = ",".join(sorted({str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}))
        raise Permanent(f"settings:{fields}") from None
