"""rss2email sends each entry of a feed once."""

import functools
import http.server
import threading
from collections.abc import Iterator
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from tests.peers.mail import MailServer
from tests.peers.rss2email import Rss2Email

pytestmark = pytest.mark.peers


def _entry(number: int) -> str:
    return (
        f"<entry><id>urn:uuid:00000000-0000-4000-8000-{number:012}</id><title>Pengumuman № {number}</title>"
        f"<updated>2026-01-0{number}T08:00:00Z</updated><content type='text'>Jalan ditutup</content></entry>"
    )


def _feed(*numbers: int) -> str:
    entries = "".join(_entry(number) for number in numbers)
    return (
        "<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'><id>urn:corong:feed</id>"
        f"<title>Kabupaten Asahan</title><updated>2026-01-01T08:00:00Z</updated>{entries}</feed>"
    )


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the URL under which it is served."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield tmp_path, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_each_entry_is_sent_once(site: tuple[Path, str]) -> None:
    folder, base = site
    (folder / "feed.atom").write_text(_feed(1, 2))
    with Rss2Email() as subscriber:
        subscriber.add(f"{base}/feed.atom")
        assert [subscriber.run(), subscriber.run()] == [2, 0]
        (folder / "feed.atom").write_text(_feed(1, 2, 3))
        assert [subscriber.run(), subscriber.run()] == [1, 0]
        titles = sorted(str(make_header(decode_header(str(mail["Subject"])))) for mail in subscriber.mails())
        assert titles == ["Pengumuman № 1", "Pengumuman № 2", "Pengumuman № 3"]


def test_a_feed_that_is_not_there_is_a_failure(site: tuple[Path, str]) -> None:
    with Rss2Email() as subscriber:
        subscriber.add(f"{site[1]}/nothing.atom")
        with pytest.raises(AssertionError, match="404"):
            subscriber.run()


def test_delivers_by_smtp_to_a_real_mail_server(site: tuple[Path, str]) -> None:
    folder, base = site
    (folder / "feed.atom").write_text(_feed(1))
    with MailServer([("warga@asahan.test", "rahasia")]) as mail:
        with Rss2Email(recipient="warga@asahan.test", smtp=("127.0.0.1", mail.smtp_port)) as subscriber:
            subscriber.add(f"{base}/feed.atom")
            assert [subscriber.run(), subscriber.run()] == [1, 0]
        assert [b"Jalan ditutup" in raw for raw in mail.wait_for("warga@asahan.test", 1)] == [True]
