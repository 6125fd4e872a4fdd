"""The mail parser finds in every shape of mail what is in it, and survives whatever else the world sends."""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corong.channels.email.parse import MAX_REFERENCES, Flag, ParsedMail, parse
from tests.channels.email import shapes

SENDER, OFFICE = "siti@warga.test", "lapor@asahan.test"
SMALL = [name for name in shapes.names() if name != "big_attachment"]


def texts(thing: object) -> Iterator[str]:
    """All strings in a parsed mail."""
    if isinstance(thing, str):
        yield thing
    elif is_dataclass(thing):
        for item in fields(thing):
            yield from texts(getattr(thing, item.name))
    elif isinstance(thing, list | tuple | frozenset):
        for inner in thing:
            yield from texts(inner)


def check_sane(mail: ParsedMail) -> None:
    """What holds for every mail, whatever its bytes."""
    assert Flag.UNREADABLE not in mail.flags
    for text in texts(mail):
        assert "\0" not in text
        json.dumps(text, ensure_ascii=False).encode("utf-8")
    assert 0 < len(mail.message_id) <= 1000
    assert len(mail.references) <= MAX_REFERENCES
    assert len(mail.subject) <= 998
    assert "\n" not in mail.subject
    assert len(mail.sender.address) <= 320
    for file in mail.attachments:
        assert file.name
        assert "/" not in file.name
        assert len(file.name) <= 255
        assert len(file.media_type) <= 127
    cut = set(mail.fresh_text.split("\n")) | set(mail.quoted_text.split("\n"))
    lost = [line for line in mail.text.split("\n") if line.strip() and not {line, line.rstrip(), line.strip()} & cut]
    assert not lost


@pytest.mark.parametrize("name", shapes.names())
def test_each_shape_is_read_as_what_it_is(name: str) -> None:
    raw, expected = shapes.make(name, 7, SENDER, OFFICE), shapes.expect(name, 7, SENDER, OFFICE)
    mail = parse(raw, own_marker=shapes.OWN_MARKER)
    check_sane(mail)
    assert mail.fresh_text == expected.text
    assert mail.subject == expected.subject
    assert mail.nature == expected.nature
    assert [(a.name, a.media_type, a.content) for a in mail.attachments] == [
        (f.name, f.media_type, f.content) for f in expected.files
    ]
    assert mail.flags == expected.flags
    assert [(r.original_message_id, r.recipient, r.outcome, r.status) for r in mail.reports] == [
        (r.original_message_id, r.recipient, r.outcome, r.status) for r in expected.reports
    ]
    assert mail.sender.name == expected.sender_name
    assert mail.message_id == (expected.message_id or f"sha256-{mail.digest}")
    if expected.answers:
        assert mail.thread[0] == expected.answers
    for piece in expected.quoted:
        assert piece in mail.quoted_text
    assert bool(expected.quoted) == bool(mail.quoted_text)
    if expected.nature != "bounce":
        assert mail.sender.address == SENDER


def test_there_are_shapes_of_every_fate_and_each_mail_is_its_own() -> None:
    expected = [shapes.expect(name, 1, SENDER, OFFICE) for name in SMALL]
    assert {item.becomes for item in expected} == {"case", "follow_up", "bounce", "ignored", "duplicate"}
    assert len(SMALL) >= 24
    ids = [item.message_id for item in expected if item.message_id and not item.same_as]
    assert len(set(ids)) == len(ids)
    for name in SMALL:
        assert shapes.make(name, 1, SENDER, OFFICE) == shapes.make(name, 1, SENDER, OFFICE)
        if not shapes.expect(name, 1, SENDER, OFFICE).same_as:
            assert shapes.make(name, 1, SENDER, OFFICE) != shapes.make(name, 2, SENDER, OFFICE)


@pytest.mark.parametrize("name", SMALL)
def test_line_ends_and_what_servers_put_on_top_change_nothing(name: str) -> None:
    raw = shapes.make(name, 3, SENDER, OFFICE)
    trace = b"Return-Path: <siti@warga.test>\r\nDelivered-To: lapor@asahan.test\r\nReceived: from a\r\n\tby b; c\r\n"
    plain, bare, topped = parse(raw), parse(raw.replace(b"\r\n", b"\n")), parse(trace + raw)
    for other in (bare, topped):
        assert (other.fresh_text, other.quoted_text, other.subject) == (
            plain.fresh_text,
            plain.quoted_text,
            plain.subject,
        )
        assert (other.nature, other.sender, other.thread) == (plain.nature, plain.sender, plain.thread)
    assert topped.return_path == "siti@warga.test"


@given(st.binary(max_size=3000))
def test_any_bytes_are_survived(raw: bytes) -> None:
    check_sane(parse(raw))


FRAGMENTS = rb"""
--a|--a--|=?|?=|=?utf-8?b?|<|>|"|Content-Type: |multipart/mixed; boundary=a|message/rfc822|message/delivery-status
|text/html|charset=undefined|charset=idna|charset*=x''%ff|charset=utf-7|name*99999=a|Content-Transfer-Encoding: base64
|boundary*=undefined''a|References: |From: |Date: Thu, 99|Content-Transfer-Encoding: x-uuencode
|+2AA-|multipart/report; |format=flowed|> |From: a|Sent: b|To: c
"""
PIECES = st.sampled_from(
    [b"\n", b"\r\n\r\n", b"\0", b"charset=\0", b"\xff\xfe", b"\xed\xa0\x80", *FRAGMENTS.split(b"|")]
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SMALL), st.data())
def test_damaged_mails_are_survived(name: str, data: st.DataObject) -> None:
    raw = shapes.make(name, 5, SENDER, OFFICE)
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(len(raw), start + 40)))
        raw = raw[:start] + data.draw(PIECES | st.binary(max_size=8)) + raw[end:]
    check_sane(parse(raw))


@given(st.lists(PIECES, max_size=60))
def test_heaps_of_fragments_are_survived(pieces: list[bytes]) -> None:
    check_sane(parse(b"".join(pieces)))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"From: a@b.test\nContent-Type: text/plain; charset=undefined\n\n\xff\n",
        b"Content-Type: multipart/mixed; boundary*=undefined''a\n\n--a\n\nx\n",
        b"Content-Type: multipart/mixed\n\n--a\n\nx\n",
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(1500)),
        b"Content-Type: message/rfc822\n\n" * 2000,
        b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n\nx\n" * 5000,
        b"To: " + b"(" * 100_000 + b"\n\nx\n",
        b"Content-Type: " + b"(" * 100_000 + b"\n\nx\n",
        b"Subject: " + b"=?utf-8?q?" * 30_000 + b"\n\nx\n",
        b"Content-Type: text/html\n\n" + b"<div>" * 200_000,
        b"Content-Type: text/html\n\n" + b"<" * 500_000,
        b"Subject: Re: x\n\n" + b"On a b c " * 50_000,
        b"Subject: Re: x\n\n" + b"Pada 10.10\n" * 50_000,
    ],
    ids=lambda raw: raw[:30].decode("latin-1"),
)
def test_hostile_mails_take_no_more_than_their_length(raw: bytes) -> None:
    """Each would take minutes, or raise, in a reader that recurses or goes back; the run's time limit is the judge."""
    check_sane(parse(raw))


def test_who_wrote_in_doubt_is_a_person() -> None:
    person = b"From: siti@warga.test\nAuto-Submitted: no\nX-Auto-Response-Suppress: OOF\nPrecedence: first-class\n\nx\n"
    assert parse(person).nature == "person"
    assert parse(b"Return-Path: <>\n" + person).nature == "auto_reply"
    assert parse(b"X-Loop: lain\n" + person, own_marker="kami").nature == "person"
    assert parse(b"X-Loop: kami\n" + person, own_marker="kami").nature == "own"
    assert parse(b"X-Loop:\n" + person).nature == "person"


def test_of_two_senders_the_first_counts_and_the_doubt_is_told() -> None:
    mail = parse(b"From: a@x.test\nFrom: b@x.test\n\nx\n")
    assert mail.sender.address == "a@x.test"
    assert Flag.SENDER_GUESSED in mail.flags
    assert parse(b"Return-Path: <c@x.test>\nFrom: rusak\n\nx\n").sender.address == "c@x.test"


def test_a_report_on_several_recipients_is_several_reports() -> None:
    raw = (
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=a\n\n--a\n\nGagal\n--a\n"
        b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\nOriginal-Envelope-Id: kirim-1\n\n"
        b"Final-Recipient: rfc822; a@x.test\nAction: failed\nStatus: 5.1.1\n\n"
        b"Final-Recipient: rfc822; b@x.test\nAction: delivered\nStatus: 2.0.0\n\n--a--\n"
    )
    a, b = parse(raw).reports
    assert (a.recipient, a.outcome, a.permanent, a.envelope_id) == ("a@x.test", "failed", True, "kirim-1")
    assert (b.recipient, b.outcome, b.permanent) == ("b@x.test", "delivered", False)
    assert a.original_message_id == ""
