"""A real mail server for tests: Postfix takes mail by SMTP, Dovecot keeps it and serves it by IMAP.

Both are Debian's packages (dovecot-imapd, dovecot-lmtpd, postfix), run with configurations of their own in a
temporary folder, on free ports of 127.0.0.1. Every domain is local: a recipient without a mailbox is refused by
Dovecot's LMTP and bounces with a delivery status notification (RFC 3464) to the envelope sender. Nothing can leave
the machine.
"""

import contextlib
import imaplib
import os
import re
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tests.peers import mail_configuration
from tests.peers.supervisor import Supervised
from tests.ports import find_free_port
from tests.programs import require_program

HOST = "127.0.0.1"
DOMAIN = "asahan.test"
_DEADLINE = 20.0
_PART_OF = {"imap": "dovecot", "smtp": "postfix"}


class MailServer:
    """Postfix and Dovecot in one temporary folder; a context manager.

    `smtp_port` takes mail for any address from anybody; `submission_port` only after AUTH with a mailbox's address and
    password; `imap_port` serves the mailboxes with IDLE. Ports, mails and queues stay through `stop` and `start`. It
    needs root, because Postfix's master does.
    """

    def __init__(
        self, mailboxes: Sequence[tuple[str, str]] = (), *, domain: str = DOMAIN, size_limit: int = 30_000_000
    ) -> None:
        """Take the first mailboxes as (address, password); `size_limit` in bytes is what EHLO announces as SIZE."""
        self._programs = {name: require_program(name) for name in ("dovecot", "doveadm", "postfix")}
        shown = subprocess.run(
            [require_program("postconf"), "-dh", "daemon_directory"], capture_output=True, check=True
        )
        self._master = f"{shown.stdout.decode().strip()}/master"
        require_program("lmtp")  # dovecot-lmtpd, which comes apart from dovecot-imapd
        if os.geteuid() != 0:
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("Postfix's master starts as root only")
        self.domain = domain
        self.size_limit = size_limit
        self.folder = Path(tempfile.mkdtemp(prefix="corong-mail-"))
        self.smtp_port, self.submission_port, self.imap_port = (find_free_port() for _ in range(3))
        self.lmtp_port, self.auth_port = find_free_port(), find_free_port()
        self._passwords: dict[str, str] = {}
        self._running: dict[str, Supervised] = {}
        mail_configuration.write(self)
        for address, password in mailboxes:
            self.add_mailbox(address, password)

    def __enter__(self) -> Self:
        """Start both servers and return when both greet."""
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End both servers and remove the folder."""
        self.close()

    def start(self, part: str | None = None) -> None:
        """Start `imap`, `smtp` or both, and return when they greet; what runs already is left alone."""
        commands = {
            "imap": ([self._programs["dovecot"], "-F", "-c", str(self.folder / "dovecot.conf")], self.imap_port),
            "smtp": ([self._master, "-s", "-c", str(self.folder / "postfix")], self.smtp_port),
        }
        chosen = [part] if part else ["imap", "smtp"]
        for name in chosen:
            if name in self._running:
                continue
            argv, _ = commands[name]
            self._running[name] = Supervised(argv, log=self.folder / f"{_PART_OF[name]}.log")
        for name in chosen:
            self._await_greeting(name, commands[name][1])

    def stop(self, part: str | None = None, *, crash: bool = False) -> None:
        """Stop `imap`, `smtp` or both; open connections break. With `crash` by SIGKILL, without a goodbye."""
        for name in [part] if part else ["smtp", "imap"]:
            server = self._running.pop(name, None)
            if server is not None:
                server.kill() if crash else server.stop()
        if "imap" not in self._running:  # left by a killed Dovecot, which would heed such a lock for two minutes
            for lock in (self.folder / "mail").rglob("dovecot-uidlist.lock"):
                lock.unlink(missing_ok=True)
        if "smtp" not in self._running:  # left by a killed master; the next one would take it for a running one
            (self.folder / "queue" / "pid" / "master.pid").unlink(missing_ok=True)

    def close(self) -> None:
        """Stop everything and remove the folder."""
        self.stop(crash=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def add_mailbox(self, address: str, password: str) -> None:
        """Make a mailbox, also while the servers run: from now on it gets mail and signs in by IMAP and SMTP."""
        self._passwords[address.lower()] = password
        entry = self.folder / "users" / address.lower()
        entry.write_text(f"{address.lower()}:{{PLAIN}}{password}::::::\n")

    def password(self, address: str) -> str:
        """Return the password of a mailbox made here."""
        return self._passwords[address.lower()]

    def inject(self, raw: bytes, sender: str, *recipients: str) -> None:
        """Hand a mail to Postfix as it is, but for line ends, which become CRLF.

        `sender` and `recipients` are the envelope's; "" is the empty sender of bounces.
        Raises smtplib.SMTPException when Postfix refuses it, OSError when it isn't there.
        """
        lines = re.sub(rb"\r\n|\r|\n", b"\r\n", raw)
        with smtplib.SMTP(HOST, self.smtp_port, local_hostname="warga.test", timeout=_DEADLINE) as client:
            refused = client.sendmail(sender, list(recipients), lines, mail_options=["BODY=8BITMIME"])
        if refused:
            raise smtplib.SMTPRecipientsRefused(refused)

    def imap(self, address: str) -> imaplib.IMAP4:
        """Return a signed-in IMAP connection of that mailbox, nothing selected."""
        client = imaplib.IMAP4(HOST, self.imap_port, timeout=_DEADLINE)
        client.login(address, self.password(address))
        return client

    def append(self, address: str, raw: bytes) -> None:
        """Put a mail straight into a mailbox by IMAP: for shapes that no MTA would pass on."""
        client = self.imap(address)
        try:
            _expect_ok(client.append("INBOX", "", imaplib.Time2Internaldate(time.time()), raw))
        finally:
            client.logout()

    def mailbox(self, address: str) -> list[bytes]:
        """Return the raw mails of a mailbox's INBOX, oldest first, without marking any."""
        return [raw for _, raw in self._mails(address)]

    def flags(self, address: str) -> list[tuple[str, ...]]:
        """Return the IMAP flags of each mail in INBOX, oldest first."""
        return [flags for flags, _ in self._mails(address)]

    def wait_for(self, address: str, n: int, timeout: float = _DEADLINE) -> list[bytes]:
        """Return the raw mails of a mailbox as soon as there are `n`. Raises TimeoutError after `timeout` seconds."""
        found: list[bytes] = []

        def enough() -> bool:
            found[:] = self.mailbox(address)
            return len(found) >= n

        _until(enough, timeout, lambda: f"{address} has {len(found)} mails of {n} after {timeout} s\n{self.log()}")
        return found

    def queue_is_empty(self) -> bool:
        """Whether Postfix has delivered or returned everything that it took."""
        queues = (self.folder / "queue" / name for name in ("maildrop", "incoming", "active", "deferred"))
        return not any(path.is_file() for queue in queues for path in queue.rglob("*"))

    def uid_validity(self, address: str) -> int:
        """Return the UIDVALIDITY of a mailbox's INBOX (RFC 9051, 2.3.1.1)."""
        client = self.imap(address)
        try:
            _, data = client.status("INBOX", "(UIDVALIDITY)")
        finally:
            client.logout()
        match = re.search(rb"UIDVALIDITY (\d+)", data[0] or b"")
        if match is None:
            raise AssertionError(f"Dovecot gave no UIDVALIDITY: {data!r}")
        return int(match[1])

    def raise_uid_validity(self, address: str) -> int:
        """Make INBOX anew with the same mails, a higher UIDVALIDITY and UIDs from 1; return the new UIDVALIDITY.

        It is what a provider does on a restore. Dovecot breaks the connections that have the mailbox selected.
        """
        higher = self.uid_validity(address) + 1
        mails = self._mails(address)
        self.doveadm("expunge", "-u", address, "mailbox", "INBOX", "all")
        for path in (self.folder / "mail" / address.lower()).glob("dovecot*"):
            path.unlink()
        self.doveadm("mailbox", "update", "-u", address, "--uid-validity", str(higher), "INBOX")
        for _, raw in mails:
            self._append_again(address, raw)
        return higher

    def _append_again(self, address: str, raw: bytes) -> None:
        """Put a mail back; Dovecot may refuse at first, where somebody had the mailbox open as it was made anew."""

        def put() -> bool:
            try:
                self.append(address, raw)
            except AssertionError as refused:
                if "deleted under us" in str(refused):
                    return False
                raise
            return True

        _until(put, _DEADLINE, lambda: f"{address} takes no mail\n{self.log()}")

    def doveadm(self, *arguments: str) -> str:
        """Run one of Dovecot's administration commands and return what it wrote. Raises CalledProcessError."""
        argv = [self._programs["doveadm"], "-c", str(self.folder / "dovecot.conf"), *arguments]
        return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=_DEADLINE).stdout

    def set_size_limit(self, size: int) -> None:
        """Change the size in bytes that Postfix announces and enforces; it is started again if it was running."""
        self.size_limit = size
        mail_configuration.write(self)
        if "smtp" in self._running:
            self.stop("smtp")
            self.start("smtp")

    def log(self) -> str:
        """Return the servers' logs, for the message of a failing test."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-4000:]}" for path in logs)

    def _mails(self, address: str) -> list[tuple[tuple[str, ...], bytes]]:
        client = self.imap(address)
        try:
            _expect_ok(client.select("INBOX", readonly=True))
            _, found = client.uid("SEARCH", "ALL")
            mails = []
            for uid in (found[0] or b"").split():
                _, data = client.uid("FETCH", uid.decode(), "(FLAGS BODY.PEEK[])")
                head, raw = next(item for item in data if isinstance(item, tuple))
                mails.append((tuple(flag.decode() for flag in imaplib.ParseFlags(head)), raw))
            return mails
        finally:
            client.logout()

    def _await_greeting(self, name: str, port: int) -> None:
        def greets() -> bool:
            if not self._running[name].running():
                raise AssertionError(f"{_PART_OF[name]} ended while starting\n{self.log()}")
            with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=2) as client:
                return client.recv(64).startswith((b"220 ", b"* OK"))
            return False

        _until(greets, _DEADLINE, lambda: f"{_PART_OF[name]} does not greet\n{self.log()}")


@pytest.fixture(scope="module")
def mail_server() -> Iterator[MailServer]:
    """A running mail server without mailboxes; tests add their own with addresses that no other test uses."""
    with MailServer() as server:
        yield server


def _expect_ok(answer: tuple[str, object]) -> None:
    if answer[0] != "OK":
        raise AssertionError(f"IMAP said {answer!r}")


def _until(condition: Callable[[], bool], timeout: float, complaint: Callable[[], str]) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(complaint())
        time.sleep(0.02)
