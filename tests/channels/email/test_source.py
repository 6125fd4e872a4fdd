"""What the source does to a mailbox: nothing before the receipt, and afterwards what the settings say."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from corong.channels.email import channel
from corong.channels.email.imap import Fetched, Mailbox, Waiting
from corong.channels.email.inbound import TOO_LARGE, UNFETCHED
from corong_contracts.channel import AccountConfig, Permanent, Transient
from corong_contracts.conformance.source_peer import Intake, MemoryCursor
from tests.channels.email import shapes
from tests.channels.email.waiting import until
from tests.peers.mail import MailServer, mail_server

__all__ = ["mail_server"]
pytestmark = pytest.mark.peers

SITI = "siti@warga.test"


class Office:
    """A mailbox of the office, empty at first, and the hub's reading of it."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self.address = f"{uuid4().hex[:8]}@asahan.test"
        self.cursor = MemoryCursor()
        server.add_mailbox(self.address, "rahasia")

    def account(self, **more: object) -> AccountConfig:
        settings: dict[str, object] = {
            "address": self.address, "password": "rahasia", "own_marker": shapes.OWN_MARKER, "timeout_seconds": 5,
            "imap_host": "127.0.0.1", "imap_port": self.server.imap_port, "imap_tls": "none", "smtp_host": "127.0.0.1",
        }  # fmt: skip
        return AccountConfig(id="surel", channel="email", settings=settings | more, domain="asahan.test")

    def gets(self, name: str, n: int = 1, **more: Any) -> None:
        self.server.append(self.address, shapes.make(name, n, SITI, self.address, **more))

    @contextlib.asynccontextmanager
    async def read_by(self, intake: Intake, **settings: object) -> AsyncIterator[None]:
        assert channel.source is not None
        running = asyncio.create_task(channel.source(self.account(**settings)).run(intake.hand_over, self.cursor))
        try:
            yield
            assert not running.done()
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    async def read_all(self, intake: Intake, last: int, **settings: object) -> None:
        """Read until the mail with the UID `last` is done with."""
        async with self.read_by(intake, **settings):
            await until(lambda: self.done(last))

    def done(self, last: int) -> bool:
        return self.cursor.values.get("position:INBOX") == f"{self.server.uid_validity(self.address)}:{last}"

    def folder(self, name: str) -> list[bytes]:
        client = self.server.imap(self.address)
        try:
            if client.select(f'"{name}"', readonly=True)[0] != "OK":
                return []
            found = client.uid("SEARCH", "ALL")[1][0].split()
            return [client.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1][0][1] for uid in found]
        finally:
            client.logout()


@pytest.fixture
def office(mail_server: MailServer) -> Office:
    return Office(mail_server)


async def test_a_mail_is_marked_after_its_receipt_and_not_before(mail_server: MailServer, office: Office) -> None:
    intake = Intake()
    intake.hold("nomor 2 di")
    for n in (1, 2, 3):
        office.gets("plain", n)
    async with office.read_by(intake):
        await until(intake.has("nomor 2 di"))
        await until(lambda: "\\Seen" in mail_server.flags(office.address)[0])
        assert [flags for flags in mail_server.flags(office.address)[1:] if "\\Seen" in flags] == []
        assert office.done(1)
        intake.release("nomor 2 di")
        await until(lambda: all("\\Seen" in flags for flags in mail_server.flags(office.address)))
    assert [message.text[:20] for message in intake.offered] == [f"Lampu jalan nomor {n} " for n in (1, 2, 3)]


async def test_a_mail_is_moved_where_the_settings_say(mail_server: MailServer, office: Office) -> None:
    intake = Intake()
    for n in (1, 2):
        office.gets("plain", n)
    await office.read_all(intake, 2, move_to="Sudah diambil é")
    assert mail_server.mailbox(office.address) == []
    assert len(office.folder("Sudah diambil &AOk-")) == 2


async def test_new_uids_mean_that_everything_is_read_again(mail_server: MailServer, office: Office) -> None:
    intake = Intake()
    for n in (1, 2, 3):
        office.gets("plain", n)
    async with office.read_by(intake, idle_seconds=0.5):  # Dovecot says nothing by itself
        await until(lambda: len(intake.receipted) == 3)
        mail_server.raise_uid_validity(office.address)
        office.gets("plain", 4)
        await until(lambda: len(intake.receipted) == 7)
    first, again = intake.offered[:3], intake.offered[3:6]
    assert first == again
    assert len({message.native_id for message in intake.offered}) == 4


async def test_a_first_start_leaves_old_mail_alone_and_a_later_one_does_not(
    mail_server: MailServer, office: Office
) -> None:
    old = datetime.now(UTC) - timedelta(days=30)
    client = mail_server.imap(office.address)
    client.append("INBOX", "", old, shapes.make("plain", 1, SITI, office.address))
    client.logout()
    office.gets("plain", 2)
    intake = Intake()
    await office.read_all(intake, 2)
    assert [message.subject for message in intake.offered] == ["Lampu jalan 2"]
    # The hub was away for long, and the server gave new UIDs meanwhile: what came after the first start is read.
    office.cursor.values |= {"position:INBOX": "1:7", "since": str(old.date() - timedelta(days=1))}
    await office.read_all(intake, 2)
    assert [message.subject for message in intake.offered[1:]] == ["Lampu jalan 1", "Lampu jalan 2"]


async def test_of_a_mail_that_is_too_large_the_header_comes_and_it_stays_flagged(
    mail_server: MailServer, office: Office
) -> None:
    office.gets("big_attachment")
    office.gets("plain")
    intake = Intake()
    await office.read_all(intake, 2, max_mail_bytes=50_000, move_to="Arsip")
    large, _ = intake.offered
    assert (large.text, large.subject, large.attachments) == (TOO_LARGE, "Video", [])
    assert mail_server.flags(office.address) == [("\\Flagged", "\\Recent")] or mail_server.flags(office.address) == [
        ("\\Flagged",)
    ]


async def test_a_mail_that_the_server_does_not_give_is_shown_and_passed(
    mail_server: MailServer, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch: Callable[[Mailbox, Waiting], Fetched | None] = Mailbox.fetch

    def broken(mailbox: Mailbox, mail: Waiting) -> Fetched | None:
        if mail.uid == 1:
            raise Transient("imap_fetch")
        return fetch(mailbox, mail)

    monkeypatch.setattr(Mailbox, "fetch", broken)
    monkeypatch.setattr("corong.channels.email.source._back_off", lambda failures: 0.01)
    office.gets("plain", 1)
    office.gets("plain", 2)
    intake = Intake()
    await office.read_all(intake, 2)
    assert [message.text for message in intake.offered] == [UNFETCHED, intake.offered[1].text]
    assert "\\Flagged" in mail_server.flags(office.address)[0]


async def test_own_copies_are_passed_in_silence(mail_server: MailServer, office: Office) -> None:
    head = f"From: {office.address}\r\nMessage-ID: <corong.{uuid4()}@asahan.test>\r\n"
    mail_server.append(office.address, f"{head}X-Corong-Loop: {shapes.OWN_MARKER}\r\n\r\nJawaban.\r\n".encode())
    office.gets("plain")
    intake = Intake()
    await office.read_all(intake, 2, move_to="Arsip")
    assert len(intake.offered) == 1
    assert [raw[:5] for raw in mail_server.mailbox(office.address)] == [b"From:"]


async def test_what_an_officer_marked_as_deleted_stays(mail_server: MailServer, office: Office) -> None:
    office.gets("plain", 1)
    client = mail_server.imap(office.address)
    client.select("INBOX")
    client.store("1", "+FLAGS", "(\\Deleted)")
    client.shutdown()
    office.gets("plain", 2)
    intake = Intake()
    await office.read_all(intake, 2)
    assert len(mail_server.mailbox(office.address)) == 2


@pytest.mark.parametrize(("settings", "code"), [({"folder": "Tiada"}, "folder"), ({"user": "tiada"}, "login")])
async def test_what_can_never_be_opened_is_permanent(office: Office, settings: dict[str, object], code: str) -> None:
    assert channel.source is not None
    with pytest.raises(Permanent) as caught:
        await channel.source(office.account(**settings)).run(Intake().hand_over, office.cursor)
    assert caught.value.code == code


async def test_a_password_that_is_refused_later_is_tried_again(
    mail_server: MailServer, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Directories of users have bad moments; a source that has worked does not give up."""
    monkeypatch.setattr("corong.channels.email.source._back_off", lambda failures: 0.01)
    users = mail_server.folder / "users" / office.address
    entry = users.read_text()
    intake = Intake()
    office.gets("plain", 1)
    async with office.read_by(intake):
        await until(lambda: len(intake.receipted) == 1)
        users.write_text(entry.replace("rahasia", "lain"))
        mail_server.stop("imap")
        mail_server.start("imap")
        await until(lambda: "auth failed" in mail_server.log() or "Password mismatch" in mail_server.log())
        users.write_text(entry)
        office.gets("plain", 2)
        await until(lambda: len(intake.receipted) == 2)
