"""Mails of ours as others must read them: the thread, the subject, the words, and that a machine wrote a receipt."""

from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import default
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corong.channels.email.compose import compose
from corong.channels.email.parse import parse
from corong_contracts.channel import Outgoing, OutgoingFile

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DELIVERY = UUID(int=7)
OURS = "corong.00000000-0000-0000-0000-000000000009@asahan.test"


def composed(**more: Any) -> bytes:
    given_all: dict[str, Any] = {"kind": "reply", "text": "Kami periksa."} | more
    carried = f"corong.{DELIVERY}@asahan.test"
    return compose(
        Outgoing(delivery_id=DELIVERY, fence=1, carried=carried, **given_all),
        address="lapor@asahan.test",
        name="Dinas PUPR – Asahan",
        to="siti@warga.test",
        domain="asahan.test",
        marker="corong-uji",
        now=NOW,
    )


def test_a_reply_stands_in_the_citizens_thread() -> None:
    long = "x" * 100 + "@mail.warga.test"
    reply_to = {"message_id": long, "references": "satu@warga.test dua@warga.test"}
    raw = composed(subject="Re: Lampu [PD/2026/000007]", reply_to=reply_to)
    mail = parse(raw)
    assert mail.message_id == f"corong.{DELIVERY}@asahan.test"
    assert (mail.in_reply_to, mail.references) == (long, ("satu@warga.test", "dua@warga.test", long))
    assert (mail.subject, mail.text, mail.date) == ("Re: Lampu [PD/2026/000007]", "Kami periksa.", NOW)
    assert (mail.sender.address, mail.sender.name) == ("lapor@asahan.test", "Dinas PUPR – Asahan")
    assert [item.address for item in mail.to] == ["siti@warga.test"]
    assert mail.nature == "person"  # nothing of an officer's words is automatic
    assert parse(raw, own_marker="corong-uji").nature == "own"
    read = BytesParser(policy=default).parsebytes(raw)
    assert (read.get_content_type(), read.get_content_charset(), read.defects) == ("text/plain", "utf-8", [])


@given(st.binary(max_size=3000), st.text(max_size=200), st.text(max_size=30))
def test_a_file_goes_with_the_words_and_both_arrive_as_they_were(content: bytes, text: str, name: str) -> None:
    file = OutgoingFile(name, "application/pdf", content)
    raw = composed(text=text, attachments=(file,))
    assert raw.isascii()
    assert raw == composed(text=text, attachments=(file,))
    read = BytesParser(policy=default).parsebytes(raw)
    assert (read.get_content_type(), read.defects) == ("multipart/mixed", [])
    words, attached = read.iter_parts()
    assert words.get_content().rstrip("\r\n") == composed_text(text)
    assert (attached.get_content_type(), attached.get_content()) == ("application/pdf", content)
    assert attached.get_content_disposition() == "attachment"
    assert attached.get_filename()
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def composed_text(text: str) -> str:
    read = BytesParser(policy=default).parsebytes(composed(text=text))
    return str(read.get_content()).rstrip("\r\n")


def test_a_letters_name_is_kept() -> None:
    file = OutgoingFile("surat-PI-2026-000001.pdf", "application/pdf", b"%PDF-")
    mail = parse(composed(attachments=(file,)))
    assert [found.name for found in mail.attachments] == ["surat-PI-2026-000001.pdf"]
    assert mail.text == "Kami periksa."


def test_a_receipt_says_that_a_machine_wrote_it() -> None:
    mail = parse(composed(kind="receipt"))
    assert mail.nature == "auto_reply"
    assert b"\r\nAuto-Submitted: auto-replied\r\n" in composed(kind="receipt")


def test_a_mail_without_an_id_is_answered_in_the_thread_of_our_own() -> None:
    thread = ("lain@warga.test 0123456789abcdef", OURS, "sha256-00 0123456789abcdef")
    mail = parse(composed(thread=thread))
    assert (mail.in_reply_to, mail.references) == (OURS, (OURS,))
    assert parse(composed(thread=())).thread == ()


@pytest.mark.parametrize("mark", ["a\r\nBcc: lain@warga.test", "a\0b", "a b", "<a@b>", "é@warga.test"])
def test_ids_that_could_do_harm_are_left_out(mark: str) -> None:
    raw = composed(reply_to={"message_id": mark, "references": mark})
    assert b"In-Reply-To: " not in composed(reply_to={"message_id": mark})
    assert b"\nBcc" not in raw
    assert b"\0" not in raw
    assert raw.isascii()


def test_a_long_subject_keeps_its_number() -> None:
    mail = parse(composed(subject="Re: " + "jalan berlubang " * 60 + "[PD/2026/000007]"))
    assert mail.subject.startswith("Re: jalan")
    assert mail.subject.endswith("[PD/2026/000007]")
    assert len(mail.subject) <= 200


@given(
    st.text(max_size=400),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=400),
    st.lists(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=200), max_size=60),
)
def test_whatever_is_written_makes_one_mail_that_reads_the_same(subject: str, text: str, ids: list[str]) -> None:
    raw = composed(subject=subject, text=text, reply_to={"message_id": "".join(ids)[:900], "references": " ".join(ids)})
    head, _, body = raw.partition(b"\r\n\r\n")
    assert raw.replace(b"\r\n", b"").find(b"\n") < 0
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert all(len(line) <= 78 for line in body.split(b"\r\n"))
    assert head.count(b"\r\nSubject: ") <= 1
    assert b"\r\n\r\n" not in head
    found = parse(raw)
    assert found.message_id == f"corong.{DELIVERY}@asahan.test"
    assert found.text.split() == parse(b"\r\n" + text.encode()).text.split()
