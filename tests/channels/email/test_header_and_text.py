"""The parts of the mail parser: fields, charsets, HTML, quoting, each by examples of what goes wrong in the world."""

from datetime import UTC, datetime

import pytest

from corong.channels.email.body import file_name, unflow
from corong.channels.email.charset import decode
from corong.channels.email.headers import Mailbox, addresses, date, decode_base64, decode_words, message_ids, parameters
from corong.channels.email.html_text import html_to_text
from corong.channels.email.quoting import split


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("siti@WARGA.Test", [Mailbox("siti@warga.test")]),
        (
            '"Santoso, Budi" <b@x.test>, (Ani) a@x.test',
            [Mailbox("b@x.test", "Santoso, Budi"), Mailbox("a@x.test", "Ani")],
        ),
        ("Budi, S.H. <b@x.test>", [Mailbox("b@x.test", "Budi, S.H.")]),
        ("=?utf-8?q?Budi,_S.H.?= <b@x.test>", [Mailbox("b@x.test", "Budi, S.H.")]),
        ('"lapor@asahan.test" <jahat@x.test>', [Mailbox("jahat@x.test", "lapor@asahan.test")]),
        ("RT: a@x.test, B <b@x.test>;", [Mailbox("a@x.test"), Mailbox("b@x.test", "B")]),
        ("a@x.test (satu (dua) tiga)", []),
        ("undisclosed-recipients:;", []),
        ("<>", []),
        ("a@b@c.test", []),
        ("a@x.test\0", [Mailbox("a@x.test")]),
    ],
)
def test_addresses(field: str, found: list[Mailbox]) -> None:
    assert addresses([field]) == found


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("=?utf-8?Q?a_b=20c?=", "a b c"),
        ("=?utf-8?b?w6k=?= =?utf-8?b?w6k=?= x", "éé x"),
        ("=?utf-8?b?w6k?=", "é"),
        ("=?utf-8*id?q?=C3?= =?UTF-8?q?=A9?=", "é"),
        ("=?x-salah?q?=E9?=", "é"),
        ("a =?utf-8?q?b", "a =?utf-8?q?b"),
        ("\udcc3\udca9", "é"),
    ],
)
def test_encoded_words(field: str, found: str) -> None:
    assert decode_words(field)[0] == found


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ('text/plain; charset="utf-8"; format=flowed', ("text/plain", {"charset": "utf-8", "format": "flowed"})),
        ("Text/Plain (x;y); a=1;;; b; c = 2", ("text/plain", {"a": "1", "c": "2"})),
        ('x; name="C:\\a\\"b\\".pdf"', ("x", {"name": 'C:\\a"b".pdf'})),
        ("x; n*1=b; n*0=a; n=c", ("x", {"n": "ab"})),
        ("x; n*=utf-8''%C3%A9%20a", ("x", {"n": "é a"})),
        ('x; n="a;b', ("x", {"n": "a;b"})),
        ('x; n="=?utf-8?q?=C3=A9?="', ("x", {"n": "é"})),
    ],
)
def test_parameters(field: str, found: tuple[str, dict[str, str]]) -> None:
    assert parameters(field) == found


def test_message_ids() -> None:
    assert message_ids("<a@b> (x) <c d@e>\t<a@b>") == ["a@b", "cd@e"]
    assert message_ids("a@b bukan") == ["a@b"]
    assert message_ids(f"<{'a' * 2000}@b> <>") == []


def test_dates() -> None:
    assert date("Thu, 12 Mar 2026 09:15:33 +0700 (WIB)") == datetime(2026, 3, 12, 2, 15, 33, tzinfo=UTC)
    for wrong in (
        "",
        "besok",
        "Thu, 99 Mar 2026 99:99:99",
        "Thu, 12 Mar 1900 00:00:00 +2359",
        "1 Jan 99999 00:00 +0000",
    ):
        assert date(wrong) is None


@pytest.mark.parametrize(
    ("data", "label", "text", "guessed"),
    [
        ("é".encode(), "utf-8", "é", False),
        (b"\xe9", "utf-8", "é", True),
        ("éééé".encode()[:-1], "utf-8", "ééé\ufffd", True),
        (b"\x93a\x94", "iso-8859-1", "“a”", False),
        ("é".encode(), "us-ascii", "é", True),
        ("é".encode(), "", "é", False),
        ("é".encode("utf-16"), "", "é", True),
        (b"Hi Mom -Jo+AKE-", "utf-7", "Hi Mom -Jo¡", False),
        (b"a\0b\x07c\r\nd\re", "", "abc\nd\ne", False),
        (b"xn--", "idna", "xn--", False),
        ("路".encode("shift_jis"), "Shift_JIS", "路", False),
        (b"\xd6\xd0\xb9\xfa", "GB2312", "中国", False),
    ],
)
def test_charsets(data: bytes, label: str, text: str, guessed: bool) -> None:
    assert decode(data, label) == (text, guessed)


def test_base64_is_read_as_far_as_it_goes() -> None:
    assert decode_base64(b"YWJj\r\nZGVm\n") == (b"abcdef", False)
    assert decode_base64(b"YWI=") == (b"ab", False)
    assert decode_base64(b"YWI") == (b"ab", True)
    assert decode_base64(b"YW!Jj") == (b"abc", True)
    assert decode_base64(b"YWI=\nYWI=") == (b"ab", True)
    assert decode_base64(b"YWJjZ") == (b"abc", True)
    assert decode_base64(b"") == (b"", False)


def test_file_names() -> None:
    assert file_name("../../etc/passwd") == "passwd"
    assert file_name("..") == ""
    assert file_name("a" * 300 + ".pdf") == "a" * 196 + ".pdf"
    assert file_name(' "x\n y" ') == "x y"


def test_html_keeps_what_a_reader_sees() -> None:
    table = "<table><tr><td>NIK</td><td>1209</td></tr><tr><td>Nama</td><td>Siti</td></tr></table>"
    assert html_to_text(table) == "NIK 1209\nNama Siti"
    assert html_to_text("<ol><li>a<li>b</ol><pre>x\n  y</pre>") == "1. a\n2. b\n\nx\n  y"
    assert html_to_text("<blockquote>a<blockquote>b</blockquote></blockquote>c") == "> a\n>\n> > b\n\nc"
    assert html_to_text("a<br>b<hr>c &lt;d&gt;") == f"a\nb\n{'_' * 32}\nc <d>"
    assert html_to_text('<a href="http://x.test/">x.test</a> <a href="javascript:y">z</a>') == "x.test z"


def test_flowed_text_keeps_quotes_and_signature_apart() -> None:
    assert unflow("> a \n> b\nc \nd\n-- \ne", delete_space=False) == "> a b\nc d\n-- \ne"
    assert unflow("観 \n光", delete_space=True) == "観光"


def test_a_long_text_under_two_dashes_is_no_signature() -> None:
    body = "Daftar:\n--\n" + "\n".join(f"jalan {n}" for n in range(30))
    assert split(body, is_reply=False).fresh == body


def test_a_citizens_own_quotation_stays() -> None:
    body = "Di papan tertulis:\n> Dilarang parkir\nTetapi semua parkir."
    assert split(body, is_reply=False).fresh == body
