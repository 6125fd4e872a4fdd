"""What became of a mail, at every point at which its line to the server can break; and what the server got to see."""

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from corong.channels.email import channel
from corong.channels.email.parse import parse
from corong.channels.email.sink import EmailSink
from corong_contracts.channel import AccountConfig, Outgoing, Permanent, SendError, Sent, Transient, Unknown
from tests.channels.email.line import SmtpLine, Trouble
from tests.channels.email.waiting import until
from tests.peers.mail import MailServer, mail_server

__all__ = ["mail_server"]
pytestmark = pytest.mark.peers

OFFICE, CITIZEN = "jawab@asahan.test", "wati@warga.test"


@pytest.fixture
def line(mail_server: MailServer) -> Iterator[SmtpLine]:
    mail_server.add_mailbox(OFFICE, "rahasia")
    mail_server.add_mailbox(CITIZEN, "rahasia")
    with SmtpLine(mail_server.smtp_port) as line:
        yield line


@pytest.fixture
def account(mail_server: MailServer, line: SmtpLine) -> AccountConfig:
    settings = {
        "address": OFFICE, "password": "rahasia", "copy_to": OFFICE, "copy_seconds": 5, "timeout_seconds": 2,
        "imap_host": "127.0.0.1", "imap_port": mail_server.imap_port, "imap_tls": "none",
        "smtp_host": "127.0.0.1", "smtp_port": line.port, "smtp_tls": "none", "smtp_user": "",
    }  # fmt: skip
    return AccountConfig(id="surel", channel="email", settings=settings, domain="asahan.test")


def with_settings(account: AccountConfig, **settings: object) -> AccountConfig:
    return replace(account, settings={**account.settings, **settings})


def sink_of(account: AccountConfig) -> EmailSink:
    assert channel.sink is not None
    sink = channel.sink(account)
    assert isinstance(sink, EmailSink)
    return sink


def outgoing(account: AccountConfig, text: str = "Jawaban kami.", **more: Any) -> Outgoing:
    delivery = uuid4()
    reply_to = {"to": CITIZEN}
    given: dict[str, Any] = {"kind": "reply", "reply_to": reply_to} | more
    carried = channel.carried(account, delivery)
    return Outgoing(delivery_id=delivery, fence=1, carried=carried, text=text, **given)


@pytest.mark.parametrize(
    ("trouble", "kind", "code", "taken"),
    [
        ("closing", Transient, "smtp_4.3.2", False),
        ("recipient_for_good", Permanent, "smtp_5.1.1", False),
        ("recipient_for_now", Transient, "smtp_4.2.1", False),
        ("silence_at_data", Transient, "time_out", False),
        ("cut_at_data", Transient, "broken_off", False),
        ("cut_in_text", Transient, "broken_off", False),
        ("mail_for_good", Permanent, "smtp_5.7.1", False),
        ("mail_for_now", Transient, "smtp_4.3.1", False),
        ("silence", Unknown, "time_out", True),
        ("cut", Unknown, "broken_off", True),
        ("nonsense", Unknown, "unreadable_answer", True),
        ("lost", Unknown, "broken_off", False),
    ],
)
async def test_each_break_says_whether_the_mail_went_out(
    mail_server: MailServer, line: SmtpLine, account: AccountConfig, trouble: Trouble, kind: type[SendError], code: str,
    taken: bool,
) -> None:  # fmt: skip
    # Where it is cut before its end, a text so long (12 MB as it is sent) that no buffer on the way holds it.
    text = "🙏" * 1_000_000 if trouble == "cut_in_text" else "Kami periksa."
    sink = sink_of(with_settings(account, max_text=1_000_000))
    delivery = outgoing(account, text)
    line.trouble = trouble
    with pytest.raises(SendError) as caught:
        await sink.send(delivery)
    assert type(caught.value) is kind
    assert caught.value.code == code
    line.trouble = "none"
    assert (await sink.look_up(delivery) is not None) is taken
    assert any(delivery.carried.encode() in raw for raw in mail_server.mailbox(CITIZEN)) is taken


async def test_who_knows_no_such_server_or_password_may_try_again(
    mail_server: MailServer, account: AccountConfig, free_port: int
) -> None:
    for settings, code in (
        ({"smtp_port": free_port}, "unreachable"),
        ({"smtp_host": "tiada.invalid"}, "unreachable"),
        ({"smtp_port": mail_server.submission_port, "smtp_user": OFFICE, "smtp_password": "salah"}, "login"),
        ({"smtp_tls": "starttls"}, "unreachable"),
        ({"smtp_tls": "tls"}, "tls|unreachable"),
    ):
        sink = sink_of(with_settings(account, **settings))
        with pytest.raises(Transient) as caught:
            await sink.send(outgoing(account))
        assert caught.value.code in code.split("|"), settings


async def test_what_can_never_be_sent_is_refused_before_the_server_is_asked(
    mail_server: MailServer, line: SmtpLine, account: AccountConfig
) -> None:
    sink = sink_of(account)
    for given, code in (
        (outgoing(account, kind="post"), "no_posts"),
        (outgoing(account, kind="receipt", reply_to={"to": CITIZEN, "automatic": "list"}), "robot"),
        (outgoing(account, reply_to={}), "no_recipient"),
        (outgoing(account, reply_to={"address": "unknown-0123456789abcdef"}), "no_recipient"),
        (outgoing(account, reply_to={"to": f"{CITIZEN}>\r\nRCPT TO:<lain@warga.test"}), "no_recipient"),
        (outgoing(account, reply_to={"to": "siti@" + "é" * 80 + ".test"}), "no_recipient"),
    ):
        with pytest.raises(Permanent) as caught:
            await sink.send(given)
        assert caught.value.code == code
    assert line.mails == 0


async def test_the_servers_own_size_holds(mail_server: MailServer, line: SmtpLine, account: AccountConfig) -> None:
    before = mail_server.size_limit
    mail_server.set_size_limit(20_000)
    try:
        with pytest.raises(Permanent, match="too_long"):
            await sink_of(account).send(outgoing(account, "x" * 19_900))
        assert line.mails == 0
        await sink_of(account).send(outgoing(account, "x" * 15_000))
    finally:
        mail_server.set_size_limit(before)


async def test_reports_are_asked_for_the_citizens_mail_alone(line: SmtpLine, account: AccountConfig) -> None:
    delivery = outgoing(account)
    await sink_of(account).send(delivery)
    begun, citizen, copy = line.commands
    assert begun.startswith(f"MAIL FROM:<{OFFICE}> SIZE=")
    assert begun.endswith(f"RET=HDRS ENVID={delivery.delivery_id}")
    assert citizen == f"RCPT TO:<{CITIZEN}> NOTIFY=FAILURE,DELAY"
    assert copy == f"RCPT TO:<{OFFICE}> NOTIFY=NEVER"


async def test_a_bounce_of_a_real_server_names_the_delivery(mail_server: MailServer, account: AccountConfig) -> None:
    delivery = outgoing(account, reply_to={"to": "tiada@warga.test"})
    await sink_of(account).send(delivery)

    def reports() -> list[str]:
        mails = [parse(raw) for raw in mail_server.mailbox(OFFICE)]
        return [report.original_message_id for mail in mails for report in mail.reports]

    await until(lambda: delivery.carried in reports())


async def test_the_probe_for_a_look_up_leaves_nothing_behind(mail_server: MailServer, account: AccountConfig) -> None:
    await until(mail_server.queue_is_empty)
    before = mail_server.mailbox(OFFICE)
    assert await sink_of(account).look_up(outgoing(account)) is None
    assert mail_server.mailbox(OFFICE) == before


async def test_absent_is_not_said_while_no_mail_comes(mail_server: MailServer, account: AccountConfig) -> None:
    """The queue stands still: a copy may be in it."""
    sink = sink_of(with_settings(account, copy_to="tiada@asahan.test", copy_seconds=0.3))
    with pytest.raises(Unknown, match="no_mail_comes"):
        await sink.look_up(outgoing(account))


async def test_a_copy_is_found_in_whichever_folder_it_lies(mail_server: MailServer, account: AccountConfig) -> None:
    client = mail_server.imap(OFFICE)
    client.create('"Sampah &AOk-"')
    delivery = outgoing(account)
    client.append('"Sampah &AOk-"', "", "", f"Message-ID: <{delivery.carried}>\r\n\r\nx\r\n".encode())
    client.logout()
    assert await sink_of(account).look_up(delivery) == Sent(native_id=delivery.carried)


async def test_no_more_mails_at_once_than_the_server_is_to_bear(line: SmtpLine, account: AccountConfig) -> None:
    sink = sink_of(with_settings(account, connections=2))
    await asyncio.gather(*(sink.send(outgoing(account)) for _ in range(8)))
    assert (line.mails, line.most_at_once) == (8, 2)


async def test_a_robot_that_hides_gets_no_endless_receipts(line: SmtpLine, account: AccountConfig) -> None:
    sink = sink_of(with_settings(account, receipts_per_hour=2))
    for _ in range(2):
        await sink.send(outgoing(account, kind="receipt"))
    with pytest.raises(Permanent, match="too_many_receipts"):
        await sink.send(outgoing(account, kind="receipt", reply_to={"to": CITIZEN.upper()}))
    await sink.send(outgoing(account, kind="receipt", reply_to={"to": OFFICE}))
    await sink.send(outgoing(account))
    assert line.mails == 4


def test_certificates_are_checked(account: AccountConfig) -> None:
    from corong.channels.email.settings import settings_of

    context = settings_of(account).context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    with pytest.raises(Permanent, match="settings:ca_file"):
        settings_of(with_settings(account, ca_file="/tiada.pem")).context()
