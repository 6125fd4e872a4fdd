"""A mailbox by IMAP (RFC 9051, RFC 3501; IDLE: RFC 2177, MOVE: RFC 6851), on imap-tools. Every method blocks.

imap-tools' own reading is left aside where it would do more than asked: its `flag` expunges what an officer marked as
deleted, and its IDLE overlooks what came in one packet with the server's consent.
"""

import contextlib
import imaplib
import io
import re
import select
import socket
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError

from corong.channels.email.settings import EmailSettings
from corong_contracts.channel import Permanent, Transient

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HEADER_BYTES = 200_000
_AT_ONCE = 500
_PASSING = re.compile(rb"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]", re.IGNORECASE)  # RFC 5530
_QUOTED = re.compile(rb'BODY\[[^\]]*\](?:<\d+>)? (?:NIL|"((?:[^"\\]|\\.)*)")', re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Waiting:
    """A mail in the folder that is read."""

    uid: int
    size: int


@dataclass(frozen=True)
class Fetched:
    """A mail's bytes; of one that is too large the header alone."""

    raw: bytes = field(repr=False)
    whole: bool


class Mailbox:
    """One connection, signed in. Raises Transient when it broke, Permanent on what can't work."""

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings
        self._box: BaseMailBox | None = None
        self.capabilities: frozenset[str] = frozenset()

    def open(self) -> None:
        """Connect and sign in."""
        settings = self._settings
        with _told():
            match settings.imap_tls:
                case "none":
                    self._box = MailBoxUnencrypted(settings.imap_host, settings.imap_port, settings.timeout_seconds)
                case "starttls":
                    self._box = MailBoxStartTls(
                        settings.imap_host, settings.imap_port, settings.timeout_seconds, settings.context()
                    )
                case "tls":
                    self._box = MailBox(
                        settings.imap_host,
                        settings.imap_port,
                        settings.timeout_seconds,
                        ssl_context=settings.context(),
                    )
            user, password = settings.sign_in()
            sign_in = self._box.login if f"{user}{password}".isascii() else self._box.login_utf8
            sign_in(user, password, initial_folder=None)
            # What a server can do often depends on who asks, so what it said in its greeting doesn't count.
            _, told = self._client.capability()
            self._client.capabilities = tuple((told[-1] or b"").decode("ascii", "replace").upper().split())
            self.capabilities = frozenset(self._client.capabilities)

    def select(self, folder: str, *, readonly: bool = False) -> int:
        """Open a folder and return its UIDVALIDITY, by which it is seen that all UIDs are new (RFC 3501 2.3.1.1)."""
        with _told():
            assert self._box is not None
            self._box.folder.set(folder, readonly)
            _, told = self._client.response("UIDVALIDITY")
            return int(told[0]) if told and told[0] else 0

    def waiting(self, after: int, since: date | None) -> list[Waiting]:
        """The mails with a UID above `after` that came on `since` or later, in the order in which they came."""
        criteria = f"UID {after + 1}:*"
        if since is not None:
            criteria += f" SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}"
        with _told():
            found = [uid for uid in self._search(criteria) if uid > after]  # "*" is the last one, whatever its UID
            mails = []
            for start in range(0, len(found), _AT_ONCE):
                asked = ",".join(str(uid) for uid in found[start : start + _AT_ONCE])
                answer = self._uid("FETCH", asked, "(RFC822.SIZE)")
                mails += [mail for line in answer if (mail := _size(line)) is not None]
            return sorted(mails, key=lambda mail: mail.uid)

    def fetch(self, mail: Waiting) -> Fetched | None:
        """A mail as it is, without marking it; None when it is gone."""
        whole = mail.size <= self._settings.max_mail_bytes
        wanted = "BODY.PEEK[]" if whole else f"BODY.PEEK[HEADER]<0.{_HEADER_BYTES}>"
        with _told():
            answer = self._uid("FETCH", str(mail.uid), f"({wanted})")
        literal = next((item[1] for item in answer if isinstance(item, tuple)), None)
        if literal is not None:
            return Fetched(literal, whole)
        quoted = next((match for item in answer if isinstance(item, bytes) and (match := _QUOTED.search(item))), None)
        return Fetched(re.sub(rb"\\(.)", rb"\1", quoted[1] or b""), whole) if quoted else None

    def flag(self, uid: int, *flags: str) -> bool:
        """Set flags; False where the server refuses, as in a folder that may only be read."""
        with _told():
            status, _ = self._client.uid("STORE", str(uid), "+FLAGS.SILENT", f"({' '.join(flags)})")
            return bool(status == "OK")

    def move(self, uid: int, folder: str) -> bool:
        """Move a mail, the folder made where there is none; False where the server refuses."""
        with _told():
            assert self._box is not None
            try:
                if not self._box.folder.exists(folder):
                    self._box.folder.create(folder)
                self._box.move([str(uid)], folder)
            except ImapToolsError:
                return False
            return True

    def remove(self, uid: int) -> None:
        """Delete a mail of our own making, where the server can delete one mail alone (RFC 4315)."""
        with _told():
            self._client.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen \Deleted)")
            if "UIDPLUS" in self.capabilities:
                self._client.uid("EXPUNGE", str(uid))

    def find(self, message_id: str) -> list[int]:
        """The UIDs of the mails with this Message-ID in the selected folder."""
        with _told():
            self._client.noop()
            return self._search(f'HEADER Message-ID "{message_id}"')

    def folders(self) -> list[str]:
        """The names of all folders that can be selected."""
        with _told():
            assert self._box is not None
            return [
                folder.name
                for folder in self._box.folder.list()
                if not {"\\noselect", "\\nonexistent"} & {flag.lower() for flag in folder.flags}
            ]

    def wait(self, seconds: float) -> None:
        """Return when the server has news, by IDLE, or after `seconds`."""
        with _told():
            assert self._box is not None
            client, tag = self._client, self._client._command("IDLE")
            while client._get_response() is not None:  # news may come before the server's consent
                if client.tagged_commands[tag]:
                    raise Transient("idle_refused")
            if not _buffered(client):
                poll = select.poll()
                poll.register(client.sock.fileno(), select.POLLIN)
                poll.poll(seconds * 1000)
            client.send(b"DONE\r\n")
            self._box.consume_until_tagged_response(tag)

    def break_off(self) -> None:
        """Break the connection, from any thread: whoever waits for it stops waiting."""
        with contextlib.suppress(Exception):  # there may be none, or none any more
            self._client.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Say goodbye if somebody listens."""
        with contextlib.suppress(Exception):  # the connection may be broken in any way
            self._client.logout()
        with contextlib.suppress(Exception):
            self._client.shutdown()

    @property
    def _client(self) -> imaplib.IMAP4:
        assert self._box is not None  # `open` came first
        return self._box.client

    def _search(self, criteria: str) -> list[int]:
        answer = self._uid("SEARCH", criteria)
        return sorted({int(uid) for line in answer if isinstance(line, bytes) for uid in line.split()})

    def _uid(self, command: str, *arguments: str) -> list[bytes | tuple[bytes, bytes]]:
        status, answer = self._client.uid(command, *arguments)
        if status != "OK":
            raise Transient(f"imap_{command.lower()}")
        return [item for item in answer if item is not None]


def _size(line: bytes | tuple[bytes, bytes]) -> Waiting | None:
    text = line[0] if isinstance(line, tuple) else line
    uid, size = re.search(rb"UID (\d+)", text), re.search(rb"RFC822\.SIZE (\d+)", text)
    return Waiting(int(uid[1]), int(size[1])) if uid and size else None


def _buffered(client: imaplib.IMAP4) -> bool:
    """Whether something has been received that nobody has read yet; a poll of the socket would not tell."""
    before = client.sock.gettimeout()
    client.sock.settimeout(0)
    try:
        return bool(cast(io.BufferedReader, client.file).peek(1))
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    finally:
        client.sock.settimeout(before)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn what the library raises into what it means; a server's words may quote a mail, so none are kept."""
    try:
        yield
    except (Transient, Permanent):
        raise
    except MailboxLoginError as error:
        if _PASSING.search(_words(error.command_result[1])):
            raise Transient("login_unavailable") from None
        raise Permanent("login") from None
    except MailboxFolderSelectError as error:
        if _PASSING.search(_words(error.command_result[1])):
            raise Transient("folder_unavailable") from None
        raise Permanent("folder") from None
    except ssl.SSLCertVerificationError:
        raise Transient("certificate") from None
    except TimeoutError:
        raise Transient("time_out") from None
    except (ConnectionRefusedError, socket.gaierror):
        raise Transient("unreachable") from None
    except (OSError, imaplib.IMAP4.abort, EOFError):
        raise Transient("broken_off") from None
    except Exception as error:  # a broken connection shows in the library in many ways
        raise Transient(f"imap_{type(error).__name__.lower()}"[:64]) from None


def _words(answer: Iterable[object]) -> bytes:
    return b" ".join(item for item in answer if isinstance(item, bytes))
