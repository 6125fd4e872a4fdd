"""Both ends speak TLS, from the first byte on or after STARTTLS, and only with servers whose certificate holds."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from corong.channels.email import channel
from corong.channels.email.hands import Hands
from corong.channels.email.settings import Tls, settings_of
from corong_contracts.channel import AccountConfig, Outgoing, Transient
from corong_contracts.conformance.source_peer import Intake, MemoryCursor
from tests.channels.email import shapes
from tests.channels.email.tls import certificate, tls_front
from tests.channels.email.waiting import until
from tests.peers.mail import MailServer, mail_server

__all__ = ["mail_server"]
pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(params=["tls", "starttls"])
def account(mail_server: MailServer, pem: Path, request: pytest.FixtureRequest) -> Iterator[AccountConfig]:
    mode: Tls = request.param
    office = f"{uuid4().hex[:8]}@asahan.test"
    mail_server.add_mailbox(office, "rahasia")
    starttls = mode == "starttls"
    with (
        tls_front(mail_server.imap_port, pem, starttls="imap" if starttls else None) as imap_port,
        tls_front(mail_server.submission_port, pem, starttls="smtp" if starttls else None) as smtp_port,
    ):
        settings: dict[str, object] = {
            "address": office, "password": "rahasia", "ca_file": str(pem), "timeout_seconds": 5, "copy_to": office,
            "imap_host": "127.0.0.1", "imap_port": imap_port, "imap_tls": mode,
            "smtp_host": "127.0.0.1", "smtp_port": smtp_port, "smtp_tls": mode,
        }  # fmt: skip
        yield AccountConfig(id="surel", channel="email", settings=settings, domain="asahan.test")


async def test_mail_comes_and_goes(mail_server: MailServer, account: AccountConfig) -> None:
    office, intake = settings_of(account).address, Intake()
    mail_server.append(office, shapes.make("nested_multipart", 1, "siti@warga.test", office))
    assert channel.source is not None
    running = asyncio.create_task(channel.source(account).run(intake.hand_over, MemoryCursor()))
    try:
        for n in range(2, 6):  # each while the server holds the line open
            await until(lambda: len(intake.receipted) == n - 1)  # noqa: B023
            mail_server.append(office, shapes.make("plain", n, "siti@warga.test", office))
        await until(lambda: len(intake.receipted) == 5)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    assert channel.sink is not None
    sink, delivery = channel.sink(account), uuid4()
    carried = channel.carried(account, delivery)
    outgoing = Outgoing(delivery, 1, carried, "reply", "Kami periksa.", reply_to={"to": office})
    assert await sink.look_up(outgoing) is None
    sent = await sink.send(outgoing)
    await until(mail_server.queue_is_empty)
    assert await sink.look_up(outgoing) == sent


async def test_a_certificate_that_nobody_vouches_for_ends_the_talk(account: AccountConfig) -> None:
    settings = {name: value for name, value in account.settings.items() if name != "ca_file"}
    other = AccountConfig(id="surel", channel="email", settings=settings, domain="asahan.test")
    with pytest.raises(Transient, match="certificate"):
        async with Hands(settings_of(other)):
            pass
    assert channel.sink is not None
    outgoing = Outgoing(uuid4(), 1, "a@asahan.test", "reply", "Kami periksa.", reply_to={"to": "siti@warga.test"})
    with pytest.raises(Transient, match="tls"):
        await channel.sink(other).send(outgoing)
