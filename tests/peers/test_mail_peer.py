"""The mail server for tests does what a real provider does; else the e-mail channel's tests would prove nothing."""

import contextlib
import imaplib
import os
import select
import shutil
import signal
import smtplib
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.peers.mail import HOST, MailServer, mail_server

__all__ = ["mail_server"]
pytestmark = pytest.mark.peers

OFFICE = "lapor@asahan.test"
MAIL = b"From: Siti <siti@warga.test>\nTo: lapor@asahan.test\nSubject: Lampu jalan\n\nLampu di Jl. Cokro mati.\n"


@pytest.fixture
def server() -> MailServer:
    return MailServer([(OFFICE, "rahasia"), ("siti@warga.test", "melati")])


def test_a_mail_goes_in_by_smtp_and_out_by_imap_unchanged_and_unmarked(mail_server: MailServer) -> None:
    mail_server.add_mailbox("utuh@asahan.test", "rahasia")
    odd = b"Subject: =?x?=\r\nX-Odd: \xe9\xff\r\n\r\n.dot\r\n" + b"\x80\xfe" * 2000 + b"\r\n"
    mail_server.inject(odd, "siti@warga.test", "utuh@asahan.test")
    (raw,) = mail_server.wait_for("utuh@asahan.test", 1)
    assert raw.endswith(odd)
    trace = raw.removesuffix(odd)
    assert b"Return-Path: <siti@warga.test>" in trace
    assert b"Message-ID" not in raw
    assert mail_server.mailbox("utuh@asahan.test") == [raw]
    assert "\\Seen" not in mail_server.flags("utuh@asahan.test")[0]


def test_an_unknown_recipient_comes_back_as_a_delivery_status_notification(mail_server: MailServer) -> None:
    mail_server.add_mailbox("pengirim@asahan.test", "rahasia")
    marked = b"Message-ID: <jawaban-1@asahan.test>\n" + MAIL
    mail_server.inject(marked, "pengirim@asahan.test", "tiada@warga.test")
    (bounce,) = mail_server.wait_for("pengirim@asahan.test", 1)
    assert bounce.startswith(b"Return-Path: <>")
    for part in (b"report-type=delivery-status", b"Action: failed", b"Status: 5.1.1", b"<jawaban-1@asahan.test>"):
        assert part in bounce


def test_a_bounce_of_a_bounce_is_dropped(mail_server: MailServer) -> None:
    mail_server.add_mailbox("akhir@asahan.test", "rahasia")
    mail_server.inject(MAIL, "", "tiada@asahan.test")
    mail_server.inject(MAIL, "tiada@asahan.test", "juga-tiada@asahan.test")
    mail_server.inject(MAIL, "", "akhir@asahan.test")
    (only,) = mail_server.wait_for("akhir@asahan.test", 1)
    assert b"Lampu" in only


def test_idle_tells_of_a_new_mail(mail_server: MailServer) -> None:
    mail_server.add_mailbox("siaga@asahan.test", "rahasia")
    client = mail_server.imap("siaga@asahan.test")
    try:
        assert "IDLE" in client.capabilities
        client.select("INBOX")
        client.send(b"x1 IDLE\r\n")
        assert client.readline().startswith(b"+ idling")
        mail_server.inject(MAIL, "siti@warga.test", "siaga@asahan.test")
        assert select.select([client.sock], [], [], 20)[0]
        assert b"1 EXISTS" in client.readline()
    finally:
        client.shutdown()


def test_signing_in_needs_the_password(mail_server: MailServer) -> None:
    mail_server.add_mailbox("kunci@asahan.test", "benar")
    with imaplib.IMAP4(HOST, mail_server.imap_port) as client, pytest.raises(imaplib.IMAP4.error):
        client.login("kunci@asahan.test", "salah")
    with smtplib.SMTP(HOST, mail_server.submission_port) as smtp:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.sendmail("kunci@asahan.test", "kunci@asahan.test", MAIL)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login("kunci@asahan.test", "salah")
        smtp.login("kunci@asahan.test", "benar")
        smtp.sendmail("kunci@asahan.test", "kunci@asahan.test", MAIL)
    assert b"Lampu" in mail_server.wait_for("kunci@asahan.test", 1)[0]


def test_the_size_limit_is_announced_enforced_and_can_change(server: MailServer) -> None:
    with server:
        server.inject(MAIL + b"x" * 50_000, "siti@warga.test", OFFICE)
        server.set_size_limit(20_000)
        with smtplib.SMTP(HOST, server.smtp_port) as smtp:
            smtp.ehlo()
            assert smtp.esmtp_features["size"] == "20000"
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            server.inject(MAIL + b"x" * 50_000, "siti@warga.test", OFFICE)
        assert refused.value.smtp_code == 552
        assert len(server.wait_for(OFFICE, 1)) == 1


def test_mail_taken_while_the_mailboxes_are_away_arrives_after_their_return(server: MailServer) -> None:
    with server:
        server.inject(MAIL, "siti@warga.test", OFFICE)
        server.wait_for(OFFICE, 1)
        (server.folder / "mail" / OFFICE / "dovecot-uidlist.lock").touch()  # as one that was killed may leave it
        server.stop("imap", crash=True)
        with pytest.raises(OSError):
            server.imap(OFFICE)
        server.inject(MAIL, "siti@warga.test", OFFICE)
        server.start("imap")
        assert len(server.wait_for(OFFICE, 2)) == 2
        server.stop()
        server.start()
        assert len(server.mailbox(OFFICE)) == 2


def test_a_mailbox_made_anew_has_a_higher_uidvalidity_and_the_same_mails(mail_server: MailServer) -> None:
    mail_server.add_mailbox("pindah@asahan.test", "rahasia")
    for n in range(3):
        mail_server.inject(b"X-N: %d\n" % n + MAIL, "siti@warga.test", "pindah@asahan.test")
        before = mail_server.wait_for("pindah@asahan.test", n + 1)
    was = mail_server.uid_validity("pindah@asahan.test")
    higher = mail_server.raise_uid_validity("pindah@asahan.test")
    assert higher > was
    assert mail_server.uid_validity("pindah@asahan.test") == higher
    assert mail_server.mailbox("pindah@asahan.test") == before
    client = mail_server.imap("pindah@asahan.test")
    client.select("INBOX", readonly=True)
    assert client.uid("SEARCH", "ALL") == ("OK", [b"1 2 3"])
    client.logout()


def test_nothing_of_it_outlives_a_killed_test(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(
        "import time\nfrom tests.peers.mail import MailServer\n"
        "server = MailServer([('a@asahan.test', 'x')]).__enter__()\n"
        "server.inject(b'Subject: x\\n\\n', 'a@asahan.test', 'a@asahan.test'); server.wait_for('a@asahan.test', 1)\n"
        "print(server.folder, flush=True)\ntime.sleep(600)\n"
    )
    root = Path(__file__).resolve().parents[2]
    test = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(root)}
    )
    assert test.stdout is not None
    folder = test.stdout.readline().decode().strip()
    assert len(_processes_in(folder)) >= 4
    test.send_signal(signal.SIGKILL)
    test.wait()
    deadline = time.monotonic() + 20
    while left := _processes_in(folder):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
    shutil.rmtree(folder)


def _processes_in(folder: str) -> list[str]:
    """The processes that name the folder in their command, environment or working directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            texts = [(process / name).read_bytes() for name in ("cmdline", "environ")]
            texts.append(os.readlink(process / "cwd").encode())
            if any(folder.encode() in text for text in texts):
                found.append(process.name)
    return found
