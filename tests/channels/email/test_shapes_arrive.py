"""Every shape of mail goes through a real Postfix and Dovecot and is read there as it was before."""

import pytest

from corong.channels.email.parse import ParsedMail, parse
from tests.channels.email import shapes
from tests.peers.mail import MailServer, mail_server

__all__ = ["mail_server"]
pytestmark = pytest.mark.peers

SENDER, OFFICE = "siti@warga.test", "lapor@asahan.test"


def facts(mail: ParsedMail) -> dict[str, object]:
    """What a mail says, without what is new in each delivery."""
    derived = mail.message_id.removesuffix(mail.digest) == "sha256-"
    return vars(mail) | {"digest": "", "return_path": None, "message_id": "" if derived else mail.message_id}


def test_each_shape_arrives(mail_server: MailServer) -> None:
    mail_server.add_mailbox(OFFICE, "rahasia")
    for name in shapes.names():
        raw = shapes.make(name, 11, SENDER, OFFICE)
        mail_server.inject(b"X-Shape: " + name.encode() + b"\r\n" + raw, shapes.envelope_sender(name, SENDER), OFFICE)
    arrived = mail_server.wait_for(OFFICE, len(shapes.names()), timeout=60)
    found = {raw.partition(b"X-Shape: ")[2].partition(b"\r\n")[0].decode(): raw for raw in arrived}
    assert sorted(found) == sorted(shapes.names())
    for name, raw in found.items():
        sent = parse(shapes.make(name, 11, SENDER, OFFICE), own_marker=shapes.OWN_MARKER)
        assert facts(parse(raw, own_marker=shapes.OWN_MARKER)) == facts(sent), name


def test_a_bounce_of_this_server_is_read(mail_server: MailServer) -> None:
    mail_server.add_mailbox("balasan@asahan.test", "rahasia")
    raw = shapes.make("plain", 12, "balasan@asahan.test", "tiada@warga.test")
    mail_server.inject(raw, "balasan@asahan.test", "tiada@warga.test")
    mail = parse(mail_server.wait_for("balasan@asahan.test", 1)[0])
    (report,) = mail.reports
    assert mail.nature == "bounce"
    assert mail.return_path == ""
    assert report.original_message_id == shapes.expect("plain", 12, "balasan@asahan.test", "").message_id
    assert (report.recipient, report.outcome, report.status) == ("tiada@warga.test", "failed", "5.1.1")
    assert report.permanent
