"""Mails of every make that a public office gets, each with what is to become of it.

`make(name, n, sender, recipient)` gives a mail's bytes, the same for the same arguments; `expect` with the same
arguments says what the parser must find in it and what the hub must make of it. Replies answer `answers`, by default
the mail that `make("plain", n, ...)` gives.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Literal

from corong.channels.email.flags import Flag

Becomes = Literal["case", "follow_up", "bounce", "ignored", "duplicate"]

OWN_MARKER = "corong-uji"
"""The marker of the installation under test (see OWN_HEADER)."""


@dataclass(frozen=True)
class Given:
    """What a mail is made from."""

    n: int
    sender: str
    recipient: str
    answers: str

    @property
    def text(self) -> str:
        """A complaint in plain ASCII that no other mail of the run has."""
        return f"Lampu jalan nomor {self.n} di Jl. Cokroaminoto mati sejak hari Senin.\nMohon diperbaiki."

    def message_id(self, name: str) -> str:
        """The id of this mail, without angle brackets."""
        return f"{name}.{self.n}.{self.sender.partition('@')[0]}@mail.warga.test"

    def header(self, name: str, subject: str, *more: str, sender_name: str = "Siti Aminah", own_id: bool = True) -> str:
        """The usual header fields and what comes on top; it ends without an empty line."""
        fields = [
            f"From: {sender_name} <{self.sender}>" if sender_name else f"From: {self.sender}",
            f"To: <{self.recipient}>",
            f"Subject: {subject}",
            f"Date: Thu, 12 Mar 2026 09:{self.n % 60:02}:33 +0700",
            "MIME-Version: 1.0",
        ]
        if own_id:
            fields.append(f"Message-ID: <{self.message_id(name)}>")
        return "\n".join([*fields, *more]) + "\n"

    def reply_header(self, name: str, subject: str, *more: str) -> str:
        """The header of an answer to `answers`."""
        return self.header(name, subject, f"In-Reply-To: <{self.answers}>", f"References: <{self.answers}>", *more)


@dataclass(frozen=True)
class File:
    """An attachment that must be found."""

    name: str
    media_type: str
    content: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the content, hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Report:
    """What a bounce must be read as."""

    original_message_id: str
    recipient: str
    outcome: Literal["failed", "delayed", "delivered"]
    status: str


@dataclass(frozen=True)
class Expected:
    """What the parser finds, and what becomes of the mail in the hub."""

    becomes: Becomes
    text: str = ""
    """The sender's own words, exactly (`fresh_text`)."""
    subject: str = ""
    nature: str = "person"
    quoted: tuple[str, ...] = ()
    """Pieces of what must have been cut, and stand in `quoted_text`."""
    files: tuple[File, ...] = ()
    flags: frozenset[Flag] = frozenset()
    reports: tuple[Report, ...] = ()
    sender_name: str = "Siti Aminah"
    message_id: str = ""
    """"" where the mail has none."""
    answers: str = ""
    """The id that its thread must hold."""
    same_as: str = ""
    """Of a duplicate: the shape that must have been sent before with the same n, sender and recipient."""


@dataclass(frozen=True)
class Made:
    """A mail and what is expected of it."""

    raw: bytes
    expected: Expected


Build = Callable[[Given], Made]

BUILDERS: dict[str, Build] = {}


def shape(name: str) -> Callable[[Build], Build]:
    """Register a function that makes mails of one shape."""

    def register(build: Build) -> Build:
        assert name not in BUILDERS, name
        BUILDERS[name] = build
        return build

    return register


def made(raw: str | bytes, expected: Expected) -> Made:
    """Bring line ends to CRLF; text becomes UTF-8, surrogate escapes the bytes they stand for."""
    data = raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else raw
    return Made(data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), expected)


def names() -> list[str]:
    """All shapes, those that others follow first."""
    _load()
    return sorted(BUILDERS, key=lambda name: (name != "plain", name))


def make(name: str, n: int, sender: str, recipient: str, *, answers: str = "") -> bytes:
    """Return the bytes of a mail. `answers`: the Message-ID, without brackets, that a reply or a bounce is about."""
    return _made(name, n, sender, recipient, answers).raw


def expect(name: str, n: int, sender: str, recipient: str, *, answers: str = "") -> Expected:
    """Return what is expected of the mail that `make` gives for the same arguments."""
    return _made(name, n, sender, recipient, answers).expected


def envelope_sender(name: str, sender: str) -> str:
    """Return who must stand in the SMTP envelope: nobody for what machines send of themselves (RFC 5321 4.5.5)."""
    return "" if expect(name, 0, sender, "").nature in {"bounce", "auto_reply"} else sender


def _made(name: str, n: int, sender: str, recipient: str, answers: str) -> Made:
    _load()
    given = Given(n, sender, recipient, answers)
    if not answers:
        given = replace(given, answers=given.message_id("plain"))
    return BUILDERS[name](given)


def _load() -> None:
    """Fill the table; here, because the modules that fill it import this one."""
    for module in ("people", "files", "replies", "machines"):
        import_module(f"tests.channels.email.shapes_{module}")
