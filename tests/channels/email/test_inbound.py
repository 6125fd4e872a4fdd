"""A mail as intake gets it: known by its id and sender, in its thread, never without what it said."""

import pytest

from corong.channels.email import ids
from corong.channels.email.body import MAX_PARTS
from corong.channels.email.imap import Fetched
from corong.channels.email.inbound import TOO_LARGE, Reader
from corong.channels.email.parse import ParsedMail
from corong_contracts.channel import MAX_TEXT, AccountConfig, InboundMessage
from tests.channels.email import shapes

OFFICE, SITI, BUDI = "lapor@asahan.test", "siti@warga.test", "budi@warga.test"
DELIVERY = "00000000-0000-0000-0000-000000000007"
OURS = f"corong.{DELIVERY}@asahan.test"
READER = Reader(AccountConfig(id="surel", channel="email", domain="asahan.test"), OFFICE, shapes.OWN_MARKER)


def read(raw: bytes, *, whole: bool = True) -> InboundMessage:
    message = READER.read(Fetched(raw, whole))
    assert message is not None
    return message


def mail(fields: str, text: str = "Lampu mati.") -> bytes:
    return f"From: {SITI}\r\nMessage-ID: <a@warga.test>\r\n{fields}\r\n{text}\r\n".encode()


@pytest.mark.parametrize("name", shapes.names())
def test_every_shape_is_what_it_should_be(name: str) -> None:
    expected = shapes.expect(name, 5, SITI, OFFICE, answers=OURS)
    message = read(shapes.make(name, 5, SITI, OFFICE, answers=OURS))
    assert (message.text, message.subject, message.nature) == (expected.text, expected.subject, expected.nature)
    assert message.sender.name == expected.sender_name
    assert [(file.name, file.media_type, file.content) for file in message.attachments] == [
        (file.name, file.media_type, file.content) for file in expected.files
    ]
    assert all(piece in message.quoted for piece in expected.quoted)
    if expected.answers:
        assert expected.answers in message.thread
    assert [(report.native_id, report.outcome, report.code) for report in message.reports] == [
        (OURS, report.outcome, report.status) for report in expected.reports
    ]
    again = read(shapes.make(name, 5, SITI, OFFICE, answers=OURS))
    assert again == message
    assert InboundMessage.model_validate_json(message.model_dump_json()) == message


def test_a_strangers_use_of_an_id_is_another_message() -> None:
    first, stranger = shapes.make("plain", 1, SITI, OFFICE), shapes.make("plain", 1, SITI, OFFICE)
    stranger = stranger.replace(b"Siti Aminah <siti@", b"Budi <budi@")
    assert read(first).native_id == read(first.replace(b"siti@warga.test>", b"siti@WARGA.test>")).native_id
    assert read(first).native_id != read(stranger).native_id


def test_a_mail_without_an_id_that_is_delivered_twice_is_one() -> None:
    raw = shapes.make("no_message_id", 1, SITI, OFFICE)
    first, again = b"Received: by a; 1\r\n" + raw, b"Received: by b; 2\r\n" + raw
    assert read(first).native_id == read(again).native_id
    assert read(first).native_id != read(raw.replace(b"09:01:33", b"09:01:34")).native_id
    assert read(first).native_id != read(raw.replace(b"Mohon", b"Tolong")).native_id
    undated = b"\r\n".join(line for line in raw.split(b"\r\n") if not line.startswith(b"Date:"))
    assert read(undated).native_id != read(b"Received: by b; 2\r\n" + undated).native_id


def test_a_thread_names_mails_of_the_sender_and_of_others() -> None:
    message = read(mail(f"In-Reply-To: <{OURS}>\r\nReferences: <satu@warga.test> <{OURS}>\r\n"))
    assert message.thread == [
        ids.native_id(OURS, SITI),
        OURS,
        ids.native_id("satu@warga.test", SITI),
        "satu@warga.test",
        "a@warga.test",  # by this a mail of somebody else that names it finds its conversation
    ]
    many = read(shapes.make("many_references", 1, SITI, OFFICE, answers=OURS))
    assert len(many.thread) == 64
    assert many.thread[:2] == [ids.native_id(OURS, SITI), OURS]


def test_an_answer_goes_where_the_sender_asked_for_it() -> None:
    assert read(mail("")).reply_to == {"to": SITI, "message_id": "a@warga.test"}
    assert read(mail(f"Reply-To: Budi <{BUDI}>, lain@warga.test\r\n")).reply_to["to"] == BUDI
    for unwise in (OFFICE.upper(), "bukan alamat", "", f"<{OFFICE}>"):
        assert read(mail(f"Reply-To: {unwise}\r\n")).reply_to["to"] == SITI
    answered = read(mail("In-Reply-To: <satu@warga.test>\r\n"))
    assert answered.reply_to["references"] == "satu@warga.test"
    long = " ".join(f"<{number:0>200}@warga.test>" for number in range(60))
    kept = read(mail(f"References: {long}\r\n")).reply_to["references"]
    assert len(kept) <= 2000
    assert kept.split()[0].startswith("0" * 200 + "@")
    assert kept.split()[-1].startswith("0" * 198 + "59@")
    assert "message_id" not in read(shapes.make("no_message_id", 1, SITI, OFFICE)).reply_to
    assert read(shapes.make("mailing_list", 1, SITI, OFFICE)).reply_to["automatic"] == "list"


def test_mails_without_a_sender_are_nobodys_common_conversation() -> None:
    first, second = read(b"Subject: satu\r\n\r\nx"), read(b"Subject: dua\r\n\r\nx")
    assert first.sender.address != second.sender.address
    assert "to" not in first.reply_to
    assert "@" not in first.sender.address


def test_copies_of_our_own_mails_say_nothing_new() -> None:
    def copy(sender: str, message_id: str, marker: str = shapes.OWN_MARKER) -> bytes:
        return f"From: {sender}\r\nMessage-ID: <{message_id}>\r\nX-Corong-Loop: {marker}\r\n\r\nx\r\n".encode()

    assert READER.read(Fetched(copy(OFFICE, OURS), True)) is None
    assert READER.read(Fetched(copy(OFFICE, f"corong.copy.{DELIVERY}@asahan.test"), True)) is None
    for other in (
        copy(SITI, OURS),
        copy(OFFICE, "a@asahan.test"),
        copy(OFFICE, f"corong.{DELIVERY}@lain.test"),
    ):
        assert read(other).nature == "own"
    assert read(copy(OFFICE, OURS, "lain")).nature == "person"


def test_reports_on_mails_of_others_are_not_for_the_log() -> None:
    raw = shapes.make("bounce", 1, SITI, OFFICE, answers="rahasia@warga.test")
    assert read(raw).reports == []
    raw = raw.replace(b"Message-ID: <rahasia@warga.test>\r\n", b"").replace(
        b"Reporting-MTA:", f"Original-Envelope-Id: {DELIVERY}\r\nReporting-MTA:".encode()
    )
    assert [report.native_id for report in read(raw).reports] == [OURS]


def test_what_is_left_out_comes_with_the_whole_mail() -> None:
    many = "".join(f"--a\r\nContent-Disposition: attachment\r\n\r\n{number}\r\n" for number in range(30))
    raw = mail('Content-Type: multipart/mixed; boundary="a"\r\n', f"{many}--a--")
    files = read(raw).attachments
    assert [file.content for file in files[:3]] == [b"0", b"1", b"2"]
    assert (len(files), files[-1].media_type, files[-1].content) == (20, "message/rfc822", raw)
    parts = "--a\r\n\r\n\r\n" * (MAX_PARTS + 5)
    raw = mail('Content-Type: multipart/mixed; boundary="a"\r\n', f"{parts}--a\r\n\r\nakhir\r\n--a--")
    assert read(raw).attachments[-1].content == raw


def test_a_mail_that_nobody_can_read_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from corong.channels.email import parse

    def fails(*_: object) -> ParsedMail:
        raise ValueError

    monkeypatch.setattr(parse, "_parse", fails)
    raw = mail("")
    message = read(raw)
    assert (message.nature, message.attachments[0].content) == ("person", raw)
    assert "terlampir" in message.text


def test_long_texts_are_cut_to_what_the_broker_takes_and_come_whole() -> None:
    for text in ("🌊" * (MAX_TEXT + 10), '🌊"' * 50_000, "> " + "kutipan " * 20_000):
        message = read(mail("In-Reply-To: <b@warga.test>\r\n", f"{text}\r\nSampai di sini."))
        assert len(message.model_copy(update={"attachments": []}).model_dump_json().encode()) < 700_000
        assert len(message.text) <= MAX_TEXT
        whole = message.attachments[0].content
        assert whole is not None
        assert whole.decode().endswith("Sampai di sini.")


def test_of_a_mail_that_is_too_large_the_header_counts() -> None:
    message = read(mail("Subject: Video\r\n", ""), whole=False)
    assert (message.text, message.subject, message.sender.address) == (TOO_LARGE, "Video", SITI)
    assert message.native_id == read(mail("Subject: Video\r\n")).native_id
