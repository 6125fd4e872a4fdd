"""Both ends keep the rules of every channel, on Postfix and Dovecot behind lines that can be spoiled."""

import itertools
from collections.abc import Iterator, Mapping

import pytest

from corong.channels.email import channel
from corong.channels.email.parse import parse
from corong_contracts.channel import AccountConfig, Permanent
from corong_contracts.conformance import SinkConformance, SourceConformance
from corong_contracts.conformance.watching import until
from tests.channels.email.line import Line, SmtpLine
from tests.peers.mail import MailServer, mail_server

__all__ = ["mail_server"]
pytestmark = pytest.mark.peers

_numbers = itertools.count()
PASSWORD = "kata sandi dinas"


class _Peer:
    """The mail server, the lines to it, the office's mailbox and a citizen's."""

    channel = channel
    patience = 20.0
    secrets: tuple[str, ...] = (PASSWORD,)
    server: MailServer
    smtp: SmtpLine
    imap: Line
    account: AccountConfig
    office: str
    citizen: str

    @pytest.fixture(autouse=True)
    def start(self, mail_server: MailServer) -> Iterator[None]:
        number = next(_numbers)
        self.server = mail_server
        self.office, self.citizen = f"dinas{number}@asahan.test", f"siti{number}@warga.test"
        mail_server.add_mailbox(self.office, PASSWORD)
        mail_server.add_mailbox(self.citizen, "rahasia")
        with SmtpLine(mail_server.submission_port) as self.smtp, Line(mail_server.imap_port) as self.imap:
            self.account = AccountConfig(id="surel", channel="email", settings=self.settings(), domain="asahan.test")
            yield

    def settings(self) -> dict[str, object]:
        return {
            "address": self.office, "password": PASSWORD, "name": "Dinas PUPR",
            "imap_host": "127.0.0.1", "imap_port": self.imap.port, "imap_tls": "none",
            "smtp_host": "127.0.0.1", "smtp_port": self.smtp.port, "smtp_tls": "none",
            "timeout_seconds": 2, "poll_seconds": 0.05, "copy_to": self.office, "copy_seconds": 5,
        }  # fmt: skip


class TestEmailSink(_Peer, SinkConformance):
    async def deliver_ok(self) -> None:
        self.smtp.trouble = "none"
        self.smtp.open()
        self.imap.open()

    async def peer_refuses_for_good(self) -> None:
        self.smtp.trouble = "recipient_for_good"

    async def peer_refuses_for_now(self) -> None:
        self.smtp.trouble = "mail_for_now"

    async def peer_times_out_after_taking(self) -> None:
        self.smtp.trouble = "silence"

    async def peer_fails_after_taking(self) -> None:
        self.smtp.trouble = "cut"

    async def peer_talks_nonsense(self) -> None:
        self.smtp.trouble = "nonsense"

    async def peer_is_away(self) -> None:
        self.smtp.close()
        self.imap.close()

    async def delivered_texts(self) -> list[str]:
        return [parse(raw).text for raw in self.server.mailbox(self.citizen)]

    async def send_calls(self) -> int:
        return self.smtp.mails

    async def peer_settles(self) -> None:
        await until(self.server.queue_is_empty, self.patience, "Postfix delivers")

    def reply_to(self) -> Mapping[str, str]:
        return {"to": self.citizen, "message_id": f"laporan.{self.citizen}"}

    def personal(self) -> tuple[str, ...]:
        return (self.citizen,)


class TestEmailSinkWithoutCopies(TestEmailSink):
    def settings(self) -> dict[str, object]:
        return super().settings() | {"copy_to": None}


class TestEmailSource(_Peer, SourceConformance):
    async def write(self, text: str, *, thread: str) -> None:
        self.append(f"References: <{thread}@warga.test>\r\n", text)

    async def write_malformed(self, token: str) -> None:
        self.server.append(self.office, b"\x00\xff\xfe: \r\n" + token.encode() + b"\x80\r\n--\r\n\x00")

    async def write_long(self, token: str, length: int) -> None:
        words = "lampu jalan mati " * (length // 17 + 1)
        self.append("", f"{token} {words}"[:length])

    async def peer_is_away(self) -> None:
        self.imap.close()

    async def peer_is_back(self) -> None:
        self.imap.open()

    def unworkable(self) -> AccountConfig:
        settings = self.settings() | {"password": "kata sandi salah"}
        return AccountConfig(id="surel", channel="email", settings=settings, domain="asahan.test")

    def personal(self) -> tuple[str, ...]:
        return (self.citizen,)

    def append(self, fields: str, text: str) -> None:
        """Put a mail into the mailbox as it is: servers that pass mail on don't keep the order."""
        head = f"From: Siti <{self.citizen}>\r\nTo: <{self.office}>\r\nMessage-ID: <{next(_numbers)}@warga.test>\r\n"
        self.server.append(self.office, f"{head}{fields}\r\n{text}\r\n".encode())


class TestEmailSourceWithoutIdle(TestEmailSource):
    """A server that can't tell of new mail is asked for it."""

    @pytest.fixture(autouse=True)
    def without_idle(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from corong.channels.email.imap import Mailbox

        signs_in = Mailbox.open

        def open_without(mailbox: Mailbox) -> None:
            signs_in(mailbox)
            mailbox.capabilities -= {"IDLE"}

        monkeypatch.setattr(Mailbox, "open", open_without)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({}, "address,imap_host,password,smtp_host"),
        ({"address": "Dinas <dinas@asahan.test>"}, "address"),
        ({"imap_tls": "ssl"}, "imap_tls"),
        ({"smtp_port": 0}, "smtp_port"),
        ({"imap_prot": 143}, "imap_prot"),
        ({"password": ["rahasia"]}, "password"),
        ({"move_to": "INBOX"}, "move_to"),
    ],
)
def test_settings_that_cannot_work_are_named(settings: dict[str, object], field: str) -> None:
    whole = {"address": "dinas@asahan.test", "password": "rahasia", "imap_host": "surel", "smtp_host": "surel"}
    account = AccountConfig(id="surel", channel="email", settings=whole | settings if settings else {})
    for make in (channel.source, channel.sink):
        assert make is not None
        with pytest.raises(Permanent) as caught:
            make(account)
        assert caught.value.code == f"settings:{field}"
