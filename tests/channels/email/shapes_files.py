"""First mails of citizens that bring files, as programs attach them. Each opens a case."""

import base64

from corong.channels.email.flags import Flag
from tests.channels.email.mime import attached, b64, case, multipart, text_part
from tests.channels.email.shapes import Expected, File, Given, Made, made, shape

PDF = File("surat.pdf", "application/pdf", b"%PDF-1.4\n" + bytes(range(256)) * 8 + b"\n%%EOF\n")
PNG = File("lubang.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(range(255, -1, -1)) * 6)


@shape("nested_multipart")
def nested_multipart(given: Given) -> Made:
    picture = attached(PNG, "Content-ID: <gambar1@warga.test>", disposition="Content-Disposition: inline")
    html = text_part(f'<p>{given.text}</p><img src="cid:gambar1@warga.test">', "html")
    inner = multipart("alternative", "c", text_part(given.text), multipart("related", "b", html, picture))
    body = multipart("mixed", "a", inner, attached(PDF), preamble="This is a multi-part message in MIME format.\n")
    return made(
        given.header("nested_multipart", "Laporan") + body,
        case(given, "nested_multipart", given.text, "Laporan", PNG, PDF),
    )


@shape("big_attachment")
def big_attachment(given: Given) -> Made:
    video = File("video.mp4", "video/mp4", bytes(range(256)) * 32_000 + str(given.n).encode())  # 8.2 MB
    body = multipart("mixed", "a", text_part(given.text), attached(video))
    return made(
        given.header("big_attachment", "Video") + body, case(given, "big_attachment", given.text, "Video", video)
    )


@shape("calendar_invite")
def calendar_invite(given: Given) -> Made:
    event = (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:{given.n}@warga.test\r\n"
        "DTSTART:20260401T020000Z\r\nSUMMARY:Musrenbang\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()
    invite = "Content-Type: text/calendar; charset=utf-8; method=REQUEST\nContent-Transfer-Encoding: base64\n\n"
    body = multipart("alternative", "a", text_part("Undangan musyawarah."), invite + b64(event))
    files = File("lampiran-1.ics", "text/calendar", event)
    head = given.header("calendar_invite", "Undangan")
    return made(head + body, case(given, "calendar_invite", "Undangan musyawarah.", "Undangan", files))


@shape("only_attachment")
def only_attachment(given: Given) -> Made:
    head = given.header("only_attachment", "")
    return made(head + attached(PDF), case(given, "only_attachment", "", "", PDF))


@shape("photo_from_phone")
def photo_from_phone(given: Given) -> Made:
    body = multipart("mixed", "a", attached(PNG), text_part("\n\nDikirim dari iPhone saya"))
    expected = Expected(
        "case",
        subject="Foto",
        files=(PNG,),
        quoted=("Dikirim dari iPhone saya",),
        message_id=given.message_id("photo_from_phone"),
    )
    return made(given.header("photo_from_phone", "Foto") + body, expected)


@shape("rfc2231_filename")
def rfc2231_filename(given: Given) -> Made:
    name = "Surat Keterangan Tidak Mampu – Désa Sei Kepayang.pdf"
    disposition = (
        "Content-Disposition: attachment;\n filename*0*=utf-8'id'Surat%20Keterangan%20Tidak%20Mampu%20%E2%80;\n"
        ' filename*1*=%93%20D%C3%A9sa%20;\n filename*2="Sei Kepayang.pdf"'
    )
    file = File(name, "application/pdf", PDF.content)
    body = multipart("mixed", "a", text_part(given.text), attached(PDF, disposition=disposition))
    head = given.header("rfc2231_filename", "SKTM")
    return made(head + body, case(given, "rfc2231_filename", given.text, "SKTM", file))


@shape("bad_filename")
def bad_filename(given: Given) -> Made:
    """An encoded word where none belongs, a path, and a sign that shows the rest of the name backwards."""
    raw = base64.b64encode("C:\\berkas\\..\\foto\u202egpj.exe".encode()).decode()
    disposition = f'Content-Disposition: attachment; filename="=?utf-8?B?{raw}?="'
    file = File("fotogpj.exe", "application/pdf", PDF.content)
    body = multipart("mixed", "a", text_part(given.text), attached(PDF, disposition=disposition))
    return made(given.header("bad_filename", "Foto") + body, case(given, "bad_filename", given.text, "Foto", file))


@shape("winmail")
def winmail(given: Given) -> Made:
    tnef = File("winmail.dat", "application/ms-tnef", b"\x78\x9f\x3e\x22" + bytes(200))
    body = multipart("mixed", "a", text_part(given.text), attached(tnef))
    expected = case(given, "winmail", given.text, "Rapat", tnef, flags=(Flag.WINMAIL,))
    return made(given.header("winmail", "Rapat") + body, expected)


@shape("smime_signed")
def smime_signed(given: Given) -> Made:
    signature = File("smime.p7s", "application/pkcs7-signature", b"0\x82\x01\x00" + bytes(range(200)))
    body = multipart(
        'signed; protocol="application/pkcs7-signature"; micalg=sha-256',
        "a",
        text_part(given.text),
        attached(signature),
    )
    expected = case(given, "smime_signed", given.text, "Sah", signature, flags=(Flag.SIGNED,))
    return made(given.header("smime_signed", "Sah") + body, expected)


@shape("forwarded_as_file")
def forwarded_as_file(given: Given) -> Made:
    """A mail in the mail, nothing beside it."""
    inner = "From: rt05@warga.test\nSubject: =?utf-8?Q?Got_mamp=C3=A9t?=\n"
    inner += f"Message-ID: <rt.{given.n}@warga.test>\n\n{given.text}\n"
    body = multipart("mixed", "a", f"Content-Type: message/rfc822\n\n{inner}")
    file = File("Got mampét.eml", "message/rfc822", inner.replace("\n", "\r\n").encode())
    expected = case(given, "forwarded_as_file", given.text, "Fw: Got", file, flags=(Flag.TEXT_FROM_NESTED,))
    return made(given.header("forwarded_as_file", "Fw: Got") + body, expected)
