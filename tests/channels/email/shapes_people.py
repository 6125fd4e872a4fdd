"""First mails of citizens, texts of every charset and form. Each opens a case."""

import base64

from corong.channels.email.flags import Flag
from tests.channels.email.mime import b64, case, encoded, multipart, text_part
from tests.channels.email.shapes import Expected, Given, Made, made, shape

ACCENTS = "Kafé “Melati” di Jl. Teuku Umar ribut – sampai pukul 02.00. Biaya €5?"


@shape("plain")
def plain(given: Given) -> Made:
    subject = f"Lampu jalan {given.n}"
    return made(f"{given.header('plain', subject)}\n{given.text}\n", case(given, "plain", given.text, subject))


@shape("utf8_8bit")
def utf8_8bit(given: Given) -> Made:
    head = given.header("utf8_8bit", f"Kafé {given.n}", "Content-Type: text/plain; charset=utf-8")
    return made(f"{head}\n{ACCENTS}\n", case(given, "utf8_8bit", ACCENTS, f"Kafé {given.n}"))


@shape("latin1")
def latin1(given: Given) -> Made:
    text = f"Kafé ribut nomor {given.n}."
    body = encoded(text.encode("latin-1"), "iso-8859-1")
    head = given.header("latin1", f"=?iso-8859-1?Q?Kaf=E9_{given.n}?=")
    return made(head + body, case(given, "latin1", text, f"Kafé {given.n}"))


@shape("windows_1252_as_latin1")
def windows_1252_as_latin1(given: Given) -> Made:
    head = given.header("windows_1252_as_latin1", "Kafe")
    body = encoded(ACCENTS.encode("cp1252"), "iso-8859-1")
    return made(head + body, case(given, "windows_1252_as_latin1", ACCENTS, "Kafe"))


@shape("iso_2022_jp")
def iso_2022_jp(given: Given) -> Made:
    text = "観光課へ\n道が壊れています。"
    head = given.header("iso_2022_jp", f"=?ISO-2022-JP?B?{base64.b64encode('道路'.encode('iso2022_jp')).decode()}?=")
    body = b"Content-Type: text/plain; charset=ISO-2022-JP\n\n" + text.encode("iso2022_jp") + b"\n"
    return made(head.encode() + body, case(given, "iso_2022_jp", text, "道路"))


@shape("wrong_charset")
def wrong_charset(given: Given) -> Made:
    """The label says latin-1, the bytes are UTF-8."""
    head = given.header("wrong_charset", "Kafe", "Content-Type: text/plain; charset=iso-8859-1")
    return made(f"{head}\n{ACCENTS}\n", case(given, "wrong_charset", ACCENTS, "Kafe", flags=(Flag.CHARSET_GUESSED,)))


@shape("unknown_charset")
def unknown_charset(given: Given) -> Made:
    """The label is no charset, the bytes are windows-1252, the raw subject too."""
    head = given.header("unknown_charset", "Kaf\udce9", "Content-Type: text/plain; charset=x-unknown")
    raw = head.encode("utf-8", "surrogateescape") + b"\n" + ACCENTS.encode("cp1252") + b"\n"
    return made(raw, case(given, "unknown_charset", ACCENTS, "Kafé", flags=(Flag.CHARSET_GUESSED,)))


@shape("html_only")
def html_only(given: Given) -> Made:
    html = (
        "<html><head><style>p{color:red}</style><title>x</title></head><body><!-- x --><p>Yth. Bapak Bupati,</p>"
        f"<p>Jalan nomor&nbsp;<b>{given.n}</b> rusak:</p><ul><li>lubang</li><li>retak &amp; becek</li></ul>"
        '<p>Foto: <a href="https://foto.test/a">di sini</a></p><script>alert(1)</script>'
        '<img src="https://jejak.test/p.gif" width=1 height=1><div style="display:none">jejak</div></body></html>'
    )
    text = f"Yth. Bapak Bupati,\n\nJalan nomor {given.n} rusak:\n\n- lubang\n- retak & becek\n\nFoto: di sini <https://foto.test/a>"
    head = given.header("html_only", "Jalan rusak")
    return made(head + text_part(html, "html"), case(given, "html_only", text, "Jalan rusak", flags=(Flag.HTML_ONLY,)))


@shape("no_message_id")
def no_message_id(given: Given) -> Made:
    head = given.header("no_message_id", f"Tanpa nomor {given.n}", own_id=False)
    flags = frozenset({Flag.MESSAGE_ID_DERIVED})
    return made(f"{head}\n{given.text}\n", Expected("case", given.text, f"Tanpa nomor {given.n}", flags=flags))


@shape("empty_body")
def empty_body(given: Given) -> Made:
    subject = f"Pohon tumbang di Jl. Imam Bonjol {given.n}"
    return made(given.header("empty_body", subject) + "\n", case(given, "empty_body", "", subject))


@shape("emoji_subject")
def emoji_subject(given: Given) -> Made:
    """A character is cut in two between the encoded words."""
    data = f"Banjir 🌊 lagi {given.n} 😡".encode()
    words = [base64.b64encode(data[start : start + 9]).decode() for start in range(0, len(data), 9)]
    subject = "\n ".join(f"=?UTF-8?B?{word}?=" for word in words)
    head = given.header("emoji_subject", subject, "Content-Type: text/plain; charset=utf-8")
    return made(f"{head}\nBanjir 🌊\n", case(given, "emoji_subject", "Banjir 🌊", data.decode()))


@shape("folded_headers")
def folded_headers(given: Given) -> Made:
    subject = "Permohonan\n\tperbaikan\n  jembatan gantung"
    head = given.header("folded_headers", subject, "X-Kosong:", "Received: from a\n\tby b\n\tfor c; x")
    expected = case(given, "folded_headers", given.text, "Permohonan perbaikan jembatan gantung")
    return made(f"{head}\n{given.text}\n", expected)


@shape("broken_base64")
def broken_base64(given: Given) -> Made:
    """Cut off in the middle of a group of four, so that the last characters are lost."""
    whole = b64(given.text.encode()).replace("\n", "")
    cut = whole[: len(whole) // 4 * 4 - 5]
    head = given.header(
        "broken_base64", "Lampu", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64"
    )
    text = given.text[: len(cut) * 3 // 4]
    return made(f"{head}\n{cut}\n\n", case(given, "broken_base64", text, "Lampu", flags=(Flag.ENCODING_BROKEN,)))


@shape("cut_off_multipart")
def cut_off_multipart(given: Given) -> Made:
    """A mail that was cut on the way: no closing boundary."""
    body = f'Content-Type: multipart/mixed; boundary="a"\n\n--a\n{text_part(given.text)}'
    head = given.header("cut_off_multipart", "Putus")
    return made(head + body, case(given, "cut_off_multipart", given.text, "Putus"))


@shape("placeholder_text")
def placeholder_text(given: Given) -> Made:
    """The plain text only says that there is HTML."""
    notice = "Your e-mail program does not support HTML. Please use another one to view this message."
    body = multipart("alternative", "a", text_part(notice), text_part(f"<div>Kabel putus {given.n}</div>", "html"))
    expected = case(given, "placeholder_text", f"Kabel putus {given.n}", "Kabel", flags=(Flag.HTML_ONLY,))
    return made(given.header("placeholder_text", "Kabel") + body, expected)


@shape("flowed")
def flowed(given: Given) -> Made:
    head = given.header("flowed", "Sampah", "Content-Type: text/plain; charset=us-ascii; format=flowed")
    body = "Sampah di pasar \nInpres sudah tiga \nhari tidak diangkut.\n\nTerima kasih.\n-- \nSiti\n"
    text = "Sampah di pasar Inpres sudah tiga hari tidak diangkut.\n\nTerima kasih."
    expected = Expected("case", text, "Sampah", quoted=("Siti",), message_id=given.message_id("flowed"))
    return made(f"{head}\n{body}", expected)


@shape("titled_sender")
def titled_sender(given: Given) -> Made:
    """A name with a comma that nobody quoted, as academic titles bring it."""
    head = given.header("titled_sender", "Izin", sender_name="Budi Santoso, S.H., M.Kn.")
    expected = Expected(
        "case",
        given.text,
        "Izin",
        sender_name="Budi Santoso, S.H., M.Kn.",
        message_id=given.message_id("titled_sender"),
    )
    return made(f"{head}\n{given.text}\n", expected)


@shape("letter")
def letter(given: Given) -> Made:
    """A formal letter that looks like quoting and a signature, and is neither."""
    text = (
        "Kepada: Yth. Bupati Asahan\nDari: Siti Aminah\nTanggal: 12 Maret 2026\nPerihal: Jalan rusak\n\n"
        f"Dengan hormat,\n- lubang {given.n} buah\n- lampu mati\n\n"
        "Pada tanggal 3 Maret Pak Lurah menulis:\nakan diperbaiki.\n\n"
        "Hormat saya,\nSiti Aminah"
    )
    return made(f"{given.header('letter', 'Jalan rusak')}\n{text}\n", case(given, "letter", text, "Jalan rusak"))


@shape("forwarded")
def forwarded(given: Given) -> Made:
    """What a citizen passes on is what is to be read."""
    text = (
        "Mohon tindak lanjut surat di bawah ini.\n\n"
        "---------- Forwarded message ---------\nDari: RT 05 <rt05@warga.test>\n"
        f"Date: Rab, 11 Mar 2026 pukul 20.11\nSubject: Got mampet {given.n}\n"
        "To: Siti <siti@warga.test>\n\n\nGot mampet di RT 05."
    )
    expected = case(given, "forwarded", text.replace("\n\n\n", "\n\n"), "Fwd: Got mampet")
    return made(f"{given.header('forwarded', 'Fwd: Got mampet')}\n{text}\n", expected)
