"""Citizens' files are fetched from hosts that the office trusts, and only linked from all others."""

import http.server
import threading
from collections.abc import Iterator

import pytest

from corong.channels.mastodon.attachments import MediaFetcher
from corong.channels.mastodon.entities import Media
from corong.channels.mastodon.settings import MastodonSettings


class _Files(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = {"/foto.png": (200, b"isi"), "/besar.png": (200, b"x" * 5000), "/pindah.png": (302, b"")}
        status, body = found.get(self.path, (404, b""))
        self.send_response(status)
        self.send_header("Content-Type", "image/png; charset=binary")
        self.send_header("Location", "/foto.png")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Files)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def _fetcher(port: int, **more: object) -> MediaFetcher:
    given = {"base_url": f"http://127.0.0.1:{port}", "token": "rahasia", "max_attachment_bytes": 4000}
    return MediaFetcher(MastodonSettings.model_validate(given | more))


async def test_a_file_of_our_own_server_is_fetched(port: int) -> None:
    fetcher = _fetcher(port)
    files, lines = await fetcher.fetch((Media("1", "image", f"http://127.0.0.1:{port}/foto.png", "tiang lampu"),))
    assert [(file.name, file.media_type, file.content) for file in files] == [("foto.png", "image/png", b"isi")]
    assert lines == ["[Lampiran: tiang lampu]"]
    await fetcher.close()


@pytest.mark.parametrize("path", ["/besar.png", "/pindah.png", "/hilang.png"])
async def test_what_can_not_be_had_is_linked(port: int, path: str) -> None:
    fetcher = _fetcher(port)
    url = f"http://127.0.0.1:{port}{path}"
    assert await fetcher.fetch((Media("1", "image", url, "foto"),)) == ([], [f"[Lampiran: foto {url}]"])
    await fetcher.close()


async def test_strangers_hosts_are_not_called(port: int) -> None:
    fetcher = _fetcher(port)
    urls = [f"http://127.0.0.2:{port}/foto.png", f"http://localhost:{port}/foto.png", "file:///etc/passwd", ""]
    files, lines = await fetcher.fetch(tuple(Media("1", "image", url, "") for url in urls))
    assert files == []
    assert lines == [*(f"[Lampiran: {url}]" for url in urls[:3]), "[Lampiran: image]"]
    await fetcher.close()
    trusting = _fetcher(port, media_hosts=["localhost"])
    files, lines = await trusting.fetch((Media("1", "image", urls[1], ""),))
    assert ([file.content for file in files], lines) == ([b"isi"], [])
    await trusting.close()
