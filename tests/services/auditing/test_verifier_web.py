"""A log behind an address: served well, badly, and with intent."""

import gzip
import http.server
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from corong.auditing.standalone import corong_verify as verifier
from tests.services.auditing.handmade import LOG, HandmadeLog, events, tile_path

KEYS = [verifier.Key.parse(LOG.vkey)]


class Handler(http.server.BaseHTTPRequestHandler):
    folder: Path
    asked: list[tuple[str, str | None]]

    def answer(self, path: str) -> bool:
        """Whether the test gave an answer of its own."""
        return False

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Authorization")))
        if self.answer(self.path):
            return
        path = self.folder / self.path.removeprefix("/log/")
        self.give(path.read_bytes()) if path.is_file() else self.send_error(404)

    def give(self, data: bytes, **headers: str) -> None:
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[HandmadeLog, str, type[Handler]]]:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # tries again at once
    monkeypatch.setenv("no_proxy", "*")
    log = HandmadeLog(tmp_path, events(300)).publish()
    kind = type("Serving", (Handler,), {"folder": tmp_path, "asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield log, f"http://127.0.0.1:{running.server_port}/log", kind
        running.shutdown()
        thread.join()


def verify(url: str) -> verifier.Report:
    source = verifier.open_source(url)
    return verifier.verify(source, KEYS, processes=1)


def test_a_log_over_http(server: tuple[HandmadeLog, str, type[Handler]], monkeypatch: pytest.MonkeyPatch) -> None:
    log, url, kind = server
    report = verify(url + "/")
    assert (report.code, report.seen, report.troubles) == (verifier.SOUND, 300, [])
    assert {token for _, token in kind.asked} == {None}
    monkeypatch.setenv("CORONG_TOKEN", "for the hub alone")
    assert verify(url).code == verifier.SOUND
    assert {token for _, token in kind.asked} == {None}
    monkeypatch.setenv("CORONG_LOG_TOKEN", "t0k3n")
    assert verify(url).code == verifier.SOUND
    assert kind.asked[-1][1] == "Bearer t0k3n"
    path = log.folder / tile_path("entries", 1, 44)
    path.write_bytes(path.read_bytes().replace(b"kutipan", b"cuplik_", 1))
    report = verify(url)
    assert (report.code, report.troubles[0].entry) == (verifier.TAMPERED, 256)


def test_what_was_packed_for_the_way(server: tuple[HandmadeLog, str, type[Handler]]) -> None:
    log, url, kind = server

    def packed(self: Handler, path: str) -> bool:
        if "entries" in path:
            self.give(gzip.compress((log.folder / path.removeprefix("/log/")).read_bytes()), Content_Encoding="gzip")
        return "entries" in path

    setattr(kind, "answer", packed)  # noqa: B010 - mypy takes no other way to put a method in place of another
    assert verify(url).code == verifier.SOUND


def refuse(status: int) -> Callable[[Handler, str], bool]:
    def answer(self: Handler, path: str) -> bool:
        if "entries" in path:
            self.send_error(status)
        return "entries" in path

    return answer


def moved(self: Handler, path: str) -> bool:
    self.send_response(302)
    self.send_header("Location", "http://127.0.0.1:9/elsewhere")
    self.end_headers()
    return True


def broken(self: Handler, path: str) -> bool:
    self.wfile.write(b"nonsense\r\n\r\n")
    return True


def cut(self: Handler, path: str) -> bool:
    self.send_response(200)
    self.send_header("Content-Length", "5000")
    self.end_headers()
    self.wfile.write(b"a few bytes")
    return True


def cut_while_packed(self: Handler, path: str) -> bool:
    self.give(gzip.compress(b"x" * 5000)[:-9], Content_Encoding="gzip")
    return True


def not_packed(self: Handler, path: str) -> bool:
    self.give(b"no gzip at all", Content_Encoding="gzip")
    return True


@pytest.mark.parametrize(
    "answer", [refuse(500), refuse(403), refuse(404), moved, broken, cut, cut_while_packed, not_packed]
)
def test_what_can_not_be_had_was_not_checked(
    server: tuple[HandmadeLog, str, type[Handler]], answer: Callable[[Handler, str], bool]
) -> None:
    _, url, kind = server
    setattr(kind, "answer", answer)  # noqa: B010 - mypy takes no other way to put a method in place of another
    report = verify(url)
    assert report.code == verifier.NOT_CHECKED
    assert kind.asked


def test_an_answer_without_end(server: tuple[HandmadeLog, str, type[Handler]]) -> None:
    _, url, kind = server

    def endless(self: Handler, path: str) -> bool:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65_536)
        except OSError:
            return True

    setattr(kind, "answer", endless)  # noqa: B010 - mypy takes no other way to put a method in place of another
    assert verify(url).code == verifier.NOT_CHECKED


def test_a_small_answer_that_unpacks_to_a_large_one(server: tuple[HandmadeLog, str, type[Handler]]) -> None:
    _, url, kind = server
    bomb = gzip.compress(bytes(1 << 28), 9)

    def answer(self: Handler, path: str) -> bool:
        self.give(bomb, Content_Encoding="gzip")
        return True

    setattr(kind, "answer", answer)  # noqa: B010 - mypy takes no other way to put a method in place of another
    assert verify(url).code == verifier.NOT_CHECKED


def test_an_answer_that_drips(server: tuple[HandmadeLog, str, type[Handler]], monkeypatch: pytest.MonkeyPatch) -> None:
    _, url, kind = server
    now = iter(range(0, 1_000_000, 100))
    monkeypatch.setattr(time, "monotonic", lambda: next(now))  # every look at the clock is 100 s later

    def drip(self: Handler, path: str) -> bool:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        try:
            for _ in range(1000):
                self.wfile.write(b"x")
                self.wfile.flush()
        except OSError:
            pass
        return True

    setattr(kind, "answer", drip)  # noqa: B010 - mypy takes no other way to put a method in place of another
    report = verify(url)
    assert (report.code, "terlalu lambat" in report.troubles[0].what) == (verifier.NOT_CHECKED, True)


def test_nobody_there() -> None:
    source = verifier.Web("http://127.0.0.1:9/log")
    assert verifier.verify(source, KEYS, processes=1).code == verifier.NOT_CHECKED
