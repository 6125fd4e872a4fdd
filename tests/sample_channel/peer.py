"""A notice board for tests: keeps notes and answers in a file, has the troubles of a real one, and counts deliveries.

Run as a program of its own, standard library alone: `python peer.py PORT FILE TOKEN`. README.md tells its API; what
tests ask for is under /control/, without the token.
"""

import json
import random
import select
import socket
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

TROUBLES = ("refuse", "busy", "fail_before", "fail_after", "hang_after", "reset_after", "nonsense_after", "slow")
"""What a POST of an answer may meet: those with `_after` have taken it."""


class Board:
    """Notes and answers; everything that counts is in the file before it is answered."""

    def __init__(self, file: Path) -> None:
        self.lock = threading.Condition()
        self.notes: list[Any] = []
        self.answers: list[dict[str, Any]] = []
        self.first: dict[str, dict[str, Any]] = {}
        self.calls: Counter[str] = Counter()
        self.shares: dict[str, float] = {}
        self.settings: dict[str, Any] = {"retry_after": 7, "slow_seconds": 0.2, "remembers_keys": True}
        self.draw = random.Random(0)
        if file.exists():
            for line in file.read_text(encoding="utf-8").splitlines():
                self._keep(*json.loads(line))
        self._file = file.open("a", encoding="utf-8")

    def record(self, *entries: tuple[str, Any]) -> None:
        """Write and keep; the lock is held."""
        self._file.write("".join(json.dumps(entry) + "\n" for entry in entries))
        self._file.flush()
        for kind, value in entries:
            self._keep(kind, value)
        self.lock.notify_all()

    def _keep(self, kind: str, value: Any) -> None:
        if kind == "note":
            self.notes.append(value)
        elif kind == "call":
            self.calls[value] += 1
        elif kind == "trouble":
            self.draw = random.Random(value.get("seed", 0))
            self.shares = value.get("shares", {})
            self.settings |= value
        else:
            self.answers.append(value)
            self.first.setdefault(value["key"], value)

    def take(self, key: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Deliver, unless the key is known: then it is the first answer again."""
        with self.lock:
            known = self.first.get(key) if key and self.settings["remembers_keys"] else None
            if known is None:
                number = len(self.answers) + 1
                answer = {"key": key, "id": f"j-{number:06d}", "at": time.time(), **body}
                self.record(("answer", answer))
                return 201, answer
            return 200, known

    def trouble(self) -> str:
        """The trouble of this call, drawn by the shares."""
        with self.lock:
            drawn = self.draw.random()
            for name, share in self.shares.items():
                if drawn < share:
                    return name
                drawn -= share
            return ""

    def counted(self) -> dict[str, Any]:
        """What was delivered, how often, by each thing that names it."""
        with self.lock:
            return {
                "total": len(self.answers),
                "by_key": Counter(answer["key"] for answer in self.answers),
                "by_text": Counter(answer["text"] for answer in self.answers),
                "by_note": Counter(answer["note"] for answer in self.answers if "note" in answer),
                "calls": sum(self.calls.values()),
                "calls_by_key": dict(self.calls),
                "notes": len(self.notes),
            }


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65_536
    board: Board
    token: str

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        match parts.path:
            case "/control/counted":
                self._answer(200, self.board.counted())
            case "/control/answers":
                with self.board.lock:
                    found = list(self.board.answers)
                self._answer(200, {"answers": found})
            case "/api/notes" if self._allowed():
                self._answer(200, self._notes(int(query["after"]), int(query["limit"]), float(query.get("wait", 0))))
            case "/api/answers" if self._allowed():
                answer = self.board.first.get(query["key"])
                self._answer(200, _shown(answer)) if answer else self._answer(404, {"code": "absent"})
            case _ if not self._allowed():
                self._answer(401, {"code": "unauthorised"})
            case _:
                self._answer(404, {"code": "no_such_page"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        match self.path:
            case "/control/notes":
                with self.board.lock:
                    self.board.record(*(("note", note) for note in body["notes"]))
                self._answer(200, {})
            case "/control/trouble":
                with self.board.lock:
                    self.board.record(("trouble", body))
                self._answer(200, {})
            case "/api/answers" if self._allowed():
                self._take(self.headers.get("Idempotency-Key", ""), body)
            case _:
                self._answer(404 if self._allowed() else 401, {"code": "no"})

    def _allowed(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {self.token}"

    def _notes(self, after: int, limit: int, wait: float) -> dict[str, Any]:
        with self.board.lock:
            self.board.lock.wait_for(lambda: len(self.board.notes) > after, timeout=wait)
            notes = self.board.notes[after : after + limit]
        return {"notes": notes, "next": str(after + len(notes))}

    def _take(self, key: str, body: dict[str, Any]) -> None:
        trouble = self.board.trouble()
        with self.board.lock:
            self.board.record(("call", key))
        if trouble == "slow":
            time.sleep(self.board.settings["slow_seconds"])
        if trouble == "refuse":
            self._answer(400, {"code": "refused", "text": body["text"]})
        elif trouble == "busy":
            self._answer(429, {"code": "busy"}, {"Retry-After": str(self.board.settings["retry_after"])})
        elif trouble == "fail_before":
            self._answer(500, {"code": "broken"})
        else:
            status, answer = self.board.take(key, body)
            self._after(trouble, status, answer)

    def _after(self, trouble: str, status: int, answer: dict[str, Any]) -> None:
        if trouble == "fail_after":
            self._answer(500, {"code": "broken", "text": answer["text"]})
        elif trouble == "hang_after":
            self.close_connection = True
            while trouble in self.board.shares and not _hung_up(self.connection):
                select.select([], [], [], 0.02)
        elif trouble == "reset_after":
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        elif trouble == "nonsense_after":
            self._answer(200, {"id": 7, "text": answer["text"]})
        else:
            self._answer(status, _shown(answer))

    def _answer(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": len(content),
            **(headers or {}),
        }.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the tests ask for what they want to know."""


def _shown(answer: dict[str, Any]) -> dict[str, Any]:
    return {"id": answer["id"], "url": f"http://papan.example/jawaban/{answer['id']}"}


def _hung_up(connection: socket.socket) -> bool:
    readable, _, _ = select.select([connection], [], [], 0)
    return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""


class Server(ThreadingHTTPServer):
    """Takes a storm of connections."""

    daemon_threads = True
    request_queue_size = 512


def main(port: str, file: str, token: str) -> None:
    """Serve for ever."""
    Handler.board = Board(Path(file))
    Handler.token = token
    Server(("127.0.0.1", int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
