"""Mails that no person wrote to the office: bounces, automatic replies, lists, our own; and one that comes twice."""

from corong.channels.email.flags import Flag
from corong.channels.email.reports import OWN_HEADER
from tests.channels.email.mime import case as opens_case
from tests.channels.email.mime import multipart, text_part
from tests.channels.email.shapes import OWN_MARKER, Expected, Given, Made, Report, made, shape
from tests.channels.email.shapes_people import plain

ROBOT = "Mail Delivery System"


def report_header(given: Given, name: str, subject: str, report_type: str, *parts: str) -> str:
    """A mail server's report with its parts. Its envelope sender is empty: whoever sends it on must keep it so."""
    head = "\n".join(
        [
            f"From: {ROBOT} <MAILER-DAEMON@mx.warga.test>",
            f"To: <{given.recipient}>",
            f"Subject: {subject}",
            "Date: Thu, 12 Mar 2026 09:15:33 +0700",
            f"Message-ID: <{given.message_id(name)}>",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
        ]
    )
    return head + "\n" + multipart(f"report; report-type={report_type}", "lap", *parts)


def ours(given: Given) -> str:
    """The mail that didn't arrive."""
    head = f"From: {given.recipient}\nTo: {given.sender}\nSubject: Re: Lampu\nMessage-ID: <{given.answers}>\n"
    return head + "\nLaporan diterima.\n"


def bounced(given: Given, name: str, text: str, subject: str, *reports: Report) -> Expected:
    """What bounces become: a word on a delivery, no case."""
    return Expected(
        "bounce", text, subject, nature="bounce", reports=reports, sender_name=ROBOT, message_id=given.message_id(name)
    )


def ignored(given: Given, name: str, text: str, subject: str, nature: str, *, flags: tuple[Flag, ...] = ()) -> Expected:
    """What other machines' mails become."""
    message_id = given.message_id(name)
    return Expected("ignored", text, subject, nature=nature, flags=frozenset(flags), message_id=message_id)


def status(given: Given, *fields: str) -> str:
    """The part for programs (RFC 3464)."""
    about = "\n".join([f"Final-Recipient: rfc822; {given.sender}", *fields])
    return f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.warga.test\n\n{about}\n"


@shape("bounce")
def bounce(given: Given) -> Made:
    text = f"Pesan tidak dapat dikirim ke <{given.sender}>."
    raw = report_header(
        given,
        "bounce",
        "Undelivered Mail Returned to Sender",
        "delivery-status",
        text_part(text),
        status(given, "Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550 5.1.1 User\n    unknown"),
        f"Content-Type: message/rfc822\n\n{ours(given)}",
    )
    report = Report(given.answers, given.sender, "failed", "5.1.1")
    return made(raw, bounced(given, "bounce", text, "Undelivered Mail Returned to Sender", report))


@shape("bounce_headers_only")
def bounce_headers_only(given: Given) -> Made:
    """A mailbox that is full; only the header of our mail comes back."""
    raw = report_header(
        given,
        "bounce_headers_only",
        "Gagal",
        "delivery-status",
        text_part("Kotak surat penuh."),
        status(given, "Action: Failed (mailbox full)", "Status: 4.2.2 (mailbox full)"),
        f"Content-Type: text/rfc822-headers\n\n{ours(given).partition(chr(10) * 2)[0]}\n",
    )
    report = Report(given.answers, given.sender, "failed", "4.2.2")
    return made(raw, bounced(given, "bounce_headers_only", "Kotak surat penuh.", "Gagal", report))


@shape("bounce_delayed")
def bounce_delayed(given: Given) -> Made:
    raw = report_header(
        given,
        "bounce_delayed",
        "Tertunda",
        "delivery-status",
        text_part("Masih dicoba."),
        status(given, "Action: delayed", "Status: 4.4.1", "Will-Retry-Until: Fri, 13 Mar 2026 09:00:00 +0700"),
        f"Content-Type: message/rfc822\n\n{ours(given)}",
    )
    report = Report(given.answers, given.sender, "delayed", "4.4.1")
    return made(raw, bounced(given, "bounce_delayed", "Masih dicoba.", "Tertunda", report))


@shape("bounce_in_prose")
def bounce_in_prose(given: Given) -> Made:
    """An old server that knows no RFC 3464."""
    text = (
        "Hi. This is the qmail-send program at warga.test.\nI'm afraid I wasn't able to deliver your message.\n\n"
        f"<{given.sender}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        "--- Below this line is a copy of the message.\n\n"
        f"{ours(given)}"
    ).strip()
    head = f"From: MAILER-DAEMON@warga.test\nTo: {given.recipient}\nSubject: failure notice\n"
    head += f"Message-ID: <{given.message_id('bounce_in_prose')}>\nX-Failed-Recipients: {given.sender}\n"
    expected = Expected(
        "bounce",
        text,
        "failure notice",
        nature="bounce",
        reports=(Report(given.answers, given.sender, "failed", "5.1.1"),),
        flags=frozenset({Flag.DATE_MISSING}),
        sender_name="",
        message_id=given.message_id("bounce_in_prose"),
    )
    return made(f"{head}\n{text}\n", expected)


@shape("auto_reply")
def auto_reply(given: Given) -> Made:
    head = given.reply_header("auto_reply", "Re: Lampu jalan", "Auto-Submitted: auto-replied (vacation)")
    text = "Saya sedang cuti sampai 20 Maret."
    return made(f"{head}\n{text}\n", ignored(given, "auto_reply", text, "Re: Lampu jalan", "auto_reply"))


@shape("out_of_office")
def out_of_office(given: Given) -> Made:
    """Without the field that the RFC asks for."""
    head = given.reply_header("out_of_office", "Automatic reply: Lampu jalan", "X-Auto-Response-Suppress: All")
    expected = ignored(given, "out_of_office", "Di luar kantor.", "Automatic reply: Lampu jalan", "auto_reply")
    return made(f"{head}\nDi luar kantor.\n", expected)


@shape("read_receipt")
def read_receipt(given: Given) -> Made:
    parts = (
        text_part("Pesan Anda telah dibaca."),
        f"Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;{given.sender}\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\n",
    )
    kind = multipart("report; report-type=disposition-notification", "lap", *parts)
    raw = given.header("read_receipt", "Dibaca: Lampu jalan") + kind
    text = "Pesan Anda telah dibaca."
    return made(raw, ignored(given, "read_receipt", text, "Dibaca: Lampu jalan", "auto_reply"))


@shape("mailing_list")
def mailing_list(given: Given) -> Made:
    fields = (
        "List-Id: Forum Warga <forum.warga.test>",
        "List-Unsubscribe: <mailto:keluar@warga.test>",
        "Precedence: list",
    )
    head = given.header("mailing_list", "[forum] Kerja bakti", *fields)
    expected = ignored(given, "mailing_list", given.text, "[forum] Kerja bakti", "list")
    return made(f"{head}\n{given.text}\n", expected)


@shape("own")
def own(given: Given) -> Made:
    """Our own mail, sent back by somebody's forwarding."""
    head = given.header("own", "Re: Lampu jalan", f"{OWN_HEADER}: {OWN_MARKER}", f"X-Loop: {OWN_MARKER}")
    return made(f"{head}\nLaporan diterima.\n", ignored(given, "own", "Laporan diterima.", "Re: Lampu jalan", "own"))


@shape("duplicate")
def duplicate(given: Given) -> Made:
    """The mail of shape `plain` again: providers deliver twice, and nobody but us drops the second."""
    first = plain(given)
    subject = f"Lampu jalan {given.n}"
    known = opens_case(given, "plain", given.text, subject)
    expected = Expected("duplicate", known.text, known.subject, message_id=known.message_id, same_as="plain")
    return made(first.raw, expected)
