"""A line to a server that can be spoiled: it counts, withholds, breaks off and alters, as networks and proxies do."""

import http.client
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

Trouble = Literal["none", "lost", "silence", "cut", "server_error", "nonsense"]


class Line:
    """An HTTP proxy on a loopback port, the same one when it comes back.

    What is asked of it reaches the server, except a new status that is `lost`; other troubles spoil the answer to one.
    """

    def __init__(self, server_port: int) -> None:
        """Begin to pass requests on to 127.0.0.1:`server_port`."""
        self._server_port = server_port
        self.trouble: Trouble = "none"
        self.sends = 0
        """How often a new status was asked for."""
        self.rewrites: dict[str, Callable[[dict[str, object]], None]] = {}
        """For a word in a status's text: what is done to that status before a client sees it."""
        self.ahead = 0.0
        """Seconds that the clock of the server seems to be ahead; `rewrites` may move times too."""
        self._let_go = threading.Event()
        self.port = 0
        self.open()

    def open(self) -> None:
        """Listen."""
        self._let_go.clear()
        line = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_any(self) -> None:
                line._pass(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_any  # noqa: N815

            def date_time_string(self, timestamp: float | None = None) -> str:
                return super().date_time_string((timestamp or time.time()) + line.ahead)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._listener = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._listener.daemon_threads = True
        self.port = self._listener.server_port
        threading.Thread(target=self._listener.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self._let_go.set()
        self._listener.shutdown()
        self._listener.server_close()

    def _pass(self, asked: http.server.BaseHTTPRequestHandler) -> None:
        body = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        sends = asked.command == "POST" and asked.path == "/api/v1/statuses"
        trouble = self.trouble if sends else "none"
        self.sends += sends
        if trouble == "lost":
            asked.close_connection = True
            return
        forward = http.client.HTTPConnection("127.0.0.1", self._server_port, timeout=30)
        headers = {name: value for name, value in asked.headers.items() if name.lower() != "host"}
        forward.request(asked.command, asked.path, body, headers)
        answer = forward.getresponse()
        content = self._rewritten(answer.read())
        asked.close_connection = True
        if trouble == "silence":
            self._let_go.wait(30)
        if trouble in ("silence", "cut"):
            return
        asked.send_response(500 if trouble == "server_error" else answer.status)
        content = b"<html>ok</html>" if trouble == "nonsense" else content
        for name in ("Content-Type", "Link", "Retry-After", "X-RateLimit-Reset"):
            if value := answer.headers.get(name):
                asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(content)))
        asked.end_headers()
        asked.wfile.write(content)

    def _rewritten(self, content: bytes) -> bytes:
        if not any(word.encode() in content for word in self.rewrites):
            return content
        answer = json.loads(content)
        for status in _statuses(answer):
            for word, change in self.rewrites.items():
                if word in str(status["content"]):
                    change(status)
        return json.dumps(answer).encode()


def _statuses(answer: object) -> list[dict[str, object]]:
    if isinstance(answer, list):
        return [status for entry in answer for status in _statuses(entry)]
    if not isinstance(answer, dict):
        return []
    here = [answer] if "content" in answer and "uri" in answer else []
    return here + [status for value in answer.values() for status in _statuses(value)]


@contextmanager
def line_to(server_port: int) -> Iterator[Line]:
    """A line, closed at the end."""
    line = Line(server_port)
    try:
        yield line
    finally:
        line.close()
