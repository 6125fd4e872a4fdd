"""A line to a mail server that can be cut, and one for SMTP that spoils what the server says to a mail."""

import contextlib
import re
import socket
import struct
import threading
from typing import BinaryIO, Literal, Self

Trouble = Literal[
    "none", "recipient_for_good", "recipient_for_now", "mail_for_good", "mail_for_now",
    "silence", "cut", "nonsense", "lost", "silence_at_data", "cut_at_data", "cut_in_text", "closing",
]  # fmt: skip
"""What happens to a mail. `recipient_…`: its recipient is refused; `mail_…`: it is refused after its last line, and the
server never sees that. `silence`, `cut`, `nonsense`: the server takes it, and its answer is withheld, cut off or
another. `lost`: it is cut after its last line, and the server never sees that. `…_at_data`, `cut_in_text`: before its
last line. `closing`: the server's greeting is a goodbye."""

_REFUSALS = {
    "recipient_for_good": b"550 5.1.1 Siti tidak dikenal\r\n",
    "recipient_for_now": b"450 4.2.1 Kotak Siti sedang dipakai\r\n",
    "mail_for_good": b"554 5.7.1 Isi surat Siti ditolak\r\n",
    "mail_for_now": b"452 4.3.1 Tempat penyimpanan penuh\r\n",
}


class Line:
    """Passes connections on to 127.0.0.1:`server_port`, on the same port when it comes back; a context manager."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.port = 0
        self._listener: socket.socket | None = None
        self._live: set[socket.socket] = set()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Listen, unless it does."""
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)  # so that a long mail doesn't fit
            self.port = self._listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        """Listen no more, and cut what goes on."""
        if self._listener is not None:
            listener, self._listener = self._listener, None
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.cut()

    def cut(self) -> None:
        """Cut the connections that stand now."""
        for end in list(self._live):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.server_port)) as server:
            self._live |= {client, server}
            try:
                self.talk(client, server)
            finally:
                self._live -= {client, server}

    def talk(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on what both say until one of them ends."""
        back = threading.Thread(target=_pump, args=(server, client), daemon=True)
        back.start()
        _pump(client, server)
        back.join()


class SmtpLine(Line):
    """A line that listens to what is said: commands and answers go through one by one."""

    def __init__(self, server_port: int) -> None:
        super().__init__(server_port)
        self.trouble: Trouble = "none"
        self.mails = 0
        """How many mails were begun (MAIL FROM)."""
        self.most_at_once = 0
        self._under_way: set[socket.socket] = set()
        self.commands: list[str] = []
        """The MAIL and RCPT commands as they came."""

    def talk(self, client: socket.socket, server: socket.socket) -> None:
        """One conversation."""
        asked, answers = client.makefile("rb"), server.makefile("rb")
        greeting = _answer(answers)
        client.sendall(b"421 4.3.2 Server berhenti\r\n" if self.trouble == "closing" else greeting)
        if self.trouble == "closing":
            return
        while command := asked.readline():
            word = command[:4].upper()
            if word in (b"MAIL", b"RCPT"):
                self.commands.append(command.decode().strip())
            if word == b"MAIL":
                self.mails += 1
                self._under_way.add(client)
                self.most_at_once = max(self.most_at_once, len(self._under_way))
            if word == b"RCPT" and self.trouble in ("recipient_for_good", "recipient_for_now"):
                client.sendall(_REFUSALS[self.trouble])
                continue
            if word == b"DATA" and self.trouble in ("silence_at_data", "cut_at_data"):
                if self.trouble == "silence_at_data":
                    asked.readline()
                return
            server.sendall(command)
            answer = _answer(answers)
            client.sendall(answer)
            if word == b"DATA" and answer.startswith(b"354"):
                self._mail(client, server, asked, answers)

    def _mail(self, client: socket.socket, server: socket.socket, asked: BinaryIO, answers: BinaryIO) -> None:
        trouble = self.trouble
        if trouble == "cut_in_text":
            client.recv(1000)
            # Not a goodbye but a reset: what is still on its way is lost.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise OSError
        lines = []
        while (line := asked.readline()) not in (b".\r\n", b""):
            lines.append(line)
        if line == b"":
            raise OSError
        if trouble in ("mail_for_good", "mail_for_now", "lost"):
            client.sendall(_REFUSALS.get(trouble, b""))
            raise OSError
        server.sendall(b"".join(lines) + b".\r\n")
        answer = _answer(answers)
        self._under_way.discard(client)
        if trouble == "silence":
            asked.readline()  # until it goes away
        if trouble in ("silence", "cut"):
            raise OSError
        client.sendall(b"terima kasih\r\n" if trouble == "nonsense" else answer)


def _answer(answers: BinaryIO) -> bytes:
    """One answer of a server, all its lines."""
    lines = b""
    while line := answers.readline():
        lines += line
        if re.match(rb"\d{3}(?!-)", line):
            return lines
    raise OSError


def _pump(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    with contextlib.suppress(OSError):
        other.shutdown(socket.SHUT_WR)
