"""What an installation configures for an account of this channel."""

import ssl
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, ValidationError, model_validator

from corong.channels.email.ids import ADDRESS
from corong_contracts.channel import AccountConfig, Permanent

Tls = Literal["none", "starttls", "tls"]
Address = Annotated[str, StringConstraints(pattern=ADDRESS.pattern, max_length=254)]
Port = Annotated[int, Field(gt=0, lt=65536)]

_IMAP_PORTS: dict[Tls, int] = {"none": 143, "starttls": 143, "tls": 993}
_SMTP_PORTS: dict[Tls, int] = {"none": 25, "starttls": 587, "tls": 465}


class EmailSettings(BaseModel):
    """The `settings` of an e-mail account: one mailbox that is read by IMAP, and the server that sends for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: Address
    """What citizens write to, and what stands in From."""
    name: str = Field(default="", max_length=120)
    """The office's name beside the address."""
    user: str = Field(default="", max_length=320)
    """The name to sign in with; the address by default."""
    password: SecretStr

    imap_host: str = Field(min_length=1)
    imap_port: Port = 0
    """993, or 143 without TLS from the start."""
    imap_tls: Tls = "tls"
    folder: str = "INBOX"
    move_to: str = ""
    """The folder that a mail is moved to when it was taken; without it the mail stays and is marked as seen."""
    idle_seconds: float = Field(default=300.0, gt=0, le=1740)
    """How long one IDLE lasts at most (RFC 2177: under 29 minutes)."""
    poll_seconds: float = Field(default=60.0, gt=0, le=3600)
    """How often is asked where the server knows no IDLE."""
    backfill_days: int = Field(default=7, ge=0, le=36500)
    """How far back the very first start reaches: a mailbox may hold years of mail that nobody wants registered."""
    max_mail_bytes: int = Field(default=36_700_160, ge=10_000)
    """Of a larger mail the header alone is handed over; the mail stays where it is, flagged."""

    smtp_host: str = Field(min_length=1)
    smtp_port: Port = 0
    """465, 587 with STARTTLS, 25 without TLS."""
    smtp_tls: Tls = "tls"
    smtp_user: str | None = None
    """The name to sign in with there: the same by default; an empty one where the server asks for none."""
    smtp_password: SecretStr | None = None
    """The same by default."""
    connections: int = Field(default=8, ge=1, le=100)
    """Mails that are being sent at once."""
    receipts_per_hour: int = Field(default=30, ge=1)
    """To one address. A robot that doesn't say that it is one answers each receipt, each answer opens a case, and each
    case has a receipt: beyond this number receipts fail, and the ring is broken."""
    max_text: int = Field(default=50_000, ge=1000, le=1_000_000)
    """Characters of a mail's text."""
    copy_to: Address | None = None
    """An address whose mail lands in a folder of this very mailbox, the account's own address for one: every mail that
    goes out is copied there blindly, and by it is known later whether it went out. See `own_copies`."""
    copy_seconds: float = Field(default=15.0, gt=0, le=25)
    """How long a mail may take from the server at `smtp_host` to the mailbox when one waits for it."""

    timeout_seconds: float = Field(default=25.0, gt=0, le=600)
    """For each step with the IMAP server, and for a whole mail with the SMTP server. Publishing waits no longer than
    its `send_timeout_seconds` (30) and then holds the delivery as unknown, so stay below it."""
    own_marker: str = Field(default="", max_length=200, pattern=r"^[!-~]*$")
    """By it the hub knows its own mails when they come back; made of the installation's mail domain by default."""
    ca_file: Path | None = None
    """Certificates (PEM) of the authority that signed the servers' own, where no public one did."""

    @model_validator(mode="before")
    @classmethod
    def _ports(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        filled = dict(given)
        for name, ports in (("imap", _IMAP_PORTS), ("smtp", _SMTP_PORTS)):
            port = ports.get(filled.get(f"{name}_tls", "tls"))
            if port is not None and f"{name}_port" not in filled:
                filled[f"{name}_port"] = port
        return filled

    @model_validator(mode="after")
    def _folders(self) -> Self:
        if self.move_to and self.move_to == self.folder:
            raise ValueError("move_to is the folder that is read")
        return self

    def sign_in(self) -> tuple[str, str]:
        """Name and password for IMAP."""
        return self.user or self.address, self.password.get_secret_value()

    def smtp_sign_in(self) -> tuple[str, str] | None:
        """Name and password for SMTP, None where the server asks for none."""
        user, password = self.sign_in()
        if self.smtp_user is not None:
            user = self.smtp_user
        if self.smtp_password is not None:
            password = self.smtp_password.get_secret_value()
        return (user, password) if user else None

    def marker(self, domain: str) -> str:
        """What our mails carry in X-Corong-Loop: one for the whole installation, so that two accounts don't talk."""
        return self.own_marker or f"corong.{domain}"

    def context(self) -> ssl.SSLContext:
        """How a server's certificate is checked. Raises Permanent where the authority's file can't be used."""
        try:
            return ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)
        except OSError:
            raise Permanent("settings:ca_file") from None


def settings_of(account: AccountConfig) -> EmailSettings:
    """The settings of an account. Raises Permanent, naming the fields only, where they can't work."""
    try:
        return EmailSettings.model_validate(dict(account.settings))
    except ValidationError as error:
        fields = sorted({str(problem["loc"][0]) if problem["loc"] else "move_to" for problem in error.errors()})
        raise Permanent(f"settings:{','.join(fields)}") from None
