"""Answers of citizens to an earlier mail, as their programs quote it. Each follows up its case."""

from corong.channels.email.flags import Flag
from tests.channels.email.mime import multipart, text_part
from tests.channels.email.shapes import Expected, Given, Made, made, shape

OURS = "Laporan Anda kami terima.\nPetugas akan datang hari Kamis."
QUOTED = "> Laporan Anda kami terima.\n> Petugas akan datang hari Kamis."


def answer(given: Given) -> str:
    """What the citizen writes now."""
    return f"Terima kasih, tetapi lampu nomor {given.n} masih mati.\n\nKapan petugas datang?"


def follow_up(given: Given, name: str, *quoted: str, text: str = "", flags: tuple[Flag, ...] = ()) -> Expected:
    """What the mails here become."""
    return Expected(
        "follow_up",
        text=text or answer(given),
        subject="Re: Lampu jalan",
        quoted=quoted,
        flags=frozenset(flags),
        message_id=given.message_id(name),
        answers=given.answers,
    )


def reply(given: Given, name: str, body: str, *quoted: str, text: str = "", flags: tuple[Flag, ...] = ()) -> Made:
    """A reply in plain text."""
    head = given.reply_header(name, "Re: Lampu jalan", "Content-Type: text/plain; charset=utf-8")
    return made(f"{head}\n{body}\n", follow_up(given, name, *quoted, text=text, flags=flags))


@shape("reply_gmail")
def reply_gmail(given: Given) -> Made:
    attribution = (
        "Pada Kam, 12 Mar 2026 pukul 10.15 Dinas Pekerjaan Umum Kabupaten Asahan <\nlapor@asahan.test> menulis:"
    )
    return reply(given, "reply_gmail", f"{answer(given)}\n\n{attribution}\n\n{QUOTED}\n", "menulis:", "hari Kamis")


@shape("reply_gmail_html")
def reply_gmail_html(given: Given) -> Made:
    paragraphs = answer(given).replace("\n\n", "</div><div><br></div><div>")
    html = (
        f'<div dir="ltr"><div>{paragraphs}</div></div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
        "Pada tanggal Kam, 12 Mar 2026 pukul 10.15 Dinas PU "
        '&lt;<a href="mailto:lapor@asahan.test">lapor@asahan.test</a>&gt; menulis:<br></div>'
        '<blockquote class="gmail_quote" style="margin:0"><div>Laporan Anda kami terima.</div></blockquote></div>'
    )
    head = given.reply_header("reply_gmail_html", "Re: Lampu jalan")
    expected = follow_up(given, "reply_gmail_html", "menulis:", "> Laporan Anda", flags=(Flag.HTML_ONLY,))
    return made(head + text_part(html, "html"), expected)


@shape("reply_gmail_english")
def reply_gmail_english(given: Given) -> Made:
    attribution = "On Thu, Mar 12, 2026 at 10:15 AM Dinas PU <lapor@asahan.test> wrote:"
    return reply(given, "reply_gmail_english", f"{answer(given)}\n\n{attribution}\n{QUOTED}\n", "wrote:", "hari Kamis")


@shape("reply_outlook")
def reply_outlook(given: Given) -> Made:
    block = (
        "________________________________\nDari: Dinas PU <lapor@asahan.test>\nDikirim: Kamis, 12 Maret 2026 10.15\n"
        f"Kepada: Siti Aminah <{given.sender}>\nSubjek: Lampu jalan\n\n{OURS}"
    )
    return reply(given, "reply_outlook", f"{answer(given)}\n\n{block}\n", "Dikirim:", "Laporan Anda")


@shape("reply_outlook_html")
def reply_outlook_html(given: Given) -> Made:
    """Word's HTML: a border for a rule, a paragraph for each line."""
    paragraphs = "".join(
        f'<p class="MsoNormal">{line or "<o:p>&nbsp;</o:p>"}</p>' for line in answer(given).split("\n")
    )
    html = (
        f'<div class="WordSection1">{paragraphs}<div style="border:none;border-top:solid #E1E1E1 1.0pt">'
        '<p class="MsoNormal"><b>From:</b> Dinas PU &lt;lapor@asahan.test&gt;<br><b>Sent:</b> Thursday, March 12, 2026 '
        f"10:15 AM<br><b>To:</b> {given.sender}<br><b>Subject:</b> Lampu jalan</p></div>"
        '<p class="MsoNormal">Laporan Anda kami terima.</p></div>'
    )
    body = multipart("alternative", "a", text_part(" "), text_part(html, "html"))
    head = given.reply_header("reply_outlook_html", "Re: Lampu jalan")
    expected = follow_up(given, "reply_outlook_html", "Sent:", "Laporan Anda", flags=(Flag.HTML_ONLY,))
    return made(head + body, expected)


@shape("reply_outlook_old")
def reply_outlook_old(given: Given) -> Made:
    block = "-----Original Message-----\nFrom: lapor@asahan.test\nTo: Siti\nSubject: Lampu jalan\n\n"
    return reply(given, "reply_outlook_old", f"{answer(given)}\n\n{block}{OURS}\n", "Original Message", "Laporan Anda")


@shape("reply_yahoo")
def reply_yahoo(given: Given) -> Made:
    """The earlier mail is indented, not marked."""
    attribution = "    Pada Kamis, 12 Maret 2026 pukul 10.15.33 WIB, Dinas PU <lapor@asahan.test> menulis:  "
    history = "\n".join(f" {line}" for line in OURS.split("\n"))
    return reply(given, "reply_yahoo", f" {answer(given)}\n\n{attribution}\n \n{history}\n", "menulis:", "Laporan Anda")


@shape("reply_iphone")
def reply_iphone(given: Given) -> Made:
    tail = "Dikirim dari iPhone saya\n\n> Pada 12 Mar 2026, pukul 10.15, Dinas PU <lapor@asahan.test> menulis:\n> \n"
    body = f"{answer(given)}\n\n{tail}> \ufeff{QUOTED[2:]}\n"
    return reply(given, "reply_iphone", body, "iPhone", "menulis:", "hari Kamis")


@shape("reply_samsung")
def reply_samsung(given: Given) -> Made:
    tail = f"-------- Pesan asli --------\nDari: lapor@asahan.test\nTanggal: 12/3/26 10.15\n\n{OURS}"
    return reply(given, "reply_samsung", f"{answer(given)}\n\n\n{tail}\n", "Pesan asli", "Laporan Anda")


@shape("reply_bottom")
def reply_bottom(given: Given) -> Made:
    attribution = "Pada 12/03/2026 10.15, Dinas PU menulis:"
    body = f"{attribution}\n{QUOTED}\n\n{answer(given)}\n\n-- \nSiti Aminah\nKisaran\n"
    return reply(given, "reply_bottom", body, "menulis:", "hari Kamis", "Kisaran")


@shape("reply_between")
def reply_between(given: Given) -> Made:
    body = f"> Petugas akan datang hari Kamis.\n\nKamis {given.n} tidak ada.\n\n> Laporan Anda kami terima.\n\n"
    body += "Terima kasih.\n"
    text = f"Kamis {given.n} tidak ada.\n\nTerima kasih."
    return reply(given, "reply_between", body, "> Petugas", "> Laporan", text=text)


@shape("reply_all_quoted")
def reply_all_quoted(given: Given) -> Made:
    """Nothing of the sender's own is found: nothing is cut, because the reader may be wrong."""
    return reply(given, "reply_all_quoted", QUOTED, text=QUOTED, flags=(Flag.QUOTE_UNSURE,))


@shape("many_references")
def many_references(given: Given) -> Made:
    """A thread of 200 mails; the last one is the one that is answered."""
    older = "\n ".join(f"<{number}.{given.n}@mail.warga.test>" for number in range(200))
    head = given.header("many_references", "Re: Lampu jalan", f"References: {older}\n <{given.answers}>")
    expected = follow_up(given, "many_references", flags=(Flag.REFERENCES_CUT,))
    return made(f"{head}\n{answer(given)}\n", expected)


@shape("forged_thread")
def forged_thread(given: Given) -> Made:
    """Names a mail of somebody else's conversation: its own case, whoever the sender claims to have written to."""
    head = given.reply_header("forged_thread", "Re: Lampu jalan")
    expected = Expected(
        "case",
        text=given.text,
        subject="Re: Lampu jalan",
        message_id=given.message_id("forged_thread"),
        answers=given.answers,
    )
    return made(f"{head}\n{given.text}\n", expected)
