"""Settings from the environment (`CORONG_…`); a process reads them once, at its start."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from corong.runtime.cores import usable_cores


def _range(text: object) -> object:
    """`0-7` → the partitions 0 to 7. Raises `ValueError`."""
    if not isinstance(text, str):
        return text
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


class Settings(BaseSettings):
    """What an installation sets. Every field is the variable `CORONG_<NAME>`; an empty one is as none."""

    model_config = SettingsConfigDict(
        env_prefix="CORONG_", extra="ignore", arbitrary_types_allowed=True, env_ignore_empty=True
    )

    data: Path = Path("data")
    """Folder of the databases, the broker's store, attachments and secrets."""
    config: Path | None = None
    """Folder of hub.toml, units.toml, accounts.toml, officers.toml and rules.toml; the example regency by default."""
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    """Of the pages and the API; 0 takes a free one."""
    database_url: str | None = None
    """A PostgreSQL URL (`postgresql+psycopg://…`), a schema for each service; SQLite files under `data` by default."""
    nats_url: str = "nats://127.0.0.1:4222"
    nats_password: SecretStr = SecretStr("")
    """Of this process's own user; `corong up` makes its own."""
    nats_monitor_url: str | None = None
    """The broker's monitoring page, for the check of sync_interval at the start."""
    objects: str | None = None
    """Where attachments are kept: a folder or an S3 URL; `data/objects` by default."""
    exports: Path | None = None
    """Where exports of the log are made, as large as they are; `data/exporting` by default."""
    log_origin: str | None = None
    """The log's name, in every checkpoint and never changed later; the mail domain and `/log` by default."""
    log_folder: Path | None = None
    """Where the log is written as files, for auditors to copy; `data/log` by default."""
    log_head: Path | None = None
    """The last signed checkpoint, outside of the databases: best on another disk. `data/log-head` by default."""
    log_accept: int | None = None
    """For one start: the size of a log to go on with, though nothing outside of its database tells how far it is."""
    log_verifier: str | None = None
    """The log's public key (`corong audit key`): what it has signed is let go from the outboxes. Known in the hub."""
    log_witnesses: str = ""
    """Public keys of witnesses whose cosignatures are kept and given out with the log's checkpoint; spaces between."""
    keep_days: float = Field(default=14.0, ge=0)
    """How long events stay in their writer's outbox after the log has signed them."""
    processes: int | None = Field(default=None, ge=1, le=2)
    """Of `corong up`: with two, routing and publishing are in the second one. Two by default where that has a core."""
    partitions: int = Field(default=16, ge=1, le=100)
    """Fixed for the life of an installation."""
    owned: Annotated[range | None, NoDecode, BeforeValidator(_range)] = None
    """The partitions that this process reads, as `0-7`; all by default."""
    public_url: str | None = None
    """The address under which citizens reach the pages."""
    log_level: str = Field(default="info", pattern="^(?i:debug|info|warning|error|critical)$")
    log_format: Literal["json", "console"] = "json"
    lease_minutes: int = Field(default=30, ge=1)
    """How long a claim holds a case."""
    session_idle_minutes: int = Field(default=480, ge=1)
    """After so long without a page an officer has to sign in again."""
    session_hours: int = Field(default=168, ge=1)
    """And after so long in any case."""
    draft_days: int = Field(default=14, ge=1)
    """How long what an officer typed and did not send is kept."""
    settle_seconds: float = Field(default=30.0, ge=0)
    """How long after a send of unknown outcome the network is asked for it."""
    send_timeout_seconds: float = Field(default=30.0, gt=0)
    max_body_bytes: int = Field(default=26_214_400, ge=1024)
    """Of a request at the HTTP door, attachments included."""
    form_unproved: int = Field(default=120, ge=0)
    """New messages in ten minutes from one address by the public form, where the browser did no work for them."""
    state_hash_hours: float = Field(default=24.0, ge=0)
    """How often the hash of every service's tables goes into the log; 0: only when asked. It reads them whole."""
    demo: bool = False

    @field_validator("owned")
    @classmethod
    def _within(cls, value: range | None, info: ValidationInfo) -> range | None:
        partitions = info.data.get("partitions", 0)
        if value is not None and not (0 <= value.start < value.stop <= partitions):
            raise ValueError(f"partitions run from 0 to {partitions - 1}: say the first and the last, as 0-7")
        return value

    @property
    def database(self) -> str:
        """The URL that `Database` takes."""
        return self.database_url or f"sqlite:///{(self.data / 'db').absolute()}"

    @property
    def hub_processes(self) -> int:
        """In how many processes `corong up` runs: one or two (decision 0026)."""
        return self.processes or (2 if usable_cores() >= 2 else 1)

    @property
    def owned_range(self) -> range:
        """The partitions that this process reads."""
        return self.owned if self.owned is not None else range(self.partitions)
