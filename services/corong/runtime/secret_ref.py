"""Secrets are named in the configuration and read when needed: a reference never holds the secret itself."""

import os
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

__all__ = ["SecretMissing", "SecretRef", "with_references"]

_NAMES_OF_SECRETS = ("password", "secret", "token", "private_key", "api_key")


class SecretMissing(Exception):
    """A named secret isn't there; the text tells where it was looked for and what to do."""


class SecretRef(BaseModel):
    """Where a secret is: in an environment variable or in a file, exactly one of the two."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    env: str | None = None
    file: Path | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if bool(self.env) == (self.file is not None):
            raise ValueError('a secret is either { env = "NAME" } or { file = "path" }')
        return self

    def reveal(self) -> str:
        """The secret, read now; a file's last line end is not part of it.

        Raises SecretMissing where the variable or the file is missing, unreadable or empty.
        """
        if self.env is not None:
            value = os.environ.get(self.env, "")
            if not value:
                raise SecretMissing(f"environment variable {self.env} is not set: set it, then start again")
            return value
        assert self.file is not None
        try:
            value = self.file.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
        except (OSError, UnicodeDecodeError) as error:
            what = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            raise SecretMissing(f"secret file {self.file} can't be read ({what}): create it, mode 0600") from None
        if not value:
            raise SecretMissing(f"secret file {self.file} is empty: write the secret into it")
        return value


def with_references(value: object, folder: Path, name: str = "") -> object:
    """`value` of a settings table with every `{ env = … }` and `{ file = … }` in it turned into a SecretRef.

    A relative path starts from `folder`. Raises ValueError where a value whose name tells of a secret is written out.
    """
    if isinstance(value, dict):
        if len(value) == 1 and not value.keys().isdisjoint(("env", "file")):
            place, where = next(iter(value.items()))
            if not isinstance(where, str) or not where:
                raise ValueError(f"{name}.{place} is not a name")
            return SecretRef(env=where) if place == "env" else SecretRef(file=folder / where)
        return {key: with_references(item, folder, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [with_references(item, folder, name) for item in value]
    if isinstance(value, str) and name.lower().endswith(_NAMES_OF_SECRETS):
        raise ValueError(f'{name} is written out: name it as {{ env = "NAME" }} or {{ file = "path" }}')
    return value
